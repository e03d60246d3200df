// Sorts 64-bit keys in two ways: through a comparator that is passed along, and with the
// comparison in place. Both algorithms are in the program, so that every build runs the same.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

typedef int (*comparator)(const void *, const void *);

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int by_low_bits(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a << 20, y = *(const uint64_t *)b << 20;
    return (x > y) - (x < y);
}

static void swap(int64_t *a, int64_t *b) {
    int64_t t = *a;
    *a = *b;
    *b = t;
}

static void sort_with(int64_t *v, long n, comparator compare) {
    while (n > 1) {
        swap(v, v + n / 2);
        long last = 0;
        for (long i = 1; i < n; i++)
            if (compare(v + i, v) < 0) swap(v + ++last, v + i);
        swap(v, v + last);
        if (last < n - last - 1) {
            sort_with(v, last, compare);
            v += last + 1, n -= last + 1;
        } else {
            sort_with(v + last + 1, n - last - 1, compare);
            n = last;
        }
    }
}

static void heap_sort(int64_t *v, long n) {
    for (long start = n / 2, end = n; end > 1;) {
        if (start > 0) start--;
        else swap(v, v + --end);
        int64_t moved = v[start];
        long root = start;
        for (long child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && v[child] < v[child + 1]) child++;
            if (moved >= v[child]) break;
            v[root] = v[child];
        }
        v[root] = moved;
    }
}

int main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 100000;
    int64_t *v = malloc(n * sizeof *v);
    comparator orders[] = {by_value, by_low_bits};
    uint64_t sum = 0;
    for (int round = 0; round < 3; round++) {
        for (long i = 0; i < n; i++) v[i] = (int64_t)next();
        if (round < 2) sort_with(v, n, orders[round]);
        else heap_sort(v, n);
        for (long i = 0; i < n; i += 1000) sum = sum * 31 + (uint64_t)v[i];
    }
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
