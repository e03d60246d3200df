/* The part of macOS's ABI that programs use: numbers and structures of its headers, under names with M_ or mac_. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* Pages of the system. */
#ifdef __aarch64__
#define M_PAGE 0x4000ul
#else
#define M_PAGE 0x1000ul
#endif

/* What the program gets from __error(). */
extern _Thread_local int mac_errno;
/* The number of an error of Linux. */
int mac_error(int error);
/* Sets it from Linux's errno; -1. */
long fail(void);
/* Sets it to a number of macOS; -1. */
long fail_with(int number);
/* The result of a call of Linux, with the error number set if it is -1. */
long done(long result);
/* Ends the process: the program did something that it never should. */
_Noreturn void broken(const char *format, ...);

/* The function for an imported symbol. */
void *mac_file_function(const char *name);
void *mac_socket_function(const char *name);
void *mac_system_function(const char *name);
void *mac_signal_function(const char *name);
void *mac_thread_function(const char *name);
void *mac_image_function(const char *name);

struct function {
    const char *name;
    void *address;
};
void *find(const struct function *functions, size_t count, const char *name);

/* On aarch64, variadic arguments of Apple's functions are on the stack: NAME is FUNCTION with the first of these in
 * the register behind the named ones. */
#ifdef __aarch64__
#define VARIADIC(NAME, FUNCTION, REGISTER)                                                                            \
    void NAME(void);                                                                                                  \
    __asm__(".text\n.globl " #NAME "\n" #NAME ":\n ldr " #REGISTER ", [sp]\n b " #FUNCTION)
#else
#define VARIADIC(NAME, FUNCTION, REGISTER)                                                                            \
    void NAME(void);                                                                                                  \
    __asm__(".text\n.globl " #NAME "\n" #NAME ":\n jmp " #FUNCTION)
#endif
