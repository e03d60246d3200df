/* The functions of libSystem that the programs call. The headers of macOS aren't ours to pass on. */
#pragma once

#define NULL ((void *)0)
#define RTLD_NOW 2

/* There is nothing to write before the end. */
#define exit _exit
__attribute__((noreturn)) void _exit(int code);
void *dlopen(const char *path, int mode);
void *dlsym(void *handle, const char *name);
int dlclose(void *handle);

static inline int strcmp(const char *one, const char *other) {
    while (*one && *one == *other)
        one++, other++;
    return *one - *other;
}
