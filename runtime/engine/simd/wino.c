/*
 * Winograd's transforms, eight (sixteen, four) channels at once. With n = m + r - 1 points,
 * an m x m square of outputs of an r x r kernel costs n x n products instead of m x m x r x r.
 * After S. Winograd, "Arithmetic Complexity of Computations" (1980), and A. Lavin and S. Gray,
 * "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308). The points are
 * 0, 1, -1, infinity for n = 4; 0, plus and minus the roots of 1/2 and of 2, infinity for
 * n = 6, which round better than 1 and 2. The product of x - a over all other points a is
 * a point's row of B^T, its powers are its column of A^T; wino_pack.c has G and
 * train.c the way back.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"
#include "runtime/engine/simd/wino.h"

static inline __attribute__((always_inline)) void in_4(const vf *d, vf *t)
{
    t[0] = vf_sub(d[2], d[0]);
    t[1] = vf_add(d[2], d[1]);
    t[2] = vf_sub(d[2], d[1]);
    t[3] = vf_sub(d[3], d[1]);
}

static inline __attribute__((always_inline)) void in_6(const vf *d, vf *t)
{
    vf minus = vf_set(-2), half = vf_set(-.5f), both = vf_set(-2.5f);
    vf e1 = vf_fma(minus, d[2], d[4]), o1 = vf_mul(vf_set(LOW), vf_fma(minus, d[1], d[3]));
    vf e2 = vf_fma(half, d[2], d[4]), o2 = vf_mul(vf_set(HIGH), vf_fma(half, d[1], d[3]));

    t[0] = vf_fma(both, d[2], vf_add(d[0], d[4]));
    t[1] = vf_add(e1, o1);
    t[2] = vf_sub(e1, o1);
    t[3] = vf_add(e2, o2);
    t[4] = vf_sub(e2, o2);
    t[5] = vf_fma(both, d[3], vf_add(d[1], d[5]));
}

/* B^T d B. */
NN_WINO_SQUARE(nn_wino_in_4, in_4, 4, 4)
NN_WINO_SQUARE(nn_wino_in_6, in_6, 6, 6)

/* m sums of n products: all but the last are sums of powers of the points. */
static inline __attribute__((always_inline)) void out_4(const vf *x, vf *y, int m)
{
    vf even = vf_add(x[1], x[2]), odd = vf_sub(x[1], x[2]);

    y[0] = vf_add(x[0], even);
    y[1] = odd;
    y[m - 1] = vf_add(m == 2 ? odd : even, x[3]);
}

static inline __attribute__((always_inline)) void out_6(const vf *x, vf *y, int m)
{
    vf e1 = vf_add(x[1], x[2]), o1 = vf_sub(x[1], x[2]);
    vf e2 = vf_add(x[3], x[4]), o2 = vf_sub(x[3], x[4]);

    o1 = vf_mul(vf_set(LOW), o1);
    o2 = vf_mul(vf_set(HIGH), o2);
    y[0] = vf_add(vf_add(x[0], e1), e2);
    y[1] = vf_add(o1, o2);
    y[2] = vf_fma(vf_set(.5f), e1, vf_mul(vf_set(2), e2));
    y[3] = vf_fma(vf_set(.5f), o1, vf_mul(vf_set(2), o2));
    if (m == 5)
        y[4] = vf_fma(vf_set(.25f), e1, vf_mul(vf_set(4), e2));
    y[m - 1] = vf_add(y[m - 1], x[5]);
}

static inline __attribute__((always_inline))
void store(const struct nn_wino *t, int64_t at, int64_t c, vf s)
{
    int part = t->channels - c < NN_LANES ? (int)(t->channels - c) : 0;

    if (t->res)
        s = vf_add(s, part ? vf_load_part(t->res + at + c, part) : vf_load(t->res + at + c));
    if (t->slope)
        s = vf_fma(vf_min(s, vf_set(0)), vf_load(t->slope + c), vf_max(s, vf_set(0)));
    s = vf_min(vf_set(t->hi), vf_max(vf_set(t->lo), s));
    if (part)
        vf_store_part(t->y + at + c, s, part);
    else
        vf_store(t->y + at + c, s);
}

/* A^T x A, and what convolutions do to a sum before they store it. */
#define OUT(N, M)                                                               \
nn_wino_out NN_SIMD(nn_wino_out_##M);                                           \
void NN_SIMD(nn_wino_out_##M)(const struct nn_wino *w)                          \
{                                                                               \
    for (int64_t c = 0; c < w->channels; c += NN_LANES) {                       \
        vf t[M][N], bias = vf_load(w->bias + c);                                \
        NN_UNROLL for (int j = 0; j < N; j++) {                                 \
            vf x[N], y[M];                                                      \
            NN_UNROLL for (int i = 0; i < N; i++)                               \
                x[i] = vf_load(w->from + (i * N + j) * w->step + c);            \
            out_##N(x, y, M);                                                   \
            NN_UNROLL for (int i = 0; i < M; i++)                               \
                t[i][j] = y[i];                                                 \
        }                                                                       \
        NN_UNROLL for (int i = 0; i < M; i++) {                                 \
            vf y[M];                                                            \
            out_##N(t[i], y, M);                                                \
            NN_UNROLL for (int j = 0; j < M; j++)                               \
                if (w->at[i * M + j] >= 0)                                      \
                    store(w, w->at[i * M + j], c, vf_add(bias, y[j]));          \
        }                                                                       \
    }                                                                           \
}
OUT(4, 2)
OUT(4, 3)
OUT(6, 4)
OUT(6, 5)
