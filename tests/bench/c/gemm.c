// PolyBench's gemm: C = alpha * A * B + beta * C.
#include <stdio.h>
#include <stdlib.h>

#define N 640
static double A[N][N], B[N][N], C[N][N];

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            C[i][j] = (double)((i * j + 1) % N) / N;
            A[i][j] = (double)(i * (j + 1) % N) / N;
            B[i][j] = (double)(i * (j + 2) % N) / N;
        }
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) C[i][j] *= 1.2;
            for (int k = 0; k < N; k++)
                for (int j = 0; j < N; j++) C[i][j] += 1.5 * A[i][k] * B[k][j];
        }
    double sum = 0;
    for (int i = 0; i < N; i++) sum += C[i][(i * 7) % N];
    printf("%.6f\n", sum);
    return 0;
}
