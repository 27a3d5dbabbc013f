/*
 * kernel.h - how the engine talks to its kernels.
 *
 * A task is one node, prepared for one set of shapes: prepare_X() looks at the
 * shapes, picks a run function, keeps what it needs in the plan's arena and
 * states the scratch memory it wants; run() then only computes. Values are
 * NCHW. ref_*.c hold plain kernels, conv.c and gemm.c the fast ones.
 */
#ifndef NN_RUNTIME_ENGINE_KERNEL_H
#define NN_RUNTIME_ENGINE_KERNEL_H

#include "common/pool.h"
#include "runtime/engine/simd/simd.h"
#include "runtime/onnx/infer.h"

struct nn_conv;
struct nn_conv8;
struct nn_grid;
struct nn_whole;

/* What a convolution does to each value before it stores it. */
struct nn_fused {
    int skip;                   /* the node went into a later one */
    const float *weight;        /* not NULL: weights with BatchNorm folded in */
    const float *bias;          /* NULL: zeros */
    int residual;               /* tensor added, -1: none */
    int act;                    /* something of the following is not neutral */
    float lo, hi;               /* clip; infinities: none */
    const float *slope;         /* for negative values, one a channel; or NULL */
    const struct nn_grid *grid; /* of a DequantizeLinear that rounds floats (qdq.h) */
    const struct nn_whole *whole;   /* of a Conv: the integers that its floats stand for (qdq.h) */
    struct nn_conv8 *conv8;     /* ready to work with these; NULL: floats it is */
    struct nn_conv *upsampled;  /* the same of the picture before upsampling by 2, or NULL */
    struct nn_conv *conv;       /* ready for the vector kernels; NULL: it is not */
};

struct nn_task {
    int64_t opset;
    const struct nn_node *node;
    int nin;
    struct nn_tensor **in;      /* NULL: absent */
    uint32_t constant;          /* bit k: input k never changes */
    int *in_form, *out_form;    /* the plan's numbers for in[] and outs[] */
    int residual_form;
    int nout;
    struct nn_tensor **outs;    /* NULL: absent, or used by nobody */
    struct nn_tensor *out;      /* the first, always there */
    int makes;                  /* outputs that run() fills: 1, unless prepare says more */
    struct nn_tensor *residual; /* or NULL */
    int nhwc;                   /* tensors of rank 4 stand as N, H, W, C */
    int planar;                 /* but input 0 of this convolution is as it was */
    int upsampled;              /* input 0 is the picture before upsampling by 2 */
    struct nn_task *before;     /* a depthwise task whose output, input 0, is made row by row */
    const struct nn_fused *fused;
    const struct nn_simd *simd;
    struct nn_pool *pool;
    struct nn_arena *arena;     /* the plan's */
    int number;                 /* of the node in the graph */
    void *state;
    size_t scratch;             /* bytes wanted */
    void *memory;               /* given before run() */
    void (*run)(struct nn_task *t);
    /* Not NULL: a value of the output needs only the values at its place of the inputs (or all
     * of those that have fewer). Makes `n` values from `from` on, both multiples of unit (0 is
     * 1); in[k] points to the first of an input that has as many, else to all of it. chain.c. */
    void (*piece)(const struct nn_task *t, const float *const *in, float *out, int64_t from,
                  int64_t n);
    int64_t unit;
};

/* NULL, or why the node cannot run. */
typedef const char *nn_prepare(struct nn_task *t);

#define OP(name, lo, hi, shape, kernel) nn_prepare prepare_##kernel;
#include "runtime/onnx/ops.def"
#undef OP
/* Those of NHWC pictures. */
nn_prepare prepare_nhwc_conv, prepare_nhwc_conv8, prepare_nhwc_depthwise, prepare_nhwc_pool,
    prepare_nhwc_global, prepare_nhwc_norm, prepare_nhwc_resize;

/* Runs work(t, from, to) over pieces of 0..rows, on the pool where it pays:
 * `cost` is about the operations a row. Results must not depend on the cut. */
void nn_task_rows(struct nn_task *t, int64_t rows, int64_t cost,
                  void (*work)(struct nn_task *t, int64_t from, int64_t to));
int nn_op_is(const struct nn_task *t, const char *op);
static inline int64_t nn_count(const struct nn_tensor *t)
{
    return nn_tensor_elements(t);
}
/* Product of dimensions from..to. */
int64_t nn_dims(const struct nn_tensor *t, int from, int to);

#endif
