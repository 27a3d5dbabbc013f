/*
 * info.h - what inspect and convert both say of a model.
 */
#ifndef NN_EXPORT_INFO_H
#define NN_EXPORT_INFO_H

#include "common/json.h"
#include "runtime/onnx/graph.h"

/* float32 constants, counted by value. */
int64_t nn_info_parameters(const struct nn_graph *g);
/* "inputs", "outputs", "metadata" and "lacks": what the engine cannot run, and why. */
void nn_info_add(cJSON *root, const struct nn_graph *g);
/* A line for each node that the engine cannot run; their number. */
int nn_info_print_lacks(const struct nn_graph *g);
/* "1x3x?x?", or "unknown" without a rank; in buf. */
const char *nn_info_shape(const struct nn_graph *g, int tensor, char *buf, size_t size);

#endif
