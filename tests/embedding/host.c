// A native program around one instance of `program.c`: what a library's functions do, in all the ways in which they can be
// called.
#define _GNU_SOURCE
#include "program.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern State wasm_aot_state;
#define STATE (&wasm_aot_state)
#define INSTANCE (&wasm_aot_state.instance)

static int failures;
#define check(got, wanted)                                                                                                       \
    do {                                                                                                                         \
        long got_ = (long)(got), wanted_ = (long)(wanted);                                                                       \
        if (got_ != wanted_) {                                                                                                   \
            printf("%s:%d: %s: %ld, not %ld\n", __FILE__, __LINE__, #got, got_, wanted_);                                        \
            failures++;                                                                                                          \
        }                                                                                                                        \
    } while (0)

static uint64_t values[8];

static int call(Body body, uint64_t a, uint64_t b) {
    values[0] = a;
    values[1] = b;
    return wasm_aot_enter(INSTANCE, body, values);
}
static int empty(void) { return call(body_empty, 0, 0); }
static int reset(void) { return wasm_aot_library_reset(INSTANCE); }
static int instantiate(const Options *options) { return wasm_aot_library_instantiate(INSTANCE, options); }
static void delete(void) { wasm_aot_library_delete(INSTANCE); }
static int runtime(void *function, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    uint64_t v[] = { (uint64_t)function, a, b, c, d };
    int error = wasm_aot_enter(INSTANCE, body_call, v);
    return error ? -error : (int)v[0];
}

static void life(void) {
    check(empty(), NOT_INSTANTIATED);
    check(reset(), NOT_INSTANTIATED);
    delete();
    check(instantiate(0), OK);
    check(instantiate(0), ALREADY);
    check(empty(), OK);
    check(STATE->counter, 8);
    check(STATE->table.elements == STATE->elements, 1);
    check(call(body_load, 4096, 0), OK);
    check(values[0], 'h');
    STATE->memory.base[4096] = 'j';
    check(runtime(wasm_aot_memory_grow, (uint64_t)&STATE->memory, 16, 0, 0), 32);
    check(runtime(wasm_aot_table_grow, (uint64_t)&STATE->table, 5000, 3, 0), 2);
    check(STATE->table.elements == STATE->elements, 0);
    check(reset(), OK);
    check(STATE->counter, 8);
    check(STATE->memory.size, 2 << 20);
    check(STATE->table.elements[1], 2);
    check(STATE->memory.base[4096], 'h');
    delete();
    delete();
    check(empty(), NOT_INSTANTIATED);
    check(instantiate(0), OK);
}

static void traps(void) {
    char text[500];
    check(call(body_load, STATE->memory.size, 0), OUT_OF_BOUNDS);
    check(empty(), UNUSABLE);
    check(reset(), OK);
    check(empty(), OK);
    check(call(body_unreachable, 0, 0), UNREACHABLE);
    check(wasm_aot_library_backtrace(INSTANCE, text, sizeof text), strlen(text));
#if !defined(__riscv) && !defined(__s390x__) // The functions of this program don't have the frames of compiled code there.
    check(strncmp(text, "   0: inner\n   1: outer\n", 22), 0);
#endif
    check(wasm_aot_library_backtrace(INSTANCE, text, 5), wasm_aot_library_backtrace(INSTANCE, 0, 0));
    check(strlen(text) <= 4, 1);
    check(reset(), OK);
    check(call(body_recurse, 0, 0), EXHAUSTED);
    check(reset(), OK);
    check(empty(), OK);
}

static uint64_t nested(uint64_t what) {
    switch (what) {
    case 0: return empty();
    case 1: return call(body_unreachable, 0, 0);
    case 2: wasm_aot_library_trap(INSTANCE);
    case 3: return reset();
    case 4: delete(); return 0;
    default: return instantiate(0);
    }
}
static int import(uint64_t what) {
    uint64_t v[] = { (uint64_t)nested, what, 77 };
    int error = wasm_aot_enter(INSTANCE, body_import, v);
    return error ? -error : (int)v[2];
}
static int from_elsewhere;
static void call_from_elsewhere(int signal) { from_elsewhere = empty(); }
static uint64_t elsewhere(uint64_t argument) { return raise(SIGUSR1); }
static uint64_t deep(uint64_t depth) {
    uint64_t v[] = { (uint64_t)deep, depth + 1, 0 };
    int error = wasm_aot_enter(INSTANCE, body_import, v);
    return error ? error : v[2];
}

static void imports(void) {
    check(import(0), OK);
    check(import(3), BUSY);
    check(import(4), 0);
    check(import(5), BUSY);
    check(empty(), OK);
    check(import(2), -TRAP_HOST);
    check(empty(), UNUSABLE);
    check(reset(), OK);
    check(import(1), -UNUSABLE);
    check(empty(), UNUSABLE);
    check(reset(), OK);
    // A fiber may be below the stack of the outer call, or above it.
    struct sigaction action = { .sa_handler = call_from_elsewhere, .sa_flags = SA_ONSTACK };
    sigaction(SIGUSR1, &action, 0);
    char above[1 << 16];
    void *below = mmap(0, sizeof above, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int is_above = 0; is_above < 2; is_above++) {
        stack_t stack = { .ss_sp = is_above ? above : below, .ss_size = sizeof above };
        sigaltstack(&stack, 0);
        uint64_t v[] = { (uint64_t)elsewhere, 0, 0 };
        check(wasm_aot_enter(INSTANCE, body_import, v), OK);
        check(from_elsewhere, BUSY);
    }
    stack_t none = { .ss_flags = SS_DISABLE };
    sigaltstack(&none, 0);
    check(deep(0), UNUSABLE);
    check(reset(), OK);
}

int wasm_aot_wasi_fd_write(), wasm_aot_wasi_fd_read(), wasm_aot_wasi_args_sizes_get(), wasm_aot_wasi_args_get(),
    wasm_aot_wasi_environ_sizes_get(), wasm_aot_wasi_fd_prestat_get(), wasm_aot_wasi_proc_exit();
static char written[100];
static size_t written_bytes;
static ptrdiff_t write_it(void *context, int stream, const void *bytes, size_t length) {
    check(context == written, 1);
    check(stream, 2);
    memcpy(written + written_bytes, bytes, length);
    written_bytes += length;
    return length;
}
static ptrdiff_t read_it(void *context, void *buffer, size_t length) {
    memcpy(buffer, "input", 5);
    return 5;
}
// A number as memories have it, on machines of either byte order.
static uint32_t little(uint32_t number) {
    return *(const char *)&(const int){ 1 } ? number : __builtin_bswap32(number);
}
// Writes or reads `text` by an iovec at 2000.
static int transfer(void *function, int descriptor, const char *text) {
    uint8_t *memory = STATE->memory.base;
    memcpy(memory + 1000, text, strlen(text));
    uint32_t iovec[] = { little(1000), little(strlen(text)) };
    memcpy(memory + 2000, iovec, 8);
    return runtime(function, descriptor, 2000, 1, 3000);
}
static int word(int address) { return little(*(uint32_t *)(STATE->memory.base + address)); }

static void wasi(void) {
    check(runtime(wasm_aot_wasi_fd_write, 1, 0x7fffffff, 1, 3000), -OUT_OF_BOUNDS);
    check(reset(), OK);
    check(runtime(wasm_aot_wasi_proc_exit, 42, 0, 0, 0), -EXITED);
    check(wasm_aot_library_exit_code(INSTANCE), 42);
    check(empty(), UNUSABLE);
    delete();
    const char *arguments[] = { "name", "argument" }, *environment[] = { "A=b" };
    char host[] = "/tmp";
    Directory directory = { host, "/t", 0 };
    Options options = { .size = sizeof options, .arguments = arguments, .argument_count = 2, .environment = environment,
        .environment_count = 1, .directories = &directory, .directory_count = 1, .read = read_it, .write = write_it,
        .context = written };
    check(instantiate(&options), OK);
    for (int round = 0; round < 2; round++) {
        check(transfer(wasm_aot_wasi_fd_write, 2, "text"), 0);
        check(word(3000), 4);
        check(transfer(wasm_aot_wasi_fd_read, 0, "........"), 0);
        check(memcmp(STATE->memory.base + 1000, "input...", 8), 0);
        check(runtime(wasm_aot_wasi_args_sizes_get, 16, 20, 0, 0), 0);
        check(word(16), 2);
        check(word(20), 14);
        check(runtime(wasm_aot_wasi_environ_sizes_get, 16, 20, 0, 0), 0);
        check(word(16), 1);
        check(runtime(wasm_aot_wasi_fd_prestat_get, 3, 16, 0, 0), 0);
        check(word(20), 2);
        check(runtime(wasm_aot_wasi_fd_prestat_get, 4, 16, 0, 0), 8);
        // Options are copied: what they were copied from may be gone.
        memset(host, 0, sizeof host);
        check(reset(), OK);
    }
    check(written_bytes, 8);
    delete();
    strcpy(host, "/x-x");
    check(instantiate(&options), INVALID);
    check(empty(), NOT_INSTANTIATED);
    int pipes[2];
    check(pipe(pipes), 0);
    intptr_t streams[] = { -1, pipes[1], -1 };
    Options plain = { .size = sizeof plain, .streams = streams };
    check(instantiate(&plain), OK);
    check(transfer(wasm_aot_wasi_fd_write, 1, "piped"), 0);
    check(transfer(wasm_aot_wasi_fd_write, 2, "lost"), 8);
    check(transfer(wasm_aot_wasi_fd_read, 0, "none"), 8);
    char read_back[8] = "";
    check(read(pipes[0], read_back, 8), 5);
    delete();
    plain.size = 8;
    check(instantiate(&plain), INVALID);
    check(instantiate(0), OK);
}

static sigjmp_buf jump;
static volatile int faults, informed, foreign;
static void on_fault(int signal, siginfo_t *info, void *context) {
    faults++;
    informed = info->si_signo == signal;
    siglongjmp(jump, 1);
}
static void on_plain_fault(int signal) {
    faults++;
    siglongjmp(jump, 1);
}
static void on_own_fault(int signal, siginfo_t *info, void *context) {
    if (wasm_aot_library_handle_signal(signal, info, context)) return;
    foreign++;
    siglongjmp(jump, 1);
}
static void fault(void) {
    if (!sigsetjmp(jump, 1)) *(volatile int *)16 = 1;
}
static uint64_t bad_result(uint64_t argument) {
    if (!sigsetjmp(jump, 1)) body_empty_result((uint64_t *)(STATE->memory.base + STATE->memory.size));
    return 0;
}
static void handlers(void) {
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, now;
    delete();
    sigaction(SIGSEGV, &action, 0);
    check(instantiate(0), OK);
    fault();
    check(faults, 1);
    check(informed, 1);
    check(call(body_load, STATE->memory.size, 0), OUT_OF_BOUNDS);
    check(reset(), OK);
    check(call(body_unreachable, 0, 0), UNREACHABLE);
    delete();
    sigaction(SIGSEGV, 0, &now);
    check(now.sa_sigaction == on_fault, 1);
    action.sa_handler = on_plain_fault;
    action.sa_flags = 0;
    sigaction(SIGSEGV, &action, 0);
    check(instantiate(0), OK);
    fault();
    check(faults, 2);
    // What isn't in a call, but in the code of the library: its results go where the host says.
    if (!sigsetjmp(jump, 1)) body_empty_result((uint64_t *)(STATE->memory.base + STATE->memory.size));
    check(faults, 3);
    uint64_t v[] = { (uint64_t)bad_result, 0, 0 };
    check(wasm_aot_enter(INSTANCE, body_import, v), OK);
    check(faults, 4);
    check(empty(), OK);
    // The host installs its own later, which asks.
    action.sa_sigaction = on_own_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, 0);
    check(call(body_load, STATE->memory.size, 0), OUT_OF_BOUNDS);
    check(foreign, 0);
    fault();
    check(foreign, 1);
    check(reset(), OK);
    // On a stack of its own.
    stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
    sigaltstack(&stack, 0);
    action.sa_flags |= SA_ONSTACK;
    sigaction(SIGSEGV, &action, 0);
    check(call(body_load, STATE->memory.size, 0), OUT_OF_BOUNDS);
    check(reset(), OK);
    delete();
    signal(SIGSEGV, SIG_DFL);
    check(instantiate(0), OK);
    for (int way = 0; way < 4; way++) {
        pid_t child = fork();
        if (child == 0) {
            if (way == 0) kill(getpid(), SIGSEGV);
            if (way == 1) *(volatile int *)16 = 1;
            if (way == 2) __builtin_trap();
#ifdef __x86_64__
            // The instruction counts as executed: it isn't executed again.
            __asm__ volatile("int3");
#endif
            abort();
        }
        int status;
        waitpid(child, &status, 0);
        check(WIFSIGNALED(status), 1);
        if (way < 2) check(WTERMSIG(status), SIGSEGV);
#ifdef __x86_64__
        if (way == 3) check(WTERMSIG(status), SIGTRAP);
#endif
        if (way == 2) check(WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP, 1);
    }
}

