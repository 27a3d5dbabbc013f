/*
 * torch_ops.hpp - one ONNX node on ATen tensors. C++, for trainer/torch*.cpp alone.
 */
#ifndef NN_TRAINER_TORCH_OPS_HPP
#define NN_TRAINER_TORCH_OPS_HPP

#include <ATen/ATen.h>

#include <vector>

extern "C" {
#include "runtime/onnx/graph.h"
}

/* What a node sees: the graph, the values so far, and the mode. */
struct nn_torch_node {
    const nn_graph *graph;
    const nn_node *node;
    std::vector<at::Tensor> *value;     /* one for each tensor of the graph */
    bool training;
    at::Generator *generator;           /* dropout's */

    bool has(int i) const { return i < node->nin && node->in[i] >= 0; }
    at::Tensor &in(int i) const { return (*value)[node->in[i]]; }
};

typedef at::Tensor (*nn_torch_op)(const nn_torch_node &n);

/* NULL when the interpreter lacks `op`. Operators throw c10::Error on what they
 * cannot do. */
nn_torch_op nn_torch_op_find(const char *op);

#endif
