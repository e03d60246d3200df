// As `host.c`, around many instances at once: that they are apart, how many there can be, and what making one costs.
#define _GNU_SOURCE
#include "program.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#if defined(MOST)
#elif defined(GUARDED) && !GUARDED
#define MOST 10000
#else
#define MOST 1000
#endif

static int failures;
#define check(got, wanted)                                                                                                       \
    do {                                                                                                                         \
        long got_ = (long)(got), wanted_ = (long)(wanted);                                                                       \
        if (got_ != wanted_) {                                                                                                   \
            printf("%s:%d: %s: %ld, not %ld\n", __FILE__, __LINE__, #got, got_, wanted_);                                        \
            failures++;                                                                                                          \
        }                                                                                                                        \
    } while (0)

static State *state(Instance *instance) { return (State *)instance; }
static int empty(Instance *instance) { return wasm_aot_enter(instance, body_empty, 0); }
static int load(Instance *instance, uint64_t address) {
    uint64_t values[] = { address };
    int error = wasm_aot_enter(instance, body_load, values);
    return error ? -error : (int)values[0];
}
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

int wasm_aot_wasi_args_sizes_get(), wasm_aot_wasi_proc_exit();
static int arguments(Instance *instance) {
    uint64_t values[] = { (uint64_t)wasm_aot_wasi_args_sizes_get, 16, 20, 0, 0 };
    int error = wasm_aot_enter(instance, body_call, values);
    return error ? -error : state(instance)->memory.base[16];
}

static Instance *other;
static uint64_t call_other(uint64_t what) {
    uint64_t values[8];
    return what ? wasm_aot_enter(other, body_unreachable, values) : empty(other);
}

static void *work(void *argument) {
    Instance *instance;
    for (int i = 0; i < 20; i++) {
        check(wasm_aot_library_new(0, &instance), OK);
        check(load(instance, 4096), 'h');
        check(load(instance, state(instance)->memory.size), -OUT_OF_BOUNDS);
        check(empty(instance), UNUSABLE);
        check(wasm_aot_library_reset(instance), OK);
        check(arguments(instance), 0);
        wasm_aot_library_delete(instance);
    }
    return 0;
}

// Bytes of the process that count for RLIMIT_DATA.
static long data(void) {
    char line[128];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmData: %ld", &kilobytes) == 1) break;
    if (status) fclose(status);
    return kilobytes << 10;
}

// An instance whose memory can't be had leaves nothing to the next one.
static void failed(void) {
    Instance *instance;
    struct rlimit before, little;
    for (int i = 0; i < 3; i++) {
        getrlimit(RLIMIT_DATA, &before);
        little = before;
        little.rlim_cur = data() + (256 << 10);
        setrlimit(RLIMIT_DATA, &little);
        int error = wasm_aot_library_new(0, &instance);
        setrlimit(RLIMIT_DATA, &before);
        // Emulators don't pass the limit on.
        if (error == OK) wasm_aot_library_delete(instance);
        else check(error, NO_MEMORY);
        check(wasm_aot_library_new(0, &instance), OK);
        check(load(instance, 4096), 'h');
        state(instance)->memory.base[4096] = 'x';
        state(instance)->memory.base[0] = 'x';
        wasm_aot_library_delete(instance);
        check(wasm_aot_library_new(0, &instance), OK);
        check(load(instance, 4096), 'h');
        check(state(instance)->memory.base[0], 0);
        wasm_aot_library_delete(instance);
    }
}

int main(void) {
    setbuf(stdout, 0);
    failed();
    Instance *one, *two;
    const char *names[] = { "a", "b", "c" };
    Options options = { .size = sizeof options, .arguments = names, .argument_count = 3 };
    check(wasm_aot_library_new(0, &one), OK);
    check(wasm_aot_library_new(&options, &two), OK);
    check(load(one, 4096), 'h');
    state(one)->memory.base[4096] = 'x';
    check(load(two, 4096), 'h');
    check(arguments(one), 0);
    check(arguments(two), 3);
    uint64_t values[8] = { (uint64_t)wasm_aot_wasi_proc_exit, 3 };
    check(wasm_aot_enter(two, body_call, values), EXITED);
    check(wasm_aot_library_exit_code(two), 3);
    check(empty(two), UNUSABLE);
    check(empty(one), OK);
    check(wasm_aot_library_reset(two), OK);
    // One calls another, which traps.
    other = two;
    uint64_t nested[] = { (uint64_t)call_other, 0, 77 };
    check(wasm_aot_enter(one, body_import, nested), OK);
    check(nested[2], OK);
    nested[0] = (uint64_t)call_other;
    nested[1] = 1;
    check(wasm_aot_enter(one, body_import, nested), OK);
    check(nested[2], UNREACHABLE);
    check(empty(one), OK);
    check(empty(two), UNUSABLE);
    options.size = 0;
    Instance *none = one;
    check(wasm_aot_library_new(&options, &none), INVALID);
    check(none, 0);
    wasm_aot_library_delete(one);
    wasm_aot_library_delete(two);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(threads + i, 0, work, 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
    int most = MOST;
    Instance **all = calloc(most, sizeof *all);
    double start = now();
    int made = 0;
    while (made < most && wasm_aot_library_new(0, all + made) == OK) made++;
    double each = (now() - start) / (made ? made : 1);
    check(made, most);
    for (int i = 0; i < made; i++) {
        check(load(all[i], 4096), 'h');
        wasm_aot_library_delete(all[i]);
    }
    double least = 1e9;
    for (int i = 0; i < 2000; i++) {
        start = now();
        check(wasm_aot_library_new(0, &one), OK);
        double taken = now() - start;
        if (taken < least) least = taken;
        wasm_aot_library_delete(one);
    }
    printf("%d instances with 1 MiB of data each, %.1f us for each, at least %.1f us; %d failures\n", made, each, least, failures);
    return failures != 0;
}