static volatile int spinning;
static volatile int from_handler;
static void on_alarm(int signal) {
    from_handler = empty();
    spinning = 0;
}
static uint64_t spin(uint64_t argument) {
    while (spinning) {}
    return 0;
}
static void interrupted(void) {
    signal(SIGALRM, on_alarm);
    for (int in_import = 0; in_import < 2; in_import++) {
        spinning = 1;
        ualarm(10000, 0);
        // A function of the runtime as far as the instance knows, or one of the embedder.
        uint64_t v[] = { (uint64_t)spin, 0, 0, 0, 0 };
        check(wasm_aot_enter(INSTANCE, in_import ? body_import : body_call, v), OK);
        check(from_handler, in_import ? OK : BUSY);
    }
    check(empty(), OK);
}

static atomic_int inside, wrong;
static atomic_long entered, refused;
static volatile int stop, ticks;
static uint64_t alone(uint64_t argument) {
    if (atomic_fetch_add(&inside, 1)) wrong++;
    for (volatile int i = 0; i < 20; i++) {}
    atomic_fetch_sub(&inside, 1);
    return 0;
}
static void *contend(void *argument) {
    unsigned seed = (unsigned)(long)argument;
    while (!stop) {
        uint64_t v[] = { (uint64_t)alone, 0, 0 };
        int error = wasm_aot_enter(INSTANCE, body_import, v);
        if (error == OK) entered++;
        else if (error == BUSY) refused++;
        else wrong++;
        if (rand_r(&seed) % 64 == 0)
            for (volatile int i = 0; i < (int)(rand_r(&seed) % 20000); i++) {}
        if (rand_r(&seed) % 1024 == 0) {
            error = reset();
            if (error != OK && error != BUSY) wrong++;
        }
    }
    return 0;
}
// Handlers of signals that make calls and end them by traps, wherever they interrupt a thread: nobody waits for itself.
static void on_tick(int signal) {
    int error = call(body_unreachable, 0, 0);
    if (error == UNREACHABLE) ticks++;
    else if (error != BUSY && error != UNUSABLE && error != NOT_INSTANTIATED) wrong++;
    if (ticks % 2) reset();
}
static void *contend_a_little(void *argument) {
    while (!stop) {
        empty();
        if (argument) sched_yield();
        reset();
    }
    return 0;
}
static void interrupted_anywhere(void) {
    pthread_t thread;
    signal(SIGALRM, on_tick);
    for (int others = 0; others < 2; others++) {
        stop = 0;
        if (others) pthread_create(&thread, 0, contend_a_little, (void *)1);
        struct itimerval often = { { 0, 50 }, { 0, 50 } }, never = { 0 };
        setitimer(ITIMER_REAL, &often, 0);
        long until = time(0) + 2;
        while (time(0) < until) {
            empty();
            reset();
            for (int i = 0; i < 100; i++) empty();
        }
        setitimer(ITIMER_REAL, &never, 0);
        stop = 1;
        if (others) pthread_join(thread, 0);
        reset();
        check(empty(), OK);
    }
    check(wrong, 0);
    check(ticks > 0, 1);
}

