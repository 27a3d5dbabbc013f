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

/*
 * Turns DequantizeLinear of constants into float constants (so that weights can
 * be packed), and each pair with one scale into its DequantizeLinear alone, which
 * then reads the floats and rounds them (nn_fused.grid). net->g's tensors must be
 * the net's own. -1 without memory.
 */
int nn_net_unquantise(struct nn_net *net);

#endif
