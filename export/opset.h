/*
 * opset.h - a graph of an older opset, said in a newer one's words.
 */
#ifndef NN_EXPORT_OPSET_H
#define NN_EXPORT_OPSET_H

#include "runtime/onnx/graph.h"

/*
 * Brings `g` to opset 13 in place: attributes that became inputs (Clip, Slice,
 * Pad, Squeeze, Unsqueeze, ReduceSum) are turned into constants, Softmax gets the
 * axis that it had. A node whose meaning changed otherwise is an error that names
 * it. Graphs of 13 and later stay as they are.
 */
int nn_opset_raise(struct nn_graph *g, struct nn_err *err);

#endif
