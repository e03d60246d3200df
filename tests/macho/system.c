/* libSystem's functions for memory and time, by Linux's; errors. */

#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "macos.h"

_Thread_local int mac_errno;

long fail_with(int number) {
    mac_errno = number;
    return -1;
}

int mac_error(int error) {
    /* sys/errno.h; up to 34 the numbers are the same, but for EAGAIN and EDEADLK. */
    static const int numbers[][2] = {
        {EAGAIN, 35}, {EDEADLK, 11}, {EINPROGRESS, 36}, {EALREADY, 37}, {ENOTSOCK, 38}, {EDESTADDRREQ, 39},
        {EMSGSIZE, 40}, {EPROTOTYPE, 41}, {ENOPROTOOPT, 42}, {EPROTONOSUPPORT, 43}, {EOPNOTSUPP, 45},
        {EAFNOSUPPORT, 47}, {EADDRINUSE, 48}, {EADDRNOTAVAIL, 49}, {ENETDOWN, 50}, {ENETUNREACH, 51},
        {ENETRESET, 52}, {ECONNABORTED, 53}, {ECONNRESET, 54}, {ENOBUFS, 55}, {EISCONN, 56}, {ENOTCONN, 57},
        {ETIMEDOUT, 60}, {ECONNREFUSED, 61}, {ELOOP, 62}, {ENAMETOOLONG, 63}, {EHOSTDOWN, 64}, {EHOSTUNREACH, 65}, {ENOTEMPTY, 66},
        {EDQUOT, 69}, {ESTALE, 70}, {ENOLCK, 77}, {ENOSYS, 78}, {EOVERFLOW, 84}, {ECANCELED, 89}, {EILSEQ, 92},
        {EPROTO, 100},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i][0] == error)
            return numbers[i][1];
    if (error > 34)
        broken("no number for error %d of Linux", error);
    return error;
}

long fail(void) {
    return fail_with(mac_error(errno));
}

long done(long result) {
    return result == -1 ? fail() : result;
}

static int *m_error(void) {
    return &mac_errno;
}

_Noreturn static void m_exit(int code) {
    _exit(code);
}

static long m_issetugid(void) {
    return 0;
}

static void *m_mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset) {
    /* MAP_PRIVATE, MAP_ANON, MAP_NORESERVE. */
    if (flags != 0x1042 || fd != -1 || offset != 0 || protection & ~3)
        broken("mmap with the flags %x", flags);
    int host = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (address) {
        void *mapped = mmap(address, bytes, protection, host | MAP_FIXED_NOREPLACE, -1, 0);
        if (mapped != MAP_FAILED)
            return mapped;
    }
    /* Elsewhere, at a page of the system, which may be larger than Linux's. */
    uint8_t *mapped = mmap(NULL, bytes + M_PAGE, protection, host, -1, 0);
    if (mapped == MAP_FAILED) {
        fail();
        return MAP_FAILED;
    }
    size_t before = -(uintptr_t)mapped & (M_PAGE - 1);
    if (before)
        munmap(mapped, before);
    munmap(mapped + before + bytes, M_PAGE - before);
    return mapped + before;
}

static long m_mprotect(void *address, size_t bytes, int protection) {
    if ((uintptr_t)address % M_PAGE || protection & ~3)
        return fail_with(22);
    return done(mprotect(address, (bytes + M_PAGE - 1) & -M_PAGE, protection));
}

static long m_munmap(void *address, size_t bytes) {
    if ((uintptr_t)address % M_PAGE || !bytes)
        return fail_with(22);
    return done(munmap(address, (bytes + M_PAGE - 1) & -M_PAGE));
}

static clockid_t clock_of(int id) {
    switch (id) {
    case 0:
        return CLOCK_REALTIME;
    case 8: /* CLOCK_UPTIME_RAW */
        return CLOCK_MONOTONIC;
    }
    broken("clock %d", id);
}

static long m_clock_gettime(int id, struct timespec *to) {
    return done(clock_gettime(clock_of(id), to));
}

static long m_clock_getres(int id, struct timespec *to) {
    return done(clock_getres(clock_of(id), to));
}

static long m_nanosleep(const struct timespec *time, struct timespec *left) {
    return done(nanosleep(time, left));
}

static long m_sched_yield(void) {
    return done(sched_yield());
}

static long m_getentropy(void *to, size_t bytes) {
    return bytes > 256 ? fail_with(5) : done(getentropy(to, bytes));
}

static long m_sysctlbyname(const char *name, void *to, size_t *bytes, const void *from, size_t from_bytes) {
    /* Those of an M1: of macOS 11, and what later systems have beside them, which here have these only. */
    static const char *const first[] = {"hw.optional.armv8_1_atomics", "hw.optional.armv8_2_fhm"};
    static const char *const later[] = {"hw.optional.arm.FEAT_LSE", "hw.optional.arm.FEAT_DotProd"};
    const char *system = getenv("MACHO_SYSTEM");
    const char *const *features = system && strcmp(system, "11") == 0 ? first : later;
    for (size_t i = 0; i < 2; i++)
        if (strcmp(name, features[i]) == 0 && *bytes == 4 && !from && !from_bytes) {
            *(int *)to = 1;
            return 0;
        }
    return fail_with(2);
}

void *mac_system_function(const char *name) {
    static const struct function functions[] = {
        {"___error", m_error},
        {"__exit", m_exit},
        {"_abort", abort},
        {"_clock_getres", m_clock_getres},
        {"_clock_gettime", m_clock_gettime},
        {"_getentropy", m_getentropy},
        {"_issetugid", m_issetugid},
        {"_mmap", m_mmap},
        {"_mprotect", m_mprotect},
        {"_munmap", m_munmap},
        {"_nanosleep", m_nanosleep},
        {"_sched_yield", m_sched_yield},
        {"_sysctlbyname", m_sysctlbyname},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
