/*
 * tflite.h - TensorFlow Lite models as graphs.
 *
 * Reads a .tflite file (a FlatBuffer, schema version 3) and builds the same
 * network from ONNX operators: convolutions work on N x C x H x W, every padding
 * is explicit, weights are float32 whatever they were stored as (float16, int8 or
 * uint8 with scales), activations fused into an operator become nodes. Layout
 * changes stay at the edges, or vanish into a Reshape where no value moves.
 *
 * A quantised network (int8 or uint8 between its layers) is computed in float32
 * from its dequantised weights: its inputs and outputs become float32 numbers,
 * not codes, and metadata "tflite.quantised" says so. Operators without a
 * counterpart, control flow, resources and sparse weights are refused by number,
 * name and reason.
 */
#ifndef NN_RUNTIME_TFLITE_TFLITE_H
#define NN_RUNTIME_TFLITE_TFLITE_H

#include "runtime/onnx/graph.h"

/*
 * The model's first sub-graph, checked and with inferred shapes; input and output
 * tensors keep their names. 4-D inputs and outputs keep TFLite's N x H x W x C, or
 * become N x C x H x W with `nchw`. Description and textual metadata come along as
 * "tflite.…". NULL and `err` on failure. Free with nn_graph_free().
 */
struct nn_graph *nn_tflite_read(const char *path, int nchw, struct nn_err *err);
/* From memory, which is only read during the call; `name` stands in messages. */
struct nn_graph *nn_tflite_parse(const void *bytes, size_t size, const char *name, int nchw,
                                 struct nn_err *err);

#endif
