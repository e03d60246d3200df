// A program in C++ with threads, with handlers of signals of its own, and with two libraries.
#include <atomic>
#include <thread>
#include <vector>

#ifndef _WIN32
#include <csetjmp>
#include <csignal>
#include <pthread.h>
#include <sys/time.h>
#endif

#include "attacks.h"
#include "host.h"
#include "zlib_wasm.h"

extern "C" int32_t attacks_import_host_call_back(int32_t value) { return value + 1; }

// Many threads at once: each call is done, or refused as another thread is in the instance.
static void many_threads() {
    std::atomic<int> done{0}, refused{0}, other{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; number++) {
        threads.emplace_back([&] {
            for (int call = 0; call < 500; call++) {
                attacks_error error = attacks_spin(2000);
                ++(error == attacks_ok ? done : error == attacks_busy ? refused : other);
            }
        });
    }
    for (std::thread &thread : threads) thread.join();
    EXPECT(other == 0 && done > 0 && done + refused == 4000);
    EXPECT(attacks_count_get() == done);
}

// Each thread traps, on its own stack, and resets; nobody else is in the way.
static void traps_on_threads() {
    for (int number = 0; number < 20; number++) {
        std::thread([number] {
            int32_t result;
            EXPECT(attacks_overflow(&result) == attacks_trap_call_stack_exhausted);
            EXPECT(attacks_reset() == attacks_ok);
            EXPECT(attacks_load(-number - 1, &result) == attacks_trap_out_of_bounds_memory_access);
            EXPECT(attacks_divide(1, 1, &result) == attacks_unusable);
            EXPECT(attacks_reset() == attacks_ok);
        }).join();
    }
}

// While one thread is in one library, the other library works, and traps.
static void two_libraries() {
    std::atomic<bool> stop{false};
    std::thread worker([&] {
        int32_t buffer, packed, length;
        EXPECT(zlib_wasm_allocate(100000, &buffer) == zlib_wasm_ok);
        EXPECT(zlib_wasm_allocate(110000, &packed) == zlib_wasm_ok);
        int32_t first = 0;
        while (!stop) {
            EXPECT(zlib_wasm_pack(buffer, 100000, packed, 110000, 9, &length) == zlib_wasm_ok);
            if (first == 0) first = length;
            EXPECT(length == first && length > 0);
        }
    });
    for (int round = 0; round < 300; round++) {
        int32_t result;
        EXPECT(attacks_load(1 << 30, &result) == attacks_trap_out_of_bounds_memory_access);
        EXPECT(attacks_reset() == attacks_ok);
    }
    stop = true;
    worker.join();
    int32_t result;
    EXPECT(zlib_wasm_pack(-1, 10, 4096, 100, 6, &result) == zlib_wasm_trap_out_of_bounds_memory_access);
    EXPECT(attacks_divide(4, 2, &result) == attacks_ok && result == 2);
    EXPECT(zlib_wasm_reset() == zlib_wasm_ok);
}

#ifndef _WIN32
static sigjmp_buf recovery;
static std::atomic<int> faults{0}, busy{0}, idle{0};

// The program's own: whatever is the program's own fault ends up here.
static void on_fault(int signal, siginfo_t *information, void *context) {
    if (attacks_handle_signal(signal, information, context)) return;
    if (zlib_wasm_handle_signal(signal, information, context)) return;
    faults++;
    siglongjmp(recovery, 1);
}

// This one knows nothing of libraries: they were installed later, and pass on what isn't theirs.
static void on_fault_earlier(int, siginfo_t *, void *) {
    faults++;
    siglongjmp(recovery, 1);
}

static void install(void (*handler)(int, siginfo_t *, void *)) {
    struct sigaction action = {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

static void own_fault() {
    int before = faults;
    if (sigsetjmp(recovery, 1) == 0) {
        *reinterpret_cast<volatile int *>(16) = 1;
        EXPECT(!"reached");
    }
    EXPECT(faults == before + 1);
}

static void faults_of_both() {
    int32_t result;
    for (int round = 0; round < 50; round++) {
        own_fault();
        int before = faults;
        EXPECT(attacks_load(-1, &result) == attacks_trap_out_of_bounds_memory_access);
        EXPECT(attacks_reset() == attacks_ok);
        EXPECT(attacks_overflow(&result) == attacks_trap_call_stack_exhausted);
        EXPECT(attacks_reset() == attacks_ok);
        EXPECT(zlib_wasm_pack(-1, 10, 4096, 100, 6, &result) == zlib_wasm_trap_out_of_bounds_memory_access);
        EXPECT(zlib_wasm_reset() == zlib_wasm_ok);
        EXPECT(faults == before);
    }
}

static void on_alarm(int) {
    int32_t result;
    attacks_error error = attacks_divide(6, 3, &result);
    EXPECT(error == attacks_ok || error == attacks_busy);
    ++(error == attacks_ok ? idle : busy);
}

// Calls from a signal handler, at any moment.
static void calls_from_a_handler() {
    struct sigaction action = {};
    action.sa_handler = on_alarm;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, nullptr);
    itimerval timer = {{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &timer, nullptr);
    int calls = 0;
    for (int refused = 0; busy < 50 || calls < 200; calls++) {
        attacks_error error = attacks_spin(100000);
        // The handler may have come in between.
        EXPECT(error == attacks_ok);
        EXPECT(refused == 0);
    }
    timer = {};
    setitimer(ITIMER_REAL, &timer, nullptr);
    EXPECT(attacks_count_get() == calls);
}

// On a small stack that is large enough, and far from where the instance was made.
static void small_stack() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 768 << 10);
    pthread_t thread;
    auto body = [](void *) -> void * {
        int32_t result;
        EXPECT(attacks_overflow(&result) == attacks_trap_call_stack_exhausted);
        EXPECT(attacks_reset() == attacks_ok);
        return nullptr;
    };
    EXPECT(pthread_create(&thread, &attributes, body, nullptr) == 0);
    pthread_join(thread, nullptr);
}
#endif

int main() {
#if defined(_WIN32) && defined(SHARED)
    attacks_import_host_call_back_set(attacks_import_host_call_back);
#endif
#ifndef _WIN32
    install(on_fault_earlier);
    own_fault();
#endif
    EXPECT(attacks_instantiate(nullptr) == attacks_ok);
    EXPECT(zlib_wasm_instantiate(nullptr) == zlib_wasm_ok);
    many_threads();
    traps_on_threads();
    two_libraries();
#ifndef _WIN32
    // The libraries' handlers are in front of the first one, and then behind the second one.
    faults_of_both();
    install(on_fault);
    faults_of_both();
    EXPECT(attacks_reset() == attacks_ok);
    calls_from_a_handler();
    small_stack();
#endif
    say_line("threads and handlers");
    return 0;
}
