// Clocks, sleeping, random bytes and polling: what differs between runs is only tested for sense.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t)) return -1;
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
    printf("real time is after 2020: %d\n", now(CLOCK_REALTIME) > 1577836800LL * 1000000000LL);
    long long start = now(CLOCK_MONOTONIC);
    struct timespec resolution;
    printf("resolution: %d\n", clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_nsec > 0);
    struct timespec pause = {0, 30000000};
    printf("nanosleep: %d\n", nanosleep(&pause, NULL));
    long long slept = now(CLOCK_MONOTONIC) - start;
    printf("slept long enough: %d, but not too long: %d\n", slept >= 30000000, slept < 5000000000LL);
    unsigned char a[300] = {0}, b[300] = {0};
    for (int i = 0; i < 300; i += 100) if (getentropy(a + i, 100) || getentropy(b + i, 100)) printf("no entropy\n");
    int nonzero = 0;
    for (int i = 0; i < 300; i++) nonzero += a[i] != 0;
    printf("random: %d %d\n", nonzero > 200, memcmp(a, b, 300) != 0);
    struct pollfd descriptor = {1, POLLOUT, 0};
    printf("poll: %d", poll(&descriptor, 1, 1000));
    printf(" %d\n", (descriptor.revents & POLLOUT) != 0);
    return 0;
}
