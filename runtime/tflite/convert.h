/*
 * convert.h - how operators of TensorFlow Lite become ONNX nodes.
 *
 * A converter (tfl_X, one row of ops.def) takes its inputs as ONNX tensors in the
 * layout that suits it, adds nodes, and puts its outputs. A 4-D tensor may exist
 * twice: PLAIN is TensorFlow's order N x H x W x C, CHANNELS is N x C x H x W;
 * whichever is asked for and missing is made then, once, so that a chain of
 * convolutions never changes layout. Tensors of other ranks are PLAIN; asked for
 * in CHANNELS they are broadcast operands, to which leading dimensions of 1 are added.
 */
#ifndef NN_RUNTIME_TFLITE_CONVERT_H
#define NN_RUNTIME_TFLITE_CONVERT_H

#include "runtime/onnx/names.h"
#include "runtime/tflite/model.h"

enum nn_tfl_layout { PLAIN, CHANNELS };

struct nn_tfl_padding {         /* zeros around rows and columns, not yet a node */
    int source;                 /* tensor that is padded */
    int64_t top, left, bottom, right;
};

struct nn_tfl_value {           /* what a tensor has become */
    int at[2];                  /* ONNX tensor in each layout, or -1 */
    int weights;                /* the same constant in a convolution's order, or -1 */
    const int *order;           /* which order */
    int source;                 /* constant that it dequantises, or -1 */
    struct nn_tfl_padding *padding;     /* or NULL */
    const char *output;         /* a graph output's name, else NULL */
};

struct nn_tfl_conv {
    const struct nn_tfl_model *m;
    struct nn_graph *g;
    struct nn_err *err;
    int nchw;                   /* graph inputs and outputs in CHANNELS */
    struct nn_names names;      /* of ONNX tensors */
    struct nn_tfl_value *v;     /* one a tensor */
    const struct nn_tfl_op *op; /* the one at work; NULL: none */
    const char *onnx;           /* its row's operator */
    struct {
        float value;
        int tensor;
    } scalar[8];                /* constants already there, for Clip */
    int nscalar;
};

/* A converter: 0, or -1 with c->err or a failed graph. */
typedef int nn_tfl_convert(struct nn_tfl_conv *c);
nn_tfl_convert tfl_conv, tfl_depthwise, tfl_transpose_conv, tfl_transpose_bias, tfl_dense, tfl_pool,
    tfl_unary, tfl_binary, tfl_derived, tfl_clip, tfl_prelu, tfl_softmax, tfl_reduce, tfl_select,
    tfl_argmax, tfl_matmul, tfl_normalise, tfl_reshape, tfl_transpose, tfl_concat, tfl_pad,
    tfl_resize, tfl_slice, tfl_strided, tfl_split, tfl_pack, tfl_unpack, tfl_blocks, tfl_gather,
    tfl_tile, tfl_cast, tfl_same;

/* "FILE: operator 12 (CONV_2D, 'name'): …" -1 */
int tfl_fail(struct nn_tfl_conv *c, const char *fmt, ...) NN_PRINTF(2, 3);
/* Name of the operator at work. */
const char *tfl_op_name(const struct nn_tfl_op *op);

/* Operand k as the file has it; NULL where it is absent. Its tensor number, or -1. */
const struct nn_tfl_tensor *tfl_in(const struct nn_tfl_conv *c, size_t k);
const struct nn_tfl_tensor *tfl_out(const struct nn_tfl_conv *c, size_t k);
int tfl_in_index(const struct nn_tfl_conv *c, size_t k);
/* Fails unless there are lo..hi inputs, none of the first lo absent, and one output
 * (or `outs` of them). */
int tfl_expect(struct nn_tfl_conv *c, size_t lo, size_t hi, size_t outs);
/* The type of a tensor's values in the graph: codes with a scale are NN_F32. */
enum nn_dtype tfl_type(const struct nn_tfl_tensor *t);

/* Input k (tensor t) as an ONNX tensor in a layout, made now where it is missing. -1 failed. */
int tfl_get(struct nn_tfl_conv *c, size_t k, enum nn_tfl_layout layout);
int tfl_value(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout);
/* CHANNELS where the first output is 4-D and some input is there in that layout already. */
enum nn_tfl_layout tfl_prefers(const struct nn_tfl_conv *c);
/* PLAIN's `axis` (from behind where negative) in a layout; -1 where there is no such axis. */
int tfl_axis(int64_t axis, int rank, enum nn_tfl_layout layout);
extern const int tfl_to_channels[4], tfl_to_plain[4];   /* permutations */

enum { ABSENT = -2 };           /* among a node's inputs: an optional one left out */
/* A node for output k: its ONNX tensor, to which the caller adds attributes before
 * tfl_end() adds the fused activation `act` (0: none) and makes it the output. */
int tfl_begin(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in, size_t k,
              enum nn_tfl_layout layout, int64_t act);
int tfl_end(struct nn_tfl_conv *c, int tensor, size_t k, enum nn_tfl_layout layout, int64_t act);
/* An inner node, named after output 0 and `what`. */
int tfl_node(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in, const char *what);
/* Makes tensor `t` of ONNX output k, without a node. */
int tfl_put(struct nn_tfl_conv *c, size_t k, enum nn_tfl_layout layout, int t);
void tfl_attr_text(struct nn_tfl_conv *c, const char *name, const char *value);

/* A name that no other tensor has, into buf: base + suffix, and a number where that is taken. */
const char *tfl_new_name(struct nn_tfl_conv *c, const char *base, const char *suffix, char *buf,
                         size_t size);
/* The name of TensorFlow's tensor t in a layout: its own for the layout made first, or, of a
 * graph output, for the one in which it leaves. */
const char *tfl_name(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout, char *buf,
                     size_t size);
/* Makes tensor t's name taken. t, or -1. */
int tfl_named(struct nn_tfl_conv *c, int t);

/* Constants. The values of constant tensor t as floats, dequantised, to be freed; NULL and
 * c->err where it is none. */
float *tfl_floats(struct nn_tfl_conv *c, int t);
int tfl_is_const(const struct nn_tfl_conv *c, int t);
/* Input k's values where it is a constant of at most `max` integers: their number, else -1
 * and c->err. */
int tfl_ints(struct nn_tfl_conv *c, size_t k, int64_t *out, int max);
int tfl_const_i64(struct nn_tfl_conv *c, int n, const int64_t *v);
int tfl_const_f32(struct nn_tfl_conv *c, float v);
/* Constant t in a layout; in CHANNELS one of fewer dimensions becomes up to C x 1 x 1. */
int tfl_const_in(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout);
/* Constant t, 4-D, with its axes in the order of perm (static), as an ONNX constant. */
int tfl_weights(struct nn_tfl_conv *c, int t, const int perm[4]);
/* Input k, a constant of n floats in whatever shape, as n of them; ABSENT where it is. */
int tfl_vector(struct nn_tfl_conv *c, size_t k, int64_t n);
/* Copies values of `size` bytes with axes reordered; dim is the source's. */
void tfl_permute(void *to, const void *from, size_t size, int ndim, const int64_t *dim,
                 const int *perm);
/* Input k in any layout whose values lie in PLAIN's order. */
int tfl_flat(struct nn_tfl_conv *c, size_t k);
/* Puts x, reshaped to `dim` (NULL: as the file says), as output k. */
int tfl_reshape_to(struct nn_tfl_conv *c, int x, size_t k, int ndim, const int64_t *dim,
                   int64_t act);
/* The fused activation of the operator at work, which is option `field`. */
int64_t tfl_act(const struct nn_tfl_conv *c, unsigned field);

#endif
