// Looks at everything below the directories in its arguments in every way, and tries to change it. Prints
// the same of a bundle as of a granted directory with the same contents.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <wasi/api.h>

static const char *type(mode_t mode) {
    return S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : S_ISREG(mode) ? "file" : "other";
}

// What can be read, in pieces of different sizes, and its sum.
static void contents(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("  open: %s\n", strerror(errno));
        return;
    }
    unsigned sum = 0;
    long total = 0;
    char a[7], b[100];
    struct iovec pieces[] = {{a, sizeof a}, {NULL, 0}, {b, sizeof b}};
    for (ssize_t n; (n = readv(fd, pieces, 3)) > 0; total += n)
        for (ssize_t i = 0; i < n; i++) sum = sum * 31 + (unsigned char)(i < 7 ? a[i] : b[i - 7]);
    printf("  %ld bytes, sum %u, at %lld\n", total, sum, (long long)lseek(fd, 0, SEEK_CUR));
    char c = '?';
    ssize_t n = pread(fd, &c, 1, total / 2);
    printf("  pread %zd %c", n, n > 0 ? c : '-');
    printf(", beyond %zd", pread(fd, &c, 1, total + 10));
    printf(", seek %lld", (long long)lseek(fd, -1, SEEK_END));
    printf(", far %lld", (long long)lseek(fd, 1000, SEEK_END));
    n = read(fd, &c, 1);
    printf(", read %zd", n);
    printf(", negative %lld", (long long)lseek(fd, -1, SEEK_SET));
    printf(", write %zd %d", write(fd, "x", 1), errno);
    struct stat status;
    int result = fstat(fd, &status);
    printf(", fstat %d %s %lld", result, type(status.st_mode), (long long)status.st_size);
    __wasi_fdstat_t fdstat;
    result = __wasi_fd_fdstat_get(fd, &fdstat);
    printf(", fdstat %d %d %d", result, fdstat.fs_filetype, fdstat.fs_flags);
    printf(", readdir %d", __wasi_fd_readdir(fd, (uint8_t *)b, sizeof b, 0, &(__wasi_size_t){0}));
    printf(", openat %d", openat(fd, "x", O_RDONLY) < 0 ? errno : 0);
    printf(", close %d %d\n", close(fd), close(fd));
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The names in a directory by fd_readdir with a buffer for few of them; how many.
static int list(int fd, char **names) {
    int count = 0;
    __wasi_dircookie_t cookie = 0;
    for (;;) {
        uint8_t buffer[300];
        __wasi_size_t used;
        int error = __wasi_fd_readdir(fd, buffer, sizeof buffer, cookie, &used);
        if (error) {
            printf("  readdir: %d\n", error);
            return count;
        }
        __wasi_size_t at = 0;
        while (used - at >= 24) {
            __wasi_dirent_t entry;
            memcpy(&entry, buffer + at, 24);
            if (used - at - 24 < entry.d_namlen) break;
            names[count++] = strndup((char *)buffer + at + 24, entry.d_namlen);
            at += 24 + entry.d_namlen;
            cookie = entry.d_next;
        }
        if (used < sizeof buffer) return count;
    }
}

static void walk(const char *path) {
    struct stat status;
    if (lstat(path, &status) < 0) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    printf("%s: %s", path, type(status.st_mode));
    if (S_ISLNK(status.st_mode)) {
        char target[200], part[3];
        ssize_t n = readlink(path, target, sizeof target);
        printf(" to %.*s (%zd, %zd)", (int)n, target, n, readlink(path, part, sizeof part));
        int result = stat(path, &status);
        printf(", %s\n", result < 0 ? strerror(errno) : type(status.st_mode));
    } else if (S_ISREG(status.st_mode)) {
        printf(" of %lld\n", (long long)status.st_size);
        contents(path);
    } else {
        printf("\n");
        int fd = open(path, O_RDONLY | O_DIRECTORY);
        char *names[1000];
        int count = list(fd, names);
        close(fd);
        qsort(names, count, sizeof *names, by_name);
        for (int i = 0; i < count; i++) {
            if (!strcmp(names[i], ".") || !strcmp(names[i], "..")) continue;
            char *child;
            asprintf(&child, "%s/%s", path, names[i]);
            walk(child);
            free(child);
        }
    }
}

