/* libSystem's functions for files and directories, by Linux's. */

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "macos.h"

enum {
    M_AT_FDCWD = -2,
    M_AT_SYMLINK_NOFOLLOW = 0x20,
    M_AT_REMOVEDIR = 0x80,
    M_NONBLOCK = 4,
    M_APPEND = 8,
    M_NOFOLLOW = 0x100,
    M_CREAT = 0x200,
    M_TRUNC = 0x400,
    M_EXCL = 0x800,
    M_NOCTTY = 0x20000,
    M_DIRECTORY = 0x100000,
    M_CLOEXEC = 0x1000000,
    M_EXEC = 0x40000000,
};

struct mac_stat {
    int32_t device;
    uint16_t mode, links;
    uint64_t inode;
    uint32_t user, group;
    int32_t special, padding;
    struct timespec accessed, modified, changed, born;
    int64_t size, blocks;
    int32_t block_size;
    uint32_t flags, generation;
    int32_t spare;
    int64_t spares[2];
};
_Static_assert(sizeof(struct mac_stat) == 144, "as in sys/stat.h");

struct mac_entry {
    uint64_t inode, offset;
    uint16_t bytes, name_bytes;
    uint8_t type;
    char name[1024];
};
_Static_assert(offsetof(struct mac_entry, name) == 21, "as in sys/dirent.h");

/* The directory that a name is looked up in. No name has a slash, as the system would follow a link before it. */
static int in(int directory, const char *name) {
    if (directory == M_AT_FDCWD)
        return AT_FDCWD;
    if (strchr(name, '/'))
        broken("the name `%s` has a slash", name);
    return directory;
}

/* Translates flags, all of which must be known. */
static int translate(int flags, const int pairs[][2], int count) {
    int result = 0;
    for (int i = 0; i < count; i++)
        if (flags & pairs[i][0]) {
            result |= pairs[i][1];
            flags &= ~pairs[i][0];
        }
    if (flags)
        broken("unknown flags %x", flags);
    return result;
}

/* In the root directory, --native wants to know where links lead. */
static int is_root(int directory) {
    struct stat own, root;
    return fstat(directory, &own) == 0 && stat("/", &root) == 0 && own.st_dev == root.st_dev
        && own.st_ino == root.st_ino;
}

static long m_openat(int directory, const char *path, int flags, int mode) {
    static const int pairs[][2] = {
        {M_NONBLOCK, O_NONBLOCK}, {M_APPEND, O_APPEND}, {M_NOFOLLOW, O_NOFOLLOW}, {M_CREAT, O_CREAT},
        {M_TRUNC, O_TRUNC}, {M_EXCL, O_EXCL}, {M_NOCTTY, O_NOCTTY}, {M_DIRECTORY, O_DIRECTORY},
        {M_CLOEXEC, O_CLOEXEC},
    };
    int at = in(directory, path);
    if (at != AT_FDCWD && !(flags & M_NOFOLLOW) && strcmp(path, ".") != 0 && !is_root(at))
        broken("a link that `%s` is would be followed", path);
    if (mode != 0666)
        broken("the mode of `%s` is %o", path, mode);
    if (flags & M_EXEC)
        return done(openat(at, path, O_PATH | translate(flags & ~(3 | M_EXEC), pairs, sizeof pairs / sizeof *pairs)));
    return done(openat(at, path, (flags & 3) | translate(flags & ~3, pairs, sizeof pairs / sizeof *pairs), mode));
}
VARIADIC(m_openat_variadic, shim_openat, x3);
__attribute__((used)) long shim_openat(int directory, const char *path, int flags, int mode) {
    return m_openat(directory, path, flags, mode);
}

