// Kernels written with the vector intrinsics: text (search, case, base64), images (grey, blur, blending),
// audio (filter, saturation), matrices, and the Mandelbrot set.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wasm_simd128.h>

static uint32_t digest(const void *data, size_t length) {
    const uint8_t *bytes = data;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static uint32_t state = 2463534242u;

static uint32_t next(void) {
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

// How often a byte is in a text whose length is a multiple of 16.
static int count(const char *text, size_t length, char wanted) {
    int found = 0;
    v128_t byte = wasm_i8x16_splat(wanted);
    for (size_t i = 0; i < length; i += 16)
        found += __builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(text + i), byte)));
    return found;
}

static void upper(char *text, size_t length) {
    for (size_t i = 0; i < length; i += 16) {
        v128_t v = wasm_v128_load(text + i);
        v128_t lower = wasm_v128_and(wasm_u8x16_ge(v, wasm_i8x16_splat('a')), wasm_u8x16_le(v, wasm_i8x16_splat('z')));
        wasm_v128_store(text + i, wasm_v128_bitselect(wasm_i8x16_sub(v, wasm_i8x16_splat(32)), v, lower));
    }
}

// 12 bytes become 16 digits. `in` has 4 readable bytes more.
static void base64(const uint8_t *in, size_t length, char *out) {
    for (size_t i = 0; i < length; i += 12, out += 16) {
        v128_t v = wasm_i8x16_swizzle(wasm_v128_load(in + i),
            wasm_i8x16_make(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
        v128_t a = wasm_u32x4_shr(wasm_v128_and(v, wasm_i32x4_splat(0x0000fc00)), 10);
        v128_t b = wasm_i32x4_shl(wasm_v128_and(v, wasm_i32x4_splat(0x000003f0)), 4);
        v128_t c = wasm_u32x4_shr(wasm_v128_and(v, wasm_i32x4_splat(0x0fc00000)), 6);
        v128_t d = wasm_i32x4_shl(wasm_v128_and(v, wasm_i32x4_splat(0x003f0000)), 8);
        v128_t digits = wasm_v128_or(wasm_v128_or(a, b), wasm_v128_or(c, d));
        v128_t shift = wasm_i8x16_splat('A');
        shift = wasm_v128_bitselect(wasm_i8x16_splat('a' - 26), shift, wasm_i8x16_gt(digits, wasm_i8x16_splat(25)));
        shift = wasm_v128_bitselect(wasm_i8x16_splat('0' - 52), shift, wasm_i8x16_gt(digits, wasm_i8x16_splat(51)));
        shift = wasm_v128_bitselect(wasm_i8x16_splat('+' - 62), shift, wasm_i8x16_eq(digits, wasm_i8x16_splat(62)));
        shift = wasm_v128_bitselect(wasm_i8x16_splat('/' - 63), shift, wasm_i8x16_eq(digits, wasm_i8x16_splat(63)));
        wasm_v128_store(out, wasm_i8x16_add(digits, shift));
    }
    *out = 0;
}

static void text(void) {
    char lines[64] = "one line\nand another, with a z and an a\nand {the} last `one`\n";
    printf("newlines %d\n", count(lines, sizeof lines, '\n'));
    upper(lines, sizeof lines);
    printf("%s", lines);
    uint8_t in[64] = "base64 of 48 bytes, 12 at a time: with swizzles.";
    char out[65];
    base64(in, 48, out);
    printf("base64 %s\n", out);
}

#define WIDTH 128
#define HEIGHT 96
static uint8_t rgba[HEIGHT][WIDTH][4], grey[HEIGHT][WIDTH], blurred[HEIGHT][WIDTH];

static v128_t grey_of_four(const uint8_t *pixels) {
    v128_t v = wasm_v128_load(pixels), weights = wasm_i16x8_make(77, 150, 29, 0, 77, 150, 29, 0);
    v128_t low = wasm_i32x4_dot_i16x8(wasm_u16x8_load8x8(pixels), weights);
    v128_t high = wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(v), weights);
    v128_t even = wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), odd = wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
    return wasm_u32x4_shr(wasm_i32x4_add(even, odd), 8);
}

static void image(void) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int channel = 0; channel < 4; channel++)
                rgba[y][x][channel] = (uint8_t)(channel == 0 ? x * 2 : channel == 1 ? y * x : next());
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x += 16) {
            v128_t four[4];
            for (int i = 0; i < 4; i++) four[i] = grey_of_four(rgba[y][x + 4 * i]);
            v128_t low = wasm_i16x8_narrow_i32x4(four[0], four[1]), high = wasm_u16x8_narrow_i32x4(four[2], four[3]);
            wasm_v128_store(&grey[y][x], wasm_u8x16_narrow_i16x8(low, high));
        }
    for (int y = 1; y < HEIGHT - 1; y++)
        for (int x = 16; x < WIDTH - 16; x += 16) {
            v128_t above = wasm_u8x16_avgr(wasm_v128_load(&grey[y - 1][x]), wasm_v128_load(&grey[y + 1][x]));
            v128_t beside = wasm_u8x16_avgr(wasm_v128_load(&grey[y][x - 1]), wasm_v128_load(&grey[y][x + 1]));
            v128_t around = wasm_u8x16_avgr(above, beside);
            wasm_v128_store(&blurred[y][x], wasm_u8x16_avgr(around, wasm_v128_load(&grey[y][x])));
        }
    v128_t least = wasm_i8x16_splat(-1), most = wasm_i8x16_splat(0), bits = wasm_i64x2_splat(0);
    for (int x = 16; x < WIDTH - 16; x += 16) {
        v128_t row = wasm_v128_load(&blurred[HEIGHT / 2][x]);
        least = wasm_u8x16_min(least, row), most = wasm_u8x16_max(most, row);
        bits = wasm_i16x8_add(bits, wasm_u16x8_extadd_pairwise_u8x16(wasm_i8x16_popcnt(row)));
    }
    printf("grey %08x blurred %08x\n", digest(grey, sizeof grey), digest(blurred, sizeof blurred));
    printf("extremes %08x %08x %08x\n", digest(&least, 16), digest(&most, 16), digest(&bits, 16));
}

