/*
 * answer_build.h - ONNX models that always answer the same, whatever they are shown: enough to
 * test how known formats are told apart and read.
 */
#ifndef NN_TESTS_ANSWER_BUILD_H
#define NN_TESTS_ANSWER_BUILD_H

#include <stdio.h>

#include "runtime/onnx/graph.h"
#include "runtime/onnx/onnx.h"

struct answer {
    int ndim;
    int64_t dim[NN_MAX_DIMS];
    const float *data;          /* NULL: zeros */
};

/* Writes a model with one input of these dimensions and `count` answers. 0 or -1. */
static inline int answer_write(const char *path, const int64_t input[4], const struct answer *a,
                               int count, struct nn_err *err)
{
    struct nn_graph *g = nn_graph_new("answers", err);
    float zero = 0;
    int x = nn_graph_input(g, "x", 4, input), ret;

    x = nn_graph_node(g, "ReduceMean", 1, &x, NULL);
    nn_graph_attr_int(g, "keepdims", 0);
    x = nn_graph_node(g, "Mul", 2, (int[]){ x, nn_graph_const(g, "zero", NN_F32, 0, NULL, &zero) },
                      NULL);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "said%d", i);
        int c = nn_graph_const(g, name, NN_F32, a[i].ndim, a[i].dim, a[i].data);
        snprintf(name, sizeof name, "out%d", i);
        nn_graph_output(g, nn_graph_node(g, "Add", 2, (int[]){ x, c }, name));
    }
    ret = nn_graph_finish(g, err) || nn_onnx_infer(g, err) || nn_onnx_write(g, path, err) ? -1 : 0;
    nn_graph_free(g);
    return ret;
}

#endif
