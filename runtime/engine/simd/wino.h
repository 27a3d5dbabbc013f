/*
 * wino.h - what Winograd's transforms there and back share (wino.c, train.c).
 */
#ifndef NN_ENGINE_SIMD_WINO_H
#define NN_ENGINE_SIMD_WINO_H

#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

/* The smaller and the larger root of n = 6. */
static const float LOW = 0.70710678f, HIGH = 1.41421356f;

/* NAME: m x m pixels to n x n points by LINE, which makes n of m: columns, then rows. */
#define NN_WINO_SQUARE(NAME, LINE, N, M)                                        \
nn_wino_in NN_SIMD(NAME);                                                       \
void NN_SIMD(NAME)(const float *const *at, float *to, int64_t channels, int64_t step) \
{                                                                               \
    for (int64_t c = 0; c + NN_LANES <= channels; c += NN_LANES) {              \
        vf t[N][M];                                                             \
        NN_UNROLL for (int j = 0; j < M; j++) {                                 \
            vf d[M], x[N];                                                      \
            NN_UNROLL for (int i = 0; i < M; i++)                               \
                d[i] = vf_load(at[i * M + j] + c);                              \
            LINE(d, x);                                                         \
            NN_UNROLL for (int i = 0; i < N; i++)                               \
                t[i][j] = x[i];                                                 \
        }                                                                       \
        NN_UNROLL for (int i = 0; i < N; i++) {                                 \
            vf x[N];                                                            \
            LINE(t[i], x);                                                      \
            NN_UNROLL for (int j = 0; j < N; j++)                               \
                vf_store(to + (i * N + j) * step + c, x[j]);                    \
        }                                                                       \
    }                                                                           \
}

#endif
