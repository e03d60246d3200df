// PolyBench's lu: decomposition without pivoting; short inner loops of changing length.
#include <stdio.h>
#include <stdlib.h>

#define N 800
static double A[N][N];

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    double sum = 0;
    for (int r = 0; r < rounds; r++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) A[i][j] = i == j ? N + r : (double)((i * 3 + j * 7) % 11) / 13;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < i; j++) {
                for (int k = 0; k < j; k++) A[i][j] -= A[i][k] * A[k][j];
                A[i][j] /= A[j][j];
            }
            for (int j = i; j < N; j++)
                for (int k = 0; k < i; k++) A[i][j] -= A[i][k] * A[k][j];
        }
        for (int i = 0; i < N; i++) sum += A[i][(i * 11) % N];
    }
    printf("%.6f\n", sum);
    return 0;
}
