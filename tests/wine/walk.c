// A runtime that walks the stack of Wasm code by the tables of the system, from a host function up to the function that
// called the program. MAIN: number of the word of `wasm_aot_program` that is the main function. Exit code 0 if all went
// well: 10 if there is no entry for a function, 20 if some are left out, 30 if registers are wrong, 40 if the walks are few.
typedef unsigned long long u64;
typedef struct { u64 home[6]; unsigned flags, mxcsr; u64 system[8];
    u64 rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15, rip;
    u64 vectors[122]; } __attribute__((aligned(16))) Context;
__declspec(dllimport) void RtlCaptureContext(Context *);
__declspec(dllimport) void *RtlLookupFunctionEntry(u64, u64 *, void *);
__declspec(dllimport) void *RtlVirtualUnwind(unsigned, u64, u64, void *, Context *, void **, u64 *, void *);
__declspec(dllimport) int TerminateProcess(long long, unsigned);

static void end(unsigned code) { TerminateProcess(-1, code); }

struct Program { char *text_start, *text_end; };
extern struct Program wasm_aot_program;
extern char called_from[];
static int walks;

void wasm_aot_check_cpu(void *demands) {}
void wasm_aot_report_names(void) {}
void wasm_aot_report_inlined(void) {}

unsigned wasm_aot_wasi_sched_yield(void) {
    Context context;
    int wasm = 0;
    RtlCaptureContext(&context);
    while (context.rip != (u64)called_from) {
        u64 base, frame;
        void *data;
        void *function = RtlLookupFunctionEntry(context.rip, &base, 0);
        if (!function) end(10 + wasm);
        char *at = (char *)context.rip;
        wasm += at >= wasm_aot_program.text_start && at < wasm_aot_program.text_end;
        RtlVirtualUnwind(0, base, context.rip, function, &context, &data, &frame, 0);
    }
    // inner, outer, _start, wasm_aot.main
    if (wasm != 4) end(20 + wasm);
    if (context.rbx != 0x1111 || context.rbp != 0x2222 || context.r12 != 0x3333 || context.r13 != 0x4444
        || context.r14 != 0x5555 || context.r15 != 0x6666) end(30);
    walks++;
    return 0;
}

__asm__(
    ".globl call_program\n"
    ".globl called_from\n"
    ".seh_proc call_program\n"
    "call_program:\n"
    "sub $40, %rsp\n"
    ".seh_stackalloc 40\n"
    ".seh_endprologue\n"
    "mov $0x1111, %ebx\n"
    "mov $0x2222, %ebp\n"
    "mov $0x3333, %r12d\n"
    "mov $0x4444, %r13d\n"
    "mov $0x5555, %r14d\n"
    "mov $0x6666, %r15d\n"
    "call *%rcx\n"
    "called_from:\n"
    "call ended\n"
    "ud2\n"
    ".seh_endproc\n");
void call_program(void *);

void ended(void) { end(walks == 4 ? 0 : 40); }

void start(void) { call_program(((void **)&wasm_aot_program)[MAIN]); }
