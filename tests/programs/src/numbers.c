// Arithmetic whose every result is printed: all integer widths, division and shifts at their
// limits, conversions between integers and floating point, formatting and parsing of numbers,
// and the mathematical functions of libm.
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

// Values near the limits are as likely as random ones.
static uint64_t pick(void) {
    static const uint64_t edges[] = {
        0, 1, 2, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536, INT32_MAX,
        (uint64_t)INT32_MAX + 1, UINT32_MAX, (uint64_t)UINT32_MAX + 1, INT64_MAX,
        (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 1};
    uint64_t r = next();
    return r & 1 ? edges[(r >> 1) % (sizeof edges / sizeof *edges)] : next() >> (r >> 58);
}

static uint64_t digest;

static void mix(uint64_t value) { digest = (digest ^ value) * 0x9e3779b97f4a7c15u; digest ^= digest >> 29; }

static void integers(void) {
    for (int i = 0; i < 100000; i++) {
        uint64_t a = pick(), b = pick();
        uint32_t c = (uint32_t)a, d = (uint32_t)b;
        mix(a + b), mix(a - b), mix(a * b), mix(a & b), mix(a | b), mix(a ^ b);
        mix(c + d), mix(c - d), mix(c * d), mix((uint16_t)(a * b)), mix((uint8_t)(a - b));
        mix(a << (b & 63)), mix(a >> (b & 63)), mix((uint64_t)((int64_t)a >> (b & 63)));
        mix(c << (d & 31)), mix(c >> (d & 31)), mix((uint32_t)((int32_t)c >> (d & 31)));
        mix((a << (b & 63)) | (a >> (-b & 63)));
        if (b) mix(a / b), mix(a % b);
        if (d) mix(c / d), mix(c % d);
        if (b && !(a == (uint64_t)INT64_MIN && b == UINT64_MAX))
            mix((uint64_t)((int64_t)a / (int64_t)b)), mix((uint64_t)((int64_t)a % (int64_t)b));
        if (d && !(c == (uint32_t)INT32_MIN && d == UINT32_MAX))
            mix((uint32_t)((int32_t)c / (int32_t)d)), mix((uint32_t)((int32_t)c % (int32_t)d));
        if (a) mix(__builtin_clzll(a)), mix(__builtin_ctzll(a));
        if (c) mix(__builtin_clz(c)), mix(__builtin_ctz(c));
        mix(__builtin_popcountll(a)), mix(__builtin_popcount(c));
        mix(__builtin_bswap64(a)), mix(__builtin_bswap32(c));
        mix((uint64_t)(int64_t)(int8_t)a), mix((uint64_t)(int64_t)(int16_t)a), mix((uint64_t)(int64_t)(int32_t)a);
        mix(a < b), mix((int64_t)a < (int64_t)b), mix(c <= d), mix((int32_t)c >= (int32_t)d);
        unsigned __int128 wide = (unsigned __int128)a * b;
        mix((uint64_t)(wide >> 64));
        if (b) mix((uint64_t)((wide + 17) / b));
    }
    printf("integers %016" PRIx64 "\n", digest);
}

static uint64_t bits(double x) {
    uint64_t u;
    memcpy(&u, &x, 8);
    return x != x ? 0x7ff8000000000000u : u;
}

static void floats(void) {
    digest = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t u = pick();
        double x, y = (double)(int64_t)pick() / 1024.0;
        memcpy(&x, &u, 8);
        float f = (float)y, g = (float)x;
        mix(bits(x + y)), mix(bits(x - y)), mix(bits(x * y)), mix(bits(x / y)), mix(bits(sqrt(fabs(x))));
        mix(bits(f + g)), mix(bits(f * g)), mix(bits(f / g)), mix(bits(sqrtf(fabsf(g))));
        mix(bits(floor(y))), mix(bits(ceil(y))), mix(bits(trunc(y))), mix(bits(rint(y)));
        mix(bits(floorf(f))), mix(bits(ceilf(f))), mix(bits(truncf(f))), mix(bits(rintf(f)));
        mix(bits(copysign(x, y))), mix(x < y), mix(x >= y), mix(x == y), mix(x != y);
        mix(bits((double)u)), mix(bits((double)(int64_t)u)), mix(bits((float)u)), mix(bits((float)(int64_t)u));
        mix(bits((double)(uint32_t)u)), mix(bits((float)(int32_t)u));
        if (fabs(y) < 9e18) mix((uint64_t)(int64_t)y);
        if (y > -1 && y < 1.8e19) mix((uint64_t)y);
        if (fabs(y) < 2e9) mix((uint64_t)(int32_t)y), mix((uint64_t)(int32_t)f);
    }
    printf("floats %016" PRIx64 "\n", digest);
}

static void formatting(void) {
    const double values[] = {0.0, -0.0, 1.0, 0.1, 1e22, 1e23, 123456789.125, 5e-324, 1.7976931348623157e308,
                             2.2250738585072014e-308, 3.14159265358979, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        printf("%g %.17g %e %.3f %a\n", values[i], values[i], values[i], values[i], values[i]);
    const char *texts[] = {"3.25", "1e400", "-0x1.8p3", "inf", "4.9e-324", "2.4e-324", "0.1e1x", "9007199254740993"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        double x = strtod(texts[i], &end);
        printf("%s -> %.17g [%s]\n", texts[i], x, end);
    }
    printf("%d %u %x %o %lld %llu %zu %c %5s|%-5s|%05d|%+d\n", INT_MIN, UINT_MAX, 0xbeef, 0755, LLONG_MIN,
           ULLONG_MAX, sizeof(void *), 'x', "ab", "cd", -42, 7);
    printf("%ld %ld %llu\n", strtol("-0x7f", NULL, 0), strtol("99999999999", NULL, 10), strtoull("18446744073709551615", NULL, 10));
}

static void functions(void) {
    for (double x = 0.25; x < 40; x *= 2.5)
        printf("%.15g %.15g %.15g %.15g %.15g %.15g %.15g %.15g\n", sin(x), cos(x), tan(x), exp(x / 4), log(x),
               pow(x, 1.7), atan2(x, 3), cbrt(x));
    for (double x = -3.5; x < 4; x += 0.75)
        printf("%g %g %g %.12g %.12g %g\n", round(x), fmod(x, 0.7), nearbyint(x), tgamma(x), erf(x), ldexp(x, 5));
}

int main(void) {
    integers();
    floats();
    formatting();
    functions();
    return 0;
}
