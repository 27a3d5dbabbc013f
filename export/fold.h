/*
 * fold.h - rewrites that make a trained graph smaller and change nothing else.
 */
#ifndef NN_EXPORT_FOLD_H
#define NN_EXPORT_FOLD_H

#include "runtime/onnx/graph.h"

/*
 * A new graph without Dropout and Identity nodes, with every BatchNormalization
 * that follows a Conv put into that Conv's weights and bias, and without
 * constants that nothing reads. NULL and `err` on failure. *folded counts norms.
 */
struct nn_graph *nn_fold(const struct nn_graph *g, int *folded, struct nn_err *err);

#endif
