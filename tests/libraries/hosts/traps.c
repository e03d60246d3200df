// Everything that can end a call of a library: an error each time, and never the end of the program.
#include "attacks.h"
#include "host.h"

// Emulators keep a record of each reserved page, so that there each new instance takes a tenth of a second.
#ifdef __x86_64__
enum { ROUNDS = 1000 };
#else
enum { ROUNDS = 20 };
#endif

static int depth, deepest;
enum { PLAIN, RECURSE, TRAP, RESET, DELETE, NESTED_TRAP } mode;

int32_t attacks_import_host_call_back(int32_t value) {
    int32_t result = 0;
    attacks_error error;
    if (++depth > deepest) deepest = depth;
    switch (mode) {
    case PLAIN:
        result = value + 1;
        break;
    case RECURSE:
        // As deep as the stack is: the innermost call fails, and each one around it ends itself.
        error = attacks_ping(value + 1, &result);
        if (error != attacks_ok) {
            EXPECT(error == attacks_trap_call_stack_exhausted || error == attacks_trap_host
                   || error == attacks_unusable);
            depth--;
            attacks_trap();
        }
        break;
    case TRAP:
        depth--;
        attacks_trap();
        break;
    case RESET:
        EXPECT(attacks_reset() == attacks_busy);
        EXPECT(attacks_instantiate(NULL) != attacks_ok);
        break;
    case DELETE:
        attacks_delete();
        break;
    case NESTED_TRAP:
        EXPECT(attacks_divide(1, 0, &result) == attacks_trap_integer_divide_by_zero);
        EXPECT(attacks_divide(1, 1, &result) == attacks_unusable);
        break;
    }
    depth--;
    return result;
}

// The text of the last trap names this function; whatever room there is, it is terminated.
static void expect_backtrace(const char *function) {
    char text[4096], small[8];
    size_t length = attacks_backtrace(text, sizeof text);
    EXPECT(length == attacks_backtrace(NULL, 0));
    EXPECT(length >= sizeof text || strlen(text) == length);
    EXPECT(strstr(text, function) != NULL);
    memset(small, 1, sizeof small);
    EXPECT(attacks_backtrace(small, sizeof small) == length && strlen(small) < sizeof small);
}

// Calls fail until the instance is made anew, and then its state is that of the start.
static void expect_anew(void) {
    int32_t result = 77;
    EXPECT(attacks_divide(6, 3, &result) == attacks_unusable && result == 77);
    EXPECT(attacks_reset() == attacks_ok);
    EXPECT(attacks_count_get() == 0 && attacks_memory_size() == 65536);
    EXPECT(attacks_load(64, &result) == attacks_ok && result == 0);
    EXPECT(attacks_divide(6, 3, &result) == attacks_ok && result == 2);
    // So that the next reset has something to do.
    attacks_count_set(5);
    EXPECT(attacks_store(64, 5) == attacks_ok);
}

#define EXPECT_TRAP(call, error, function) \
    do { \
        EXPECT((call) == error); \
        EXPECT(strlen(attacks_error_message(error)) > 3); \
        expect_backtrace(function); \
        expect_anew(); \
    } while (0)

int main(void) {
    int32_t result = 0;
#if defined(_WIN32) && defined(SHARED)
    attacks_import_host_call_back_set(attacks_import_host_call_back);
#endif
    EXPECT(attacks_divide(6, 3, &result) == attacks_not_instantiated);
    EXPECT(attacks_reset() != attacks_ok);
    EXPECT(attacks_memory_pointer(0, 1) == NULL && attacks_memory_size() == 0);
    attacks_delete();
    EXPECT(attacks_instantiate(NULL) == attacks_ok);
    EXPECT(attacks_instantiate(NULL) == attacks_already_instantiated);
    EXPECT(attacks_backtrace(NULL, 0) == 0);
    EXPECT(attacks_divide(6, 3, &result) == attacks_ok && result == 2);

    EXPECT_TRAP(attacks_unreachable(), attacks_trap_unreachable, "unreachable");
    EXPECT_TRAP(attacks_divide(1, 0, &result), attacks_trap_integer_divide_by_zero, "divide");
    EXPECT_TRAP(attacks_divide(INT32_MIN, -1, &result), attacks_trap_integer_overflow, "divide");
    EXPECT_TRAP(attacks_convert(1e30, &result), attacks_trap_integer_overflow, "convert");
    EXPECT_TRAP(attacks_load(-1, &result), attacks_trap_out_of_bounds_memory_access, "load");
    EXPECT_TRAP(attacks_load(65533, &result), attacks_trap_out_of_bounds_memory_access, "load");
    EXPECT_TRAP(attacks_store(65536, 1), attacks_trap_out_of_bounds_memory_access, "store");
    EXPECT_TRAP(attacks_fill(65000, 1000), attacks_trap_out_of_bounds_memory_access, "fill");
    EXPECT_TRAP(attacks_indirect(1, &result), attacks_trap_indirect_call_type_mismatch, "indirect");
    EXPECT_TRAP(attacks_indirect(2, &result), attacks_trap_uninitialized_element, "indirect");
    EXPECT_TRAP(attacks_indirect(4, &result), attacks_trap_undefined_element, "indirect");
    EXPECT_TRAP(attacks_overflow(&result), attacks_trap_call_stack_exhausted, "overflow");

    // Again and again, since it must leave nothing behind; and a depth that fits.
    for (int round = 0; round < ROUNDS / 10; round++) {
        EXPECT(attacks_overflow(&result) == attacks_trap_call_stack_exhausted);
        EXPECT(attacks_reset() == attacks_ok);
    }
    EXPECT(attacks_descend(1000, &result) == attacks_ok && result == 1000);

    // All memory that it may have; the next one starts with one page again.
    EXPECT(attacks_exhaust(&result) == attacks_ok && result > 1 && result <= 64);
    EXPECT(attacks_memory_size() == (uint64_t)result * 65536);
    EXPECT(attacks_store(result * 65536 - 4, 9) == attacks_ok);
    EXPECT_TRAP(attacks_load(result * 65536, &result), attacks_trap_out_of_bounds_memory_access, "load");

    EXPECT(attacks_ping(41, &result) == attacks_ok && result == 42);
    mode = RECURSE;
    attacks_error error = attacks_ping(0, &result);
    EXPECT(error == attacks_trap_call_stack_exhausted || error == attacks_trap_host);
    EXPECT(depth == 0 && deepest > 10);
    expect_anew();
    mode = TRAP;
    EXPECT_TRAP(attacks_ping(0, &result), attacks_trap_host, "ping");
    mode = RESET;
    EXPECT(attacks_ping(0, &result) == attacks_ok);
    mode = DELETE;
    EXPECT(attacks_ping(0, &result) == attacks_ok);
    EXPECT(attacks_divide(6, 3, &result) == attacks_ok && result == 2);
    mode = NESTED_TRAP;
    // The instance has ended while it was called: there is nothing to return to.
    EXPECT(attacks_ping(0, &result) != attacks_ok);
    EXPECT(attacks_reset() == attacks_ok);
    mode = PLAIN;
    EXPECT(attacks_ping(41, &result) == attacks_ok && result == 42);

    attacks_delete();
    EXPECT(attacks_ping(41, &result) == attacks_not_instantiated);
    EXPECT(attacks_memory_pointer(0, 1) == NULL);
    for (int round = 0; round < ROUNDS; round++) {
        EXPECT(attacks_instantiate(NULL) == attacks_ok);
        EXPECT(attacks_store(64, round) == attacks_ok);
        attacks_delete();
    }
    say_line("errors, all of them");
    return 0;
}
