// Memory growth, large allocations, and the block operations on overlapping and unaligned ranges.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t checksum(const unsigned char *p, size_t n) {
    uint32_t sum = 1;
    for (size_t i = 0; i < n; i++) sum = sum * 16777619u ^ p[i];
    return sum;
}

static unsigned char zeros[1 << 20];
static unsigned char filled[1 << 16] = {1, 2, 3, [65535] = 4};

int main(void) {
    printf("%u %u\n", checksum(zeros, sizeof zeros), checksum(filled, sizeof filled));
    unsigned char *blocks[24];
    for (int i = 0; i < 24; i++) {
        size_t size = (size_t)1 << i;
        blocks[i] = malloc(size);
        if (!blocks[i]) return printf("no memory at %d\n", i), 1;
        memset(blocks[i], i * 37, size);
        blocks[i][size - 1] = (unsigned char)i;
    }
    for (int i = 0; i < 24; i += 2) blocks[i] = realloc(blocks[i], ((size_t)1 << i) * 3);
    for (int i = 0; i < 24; i++) printf("%d %u\n", i, checksum(blocks[i], (size_t)1 << i));
    unsigned char *p = blocks[23];
    for (size_t i = 0; i < 100000; i++) p[i] = (unsigned char)(i * i >> 3);
    for (size_t shift = 0; shift < 20; shift += 3) {
        memmove(p + shift, p, 5000 + shift);
        memmove(p, p + 7 * shift + 1, 3000);
        memcpy(p + 50000 + shift, p + shift * 2, 1234);
    }
    printf("%u\n", checksum(p, 100000));
    uint64_t wide;
    memcpy(&wide, p + 3, 8);
    memcpy(p + 9, &wide, 8);
    printf("%llx %d %d\n", (unsigned long long)wide, memcmp(p, p + 1, 50), memcmp(p, p, 50));
    for (int i = 0; i < 24; i++) free(blocks[i]);
    // Volatile, or the compiler leaves out an allocation that nothing uses.
    char *volatile huge = calloc(200, 1 << 20);
    printf("%s %d\n", huge ? "200 MiB" : "none", huge ? huge[150 << 20] : 0);
    void *volatile impossible = malloc((size_t)4000 << 20);
    printf("%s\n", impossible ? "4000 MiB" : "no 4000 MiB");
    return 0;
}
