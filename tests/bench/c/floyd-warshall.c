// PolyBench's floyd-warshall: shortest paths between all pairs, on integers.
#include <stdio.h>
#include <stdlib.h>

#define N 720
static int path[N][N];

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    long sum = 0;
    for (int r = 0; r < rounds; r++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                path[i][j] = i * j % 7 + 1 + r;
                if ((i + j) % 13 == 0 || (i + j) % 7 == 0 || (i + j) % 11 == 0) path[i][j] = 999;
            }
        for (int k = 0; k < N; k++)
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++) {
                    int through = path[i][k] + path[k][j];
                    path[i][j] = path[i][j] < through ? path[i][j] : through;
                }
        for (int i = 0; i < N; i++) sum += path[i][(i * 5) % N];
    }
    printf("%ld\n", sum);
    return 0;
}
