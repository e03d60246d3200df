// Files and directories under a granted directory, and what is refused outside of it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void report(const char *what, int result) {
    printf("%s: %s\n", what, result == 0 ? "ok" : strerror(errno));
}

static void put(const char *path, const char *mode, const char *text) {
    FILE *file = fopen(path, mode);
    if (!file) {
        report(path, -1);
        return;
    }
    fputs(text, file);
    report(path, fclose(file));
}

static void show(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) {
        report(path, -1);
        return;
    }
    char line[200];
    for (int number = 1; fgets(line, sizeof line, file); number++) printf("%s:%d: %s", path, number, line);
    fclose(file);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) {
        report(path, -1);
        return;
    }
    char *names[300];
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) && count < 300;)
        if (entry->d_name[0] != '.') names[count++] = strdup(entry->d_name);
    closedir(directory);
    qsort(names, count, sizeof *names, by_name);
    printf("%s has %d:", path, count);
    for (int i = 0; i < count && i < 12; i++) printf(" %s", names[i]);
    printf("\n");
}

static void inspect(const char *path) {
    struct stat s;
    if (stat(path, &s)) {
        report(path, -1);
        return;
    }
    printf("%s: %s, %lld bytes, %s\n", path, S_ISDIR(s.st_mode) ? "directory" : S_ISREG(s.st_mode) ? "file" : "other",
           S_ISDIR(s.st_mode) ? 0LL : (long long)s.st_size, s.st_mtime > 1000000000 ? "dated" : "undated");
}

int main(void) {
    show("/work/input.txt");
    put("/work/output.txt", "w", "first line\nsecond line\n");
    put("/work/output.txt", "a", "third line\n");
    show("/work/output.txt");
    report("mkdir", mkdir("/work/sub", 0777));
    report("mkdir again", mkdir("/work/sub", 0777));
    for (int i = 0; i < 150; i++) {
        char path[64];
        snprintf(path, sizeof path, "/work/sub/file-with-a-rather-long-name-%03d.txt", i);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (fd < 0 || write(fd, path, i) != i || close(fd)) report(path, -1);
    }
    list("/work/sub");
    list("/work");
    for (int i = 0; i < 150; i++) {
        char path[64];
        snprintf(path, sizeof path, "/work/sub/file-with-a-rather-long-name-%03d.txt", i);
        if (i % 25 && unlink(path)) report(path, -1);
    }
    list("/work/sub");
    report("rename", rename("/work/sub/file-with-a-rather-long-name-025.txt", "/work/renamed.txt"));
    inspect("/work/renamed.txt");
    inspect("/work/sub");
    inspect("/work/missing");
    report("rmdir of a full directory", rmdir("/work/sub"));
    report("symlink", symlink("output.txt", "/work/link"));
    show("/work/link");
    char target[64] = {0};
    printf("readlink: %zd %s\n", readlink("/work/link", target, sizeof target - 1), target);

    int fd = open("/work/binary", O_RDWR | O_CREAT | O_TRUNC, 0666);
    char block[1000];
    for (int i = 0; i < 1000; i++) block[i] = (char)(i * 7);
    for (int i = 0; i < 50; i++) if (write(fd, block, 1000) != 1000) report("write", -1);
    printf("seek: %lld", (long long)lseek(fd, -123, SEEK_END));
    printf(" %lld", (long long)lseek(fd, 100, SEEK_SET));
    printf(" %lld\n", (long long)lseek(fd, 5, SEEK_CUR));
    printf("pwrite: %zd\n", pwrite(fd, "inserted", 8, 4321));
    char back[16] = {0};
    printf("pread: %zd %s\n", pread(fd, back, 8, 4321), back);
    report("ftruncate", ftruncate(fd, 31415));
    report("fsync", fsync(fd));
    report("close", close(fd));
    report("close again", close(fd));
    inspect("/work/binary");

    show("/etc/passwd");
    show("/work/../outside.txt");
    show("../outside.txt");
    put("/elsewhere.txt", "w", "no\n");
    report("escape by symlink", symlink("../outside.txt", "/work/way-out"));
    show("/work/way-out");
    put("/read-only/new.txt", "w", "no\n");
    show("/read-only/given.txt");
    return 0;
}
