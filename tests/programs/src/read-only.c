// Tries every way to change something in a directory that is granted for reading only.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(const char *path) {
    FILE *file = fopen(path, "r");
    char line[100] = "nothing\n";
    if (file && fgets(line, sizeof line, file)) fclose(file);
    printf("%s: %s", path, line);
}

static void attempt(const char *what, int result) { printf("%s: %s\n", what, result < 0 ? "refused" : "done"); }

int main(void) {
    show("/given/file.txt");
    attempt("write", open("/given/file.txt", O_WRONLY));
    attempt("append", open("/given/file.txt", O_RDWR | O_APPEND));
    attempt("create", open("/given/new.txt", O_WRONLY | O_CREAT, 0666));
    attempt("mkdir", mkdir("/given/directory", 0777));
    attempt("unlink", unlink("/given/file.txt"));
    attempt("rename", rename("/given/file.txt", "/given/other.txt"));
    attempt("truncate", open("/given/file.txt", O_RDONLY | O_TRUNC));
    show("/given/file.txt");
    return 0;
}
