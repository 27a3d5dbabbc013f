/*
 * load.h - the two kinds of engine from the inside: load.c picks, engine.c makes.
 */
#ifndef NN_RUNTIME_ENGINE_LOAD_H
#define NN_RUNTIME_ENGINE_LOAD_H

#include "runtime/engine/ort.h"
#include "runtime/onnx/graph.h"

/* Ours, of a graph that is copied. */
struct nn_engine *nn_engine_ours(const struct nn_graph *g, const struct nn_engine_opts *opts,
                                 struct nn_err *err);
/* One that hands everything to ONNX Runtime. Takes `o` and `g` over; `g` NULL: what
 * ONNX Runtime says of the model. NULL with `err` when `o` is NULL or memory is out. */
struct nn_engine *nn_engine_over(struct nn_ort *o, struct nn_graph *g, struct nn_err *err);

#endif
