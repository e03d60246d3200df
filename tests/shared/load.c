/* Loads libraries at run time: the files that the arguments name, `one` and `two`. */

#ifdef _WIN32
#include <windows.h>
#define OPEN(path) ((void *)LoadLibraryA(path))
#define SYMBOL(library, name) ((void *)GetProcAddress((HMODULE)(library), name))
#define CLOSE(library) (!FreeLibrary((HMODULE)(library)))
#else
#ifndef __APPLE__
#include <dlfcn.h>
#endif
#define OPEN(path) dlopen(path, RTLD_NOW)
#define SYMBOL(library, name) dlsym(library, name)
#define CLOSE(library) dlclose(library)
#endif

#include "use.h"

#define FIND(prefix, handle, name)                                                                                     \
    library.name = SYMBOL(handle, #prefix "_" #name);                                                                  \
    CHECK(library.name != NULL)

#define USE(prefix, handle, factor)                                                                                    \
    do {                                                                                                               \
        struct library library;                                                                                        \
        FIND(prefix, handle, calls);                                                                                   \
        FIND(prefix, handle, add);                                                                                     \
        FIND(prefix, handle, add3);                                                                                    \
        FIND(prefix, handle, scale);                                                                                   \
        FIND(prefix, handle, select);                                                                                  \
        FIND(prefix, handle, text);                                                                                    \
        FIND(prefix, handle, sum);                                                                                     \
        SET(prefix, handle);                                                                                           \
        CHECK(SYMBOL(handle, #prefix "_not_exported") == NULL);                                                        \
        check_library(&library, #prefix, factor);                                                                      \
    } while (0)

#ifdef _WIN32
#define SET(prefix, handle) FIND(prefix, handle, set_import_scale)
#else
#define SET(prefix, handle)
#endif

/* Had the libraries' own calls come here, the sums would be wrong. */
#ifndef _WIN32
int one_add(int a, int b) {
    return a - b;
}
#endif

int main(int argc, char **argv) {
    CHECK(argc == 3);
    for (int round = 0; round < 2; round++) {
        void *one = OPEN(argv[1]), *two = OPEN(argv[2]);
        CHECK(one != NULL && two != NULL && one != two);
        USE(one, one, 2);
        USE(two, two, 3);
        USE(one, one, 2);
        CHECK(CLOSE(one) == 0 && CLOSE(two) == 0);
    }
    return 0;
}