static void *call_once(void *argument) { return (void *)(long)empty(); }

static void threads(int rounds) {
    pthread_t thread;
    void *result;
    // One after the other nobody is refused, whoever comes.
    for (int i = 0; i < 40; i++) {
        pthread_create(&thread, 0, call_once, 0);
        pthread_join(thread, &result);
        check((long)result, OK);
        if (i % 3 == 0) check(empty(), OK);
    }
    for (int round = 0; round < rounds; round++) {
        pthread_t threads[6];
        int count = 2 + round % 5;
        delete();
        check(instantiate(0), OK);
        stop = 0;
        for (long i = 0; i < count; i++) pthread_create(threads + i, 0, contend, (void *)(i + 1));
        usleep(30000);
        stop = 1;
        for (int i = 0; i < count; i++) pthread_join(threads[i], 0);
    }
    check(wrong, 0);
    check(entered > 0, 1);
    check(empty(), OK);
}

// A call through a pointer, and one of an export that does nothing.
static int plain(void) { return 0; }
static int exported(void) { return wasm_aot_enter(INSTANCE, body_empty, 0); }
static int (*volatile pointer)(void);
static double least(int (*function)(void)) {
    double best = 1e9;
    pointer = function;
    for (int round = 0; round < 2000; round++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (int i = 0; i < 2000; i++) pointer();
        clock_gettime(CLOCK_MONOTONIC, &end);
        double taken = (end.tv_sec - start.tv_sec) * 1e9 + end.tv_nsec - start.tv_nsec;
        if (taken < best) best = taken;
    }
    return best / 2000;
}
static void speed(void) {
    delete();
    check(instantiate(0), OK);
    double calls[] = { least(plain), least(exported) };
    printf("a call through a pointer takes %.2f ns, one of an export %.2f ns: %.2f times\n", calls[0], calls[1],
        calls[1] / calls[0]);
}

int main(int argc, char **argv) {
    setbuf(stdout, 0);
    life();
    traps();
    imports();
    wasi();
    handlers();
    interrupted();
    interrupted_anywhere();
    threads(argc > 1 ? atoi(argv[1]) : 20);
    speed();
    check(strcmp(wasm_aot_library_message(0), "no error"), 0);
    check(strcmp(wasm_aot_library_message(48), "write of more than the stream permits"), 0);
    check(strcmp(wasm_aot_library_message(258), "the instance is in use"), 0);
    check(strcmp(wasm_aot_library_message(-1), "unknown error"), 0);
    check(strcmp(wasm_aot_library_message(100), "unknown error"), 0);
    printf("%ld calls, %ld refused, %d failures\n", entered, refused, failures);
    return failures != 0;
}
