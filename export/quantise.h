/*
 * quantise.h - a float graph as one of eight bits, in ONNX's QDQ form.
 *
 * Convolutions and matrix products get int8 weights, symmetric, a scale for each
 * output channel, and int32 biases; the values between them are rounded to
 * uint8 with one scale and zero point a tensor. All of it is said by pairs of
 * QuantizeLinear and DequantizeLinear around float operators, so that any
 * runtime understands it; one that has integer kernels fuses the pairs.
 * (ONNX operators/QuantizeLinear; Jacob et al., arXiv 1712.05877.)
 */
#ifndef NN_EXPORT_QUANTISE_H
#define NN_EXPORT_QUANTISE_H

#include "export/calibrate.h"

struct nn_quantise {
    int n;
    int *tensor;            /* of the graph: rounded to eight bits */
    int *like;              /* index into tensor[] whose range this one takes, or -1: its own */
    struct nn_range *range; /* for nn_calibrate() to fill */
    int layers;             /* Conv, Gemm and MatMul nodes that become integers */
    int bits;               /* of a weight: 8, or 7, see nn_quantise_choose() */
};

/*
 * Chooses what is rounded in `g` (inferred, folded, opset >= 13). An error when no
 * layer can become integers. `bits` of a weight are 7 or 8: kernels that multiply
 * uint8 by int8 with vpmaddubsw add two products in 16 bits and saturate, unless
 * weights stay within 7 bits (so ONNX Runtime on x86 without VNNI). Release with
 * nn_quantise_release().
 */
int nn_quantise_choose(struct nn_quantise *q, const struct nn_graph *g, int bits,
                       struct nn_err *err);
void nn_quantise_release(struct nn_quantise *q);    /* a zeroed one is fine */

/* The graph of eight bits. NULL and `err` on failure. */
struct nn_graph *nn_quantise_graph(const struct nn_quantise *q, const struct nn_graph *g,
                                   struct nn_err *err);

#endif
