// Guaranteed tail calls: millions of steps in constant stack, directly, through pointers, with more
// arguments than registers, and between functions with different numbers of arguments.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUSTTAIL __attribute__((musttail))

static int64_t odd(int64_t n, int64_t calls);
__attribute__((noinline)) static int64_t even(int64_t n, int64_t calls) {
    if (n == 0) return calls;
    MUSTTAIL return odd(n - 1, calls + 1);
}
__attribute__((noinline)) static int64_t odd(int64_t n, int64_t calls) {
    if (n == 0) return -calls;
    MUSTTAIL return even(n - 1, calls + 1);
}

// 24 arguments of four types: most of them are on the stack and move at each call.
#define MANY                                                                                            \
    int32_t n, int64_t a, double b, float c, int32_t d, int64_t e, double f, float g, int32_t h,          \
        int64_t i, double j, float k, int32_t l, int64_t m, double o, float p, int64_t q, double r,      \
        float s, int64_t t, double u, float v, int64_t w, double x
typedef int64_t (*Rotating)(MANY);
__attribute__((noinline)) static int64_t rotate(MANY) {
    if (n == 0)
        return a + e * 3 + i * 5 + m * 7 + q * 11 + t * 13 + w * 17 + d + h + l +
               (int64_t)((b + f * 2 + j * 3 + o * 5 + r * 7 + u * 9 + x * 11) * 16) +
               (int64_t)((c + g * 2 + k * 3 + p * 5 + s * 7 + v * 9) * 4);
    MUSTTAIL return rotate(n - 1, w + 1, x, v, h, a, b, c, l, e, f, g, d + 1, i, j, k, m, o, p, q, r, s, t, u);
}
#undef MANY

// A small stack machine: an operation has the top two values as arguments and goes on to the next one.
typedef struct Machine {
    uint64_t local[4];
    uint64_t stack[64];
} Machine;
typedef uint64_t (*Operation)(Machine *, const uint8_t *, uint64_t *, uint64_t);

static const Operation table[];
#define OPERATION(name)                                                                                  \
    static uint64_t name(Machine *m, const uint8_t *code, uint64_t *stack, uint64_t top)
#define NEXT(code, stack, top) MUSTTAIL return table[*(code)](m, (code) + 1, (stack), (top))

OPERATION(op_push) { *stack = top; NEXT(code + 1, stack + 1, *code); }
OPERATION(op_load) { *stack = top; NEXT(code + 1, stack + 1, m->local[*code]); }
OPERATION(op_store) { m->local[*code] = top; NEXT(code + 1, stack - 1, stack[-1]); }
OPERATION(op_add) { NEXT(code, stack - 1, stack[-1] + top); }
OPERATION(op_multiply) { NEXT(code, stack - 1, stack[-1] * top); }
OPERATION(op_xor) { NEXT(code, stack - 1, stack[-1] ^ top); }
OPERATION(op_shift) { NEXT(code, stack, top >> 7); }
OPERATION(op_branch) {
    const uint8_t *to = top ? code + 1 + (int8_t)*code : code + 1;
    NEXT(to, stack - 1, stack[-1]);
}
OPERATION(op_stop) { (void)code; (void)stack; (void)top; return m->local[1]; }

enum { PUSH, LOAD, STORE, ADD, MULTIPLY, XOR, SHIFT, BRANCH, STOP };
static const Operation table[] = {op_push, op_load, op_store, op_add, op_multiply,
                                  op_xor, op_shift, op_branch, op_stop};

// x = ((x * 31 + n) ^ (x >> 7)); n = n + minus_one; while (n)
static const uint8_t program[] = {LOAD, 1, PUSH, 31, MULTIPLY, LOAD, 0, ADD, LOAD, 1, SHIFT, XOR, STORE, 1,
                                  LOAD, 0, LOAD, 2, ADD, STORE, 0, LOAD, 0, BRANCH, (uint8_t)-25, STOP};

// A state machine whose states are functions; it reads characters until the text ends.
typedef struct Counts {
    unsigned words, numbers, others;
} Counts;
static Counts between(const char *text, Counts counts);
static Counts in_word(const char *text, Counts counts) {
    while (*text >= 'a' && *text <= 'z') text++;
    counts.words++;
    MUSTTAIL return between(text, counts);
}
static Counts in_number(const char *text, Counts counts) {
    while (*text >= '0' && *text <= '9') text++;
    counts.numbers++;
    MUSTTAIL return between(text, counts);
}
__attribute__((noinline)) static Counts between(const char *text, Counts counts) {
    if (*text == 0) return counts;
    if (*text >= 'a' && *text <= 'z') MUSTTAIL return in_word(text, counts);
    if (*text >= '0' && *text <= '9') MUSTTAIL return in_number(text, counts);
    counts.others++;
    MUSTTAIL return between(text + 1, counts);
}

int main(int argc, char **argv) {
    long steps = argc > 1 ? atol(argv[1]) : 1000000;
    printf("even or odd: %lld\n", (long long)even(steps, 0));
    volatile Rotating start = rotate;
    long long sum = start(steps, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
    printf("rotated: %lld\n", sum);
    static Machine machine = {{0, 12345, (uint64_t)-1}};
    machine.local[0] = steps;
    printf("machine: %llx\n", (unsigned long long)table[program[0]](&machine, program + 1, machine.stack, 0));
    char *text = malloc(steps + 1);
    for (long i = 0; i < steps; i++) text[i] = "a b12 cd,3 4;ef "[i * 7 / 5 % 16];
    text[steps] = 0;
    Counts counts = between(text, (Counts){0});
    printf("%u words, %u numbers, %u others\n", counts.words, counts.numbers, counts.others);
    return 0;
}