static void audio(void) {
    static int16_t wave[1024], out[1024];
    for (int i = 0; i < 1024; i++) wave[i] = (int16_t)next();
    for (int i = 0; i < 1024; i += 8) {
        v128_t v = wasm_v128_load(&wave[i]);
        v128_t quiet = wasm_i16x8_q15mulr_sat(v, wasm_i16x8_splat(23170));
        v128_t echo = i < 64 ? wasm_i64x2_const(0, 0) : wasm_i16x8_shr(wasm_v128_load(&wave[i - 64]), 1);
        v128_t mixed = wasm_i16x8_add_sat(quiet, wasm_i16x8_sub_sat(v, echo));
        wasm_v128_store(&out[i], wasm_i16x8_min(mixed, wasm_i16x8_splat(30000)));
    }
    v128_t energy = wasm_i64x2_splat(0), peak = wasm_i16x8_splat(0);
    for (int i = 0; i < 1024; i += 8) {
        v128_t v = wasm_v128_load(&out[i]);
        v128_t squares = wasm_u32x4_shr(wasm_i32x4_dot_i16x8(v, v), 1);
        energy = wasm_i64x2_add(energy, wasm_u64x2_extend_low_u32x4(squares));
        energy = wasm_i64x2_add(energy, wasm_u64x2_extend_high_u32x4(squares));
        peak = wasm_i16x8_max(peak, wasm_i16x8_abs(v));
    }
    printf("audio %08x energy %lld %lld peak %08x\n", digest(out, sizeof out),
        (long long)wasm_i64x2_extract_lane(energy, 0), (long long)wasm_i64x2_extract_lane(energy, 1),
        digest(&peak, 16));
}

static void matrices(void) {
    float a[4][4], b[4][4], c[4][4];
    for (int i = 0; i < 16; i++) {
        a[i / 4][i % 4] = (float)(int32_t)(next() >> 20) / 64 - 32;
        b[i / 4][i % 4] = (float)(int32_t)(next() >> 20) / 128 - 16;
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            v128_t row = wasm_f32x4_mul(wasm_v128_load32_splat(&a[i][0]), wasm_v128_load(b[0]));
            for (int k = 1; k < 4; k++)
                row = wasm_f32x4_add(row, wasm_f32x4_mul(wasm_f32x4_splat(a[i][k]), wasm_v128_load(b[k])));
            wasm_v128_store(c[i], row);
        }
        for (int i = 0; i < 4; i++) {
            v128_t row = wasm_v128_load(c[i]), size = wasm_f32x4_sqrt(wasm_f32x4_abs(row));
            v128_t whole = wasm_f32x4_nearest(wasm_f32x4_div(row, wasm_f32x4_pmax(size, wasm_f32x4_splat(1))));
            wasm_v128_store(a[i], wasm_f32x4_max(whole, wasm_f32x4_convert_i32x4(wasm_i32x4_trunc_sat_f32x4(row))));
        }
    }
    for (int i = 0; i < 4; i++) printf("%g %g %g %g\n", c[i][0], c[i][1], c[i][2], c[i][3]);
    v128_t sum = wasm_f64x2_splat(0);
    for (int i = 0; i < 4; i++) {
        sum = wasm_f64x2_add(sum, wasm_f64x2_promote_low_f32x4(wasm_v128_load(c[i])));
        sum = wasm_f64x2_add(sum, wasm_f64x2_promote_low_f32x4(wasm_v128_load64_zero(&c[i][2])));
    }
    printf("sum %.17g %.17g\n", wasm_f64x2_extract_lane(sum, 0), wasm_f64x2_extract_lane(sum, 1));
}

static void mandelbrot(void) {
    uint32_t hash = 0;
    long long inside = 0;
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x += 2) {
            v128_t re = wasm_f64x2_make(x * 0.05 - 2.2, (x + 1) * 0.05 - 2.2), im = wasm_f64x2_splat(y * 0.04 - 1.28);
            v128_t a = re, b = im, steps = wasm_i64x2_splat(0);
            for (int step = 0; step < 200; step++) {
                v128_t aa = wasm_f64x2_mul(a, a), bb = wasm_f64x2_mul(b, b), ab = wasm_f64x2_mul(a, b);
                v128_t near = wasm_f64x2_le(wasm_f64x2_add(aa, bb), wasm_f64x2_splat(4));
                if (!wasm_v128_any_true(near)) break;
                steps = wasm_i64x2_sub(steps, near);
                a = wasm_f64x2_add(wasm_f64x2_sub(aa, bb), re), b = wasm_f64x2_add(wasm_f64x2_add(ab, ab), im);
            }
            hash = hash * 31 + digest(&steps, 16);
            v128_t full = wasm_i64x2_eq(steps, wasm_i64x2_splat(200));
            inside += __builtin_popcount(wasm_i64x2_bitmask(full));
            if (wasm_i64x2_all_true(full)) hash ^= 1;
        }
    printf("mandelbrot %08x inside %lld\n", hash, inside);
}

int main(void) {
    text();
    image();
    audio();
    matrices();
    mandelbrot();
    return 0;
}