// The last are looked for beneath a directory, not by the C library's grants.
static const char *paths[] = {
    "file", "file/", "file/.", "file/x", "missing", "missing/x", "sub", "sub/", "sub/.", "sub/..", "sub/../file",
    "./sub//deep/../deep/x", "sub/deep/../../..", "..", "../x", ".", "", "/", "/etc/passwd", "link", "link/",
    "dirlink", "dirlink/", "dirlink/x", "dangling", "loop", "loop/x", "out", "out/x", "absolute", "up", "up/file",
    "sub/back", "sub/back/sub/deep/x",
};

static void lookups(const char *base) {
    int root = open(base, O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *path = paths[i];
        struct stat status;
        printf("[%s]", path);
        __wasi_filestat_t raw;
        int error = __wasi_path_filestat_get(root, 1, path, &raw);
        printf(" stat %d %d", error, error ? -1 : raw.filetype);
        error = __wasi_path_filestat_get(root, 0, path, &raw);
        printf(" lstat %d %d", error, error ? -1 : raw.filetype);
        static const struct { int lookup, open; unsigned rights; int fdflags; } ways[] = {
            {1, 0, 2, 0}, {0, 0, 2, 0}, {1, 2, 2, 0}, {1, 0, 64, 0}, {1, 1, 66, 0}, {1, 5, 66, 0}, {1, 8, 66, 0}, {1, 16, 2, 0},
        };
        printf(" open");
        for (unsigned j = 0; j < sizeof ways / sizeof *ways; j++) {
            __wasi_fd_t fd;
            error = __wasi_path_open(root, ways[j].lookup, path, ways[j].open, ways[j].rights, 0, ways[j].fdflags, &fd);
            printf(" %d", error);
            if (!error) close(fd);
        }
        uint8_t target[100];
        __wasi_size_t length;
        printf(" readlink %d", __wasi_path_readlink(root, path, target, sizeof target, &length));
        printf(" change");
        printf(" %d", __wasi_path_create_directory(root, path));
        printf(" %d", __wasi_path_unlink_file(root, path));
        printf(" %d", __wasi_path_remove_directory(root, path));
        printf(" %d", __wasi_path_rename(root, path, root, "other"));
        printf(" %d", __wasi_path_link(root, 0, path, root, "other"));
        printf(" %d", __wasi_path_symlink("x", root, path));
        printf(" %d\n", __wasi_path_filestat_set_times(root, 1, path, 0, 0, 2));
    }
    close(root);
}

// Changes to what lies over the bundle of the tests, and to what doesn't.
static void changes(const char *base) {
    int root = open(base, O_RDONLY | O_DIRECTORY);
#define TRY(call) printf("%s: %s\n", #call, (call) == -1 ? strerror(errno) : "done")
    TRY(mkdirat(root, "empty", 0777));
    TRY(mkdirat(root, "sub", 0777));
    TRY(mkdirat(root, "empty/new", 0777));
    TRY(mkdirat(root, "many/new", 0777));
    TRY(symlinkat("x", root, "zero"));
    TRY(symlinkat("x", root, "empty/new"));
    TRY(linkat(root, "file", root, "zero", 0));
    TRY(linkat(root, "zero", root, "new", 0));
    TRY(unlinkat(root, "zero", 0));
    TRY(unlinkat(root, "missing", 0));
    TRY(unlinkat(root, "empty", AT_REMOVEDIR));
    TRY(renameat(root, "zero", root, "new"));
    TRY(renameat(root, "file", root, "empty/file"));
    TRY(renameat(root, "own", root, "empty"));
    TRY(open("/d/zero", O_WRONLY));
    TRY(openat(root, "zero", O_RDWR | O_CREAT));
    TRY(openat(root, "zero", O_WRONLY | O_CREAT | O_EXCL));
    TRY(openat(root, "empty", O_WRONLY | O_CREAT | O_TRUNC));
    TRY(openat(root, "empty/new", O_WRONLY | O_CREAT));
    TRY(openat(root, "empty/../sub/large", O_WRONLY | O_CREAT));
    TRY(utimensat(root, "zero", (struct timespec[]){{1, 0}, {1, 0}}, 0));
    // These hide what is in the bundle.
    TRY(openat(root, "zero", O_WRONLY | O_CREAT | O_TRUNC));
    TRY(renameat(root, "file", root, "dirlink"));
    TRY(unlinkat(root, "file", 0));
    close(root);
}

