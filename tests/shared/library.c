/* A library with the prefix PREFIX, without libc: state, addresses in constants, a function that the embedder defines,
 * and a copy that is long enough to be a call of memcpy, which the runtime has. */

#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define NAME(name) JOINED(PREFIX, name)
#define TEXT(name) #name
#define TEXT_OF(name) TEXT(name)

int NAME(import_scale)(int value);

/* The compiler's objects define these, to which the runtime refers. */
char wasm_aot_program[1], wasm_aot_gc_heap[1], wasm_aot_threads[1], wasm_aot_post_mortem[1], wasm_aot_lines[1], wasm_aot_script[1], wasm_aot_relro[1],
    wasm_aot_preinit[1], wasm_aot_inlined[1];

static int calls;

int NAME(calls)(void) {
    return calls;
}

int NAME(add)(int a, int b) {
    calls++;
    return a + b;
}

/* Calls of exported functions stay in the library. */
int NAME(add3)(int a, int b, int c) {
    return NAME(add)(NAME(add)(a, b), c);
}

/* Only the library itself can call this. */
__attribute__((noinline)) int NAME(not_exported)(int value) {
    return NAME(import_scale)(value) + 1;
}

int NAME(scale)(int value) {
    return NAME(not_exported)(value);
}

static int negate(int value) {
    return -value;
}

static int (*const table[])(int) = {negate, NAME(scale)};

int NAME(select)(unsigned index, int value) {
    return table[index % 2](value);
}

static const char *const texts[] = {TEXT_OF(PREFIX), "library"};

const char *NAME(text)(unsigned index) {
    return texts[index % 2];
}

struct large {
    unsigned char bytes[4096];
};

static struct large one, other;

unsigned NAME(sum)(unsigned char value) {
    for (unsigned i = 0; i < sizeof one.bytes; i++)
        one.bytes[i] = value;
    other = one;
    unsigned sum = 0;
    for (unsigned i = 0; i < sizeof other.bytes; i++)
        sum += other.bytes[i];
    return sum;
}

/* What is called in the place of the embedder's function if it hasn't been set. */
int NAME(unset)(void) {
    return -1000;
}
