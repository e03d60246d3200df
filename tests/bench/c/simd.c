// Loops that compilers turn into vectors: products of float matrices, blending of 8-bit pixels, a filter of
// 16-bit samples, sums of differences of bytes. To be compiled with -msimd128 for Wasm.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define N 256
#define PIXELS (1 << 16)

static float a[N][N], b[N][N], c[N][N];
static uint8_t first[PIXELS], second[PIXELS], blended[PIXELS];
static int16_t samples[PIXELS + 64], taps[64];

static void multiply(void) {
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++) c[i][j] += a[i][k] * b[k][j];
}

static void blend(unsigned weight) {
    for (int i = 0; i < PIXELS; i++)
        blended[i] = (uint8_t)((first[i] * weight + second[i] * (256 - weight) + 128) >> 8);
}

static uint32_t filter(int shift) {
    uint32_t sum = 0;
    for (int i = 0; i < PIXELS / 16; i++) {
        int32_t value = 0;
        for (int j = 0; j < 64; j++) value += samples[i + j + shift] * taps[j];
        sum = sum * 31 + (uint32_t)(value >> 8);
    }
    return sum;
}

static uint32_t difference(const uint8_t *left, const uint8_t *right) {
    uint32_t sum = 0;
    for (int i = 0; i < PIXELS; i++) sum += left[i] > right[i] ? left[i] - right[i] : right[i] - left[i];
    return sum;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    uint32_t state = 1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (float)((i * j + 1) % N) / N;
            b[i][j] = (float)(i * (j + 2) % N) / N;
        }
    for (int i = 0; i < PIXELS; i++) {
        state = state * 1664525u + 1013904223u;
        first[i] = (uint8_t)(state >> 24), second[i] = (uint8_t)(state >> 16);
        samples[i] = (int16_t)(state >> 16);
    }
    for (int i = 0; i < 64; i++) taps[i] = (int16_t)((i - 32) * 17);
    uint32_t digest = 0;
    for (int round = 0; round < rounds; round++) {
        multiply();
        for (int i = 0; i < 16; i++) {
            blend((unsigned)(round * 16 + i) & 255);
            digest = digest * 31 + difference(blended, first);
        }
        digest = digest * 31 + filter(round & 31);
    }
    float sum = 0;
    for (int i = 0; i < N; i++) sum += c[i][(i * 7) % N] / (float)rounds;
    printf("%.3f %08x\n", sum, digest);
    return 0;
}
