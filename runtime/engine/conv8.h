/*
 * conv8.h - convolution of whole numbers, for models whose values have eight bits.
 *
 * Where a convolution's input is rounded to a grid of uint8 and its weights stand
 * for int8 of seven bits, floats and integers give the same sums, and integers
 * give them in half the time (AVX2, measured: simd/tile8.c). Tensors stay floats
 * between nodes: a band of input becomes bytes when it is copied for padding
 * anyway, and sums become floats again when they are stored.
 */
#ifndef NN_RUNTIME_ENGINE_CONV8_H
#define NN_RUNTIME_ENGINE_CONV8_H

#include "runtime/engine/qdq.h"

enum { NN_SET8 = 16 };          /* output channels worked on at once */

/* Known at load. */
struct nn_conv8 {
    const struct nn_simd *simd;
    const struct nn_grid *out;  /* what its own values are rounded to, or NULL */
    int64_t cin, cout, kernel[2], stride[2], dilation[2];
    int64_t taps, run;          /* pieces of a pixel's input; bytes in each, padded to 4 */
    int merged;                 /* a piece is a row of the kernel; else a single tap */
    float in_scale, zero;       /* byte = value / in_scale + zero */
    const int8_t *packed;       /* set x taps x run / 4 x 16 x 4 */
    const int32_t *init;        /* of a channel: what the input's zero point takes away */
    const float *scale, *bias, *slope;  /* of a channel, padded to whole sets; slope may be NULL */
};

/* For a Conv with the float weights `w` and f->whole; *out stays NULL where floats
 * are as good or the only way. -1 without memory. */
int nn_conv8_new(struct nn_arena *a, const struct nn_simd *s, const struct nn_node *n,
                 const struct nn_tensor *w, const struct nn_fused *f, struct nn_conv8 **out);

#endif
