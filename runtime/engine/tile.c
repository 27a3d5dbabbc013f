/* The inner product of everything heavy: a 6 x 16 tile in registers. */
#include <string.h>

#include "runtime/engine/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

/* 12 accumulators, 2 vectors of b, broadcasts of a: 15 of 16 registers. */
__attribute__((target("avx2,fma")))
static void tile_avx2(int64_t k, const float *a, const float *b, float *c)
{
    __m256 acc[NN_TILE_ROWS][2];

#pragma GCC unroll 6
    for (int r = 0; r < NN_TILE_ROWS; r++)
        acc[r][0] = acc[r][1] = _mm256_setzero_ps();
    for (int64_t i = 0; i < k; i++, a += NN_TILE_ROWS, b += NN_TILE_COLS) {
        __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
#pragma GCC unroll 6
        for (int r = 0; r < NN_TILE_ROWS; r++) {
            __m256 x = _mm256_broadcast_ss(a + r);
            acc[r][0] = _mm256_fmadd_ps(x, b0, acc[r][0]);
            acc[r][1] = _mm256_fmadd_ps(x, b1, acc[r][1]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < NN_TILE_ROWS; r++) {
        _mm256_storeu_ps(c + r * NN_TILE_COLS, acc[r][0]);
        _mm256_storeu_ps(c + r * NN_TILE_COLS + 8, acc[r][1]);
    }
}
#endif

/* Any machine: three rows at a time, so that the sums stay in 128-bit registers. */
static void tile_plain(int64_t k, const float *a, const float *b, float *c)
{
    for (int half = 0; half < NN_TILE_ROWS; half += 3) {
        float acc[3][NN_TILE_COLS] = { { 0 } };
        for (int64_t i = 0; i < k; i++)
            for (int r = 0; r < 3; r++)
                for (int j = 0; j < NN_TILE_COLS; j++)
                    acc[r][j] += a[i * NN_TILE_ROWS + half + r] * b[i * NN_TILE_COLS + j];
        memcpy(c + half * NN_TILE_COLS, acc, sizeof acc);
    }
}

nn_tile *nn_tile_choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return tile_avx2;
#endif
    return tile_plain;
}
