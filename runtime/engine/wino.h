/*
 * wino.h - convolutions by Winograd's way: squares of pixels are transformed, every point
 * of them is multiplied with its own weights, and the products are transformed back
 * (simd/wino.c says whose idea that is). The phases of an enlarging convolution see the
 * same squares, so they share the first transform and one product.
 *
 * Sums come out up to 2e-6 of the largest away from exact ones (measured).
 */
#ifndef NN_ENGINE_WINO_H
#define NN_ENGINE_WINO_H

#include "runtime/engine/conv.h"

/* Transformed weights for squares of m x m outputs. */
struct nn_wino_weights {
    struct nn_wino_weights *next;
    int m;
    const float *packed;        /* n x n points x cin x (phases x cout, packed) */
};

/* Side of the kernel that all phases of `c` have (2 or 3), or 0: not for this way. */
int nn_wino_side(const struct nn_conv *c);
/* Those for m, made when first asked for; NULL: out of memory. */
const struct nn_wino_weights *nn_wino_pack(struct nn_conv *c, int m);

/* What the transform of weights needs to know; g by nn_wino_g(). */
struct nn_wino_kernel {
    const struct nn_simd *simd;
    int side, n, phases;        /* of the kernel; points in a row */
    int64_t cin, cout;
    float g[NN_WINO_MOST][3];
};
/* G of n points (4, 6) for kernels of `side` (2, 3). */
void nn_wino_g(int n, int side, float g[NN_WINO_MOST][3]);
/* All points of the weights of input channel i, to[n x n points][cin x (phases x cout, packed)].
 * weight: its first row of cout; the next tap's is `step` floats on, the next phase's side x
 * side steps. room: 4 x phases x cout floats. */
void nn_wino_transform(const struct nn_wino_kernel *k, int64_t i, const float *weight, int64_t step,
                       float *room, float *to);

/* Takes the task over if that is faster: 1. 0: no; -1: out of memory. `from` and `to`: per phase
 * the rows and columns i of outputs (i * up + oy - shift) that exist. */
struct nn_wino_sizes {
    int64_t n, h, w, oh, ow;
    int64_t pad[2], shift[2];
    const int64_t (*from)[2], (*to)[2];
};
int nn_wino_prepare(struct nn_task *t, struct nn_conv *c, const struct nn_wino_sizes *z);

#endif
