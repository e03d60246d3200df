/* What two libraries with the prefixes `one` and `two` must do; a failed check ends the program with its line. */
#pragma once

#ifdef __APPLE__
#include "mac.h"
#else
#include <stdlib.h>
#include <string.h>
#endif

#ifdef _WIN32
#define EMBEDDER static
#else
#define EMBEDDER
#endif

/* The functions of a library. */
struct library {
    int (*calls)(void);
    int (*add)(int a, int b);
    int (*add3)(int a, int b, int c);
    int (*scale)(int value);
    int (*select)(unsigned index, int value);
    const char *(*text)(unsigned index);
    unsigned (*sum)(unsigned char value);
#ifdef _WIN32
    void (*set_import_scale)(int (*function)(int value));
#endif
};

static inline void check(int is_true, int line) {
    if (!is_true)
        exit(line % 256 ? line % 256 : 1);
}

#define CHECK(condition) check((condition), __LINE__)

/* What the libraries call. */
EMBEDDER int one_import_scale(int value) {
    return 2 * value;
}

EMBEDDER int two_import_scale(int value) {
    return 3 * value;
}

/* Called by nobody: a library's calls stay in it. */
int one_add(int a, int b);

static inline void check_library(const struct library *library, const char *prefix, int factor) {
    int before = library->calls();
    CHECK(library->add(2, 3) == 5 && library->add3(1, 2, 3) == 6);
    CHECK(library->calls() == before + 3);
    CHECK(library->select(0, 7) == -7);
    CHECK(strcmp(library->text(0), prefix) == 0 && strcmp(library->text(1), "library") == 0);
    CHECK(library->sum(3) == 3 * 4096);
#ifdef _WIN32
    if (before == 0)
        CHECK(library->scale(5) == -999);
    library->set_import_scale(factor == 2 ? one_import_scale : two_import_scale);
#endif
    CHECK(library->scale(5) == factor * 5 + 1 && library->select(1, 5) == factor * 5 + 1);
#ifdef _WIN32
    library->set_import_scale(NULL);
    CHECK(library->scale(5) == -999);
#endif
}
