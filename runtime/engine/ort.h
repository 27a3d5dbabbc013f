/*
 * ort.h - ONNX Runtime behind the same face as the engine: the oracle, the
 * rival, and on request the way to run a model that ours refuses.
 *
 * Nothing links with it: libonnxruntime.so is opened when asked for, the file
 * named by $NEONNOIR_ORT or else the system's. Only its C interface is used
 * (onnxruntime_c_api.h, API version 3 of 2020; entries are only ever appended).
 * One nn_ort is used by one thread at a time. Float, integer and boolean
 * tensors; sequences, maps and strings are refused by name.
 */
#ifndef NN_RUNTIME_ENGINE_ORT_H
#define NN_RUNTIME_ENGINE_ORT_H

#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"

struct nn_ort;

/* The library's version, "1.30.0"; NULL and `err` (NN_ENOTFOUND) without one. */
const char *nn_ort_version(struct nn_err *err);

/* From a file, or from `size` bytes at `onnx`, which may go afterwards; `name`
 * stands in messages. `threads` counts the caller. Free with nn_ort_free(). */
struct nn_ort *nn_ort_load(const char *path, int threads, struct nn_err *err);
struct nn_ort *nn_ort_parse(const void *onnx, size_t size, const char *name, int threads,
                            struct nn_err *err);
void nn_ort_free(struct nn_ort *o);             /* NULL is fine */

/* Inputs, outputs and metadata as ONNX Runtime reports them, without nodes; its. */
const struct nn_graph *nn_ort_graph(const struct nn_ort *o);

/* As nn_engine_run() and nn_engine_output(). */
int nn_ort_run(struct nn_ort *o, const struct nn_value *in, int nin, struct nn_err *err);
const struct nn_value *nn_ort_output(const struct nn_ort *o, int i);

#endif
