/*
 * einsum.h - Einsum's equation, for its shape and for its kernel.
 *
 * A label is a letter (0..51) or a dimension that an ellipsis stands for
 * (52..59, aligned to the right, so that they broadcast).
 */
#ifndef NN_RUNTIME_ONNX_EINSUM_H
#define NN_RUNTIME_ONNX_EINSUM_H

#include "runtime/onnx/graph.h"

enum { NN_EINSUM_INPUTS = 8, NN_EINSUM_LABELS = 52 + NN_MAX_DIMS };

struct nn_einsum {
    int nin, rank[NN_EINSUM_INPUTS], label[NN_EINSUM_INPUTS][NN_MAX_DIMS];
    int nout, out[NN_MAX_DIMS];
    int64_t size[NN_EINSUM_LABELS];     /* NN_DYNAMIC: not known; of unused labels 1 */
    int uses[NN_EINSUM_LABELS];
};

/* NULL, or what is wrong with the equation or the shapes. */
const char *nn_einsum_parse(struct nn_einsum *e, const char *equation, int nin,
                            struct nn_tensor *const *in);

#endif
