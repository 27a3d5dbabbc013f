/*
 * conv.h - convolution as products of pixels and packed weights, NHWC.
 *
 * Every convolution is one or more phases. A plain one has a single phase; a
 * transposed one has a phase for each of its stride's offsets, which is a small
 * plain convolution whose outputs lie `stride` apart (so no zero is multiplied);
 * a nearest upsampling in front of a convolution becomes phases as well.
 * Weights are packed once, when the first plan says in which way; a plan adds what depends on
 * sizes.
 */
#ifndef NN_ENGINE_CONV_H
#define NN_ENGINE_CONV_H

#include "runtime/engine/kernel.h"
#include "runtime/engine/simd/simd.h"

enum { NN_MAX_PHASES = 16, NN_MAX_TAPS = 64 };

/* Output pixel (i * up + oy, j * up + ox) sees input pixels (i * stride + dy, j * stride + dx). */
struct nn_phase {
    int oy, ox;
    int taps;
    int16_t dy[NN_MAX_TAPS], dx[NN_MAX_TAPS];
    const float *packed;        /* group x column sets x taps x cg x (vectors * lanes), or NULL */
};

/* What is known at load. */
struct nn_conv {
    const struct nn_simd *simd;
    int64_t group, cg, og, cout;
    int64_t stride[2], up[2];
    int phases;
    struct nn_phase *phase;
    const float *bias, *slope;  /* group x padded og; slope may be NULL */
    int depthwise;
    const float *depth;         /* taps x cout, for the depthwise kernel */
    int64_t kernel[2], dilation[2];
    struct nn_arena *arena;     /* the net's, for weights that a plan asks for */
    struct nn_wino_weights *wino;
    const float *weight;        /* as the model has them; for phases: */
    void (*gather)(const struct nn_conv *c, int phase, float *w);   /* to w[group][tap][i][o] */
};

/* Does each output pixel see just the input pixel at its place? */
static inline int nn_conv_pointwise(const struct nn_conv *c)
{
    return c->phases == 1 && c->kernel[0] * c->kernel[1] * c->stride[0] * c->stride[1] == 1;
}

/* Columns are cut into sets of 1 to 3 vectors: 5 are 2 + 3. How many the next set takes. */
static inline int nn_columns(int64_t vectors)
{
    return vectors == 3 || vectors == 1 ? (int)vectors : 2;
}
static inline int64_t nn_vectors(int64_t channels, int lanes)
{
    return (channels + lanes - 1) / lanes;
}

/* Packs matrix `w` of k rows and `n` columns (strides in floats) into column sets. */
void nn_pack(const struct nn_simd *s, int64_t k, int64_t n, const float *w, int64_t row,
             int64_t col, float *to);
/* Packs what gather() gives of all phases, unless that is done. 0, -1: out of memory. */
int nn_conv_pack(struct nn_conv *c);
/* `n` values padded with zeros to whole vectors, group by group. */
float *nn_pad_channels(struct nn_arena *a, const struct nn_simd *s, const float *v, int64_t group,
                       int64_t n);

/* Rows first..last of picture `b` of a prepared depthwise task, to `y` instead of its output. */
void nn_depth_rows(const struct nn_task *t, int64_t b, int64_t first, int64_t last, float *y);

/* Is this prepared NHWC Resize or Upsample the nearest one by 2? */
int nn_resize_doubles(const struct nn_task *t);

/* A Conv with weights `w` (O x I/group x KH x KW), unless `f` has others; NULL: out of memory. */
struct nn_conv *nn_conv_new(struct nn_arena *a, const struct nn_simd *s, const struct nn_node *n,
                            const struct nn_tensor *w, const struct nn_fused *f);
/* A ConvTranspose of one group with weights I x O x KH x KW; at most NN_MAX_PHASES phases. */
struct nn_conv *nn_conv_transposed(struct nn_arena *a, const struct nn_simd *s,
                                   const struct nn_node *n, const struct nn_tensor *w,
                                   const struct nn_fused *f);
/* A Conv of 3 x 3, stride 1, padded by 1, that takes the picture before nearest upsampling by 2:
 * four phases of 2 x 2, whose weights are sums. 2.25 times fewer multiplications. */
struct nn_conv *nn_conv_upsampled(struct nn_arena *a, const struct nn_simd *s,
                                  const struct nn_tensor *w, const struct nn_fused *f);

#endif
