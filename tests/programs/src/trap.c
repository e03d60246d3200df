// Ends in the trap that the first argument names, after some output.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero;

static __attribute__((noinline)) int recurse(int n) {
    volatile int local[64];
    local[n & 63] = n;
    return recurse(n + 1) + local[(n + 1) & 63];
}

static void *volatile disguised = (void *)recurse;

int main(int argc, char **argv) {
    const char *kind = argc > 1 ? argv[1] : "";
    printf("about to end with: %s\n", kind);
    fflush(stdout);
    if (!strcmp(kind, "unreachable")) __builtin_trap();
    if (!strcmp(kind, "divide")) return printf("%d\n", 7 / zero);
    if (!strcmp(kind, "memory")) return *(volatile int *)(0xfffffff0u - zero);
    if (!strcmp(kind, "indirect")) return ((int (*)(double, double))disguised)(1, 2);
    if (!strcmp(kind, "null")) return ((int (*)(int))(void *)(size_t)zero)(1);
    if (!strcmp(kind, "stack")) return recurse(0);
    if (!strcmp(kind, "abort")) abort();
    if (!strcmp(kind, "exit")) exit(77);
    return 3;
}
