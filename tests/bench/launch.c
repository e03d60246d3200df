// Runs a program a number of times and writes, for each run, a line with what it took:
//   nanoseconds of wall time, microseconds of user and of system time, KiB of peak memory, status
//
//   launch RESULT RUNS INPUT OUTPUT PROGRAM ARGUMENT...
//
// Linux counts what the parent of a process had resident to the process, until it executes its own
// program. This one is small, so that the peak memory of small programs can be measured.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    FILE *result = fopen(argv[1], "we");
    if (!result) return 2;
    for (int run = atoi(argv[2]); run > 0; run--) {
        long long start = now();
        pid_t child = vfork();
        if (child == 0) {
            int in = open(argv[3], O_RDONLY), out = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC, 0666);
            if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0) _exit(126);
            close(in);
            close(out);
            execvp(argv[5], argv + 5);
            _exit(127);
        }
        int status;
        struct rusage usage;
        if (child < 0 || wait4(child, &status, 0, &usage) != child) return 2;
        long long wall = now() - start;
        fprintf(result, "%lld %lld %lld %ld %d\n", wall, usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
                usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec, usage.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    return fclose(result) ? 2 : 0;
}
