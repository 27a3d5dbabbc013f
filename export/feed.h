/*
 * feed.h - inputs for a model that nobody has pictures for: noise of the right
 * shape, and what a run of them costs and how far two runs are apart.
 */
#ifndef NN_EXPORT_FEED_H
#define NN_EXPORT_FEED_H

#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"

struct nn_feed {
    int n;
    struct nn_value v[16];      /* in the order of the graph's inputs */
};

/* Gives the inputs of `g` the shapes in shape[], each "NAME=1x3x320x320" or, with
 * one input, "1x3x320x320"; a dimension that stays open becomes 1 if it is the
 * first, else an error that says what to type. Then infers all shapes. */
int nn_feed_shape(struct nn_graph *g, const char *const *shape, int nshape, struct nn_err *err);

/* Values for every input: -1..1 for floats, 0 or 1 for other types; the same
 * for the same seed. Names point into `g`. Release with nn_feed_release(). */
int nn_feed_init(struct nn_feed *f, const struct nn_graph *g, uint64_t seed, struct nn_err *err);
void nn_feed_release(struct nn_feed *f);

/* Puts a file's values into the input that `text`, "NAME=FILE" or with one input
 * "FILE", names. FILE.pb is a TensorProto, as ONNX's own test data; any other holds
 * the bare values, in this machine's byte order. With `f` NULL it only gives the
 * graph the shape that a .pb has; call that before nn_feed_shape(). */
int nn_feed_file(struct nn_feed *f, struct nn_graph *g, const char *text, struct nn_err *err);

/* Multiplications with addition that a node makes with the shapes inferred, by
 * definition and whatever an engine saves: convolutions, products, recurrent
 * layers. 0 for other nodes, -1 where shapes are unknown. */
int64_t nn_node_macs(const struct nn_graph *g, const struct nn_node *n);
/* Of all nodes; unknown ones count 0. */
int64_t nn_graph_macs(const struct nn_graph *g);

/* How far two values are apart. The floor is for what lies near 0 as a whole, such
 * as the scores of a detector that sees nothing: there the last bits of exp() differ. */
#define NN_APART_FLOOR 1e-2
struct nn_apart {
    double most;                /* largest absolute difference */
    double relative;            /* the same over the largest magnitude of either, or the floor */
};
/* -1 and `err` when type or number of elements differ. NaN against NaN is equal,
 * against a number infinitely far. */
int nn_value_apart(const struct nn_value *a, const struct nn_value *b, struct nn_apart *apart,
                   struct nn_err *err);
int64_t nn_value_elements(const struct nn_value *v);

#endif
