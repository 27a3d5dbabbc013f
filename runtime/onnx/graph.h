/*
 * graph.h - a network is an ONNX graph in memory, and this is the only one.
 *
 * The trainer builds it, libtorch interprets it, export rewrites it, read.h and
 * write.h carry it to and from ONNX files, the engine executes it. The
 * structures are open because four programs walk them; they change through the
 * functions here. Everything a graph points to lives in its arena and is freed
 * with it, except tensor data marked as borrowed by its maker.
 *
 * A tensor is named by its index. Nodes stand in topological order.
 */
#ifndef NN_RUNTIME_ONNX_GRAPH_H
#define NN_RUNTIME_ONNX_GRAPH_H

#include "common/arena.h"
#include "common/err.h"
#include "runtime/onnx/types.h"

#define NN_MAX_ELEMENTS ((int64_t)1 << 31)  /* of one tensor; more is an error */

struct nn_tensor {
    const char *name;           /* unique, never NULL */
    enum nn_dtype type;         /* NN_UNDEFINED until inferred */
    int ndim;                   /* -1 until inferred; 0 is a scalar */
    int64_t dim[NN_MAX_DIMS];   /* >= 0, or NN_DYNAMIC */
    void *data;                 /* the constant's values, else NULL */
    int trainable;              /* a weight that training may change (F32 constants alone) */
};

enum nn_attr_kind { /* ONNX's AttributeProto.AttributeType numbers */
    NN_ATTR_FLOAT = 1, NN_ATTR_INT = 2, NN_ATTR_STRING = 3, NN_ATTR_TENSOR = 4,
    NN_ATTR_FLOATS = 6, NN_ATTR_INTS = 7, NN_ATTR_STRINGS = 8
};

struct nn_attr {
    const char *name;
    enum nn_attr_kind kind;
    float f;
    int64_t i;
    const char *s;              /* zero-terminated copy */
    const float *floats;
    const int64_t *ints;
    const char *const *strings;
    int count;                  /* of floats, ints or strings */
    struct nn_tensor *t;
};

struct nn_node {
    const char *name;           /* for messages; may be "" */
    const char *op;             /* "Conv" */
    int nin, nout;
    int *in, *out;              /* tensor indices; -1: optional and absent */
    int nattr;
    struct nn_attr *attr;
};

struct nn_meta {
    const char *key, *value;
};

struct nn_graph {
    struct nn_arena arena;
    const char *name;
    int64_t opset;              /* of the default domain, 1..22 */
    int ntensor, tensor_cap;
    struct nn_tensor *tensor;
    int nnode, node_cap;
    struct nn_node *node;
    int nin, nout;              /* graph inputs (never initialisers) and outputs */
    int *in, *out;
    int nmeta;
    struct nn_meta *meta;       /* metadata_props, in order */
    const char *failed;         /* building: what went wrong first; NULL: nothing */
};

/* Empty, opset 13. NULL and `err` when out of memory. */
struct nn_graph *nn_graph_new(const char *name, struct nn_err *err);
void nn_graph_free(struct nn_graph *g);     /* NULL is fine */
/* A deep copy. */
struct nn_graph *nn_graph_copy(const struct nn_graph *g, struct nn_err *err);

/*
 * Building. These return a tensor's index, or -1 once anything has failed; -1
 * handed in comes out again, so a network is built without a check a line and
 * nn_graph_finish() reports the first failure. (Only memory can fail here.)
 */
int nn_graph_tensor(struct nn_graph *g, const char *name, enum nn_dtype type, int ndim,
                    const int64_t *dim);
int nn_graph_input(struct nn_graph *g, const char *name, int ndim, const int64_t *dim);    /* F32 */
/* Makes a tensor that is there already a graph input. 0 or -1. */
int nn_graph_input_add(struct nn_graph *g, int tensor);
/* A constant; `data` (nn_tensor_bytes() long) is copied, NULL means zeros. */
int nn_graph_const(struct nn_graph *g, const char *name, enum nn_dtype type, int ndim,
                   const int64_t *dim, const void *data);
/* Adds a node with one output named `out` (NULL: "OP_n"); in[] as long as nin.
 * Returns the output's index. */
int nn_graph_node(struct nn_graph *g, const char *op, int nin, const int *in, const char *out);
/* Adds a node with given outputs; for readers. Returns the node's index or -1. */
int nn_graph_node_raw(struct nn_graph *g, const char *op, const char *name, int nin, const int *in,
                      int nout, const int *out);
/* Attributes of the node last added. */
void nn_graph_attr_int(struct nn_graph *g, const char *name, int64_t v);
void nn_graph_attr_float(struct nn_graph *g, const char *name, float v);
void nn_graph_attr_ints(struct nn_graph *g, const char *name, int count, const int64_t *v);
/* Room for one more attribute of the last node, zeroed but for its name; NULL
 * when out of memory. */
struct nn_attr *nn_graph_attr_add(struct nn_graph *g, const char *name);
void nn_graph_output(struct nn_graph *g, int tensor);
/* Sets or replaces a metadata entry (copied). -1 when out of memory. */
int nn_graph_set_meta(struct nn_graph *g, const char *key, const char *value);
void nn_graph_drop_meta(struct nn_graph *g, const char *key);   /* nothing where it is not there */
/* The graph is complete: 0, or -1 with the first failure. */
int nn_graph_finish(struct nn_graph *g, struct nn_err *err);

/*
 * Checks what every user relies on: indices in range, inputs present, each
 * tensor made once, no cycle, constants with known shapes. Sorts the nodes
 * topologically where the file did not. A missing weight or a cycle is named.
 */
int nn_graph_check(struct nn_graph *g, struct nn_err *err);

/* Looking things up. */
int nn_graph_find(const struct nn_graph *g, const char *tensor);        /* -1: none */
const char *nn_graph_meta(const struct nn_graph *g, const char *key);   /* NULL: none */
const struct nn_attr *nn_attr_find(const struct nn_node *n, const char *name);
int64_t nn_attr_int(const struct nn_node *n, const char *name, int64_t otherwise);
float nn_attr_float(const struct nn_node *n, const char *name, float otherwise);
const char *nn_attr_text(const struct nn_node *n, const char *name, const char *otherwise);
/* Copies an INTS attribute into out[max]; its count, 0 when absent. */
int nn_attr_ints(const struct nn_node *n, const char *name, int64_t *out, int max);

/* Elements of a tensor, or -1 when a dimension is unknown, negative, or their
 * product passes NN_MAX_ELEMENTS. */
int64_t nn_tensor_elements(const struct nn_tensor *t);
/* Bytes of all of them; 0 where elements or type have no size. */
size_t nn_tensor_bytes(const struct nn_tensor *t);
/* Bytes of one element; 0 for types without a fixed size. */
size_t nn_dtype_size(enum nn_dtype type);
const char *nn_dtype_name(enum nn_dtype type);
/* "1x3x240x320", "?x7". Writes into buf and returns it. */
const char *nn_shape_text(int ndim, const int64_t *dim, char *buf, size_t size);

#endif
