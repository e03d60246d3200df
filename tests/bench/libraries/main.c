// Measures an engine: prints a line for each measurement, its name and its value.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"

enum { ROUNDS = 7 };

void fail(const char *message) {
    fprintf(stderr, "%s\n", message);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double best(double (*measure)(void)) {
    double least = measure();
    for (int round = 1; round < ROUNDS; round++) {
        double time = measure();
        if (time < least) least = time;
    }
    return least;
}

static void nothing(void) { __asm__ volatile(""); }
static void (*volatile pointer)(void) = nothing;

static double pointer_calls(void) {
    enum { COUNT = 20000000 };
    double start = now();
    for (int call = 0; call < COUNT; call++) pointer();
    return (now() - start) / COUNT * 1e9;
}

static double empty_calls(void) {
    enum { COUNT = 2000000 };
    double start = now();
    for (int call = 0; call < COUNT; call++) call_empty();
    return (now() - start) / COUNT * 1e9;
}

static double import_calls(void) {
    enum { COUNT = 2000000 };
    double start = now();
    call_imports(COUNT);
    return (now() - start) / COUNT * 1e9;
}

static int32_t length, room, from, to, back, packed;

static double pack(void) {
    double start = now();
    packed = zlib_pack(from, length, to, room, 6);
    return now() - start;
}

static double unpack(void) {
    double start = now();
    for (int time = 0; time < 10; time++) {
        if (zlib_unpack(to, packed, back, length) != length) fail("it isn't as long as before");
    }
    return now() - start;
}

static double instances(void) {
    enum { COUNT = 2000 };
    double start = now();
    for (int number = 0; number < COUNT; number++) {
        if (make_instance() != 'w') fail("it has other data");
    }
    return (now() - start) / COUNT * 1e6;
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: PROGRAM FILE CALLS ZLIB DATA");
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) fail("can't read the file");
    static uint8_t bytes[4 << 20];
    length = (int32_t)fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    start(argv[2], argv[3], argv[4]);
    room = length + length / 100 + 1000;
    from = zlib_allocate(length);
    to = zlib_allocate(room);
    back = zlib_allocate(length);
    if (from == 0 || to == 0 || back == 0) fail("too little memory");
    memcpy(zlib_memory(from), bytes, (size_t)length);

    printf("pointer %f\n", best(pointer_calls));
    printf("empty %f\n", best(empty_calls));
    printf("import %f\n", best(import_calls));
    printf("deflate %f\n", best(pack));
    printf("inflate %f\n", best(unpack));
    if (memcmp(zlib_memory(back), bytes, (size_t)length) != 0) fail("it isn't what it was");
    printf("packed %d\n", packed);
    if (make_instance != NULL) printf("instance %f\n", best(instances));
    return 0;
}
