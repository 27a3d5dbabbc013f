/*
 * onnx.h - ONNX files (protobuf) to and from a graph, and shapes of a graph.
 *
 * The reader takes foreign bytes: every length, count and index is checked
 * against what is there, nesting is bounded, and a shape product that passes
 * NN_MAX_ELEMENTS is an error. External data, functions and sub-graphs are
 * refused by name. Format: onnx.proto3 of github.com/onnx/onnx, IR 3 to 10.
 */
#ifndef NN_RUNTIME_ONNX_ONNX_H
#define NN_RUNTIME_ONNX_ONNX_H

#include "runtime/onnx/graph.h"

/* A checked graph (nn_graph_check), or NULL. Errors name file and byte offset
 * or the node. Constant nodes become constants; F32 constants that feed nodes
 * are marked trainable where they are weights (Conv, Gemm, MatMul, BatchNorm,
 * PRelu inputs). Initialisers listed as inputs are constants all the same. */
struct nn_graph *nn_onnx_read(const char *path, struct nn_err *err);
/* `name` stands in messages for the path. */
struct nn_graph *nn_onnx_parse(const void *bytes, size_t size, const char *name,
                               struct nn_err *err);

/* Writes atomically: IR 8, the graph's opset, producer "neonnoir". Deterministic:
 * the same graph gives the same bytes. */
int nn_onnx_write(const struct nn_graph *g, const char *path, struct nn_err *err);
/* The same into malloc'd memory; free with free(). */
void *nn_onnx_format(const struct nn_graph *g, size_t *size, struct nn_err *err);

/* Sets or replaces metadata entries of a file, atomically; every other byte of it stays. */
int nn_onnx_annotate(const char *path, const struct nn_meta *meta, int n, struct nn_err *err);

/*
 * Infers type and shape of every tensor from those of the inputs; dimensions
 * may stay NN_DYNAMIC when an input's are. A node whose operands do not fit is
 * an error that names it and the shapes. Unknown operators leave their outputs
 * unknown (ndim -1) and are no error here.
 */
int nn_onnx_infer(struct nn_graph *g, struct nn_err *err);

#endif
