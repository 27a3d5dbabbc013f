/*
 * qdq.h - models whose numbers have eight bits, said in pairs of QuantizeLinear
 * and DequantizeLinear around float operators (ONNX's QDQ form).
 */
#ifndef NN_RUNTIME_ENGINE_QDQ_H
#define NN_RUNTIME_ENGINE_QDQ_H

#include "runtime/engine/plan.h"

/* What a pair rounds to: scale * (q - zero), q a whole number of lo..hi. */
struct nn_grid {
    float scale, zero, lo, hi;
};

/* A convolution between such pairs: its input lies on a grid, its weights are scale * w. */
struct nn_whole {
    const struct nn_grid *x;
    int rounds;                 /* the node that rounds it */
    const int8_t *w;
    const float *scale;         /* one, or one an output channel */
    int64_t scales;
};

/*
 * Turns DequantizeLinear of constants into float constants (so that weights can
 * be packed), and each pair with one scale into its DequantizeLinear alone, which
 * then reads the floats and rounds them (nn_fused.grid). Convolutions between
 * them get their nn_fused.whole. net->g's tensors must be the net's own. -1
 * without memory.
 */
int nn_net_unquantise(struct nn_net *net);

/* Node `i` rounds its input itself: it reads the floats in front of the pair, which
 * is left out where nobody else reads it. -1 without memory. */
int nn_net_bypass_rounding(struct nn_net *net, int i);

/* Where a pair alone reads what convolution `i` (with its conv8) makes, the convolution
 * rounds in its stead and moves to its place. -1 without memory. */
int nn_net_take_rounding(struct nn_net *net, int i);

#endif