__attribute__((used)) long shim_fcntl(int fd, int number, int argument) {
    switch (number) {
    case 2: /* F_SETFD */
        return done(fcntl(fd, F_SETFD, argument));
    case 3: { /* F_GETFL */
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0)
            return fail();
        return (flags & 3) | (flags & O_NONBLOCK ? M_NONBLOCK : 0) | (flags & O_APPEND ? M_APPEND : 0);
    }
    case 4: { /* F_SETFL */
        static const int pairs[][2] = {{M_NONBLOCK, O_NONBLOCK}, {M_APPEND, O_APPEND}};
        return done(fcntl(fd, F_SETFL, translate(argument, pairs, 2)));
    }
    case 51: /* F_FULLFSYNC */
        return done(fsync(fd));
    case 67: /* F_DUPFD_CLOEXEC */
        return done(fcntl(fd, F_DUPFD_CLOEXEC, argument));
    }
    broken("fcntl %d", number);
}
VARIADIC(m_fcntl_variadic, shim_fcntl, x2);

__attribute__((used)) long shim_ioctl(int fd, unsigned long number, void *argument) {
    if (number != 0x4004667f) /* FIONREAD */
        broken("ioctl %lx", number);
    return done(ioctl(fd, FIONREAD, argument));
}
VARIADIC(m_ioctl_variadic, shim_ioctl, x2);

static long m_close(int fd) {
    return done(close(fd));
}

static long m_closedir(DIR *stream) {
    return done(closedir(stream));
}

static DIR *m_fdopendir(int fd) {
    DIR *stream = fdopendir(fd);
    if (!stream)
        fail();
    return stream;
}

static struct mac_entry *m_readdir(DIR *stream) {
    static struct mac_entry entry;
    errno = 0;
    struct dirent *raw = readdir(stream);
    if (!raw) {
        if (errno)
            fail();
        return NULL;
    }
    memset(&entry, 0xa5, sizeof entry);
    entry.inode = raw->d_ino;
    entry.bytes = sizeof entry;
    entry.name_bytes = strlen(raw->d_name);
    /* The numbers are the same. */
    entry.type = raw->d_type;
    memcpy(entry.name, raw->d_name, entry.name_bytes + 1);
    return &entry;
}

static void m_rewinddir(DIR *stream) {
    rewinddir(stream);
}

static long stat_result(int result, const struct stat *raw, struct mac_stat *to) {
    if (result != 0)
        return fail();
    memset(to, 0xa5, sizeof *to);
    to->device = raw->st_dev;
    /* The kinds and the permissions have the same numbers. */
    to->mode = raw->st_mode;
    to->links = raw->st_nlink;
    to->inode = raw->st_ino;
    to->size = raw->st_size;
    to->accessed = raw->st_atim;
    to->modified = raw->st_mtim;
    to->changed = raw->st_ctim;
    return 0;
}

static long m_fstat(int fd, struct mac_stat *to) {
    struct stat raw;
    return stat_result(fstat(fd, &raw), &raw, to);
}

static long m_fstatat(int directory, const char *path, struct mac_stat *to, int flags) {
    struct stat raw;
    if (flags != M_AT_SYMLINK_NOFOLLOW)
        broken("fstatat with the flags %x", flags);
    return stat_result(fstatat(in(directory, path), path, &raw, AT_SYMLINK_NOFOLLOW), &raw, to);
}

static long m_fsync(int fd) {
    return done(fsync(fd));
}

static long m_ftruncate(int fd, int64_t size) {
    return done(ftruncate(fd, size));
}

static const struct timespec *times(const struct timespec *from, struct timespec *to) {
    for (int i = 0; i < 2; i++) {
        to[i] = from[i];
        if (from[i].tv_nsec == -1)
            to[i].tv_nsec = UTIME_NOW;
        if (from[i].tv_nsec == -2)
            to[i].tv_nsec = UTIME_OMIT;
    }
    return to;
}

static long m_futimens(int fd, const struct timespec *from) {
    struct timespec to[2];
    return done(futimens(fd, times(from, to)));
}

static long m_utimensat(int directory, const char *path, const struct timespec *from, int flags) {
    struct timespec to[2];
    if (flags != M_AT_SYMLINK_NOFOLLOW)
        broken("utimensat with the flags %x", flags);
    return done(utimensat(in(directory, path), path, times(from, to), AT_SYMLINK_NOFOLLOW));
}

static long m_isatty(int fd) {
    int result = isatty(fd);
    if (!result)
        fail();
    return result;
}

static long m_linkat(int from, const char *path, int to, const char *to_path, int flags) {
    if (flags)
        broken("linkat with the flags %x", flags);
    return done(linkat(in(from, path), path, in(to, to_path), to_path, 0));
}