// Links of one lead to what only the other has, and to what hides what they led to.
static void links(const char *base) {
    static const char *names[] = {"link", "lower-to-upper", "upper-to-lower", "hidden/x", "up/up/file", "moved/x"};
    int root = open(base, O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        char text[20] = "", target[20] = "";
        int fd = openat(root, names[i], O_RDONLY);
        if (fd < 0) snprintf(text, sizeof text, "%s", strerror(errno));
        else if (read(fd, text, sizeof text - 1) < 0) snprintf(text, sizeof text, "no read: %d", errno);
        close(fd);
        struct stat status;
        int found = fstatat(root, names[i], &status, 0) == 0 ? (int)status.st_size : -1;
        readlinkat(root, names[i], target, sizeof target - 1);
        printf("%s: %s, %d, %s\n", names[i], strtok(text, "\n"), found, target);
    }
    close(root);
}

// Waiting for a file of the bundle, and its flags.
static void ready(const char *path) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_APPEND);
    printf("flags %d", fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND));
    printf(" set %d", fcntl(fd, F_SETFL, O_APPEND));
    printf(" flags %d\n", fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND));
    for (int end = 0; end < 2; end++) {
        __wasi_subscription_t in[] = {
            {.userdata = 1, .u = {.tag = __WASI_EVENTTYPE_FD_READ, .u.fd_read.file_descriptor = fd}},
            {.userdata = 2, .u = {.tag = __WASI_EVENTTYPE_FD_WRITE, .u.fd_write.file_descriptor = fd}},
        };
        __wasi_event_t out[2];
        __wasi_size_t count = 0;
        int error = __wasi_poll_oneoff(in, out, 2, &count);
        printf("poll %d %d", error, (int)count);
        for (unsigned i = 0; i < count; i++)
            printf(", %d %d %d", (int)out[i].userdata, out[i].error, out[i].fd_readwrite.flags);
        printf("\n");
        lseek(fd, 0, SEEK_END);
    }
    int result = ftruncate(fd, 0);
    printf("truncate %d %d", result, errno);
    printf(" advise %d", __wasi_fd_advise(fd, 0, 10, 3));
    printf(" allocate %d", __wasi_fd_allocate(fd, 0, 10));
    printf(" times %d", __wasi_fd_filestat_set_times(fd, 0, 0, 2));
    int other = open(path, O_RDONLY);
    printf(" renumber %d", __wasi_fd_renumber(fd, other));
    printf(" position %lld", (long long)lseek(other, 0, SEEK_CUR));
    printf(" sync %d %d close %d %d\n", fsync(other), fdatasync(other), close(other), close(fd));
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "change")) {
        changes(argv[2]);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "links")) {
        links(argv[2]);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "ready")) {
        ready(argv[2]);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "count")) {
        int count = 0;
        DIR *directory = opendir(argv[2]);
        while (readdir(directory)) count++;
        printf("%d\n", count);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "walk")) {
        walk(argv[2]);
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "read")) {
        contents(argv[2]);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        walk(argv[i]);
        lookups(argv[i]);
    }
    return 0;
}
