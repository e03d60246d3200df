/* A program that is linked with both libraries. */

#include "use.h"

#define LIBRARY(prefix)                                                                                                \
    int prefix##_calls(void);                                                                                          \
    int prefix##_add(int a, int b);                                                                                    \
    int prefix##_add3(int a, int b, int c);                                                                            \
    int prefix##_scale(int value);                                                                                     \
    int prefix##_select(unsigned index, int value);                                                                    \
    const char *prefix##_text(unsigned index);                                                                         \
    unsigned prefix##_sum(unsigned char value);                                                                        \
    void prefix##_set_import_scale(int (*function)(int value))

LIBRARY(one);
LIBRARY(two);

#ifdef _WIN32
#define SET(prefix) , prefix##_set_import_scale
#else
#define SET(prefix)
#endif

#define USE(prefix, factor)                                                                                            \
    do {                                                                                                               \
        struct library library = {prefix##_calls,  prefix##_add,  prefix##_add3,                                       \
                                  prefix##_scale,  prefix##_select, prefix##_text,                                     \
                                  prefix##_sum SET(prefix)};                                                           \
        check_library(&library, #prefix, factor);                                                                      \
    } while (0)

int main(void) {
    USE(one, 2);
    USE(two, 3);
    USE(one, 2);
    return 0;
}
