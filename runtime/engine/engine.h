/*
 * engine.h - runs an ONNX model: load, run, read the outputs, free.
 *
 *   struct nn_engine *e = nn_engine_load("emotion.onnx", NULL, &err);
 *   struct nn_value in = { .name = "face", .type = NN_F32, .ndim = 4,
 *                          .dim = { 1, 1, 48, 48 }, .data = pixels };
 *   if (!nn_engine_run(e, &in, 1, &err))
 *       const struct nn_value *out = nn_engine_output(e, 0);  // logits, 1 x 7
 *
 * Tensors are NCHW at this boundary, whatever the kernels use inside. Loading
 * refuses, by node and reason, what run() could not do. Shapes are planned at
 * the first run with a new set of input shapes and cached; after that run()
 * allocates nothing. One engine is used by one thread at a time. The same
 * inputs give the same bits on the same machine, at any thread count.
 */
#ifndef NN_RUNTIME_ENGINE_ENGINE_H
#define NN_RUNTIME_ENGINE_ENGINE_H

#include "common/pool.h"
#include "runtime/onnx/graph.h"

struct nn_engine;

struct nn_value {
    const char *name;
    enum nn_dtype type;
    int ndim;
    int64_t dim[NN_MAX_DIMS];
    void *data;
};

struct nn_engine_opts {
    struct nn_pool *pool;       /* NULL: the calling thread alone; stays the caller's */
    size_t max_memory;          /* bytes for weights and values; 0: 2 GiB */
    int profile;                /* keep a time per node */
};

/* `opts` may be NULL. Free with nn_engine_free(). */
struct nn_engine *nn_engine_load(const char *path, const struct nn_engine_opts *opts,
                                 struct nn_err *err);
/* From a graph, which is copied and stays the caller's. */
struct nn_engine *nn_engine_new(const struct nn_graph *g, const struct nn_engine_opts *opts,
                                struct nn_err *err);
void nn_engine_free(struct nn_engine *e);           /* NULL is fine */

/* The graph as loaded, with inferred shapes and metadata; the engine's. */
const struct nn_graph *nn_engine_graph(const struct nn_engine *e);

/* Inputs by name, in any order, all of them; data is only read, during the call. */
int nn_engine_run(struct nn_engine *e, const struct nn_value *in, int nin, struct nn_err *err);
/* Output i (order of the graph) of the last run; valid until the next one. */
const struct nn_value *nn_engine_output(const struct nn_engine *e, int i);

/* Milliseconds of node i (order of nn_engine_graph) summed over all runs, with
 * opts->profile; else 0. */
double nn_engine_node_ms(const struct nn_engine *e, int i);

/* Calls tell(arg, node, reason) for every node the engine cannot run. Returns
 * how many there are. Needs no loading to succeed. */
int nn_engine_lacks(const struct nn_graph *g,
                    void (*tell)(void *arg, const struct nn_node *n, const char *reason),
                    void *arg);

#endif
