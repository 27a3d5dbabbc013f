/*
 * torch_ops.hpp - one ONNX node on ATen tensors. C++, for trainer/torch*.cpp alone.
 */
#ifndef NN_TRAINER_TORCH_OPS_HPP
#define NN_TRAINER_TORCH_OPS_HPP

#include <ATen/ATen.h>

#include <memory>
#include <vector>

extern "C" {
#include "runtime/onnx/graph.h"
}

/* A normalised value whose pixels nobody has asked for yet (torch_norm.cpp). */
struct nn_torch_lazy;
at::Tensor nn_torch_finish(const std::shared_ptr<nn_torch_lazy> &l);

struct nn_torch_values {
    std::vector<at::Tensor> now;        /* one for each tensor of the graph */
    std::vector<std::shared_ptr<nn_torch_lazy>> lazy;

    at::Tensor &operator[](int i)
    {
        if (!now[i].defined() && lazy[i])
            now[i] = nn_torch_finish(lazy[i]);
        return now[i];
    }
};

/* Which of a batch's samples are here, where several processes have some each. */
struct nn_torch_share {
    struct nn_peers *peers;     /* NULL: all are here */
    int64_t first, count, all;
};

/* What a node sees: the graph, the values so far, and the mode. */
struct nn_torch_node {
    const nn_graph *graph;
    const nn_node *node;
    nn_torch_values *value;
    bool training;
    at::Generator *generator;           /* dropout's */
    nn_torch_share share;
    bool twice;                 /* its gradients will be differentiated, too */

    bool has(int i) const { return i < node->nin && node->in[i] >= 0; }
    at::Tensor &in(int i) const { return (*value)[node->in[i]]; }
    const std::shared_ptr<nn_torch_lazy> &lazy_in(int i) const { return value->lazy[node->in[i]]; }
    bool is_lazy(int i) const { return !value->now[node->in[i]].defined() && lazy_in(i); }
    std::shared_ptr<nn_torch_lazy> &out() const { return value->lazy[node->out[0]]; }
};

typedef at::Tensor (*nn_torch_op)(const nn_torch_node &n);

/* NULL when the interpreter lacks `op`. Operators throw c10::Error on what they
 * cannot do. */
nn_torch_op nn_torch_op_find(const char *op);

/* A 3x3 convolution of stride 1 and padding 1 in our own way (conv3.h), where that is faster. */
bool nn_torch_conv3_fits(const at::Tensor &x, const at::Tensor &w);
at::Tensor nn_torch_conv3(const at::Tensor &x, const at::Tensor &w);

/* Normalises n's input later, out() says how: true. False: not in training, or no pictures. */
bool nn_torch_lazy_norm(const nn_torch_node &n);
/* Operators that know what to do with such values; undefined where out() is one again. */
at::Tensor nn_torch_lazy_relu(const nn_torch_node &n);
at::Tensor nn_torch_lazy_mean(const nn_torch_node &n);
at::Tensor nn_torch_lazy_mul(const nn_torch_node &n);
at::Tensor nn_torch_lazy_add(const nn_torch_node &n);

#endif
