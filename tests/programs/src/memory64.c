// Touches more than 4 GiB of a 64-bit memory, sparsely: every access whose address loses its upper
// half lands on other data and changes a sum.
#include "freestanding.h"

#define PAGE 65536ULL
#define GIB (1ULL << 30)

static uint64_t mix(uint64_t x) {
    x ^= x >> 31;
    x *= 0x7fb5d329728ea185ULL;
    return x ^ x >> 27;
}

static volatile uint64_t *word(uint64_t at) { return (volatile uint64_t *)at; }

ENTRY {
    uint64_t start = __builtin_wasm_memory_size(0) * PAGE;
    print("pages", start / PAGE);
    print("grow beyond 6 GiB", __builtin_wasm_memory_grow(0, 6 * GIB / PAGE));
    print("grow beyond any memory", __builtin_wasm_memory_grow(0, 1ULL << 47));
    print("pages", __builtin_wasm_memory_size(0));

    // One word in every 16 MiB, each with its twin 4 GiB above.
    uint64_t step = 16 << 20, end = start + 6 * GIB;
    for (uint64_t at = start; at + 8 <= end; at += step) *word(at) = mix(at);
    uint64_t sum = 0, wrong = 0;
    for (uint64_t at = start; at + 8 <= end; at += step) {
        sum = sum * 31 + *word(at);
        wrong += *word(at) != mix(at);
    }
    print("sum", sum);
    print("wrong", wrong);

    // Ranges that cross the 4 GiB border.
    unsigned char *border = (unsigned char *)(4 * GIB - 100);
    __builtin_memset(border, 0xa5, 300);
    for (int i = 0; i < 300; i++) border[i] ^= (unsigned char)i;
    __builtin_memcpy((unsigned char *)(5 * GIB + 3), border, 300);
    __builtin_memmove(border + 7, border, 250);
    sum = 0;
    for (int i = 0; i < 300; i++) sum = sum * 131 + border[i];
    print("moved", sum);
    sum = 0;
    for (int i = 0; i < 300; i++) sum = sum * 131 + ((unsigned char *)(5 * GIB + 3))[i];
    print("copied", sum);

    // The last bytes, and one too far.
    *word(end - 8) = 0x0123456789abcdefULL;
    print("last", *word(end - 8));
    print("unaligned", *word(end - 11));
    print("beyond", *word(end - 7));
}
