/*
 * read.h - pieces of the ONNX reader that its files and tests share.
 */
#ifndef NN_RUNTIME_ONNX_READ_H
#define NN_RUNTIME_ONNX_READ_H

#include "runtime/onnx/graph.h"
#include "runtime/onnx/pb.h"

/* A TensorProto: name, type, shape and values (in `a`). Refuses external data
 * and types without a fixed size, by name. 0 or -1 with the span's err. */
int nn_onnx_read_tensor(struct nn_pb span, struct nn_arena *a, struct nn_tensor *t);

/* An AttributeProto, onto the last node of `g`. `what` names the node. */
int nn_onnx_read_attr(struct nn_pb span, struct nn_graph *g, const char *what);

/* Refuses nodes of opsets before 7 that mean something else today. 0 or -1. */
int nn_onnx_check_legacy(const struct nn_graph *g, struct nn_err *err);

/* Marks the F32 constants that are weights as trainable. */
void nn_onnx_mark_weights(struct nn_graph *g);

#endif
