// An interpreter of a small stack machine that dispatches through a constant table of functions:
// nearly all of its time goes into indirect calls.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct machine {
    const uint8_t *code;
    int64_t *stack;
    int64_t local[4];
    int running;
};

typedef void (*handler)(struct machine *);

static void op_push(struct machine *m) { *m->stack++ = (int8_t)*m->code++; }
static void op_load(struct machine *m) { *m->stack++ = m->local[*m->code++]; }
static void op_store(struct machine *m) { m->local[*m->code++] = *--m->stack; }
static void op_add(struct machine *m) { m->stack--; m->stack[-1] += m->stack[0]; }
static void op_sub(struct machine *m) { m->stack--; m->stack[-1] -= m->stack[0]; }
static void op_mul(struct machine *m) { m->stack--; m->stack[-1] *= m->stack[0]; }
static void op_xor(struct machine *m) { m->stack--; m->stack[-1] ^= m->stack[0]; }
static void op_shift(struct machine *m) { m->stack[-1] = (int64_t)((uint64_t)m->stack[-1] >> 7); }
static void op_duplicate(struct machine *m) { m->stack[0] = m->stack[-1]; m->stack++; }
static void op_branch(struct machine *m) {
    int8_t by = (int8_t)*m->code++;
    if (*--m->stack) m->code += by;
}
static void op_stop(struct machine *m) { m->running = 0; }

static const handler handlers[] = {op_push, op_load, op_store, op_add, op_sub, op_mul,
                                   op_xor, op_shift, op_duplicate, op_branch, op_stop};
enum { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, SHIFT, DUPLICATE, BRANCH, STOP };

static const uint8_t program[] = {
    // x = ((x * 31 + i) ^ (x >> 7)); i = i - 1; while (i)
    LOAD, 1, PUSH, 31, MUL, LOAD, 0, ADD, LOAD, 1, SHIFT, XOR, STORE, 1,
    LOAD, 0, PUSH, 1, SUB, DUPLICATE, STORE, 0, BRANCH, (uint8_t)-24, STOP};

int main(int argc, char **argv) {
    int64_t stack[64];
    struct machine m = {program, stack, {argc > 1 ? atol(argv[1]) : 1000000, 12345}, 1};
    while (m.running) handlers[*m.code++](&m);
    printf("%lld\n", (long long)m.local[1]);
    return 0;
}
