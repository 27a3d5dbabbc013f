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
 * the first run with a new set of input shapes and cached (the last 8); after
 * that run() allocates nothing. Where values decide shapes (an input that is
 * Reshape's target, what NonZero finds), they belong to what is planned for: at
 * most 64 values each, and other values are planned anew. One engine is used by
 * one thread at a time. The same inputs give the same bits on the same machine,
 * at any thread count.
 *
 * Loading runs the model once on zeros, so that the first real run finds it
 * warm, where its input shapes are known and the run is estimated at less than
 * 2e9 multiply-adds; of what lies behind an unknown shape nothing is run.
 *
 * Functions return 0, or -1 (NULL) with a code and a sentence in `err`, which
 * may be NULL. Installed on its own as libneonnoir-engine (docs/engine.md).
 */
#ifndef NN_RUNTIME_ENGINE_ENGINE_H
#define NN_RUNTIME_ENGINE_ENGINE_H

#include "common/err.h"
#include "runtime/onnx/types.h"

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)    /* all that the library shows */
#endif

struct nn_engine;
struct nn_pool;
struct nn_graph;
struct nn_node;

struct nn_value {
    const char *name;
    enum nn_dtype type;
    int ndim;
    int64_t dim[NN_MAX_DIMS];
    void *data;
};

enum nn_engine_kind {
    NN_ENGINE_OURS,
    NN_ENGINE_ORT               /* ONNX Runtime: the library $NEONNOIR_ORT, or the system's */
};

#define NN_ENGINE_MEMORY ((int64_t)2 << 30)

/* Zero is a fit choice for every field. */
struct nn_engine_opts {
    enum nn_engine_kind kind;
    int threads;                /* of its own, the caller counted; 0: 1 */
    struct nn_pool *pool;       /* instead: shared with others; stays the caller's */
    size_t max_memory;          /* bytes for weights, and for plans; 0: NN_ENGINE_MEMORY (ours) */
    int profile;                /* keep a time per node (ours alone) */
};

/* `opts` may be NULL. Free with nn_engine_free(). */
struct nn_engine *nn_engine_load(const char *path, const struct nn_engine_opts *opts,
                                 struct nn_err *err);
/* From the bytes of an ONNX file, which may go afterwards. */
struct nn_engine *nn_engine_load_memory(const void *onnx, size_t size,
                                        const struct nn_engine_opts *opts, struct nn_err *err);
void nn_engine_free(struct nn_engine *e);           /* NULL is fine */

/* What the model takes: name, type and shape (NN_DYNAMIC: any size; ndim -1: any
 * shape) of input i, without data. -1 past the last. */
int nn_engine_input(const struct nn_engine *e, int i, struct nn_value *v);

/* Inputs by name, in any order, all of them; data is only read, during the call. */
int nn_engine_run(struct nn_engine *e, const struct nn_value *in, int nin, struct nn_err *err);
/* Output i (order of the model), or by name, of the last run; valid until the
 * next one. NULL past the last, or without such a name. */
const struct nn_value *nn_engine_output(const struct nn_engine *e, int i);
const struct nn_value *nn_engine_output_named(const struct nn_engine *e, const char *name);

/* Bytes that it holds: weights, and what was planned so far. 0: ONNX Runtime's affair. */
size_t nn_engine_memory(const struct nn_engine *e);

/* With opts->profile, node by node: its operator (NULL past the last), its name
 * (may be NULL) and the milliseconds it took, summed over all runs. A node that
 * went into another one takes none. */
const char *nn_engine_node(const struct nn_engine *e, int i, const char **name);
double nn_engine_node_ms(const struct nn_engine *e, int i);

/*
 * For programs that hold the model as a graph (runtime/onnx/graph.h).
 */
/* From a graph, which is copied and stays the caller's. */
struct nn_engine *nn_engine_new(const struct nn_graph *g, const struct nn_engine_opts *opts,
                                struct nn_err *err);
/* The graph as loaded, with inferred shapes and metadata; the engine's. Of a model
 * that only ONNX Runtime can read: inputs, outputs and metadata, no nodes. */
const struct nn_graph *nn_engine_graph(const struct nn_engine *e);
/* Calls tell(arg, node, reason) for every node the engine cannot run. Returns
 * how many there are. Needs no loading to succeed. */
int nn_engine_lacks(const struct nn_graph *g,
                    void (*tell)(void *arg, const struct nn_node *n, const char *reason),
                    void *arg);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