static int64_t m_lseek(int fd, int64_t offset, int whence) {
    if (whence < 0 || whence > 2)
        return fail_with(22);
    return done(lseek(fd, offset, whence));
}

static char *m_getcwd(char *to, size_t bytes) {
    return done(getcwd(to, bytes) ? 0 : -1) == 0 ? to : NULL;
}

static long m_mkdirat(int directory, const char *path, uint16_t mode) {
    return done(mkdirat(in(directory, path), path, mode));
}

static long m_readlinkat(int directory, const char *path, char *to, size_t bytes) {
    return done(readlinkat(in(directory, path), path, to, bytes));
}

static long m_renameat(int from, const char *path, int to, const char *to_path) {
    return done(renameat(in(from, path), path, in(to, to_path), to_path));
}

static long m_symlinkat(const char *target, int directory, const char *path) {
    return done(symlinkat(target, in(directory, path), path));
}

static long m_unlinkat(int directory, const char *path, int flags) {
    if (flags & ~M_AT_REMOVEDIR)
        broken("unlinkat with the flags %x", flags);
    if (unlinkat(in(directory, path), path, flags ? AT_REMOVEDIR : 0) == 0)
        return 0;
    return !flags && errno == EISDIR ? fail_with(1) : fail();
}

/* The system refuses pieces that are larger than an int together. */
static int pieces_fit(const struct iovec *pieces, int count) {
    size_t total = 0;
    if (count < 1 || count > 1024)
        return 0;
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_len > INT_MAX || (total += pieces[i].iov_len) > INT_MAX)
            return 0;
    }
    return 1;
}

static long m_readv(int fd, const struct iovec *pieces, int count) {
    return pieces_fit(pieces, count) ? done(readv(fd, pieces, count)) : fail_with(22);
}

static long m_writev(int fd, const struct iovec *pieces, int count) {
    return pieces_fit(pieces, count) ? done(writev(fd, pieces, count)) : fail_with(22);
}

static long m_preadv(int fd, const struct iovec *pieces, int count, int64_t offset) {
    return pieces_fit(pieces, count) ? done(preadv(fd, pieces, count, offset)) : fail_with(22);
}

static long m_pwritev(int fd, const struct iovec *pieces, int count, int64_t offset) {
    return pieces_fit(pieces, count) ? done(pwritev(fd, pieces, count, offset)) : fail_with(22);
}

static long m_write(int fd, const void *from, size_t bytes) {
    return bytes > INT_MAX ? fail_with(22) : done(write(fd, from, bytes));
}

/* On x86-64, functions whose structures have changed have another name. */
#ifdef __x86_64__
#define INODE64 "$INODE64"
#define NOCANCEL "$NOCANCEL"
#else
#define INODE64 ""
#define NOCANCEL ""
#endif

void *mac_file_function(const char *name) {
    static const struct function functions[] = {
        {"_close" NOCANCEL, m_close},
        {"_closedir", m_closedir},
        {"_fcntl", m_fcntl_variadic},
        {"_fdopendir" INODE64, m_fdopendir},
        {"_fstat" INODE64, m_fstat},
        {"_fstatat" INODE64, m_fstatat},
        {"_fsync", m_fsync},
        {"_ftruncate", m_ftruncate},
        {"_futimens", m_futimens},
        {"_getcwd", m_getcwd},
        {"_ioctl", m_ioctl_variadic},
        {"_isatty", m_isatty},
        {"_linkat", m_linkat},
        {"_lseek", m_lseek},
        {"_mkdirat", m_mkdirat},
        {"_openat", m_openat_variadic},
        {"_preadv", m_preadv},
        {"_pwritev", m_pwritev},
        {"_readdir" INODE64, m_readdir},
        {"_readlinkat", m_readlinkat},
        {"_readv", m_readv},
        {"_renameat", m_renameat},
        {"_rewinddir" INODE64, m_rewinddir},
        {"_symlinkat", m_symlinkat},
        {"_unlinkat", m_unlinkat},
        {"_utimensat", m_utimensat},
        {"_write", m_write},
        {"_writev", m_writev},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
