/*
 * quantise_layer.h - which nodes become integers; between the files of quantise.
 */
#ifndef NN_EXPORT_QUANTISE_LAYER_H
#define NN_EXPORT_QUANTISE_LAYER_H

#include "runtime/onnx/graph.h"

/* A Conv, Gemm or MatMul whose weights (and bias) are float32 constants. */
int nn_is_integer_layer(const struct nn_graph *g, const struct nn_node *n);

#endif
