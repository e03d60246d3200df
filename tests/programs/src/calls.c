// Calls of every shape: many parameters, structures by value, variadic functions, deep recursion,
// function pointers of several signatures in constant and in written tables, and callbacks.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair { double a; int64_t b; };
struct large { int values[40]; };

static __attribute__((noinline)) struct pair swap(struct pair p, float scale) {
    return (struct pair){(double)p.b * scale, (int64_t)p.a};
}

static __attribute__((noinline)) struct large shift(struct large l, int by) {
    for (int i = 0; i < 40; i++) l.values[i] += by * i;
    return l;
}

static __attribute__((noinline)) double many(int a, double b, int64_t c, float d, int e, double f, int64_t g,
                                             float h, int i, double j, int k, double l, int m, double n,
                                             int64_t o, double p, float q, double r) {
    return a + b * 2 + (double)c * 3 + d * 4 + e * 5 + f * 6 + (double)g * 7 + h * 8 + i * 9 + j * 10 + k * 11 +
           l * 12 + m * 13 + n * 14 + (double)o * 15 + p * 16 + q * 17 + r * 18;
}

static double sum(const char *kinds, ...) {
    va_list list;
    va_start(list, kinds);
    double total = 0;
    for (; *kinds; kinds++) switch (*kinds) {
        case 'i': total += va_arg(list, int); break;
        case 'l': total += (double)va_arg(list, long long); break;
        case 'd': total += va_arg(list, double); break;
        case 's': total += (double)strlen(va_arg(list, char *)); break;
        }
    va_end(list);
    return total;
}

static __attribute__((noinline)) unsigned deep(unsigned n, unsigned seed) {
    volatile unsigned local[8];
    for (int i = 0; i < 8; i++) local[i] = seed + i;
    return n ? deep(n - 1, seed * 31 + local[n & 7]) + local[(n + 3) & 7] : seed;
}

static unsigned ackermann(unsigned m, unsigned n) {
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

typedef int64_t (*binary)(int64_t, int64_t);
static int64_t add(int64_t a, int64_t b) { return a + b; }
static int64_t sub(int64_t a, int64_t b) { return a - b; }
static int64_t mul(int64_t a, int64_t b) { return a * b; }
static int64_t first(int64_t a, int64_t b) { (void)b; return a; }
static const binary operations[] = {add, sub, mul, first};
static double half(double x) { return x / 2; }
static double twice(double x) { return x * 2; }
static binary chosen = add;

static int compare_count;
static int up(const void *a, const void *b) {
    compare_count++;
    return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}
static int down(const void *a, const void *b) { return up(b, a); }

int main(int argc, char **argv) {
    (void)argv;
    struct pair p = swap((struct pair){3.75, 42}, 0.5f);
    printf("%g %lld\n", p.a, (long long)p.b);
    struct large l = {{0}};
    l = shift(shift(l, 3), 4);
    printf("%d %d\n", l.values[1], l.values[39]);
    printf("%g\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
    printf("%g\n", sum("idlsd", 7, 2.5, 1LL << 40, "four", -0.25));
    printf("%u\n", deep(3000, 12345));
    printf("%u\n", ackermann(2, 300));
    int64_t value = argc;
    for (int i = 0; i < 1000; i++) value = operations[(value ^ i) & 3](value, i) & 0xffffff;
    printf("%lld\n", (long long)value);
    for (int i = 0; i < 10; i++) {
        chosen = operations[(i * 7 + argc) & 3];
        double (*scale)(double) = i & 1 ? half : twice;
        printf("%lld %g\n", (long long)chosen(100, i), scale(i));
    }
    int numbers[500];
    for (int i = 0; i < 500; i++) numbers[i] = (int)((uint32_t)i * 2654435761u >> 8);
    qsort(numbers, 500, sizeof(int), up);
    printf("%d %d\n", numbers[0], numbers[499]);
    qsort(numbers, 500, sizeof(int), down);
    int key = numbers[123];
    int *found = bsearch(&key, numbers, 500, sizeof(int), down);
    printf("%d %d %d\n", numbers[0], numbers[499], (int)(found - numbers));
    return compare_count > 0 ? 0 : 1;
}
