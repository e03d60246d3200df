// Stands for the object that the compiler makes of a module: "Wasm" functions in a section of their own, the tables that
// describe them, a state with a memory and a table. Compiled with MANY for a library with many instances.
#include "program.h"

#define WASM __attribute__((section("wasmtext"), noinline, used))

#if defined(__x86_64__)
#define TRAP(name) __asm__ volatile(".globl " name "\n" name ": ud2")
#define LAST 0
#elif defined(__aarch64__)
#define TRAP(name) __asm__ volatile(".globl " name "\n" name ": udf #0")
#define LAST 0
#elif defined(__riscv)
#define TRAP(name) __asm__ volatile(".globl " name "\n" name ": unimp")
#define LAST 0
#elif defined(__s390x__)
#define TRAP(name) __asm__ volatile(".globl " name "\n" name ": .short 0")
#define LAST 1 // The table has the last byte of the instruction.
#endif

extern const uint8_t __start_wasmtext[], __stop_wasmtext[], at_unreachable[], at_recurse[], at_import[];
static State *state(Instance *instance) { return (State *)instance; }

WASM void body_empty(uint64_t *values, Instance *instance) {}
WASM void body_empty_result(uint64_t *result) { *(volatile uint64_t *)result = 1; }
WASM static void init(uint64_t *values, Instance *instance) { state(instance)->counter++; }

// The frame pointer of compiled code.
#if defined(__s390x__)
#define FRAME (*(uint64_t **)__builtin_frame_address(0))
#elif defined(__riscv)
#define FRAME ((char *)__builtin_frame_address(0) - 16)
#else
#define FRAME __builtin_frame_address(0)
#endif

// Leaves nothing in the registers that callees keep.
#if defined(__x86_64__)
#define CLOBBER __asm__ volatile("" ::: "rbx", "r12", "r13", "r14", "r15")
#elif defined(__aarch64__)
#define CLOBBER __asm__ volatile("movi v8.2d, #0\nmov x19, 0\nmov x28, 0" ::: "x19", "x28", "v8")
#elif defined(__riscv)
#define CLOBBER __asm__ volatile("li s1, 0\nli s11, 0\nfmv.d.x fs0, zero" ::: "s1", "s11", "fs0")
#elif defined(__s390x__)
#define CLOBBER __asm__ volatile("lghi %%r7, 0\nlghi %%r10, 0\nlzdr %%f8" ::: "r7", "r10", "f8")
#endif
WASM void inner(void) { CLOBBER; TRAP("at_unreachable"); }
WASM void outer(void) { inner(); __asm__ volatile(""); }
WASM void body_unreachable(uint64_t *values, Instance *instance) { outer(); __asm__ volatile(""); }

WASM void body_load(uint64_t *values, Instance *instance) {
    values[0] = *(volatile uint8_t *)(state(instance)->memory.base + values[0]);
}

WASM int recurse(Instance *instance) {
    if ((uint64_t)__builtin_frame_address(0) - 256 < instance->stack_limit) TRAP("at_recurse");
    return recurse(instance) + 1;
}
WASM void body_recurse(uint64_t *values, Instance *instance) { values[0] = recurse(instance); }

WASM void body_import(uint64_t *values, Instance *instance) {
    if ((uint64_t)__builtin_frame_address(0) - 256 < instance->stack_limit) TRAP("at_import");
    ImportCall call = {(uint64_t)FRAME, (uint64_t)body_import, instance->import_call};
    ((volatile Instance *)instance)->import_call = (uint64_t)&call;
    ((volatile Instance *)instance)->status = 2;
    values[2] = ((uint64_t (*)(uint64_t))values[0])(values[1]);
    ((volatile Instance *)instance)->status = 1;
    ((volatile Instance *)instance)->import_call = call.outer;
}

WASM void body_call(uint64_t *values, Instance *instance) {
    uint64_t (*function)(uint64_t, uint64_t, uint64_t, uint64_t) = (void *)values[0];
    values[0] = (uint32_t)function(values[1], values[2], values[3], values[4]);
}

static uint32_t offsets[3], starts[16], name_offsets[17];
static uint8_t codes[3];
static char names[256];
static const uint8_t messages[] = { 0 };
static const Policy policy = { .version = 4, .open_grants = wasm_aot_open_grants };
static char image[1 << 20] = "hello, image";
static const Chunk chunk = { (const uint8_t *)image, 4096, sizeof image, 0 };

#ifdef MANY
#define STATE 0
#define HOST_MEMORY 0
#else
State wasm_aot_state;
#define STATE &wasm_aot_state.instance
#define HOST_MEMORY &wasm_aot_state.memory
#endif

// The runtime is one object file here, so it refers to what shows lines, of which there are none.
const uint64_t wasm_aot_lines[16];
const uint64_t wasm_aot_inlined[4];
void wasm_aot_report_names(size_t pc, size_t frame, size_t address, Instance *instance);

const Program wasm_aot_program = {
    .text_start = __start_wasmtext, .text_end = __stop_wasmtext,
    .traps = { offsets, codes, 3, messages },
    .functions = { starts, name_offsets, (uint8_t *)names, 3 },
    .host_memory = HOST_MEMORY, .main = init, .policy = &policy,
    .report = wasm_aot_report_names,
};

#ifndef GUARDED
// Memories of 8 GiB of address space.
#define GUARDED 1
#endif
static const struct { Memory memory; Table table; uint64_t counter, elements[2]; } template_ = {
#if GUARDED
    { 0, 2 << 20, 16 << 20, 0, 8ull << 30, (1ull << 30) + (4 << 20), (1 << 30) + 65536, 65536, &chunk, 1 },
#else
    { 0, 2 << 20, 16 << 20, 0, 16 << 20, 2 << 20, 0, 65536, &chunk, 1 },
#endif
    { 0, 2, 100000, 4 }, 7, { 1, 2 },
};
static const uint64_t memories[] = { offsetof(State, memory) };
static const TablePlace tables[] = { { offsetof(State, table), offsetof(State, elements) } };
const Library wasm_aot_library = {
    init, STATE, sizeof(State), &template_, sizeof template_, memories, 1, offsetof(State, memory), tables, 1, 512 << 10,
    wasm_aot_library_wasi,
};

__attribute__((constructor)) static void describe(void) {
    const uint8_t *traps[] = { at_unreachable, at_recurse, at_import };
    const uint8_t kinds[] = { UNREACHABLE, EXHAUSTED, EXHAUSTED };
    const void *functions[] = { inner, outer, recurse };
    const char *called[] = { "inner", "outer", "recurse" };
    uint32_t at = 0;
    for (int i = 0; i < 3; i++) {
        // Both tables are sorted.
        int trap = 0, function = 0;
        for (int j = 0; j < 3; j++) {
            trap += traps[j] < traps[i];
            function += functions[j] < functions[i];
        }
        offsets[trap] = traps[i] - __start_wasmtext + LAST;
        codes[trap] = kinds[i];
        starts[function] = (const uint8_t *)functions[i] - __start_wasmtext;
    }
    for (int place = 0; place < 3; place++)
        for (int i = 0; i < 3; i++)
            if ((const uint8_t *)functions[i] - __start_wasmtext == starts[place]) {
                name_offsets[place] = at;
                for (const char *c = called[i]; *c; c++) names[at++] = *c;
                name_offsets[place + 1] = at;
            }
}
