/*
 * infer.h - shape inference from the inside, for its rules and for the engine.
 *
 * Besides shapes, inference carries the values of small integer tensors (what
 * exporters compute with Shape, Gather, Concat, …), each element known or not;
 * so Reshape finds its target, and the engine need not run any of it.
 */
#ifndef NN_RUNTIME_ONNX_INFER_H
#define NN_RUNTIME_ONNX_INFER_H

#include "runtime/onnx/graph.h"

#define NN_UNKNOWN INT64_MIN    /* an element whose value is not known */
enum { NN_MAX_KNOWN = 64 };     /* longer tensors are not carried */

struct nn_known {
    int n;                      /* elements; 0: nothing is known */
    int64_t *v;
};

struct nn_infer {
    struct nn_graph *g;
    struct nn_err *err;
    struct nn_known *known;     /* one a tensor */
    /* Or NULL: comes after each node's rule and may compute its outputs, where all that
     * they need is constant. Not 0: failed, with `err`. */
    int (*fold)(struct nn_infer *in, int node);
    void *arg;                  /* for fold() */
};

/* A rule fills type, ndim and dim of the outputs, or fails with nn_infer_fail().
 * It is called only when all inputs given have known ranks. */
typedef int nn_shape_rule(struct nn_infer *in, const struct nn_node *n);

/* Runs every rule over `in->g`; `known` is allocated in the graph's arena. */
int nn_infer_all(struct nn_infer *in);
/* Tensor t has become a constant: small integers are known from now on. */
void nn_infer_constant(struct nn_infer *in, int t);

/* Bit k: the value of input k decides the shape of an output, or has to be there when the
 * node is planned. NN_OPEN: only who computes the outputs knows how large they are. */
#define NN_OPEN UINT32_MAX
uint32_t nn_infer_wants(const struct nn_node *n);

/* For rules. Input k or NULL; output k or NULL. */
struct nn_tensor *nn_infer_in(const struct nn_infer *in, const struct nn_node *n, int k);
struct nn_tensor *nn_infer_out(const struct nn_infer *in, const struct nn_node *n, int k);
/* "node 'x' (Conv): …; its inputs are 1x3x8x8, 4x2x3x3". -1 */
int nn_infer_fail(struct nn_infer *in, const struct nn_node *n, const char *fmt, ...)
    NN_PRINTF(3, 4);
void nn_infer_set(struct nn_tensor *t, enum nn_dtype type, int ndim, const int64_t *dim);
/* A list given as attribute `attr` or as input k: its length, 0 when absent, -1
 * when its values are unknown (elements may be NN_UNKNOWN). At most `max`. */
int nn_infer_list(struct nn_infer *in, const struct nn_node *n, int k, const char *attr,
                  int64_t *out, int max);
/* A single number of any element type as input k: 1 when its value is known. */
int nn_infer_number(struct nn_infer *in, const struct nn_node *n, int k, double *out);
/* Values of output 0; unknown outside memory or size limits. */
void nn_infer_know(struct nn_infer *in, const struct nn_node *n, int count, const int64_t *v);
const struct nn_known *nn_infer_known(const struct nn_infer *in, const struct nn_node *n, int k);
/* Integer arithmetic of exporters' shape sums, where both operands are known. */
void nn_infer_know_binary(struct nn_infer *in, const struct nn_node *n);

/* Numpy's broadcasting of two shapes; -1 when they do not fit. */
int nn_broadcast(int na, const int64_t *a, int nb, const int64_t *b, int64_t *out);
/* Does the product of the known dimensions stay within NN_MAX_ELEMENTS? */
int nn_shape_possible(int ndim, const int64_t *dim);

/* One axis of a Slice: `count` elements from `first`, `step` apart. */
struct nn_span {
    int64_t first, count, step;
};
/* From ONNX's start, end and step (not 0), which may be negative or too large. */
struct nn_span nn_span_of(int64_t size, int64_t start, int64_t end, int64_t step);

/* Kernel, stride, dilation and padding of a convolution or pooling. */
struct nn_window {
    int n;                      /* spatial dimensions, 1..3 */
    int64_t kernel[3], stride[3], dilation[3], begin[3], end[3];    /* begin, end: padding */
    int64_t out[3];             /* output size, or NN_DYNAMIC */
};
/* `kernel` is the weight's, or NULL: the attribute's. Returns NULL or what is wrong. */
const char *nn_window_init(struct nn_window *w, const struct nn_node *n, int spatial,
                           const int64_t *in, const int64_t *kernel);
/* The same for ConvTranspose: begin and end are what is cut off the output. */
const char *nn_window_transposed(struct nn_window *w, const struct nn_node *n, int spatial,
                                 const int64_t *in, const int64_t *kernel);

#define OP(name, lo, hi, shape, kernel) nn_shape_rule shape_##shape;
#include "runtime/onnx/ops.def"
#undef OP

#endif
