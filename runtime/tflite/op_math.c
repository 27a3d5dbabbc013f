/* Elementwise operators, reductions and products: layout is whichever is there. */
#include <string.h>

#include "runtime/tflite/convert.h"

enum { ELU = 111, LEAKY = 98, RELU_N1_TO_1 = 20, RELU6 = 21 };

static int one_output(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in,
                      enum nn_tfl_layout layout, int64_t act)
{
    return tfl_end(c, tfl_begin(c, onnx, nin, in, 0, layout, act), 0, layout, act);
}

int tfl_unary(struct nn_tfl_conv *c)
{
    enum nn_tfl_layout layout;
    int in, t;

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    layout = tfl_prefers(c);
    in = tfl_get(c, 0, layout);
    t = tfl_begin(c, c->onnx, 1, &in, 0, layout, 0);
    if (c->op->code == LEAKY)
        nn_graph_attr_float(c->g, "alpha", nn_flat_f32(&c->op->options, 0, 0));
    return tfl_end(c, t, 0, layout, 0);
}

int tfl_clip(struct nn_tfl_conv *c)
{
    enum nn_tfl_layout layout;
    int in[3];

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    layout = tfl_prefers(c);
    in[0] = tfl_get(c, 0, layout);
    in[1] = tfl_const_f32(c, c->op->code == RELU_N1_TO_1 ? -1 : 0);
    in[2] = tfl_const_f32(c, c->op->code == RELU6 ? 6 : 1);
    return one_output(c, "Clip", 3, in, layout, 0);
}

int tfl_binary(struct nn_tfl_conv *c)
{
    int code = c->op->code, fuses = code == 0 || code == 18 || code == 41 || code == 42;
    enum nn_tfl_layout layout;
    int in[2];

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    layout = tfl_prefers(c);
    in[0] = tfl_get(c, 0, layout);
    in[1] = tfl_get(c, 1, layout);
    return one_output(c, c->onnx, 2, in, layout, fuses ? tfl_act(c, 0) : 0);
}

/* Operators that are two of ONNX's: 1/sqrt(x), x * x, (x - y) * (x - y). */
int tfl_derived(struct nn_tfl_conv *c)
{
    int differs = !strcmp(c->onnx, "Sub Mul"), root = !strcmp(c->onnx, "Sqrt Reciprocal"), in[2];
    enum nn_tfl_layout layout;

    if (tfl_expect(c, 1 + (size_t)differs, 1 + (size_t)differs, 1))
        return -1;
    layout = tfl_prefers(c);
    in[0] = tfl_get(c, 0, layout);
    if (differs) {
        in[1] = tfl_get(c, 1, layout);
        in[0] = tfl_node(c, "Sub", 2, in, "difference");
    }
    if (root) {
        in[0] = tfl_node(c, "Sqrt", 1, in, "root");
        return one_output(c, "Reciprocal", 1, in, layout, 0);
    }
    in[1] = in[0];
    return one_output(c, "Mul", 2, in, layout, 0);
}

int tfl_prelu(struct nn_tfl_conv *c)
{
    enum nn_tfl_layout layout;
    int in[2];

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    layout = tfl_prefers(c);
    in[0] = tfl_get(c, 0, layout);
    in[1] = tfl_get(c, 1, layout);
    return one_output(c, "PRelu", 2, in, layout, 0);
}

/* SOFTMAX and LOG_SOFTMAX, over the last dimension. */
int tfl_softmax(struct nn_tfl_conv *c)
{
    float beta = c->op->code == 25 ? nn_flat_f32(&c->op->options, 0, 0) : 1;
    enum nn_tfl_layout layout;
    int in[2], t, axis;

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    layout = tfl_prefers(c);
    in[0] = tfl_get(c, 0, layout);
    if ((axis = tfl_axis(-1, tfl_in(c, 0)->ndim, layout)) < 0)
        return tfl_fail(c, "its input is a scalar");
    if (beta != 1) {
        in[1] = tfl_const_f32(c, beta);
        in[0] = tfl_node(c, "Mul", 2, in, "beta");
    }
    t = tfl_begin(c, c->onnx, 1, in, 0, layout, 0);
    nn_graph_attr_int(c->g, "axis", axis);
    return tfl_end(c, t, 0, layout, 0);
}

/* Which layout a reduction may work in: CHANNELS where it is there and what is left
 * of it has PLAIN's order. */
static enum nn_tfl_layout reduced_layout(const struct nn_tfl_conv *c, int keeps, unsigned axes)
{
    const struct nn_tfl_value *v = &c->v[tfl_in_index(c, 0)];
    int ordered = keeps || axes & 8 || (axes & 6) == 6;     /* channels, or rows and columns */

    return tfl_in(c, 0)->ndim == 4 && v->at[CHANNELS] >= 0 && ordered ? CHANNELS : PLAIN;
}

int tfl_reduce(struct nn_tfl_conv *c)
{
    int keeps = nn_flat_i8(&c->op->options, 0, 0) != 0, n, t, in[2], as_input;
    int64_t axis[NN_MAX_DIMS];
    enum nn_tfl_layout layout;
    unsigned seen = 0;

    if (tfl_expect(c, 2, 2, 1) || (n = tfl_ints(c, 1, axis, NN_MAX_DIMS)) < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        int a = tfl_axis(axis[i], tfl_in(c, 0)->ndim, PLAIN);
        if (a < 0 || seen & 1u << a)
            return tfl_fail(c, "axis %lld is not there, or listed twice", (long long)axis[i]);
        seen |= 1u << a;
    }
    if (!n)
        return tfl_fail(c, "no axes to reduce");
    layout = reduced_layout(c, keeps, seen);
    for (int i = 0; i < n; i++)
        axis[i] = tfl_axis(axis[i], tfl_in(c, 0)->ndim, layout);
    in[0] = tfl_get(c, 0, layout);
    as_input = !strcmp(c->onnx, "ReduceSum");   /* since opset 13; the others from 18 */
    in[1] = as_input ? tfl_const_i64(c, n, axis) : ABSENT;
    t = tfl_begin(c, c->onnx, 2, in, 0, keeps ? layout : PLAIN, 0);
    if (!as_input)
        nn_graph_attr_ints(c->g, "axes", n, axis);
    nn_graph_attr_int(c->g, "keepdims", keeps);
    return tfl_end(c, t, 0, keeps ? layout : PLAIN, 0);
}

int tfl_argmax(struct nn_tfl_conv *c)
{
    enum nn_dtype type = tfl_out(c, 0)->type == NN_TFL_I64 ? NN_I64 : NN_I32;
    enum nn_tfl_layout layout;
    int64_t axis;
    int a, in, t;

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    if (tfl_ints(c, 1, &axis, 1) != 1 || (a = tfl_axis(axis, tfl_in(c, 0)->ndim, PLAIN)) < 0)
        return c->err->code ? -1 : tfl_fail(c, "its axis is not there");
    layout = reduced_layout(c, 0, 1u << a);
    in = tfl_get(c, 0, layout);
    t = type == NN_I64 ? tfl_begin(c, c->onnx, 1, &in, 0, PLAIN, 0)
                       : tfl_node(c, c->onnx, 1, &in, "index");
    if (t < 0)
        return -1;
    nn_graph_attr_int(c->g, "axis", tfl_axis(axis, tfl_in(c, 0)->ndim, layout));
    nn_graph_attr_int(c->g, "keepdims", 0);
    if (type == NN_I32) {
        t = tfl_begin(c, "Cast", 1, &t, 0, PLAIN, 0);
        nn_graph_attr_int(c->g, "to", type);
    }
    return tfl_end(c, t, 0, PLAIN, 0);
}

int tfl_select(struct nn_tfl_conv *c)
{
    enum nn_tfl_layout layout;
    int in[3];

    if (tfl_expect(c, 3, 3, 1))
        return -1;
    if (c->op->code == 64 && tfl_in(c, 0)->ndim && tfl_in(c, 0)->ndim != tfl_in(c, 1)->ndim)
        return tfl_fail(c, "a condition for whole rows is not supported");
    layout = tfl_prefers(c);
    for (size_t k = 0; k < 3; k++)
        in[k] = tfl_get(c, k, layout);
    return one_output(c, "Where", 3, in, layout, 0);
}

/* BATCH_MATMUL: the last two dimensions, each side perhaps transposed. */
int tfl_matmul(struct nn_tfl_conv *c)
{
    int in[2];

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    for (unsigned k = 0; k < 2; k++) {
        int rank = tfl_in(c, k)->ndim;
        int64_t perm[NN_MAX_DIMS];
        in[k] = tfl_get(c, k, PLAIN);
        if (!nn_flat_i8(&c->op->options, k, 0))
            continue;
        if (rank < 2)
            return tfl_fail(c, "input %u has %d dimensions", k, rank);
        for (int i = 0; i < rank; i++)
            perm[i] = i < rank - 2 ? i : 2 * rank - 3 - i;
        if ((in[k] = tfl_node(c, "Transpose", 1, &in[k], "turned")) < 0)
            return -1;
        nn_graph_attr_ints(c->g, "perm", rank, perm);
    }
    return one_output(c, "MatMul", 2, in, PLAIN, 0);
}

/* x / max(sqrt(sum of x * x), 1e-6) along the last dimension. */
int tfl_normalise(struct nn_tfl_conv *c)
{
    enum nn_tfl_layout layout;
    int in[2], x, axis;
    int64_t axes;

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    layout = tfl_prefers(c);
    if ((axis = tfl_axis(-1, tfl_in(c, 0)->ndim, layout)) < 0)
        return tfl_fail(c, "its input is a scalar");
    axes = axis;
    x = in[0] = in[1] = tfl_get(c, 0, layout);
    in[0] = tfl_node(c, "Mul", 2, in, "squares");
    in[1] = tfl_const_i64(c, 1, &axes);
    if ((in[0] = tfl_node(c, "ReduceSum", 2, in, "sum")) < 0)
        return -1;
    nn_graph_attr_int(c->g, "keepdims", 1);
    in[0] = tfl_node(c, "Sqrt", 1, in, "length");
    in[1] = tfl_const_f32(c, 1e-6f);
    in[1] = tfl_node(c, "Max", 2, in, "divisor");
    in[0] = x;
    return one_output(c, "Div", 2, in, layout, tfl_act(c, 0));
}

int tfl_cast(struct nn_tfl_conv *c)
{
    enum nn_dtype to = tfl_type(tfl_out(c, 0));
    enum nn_tfl_layout layout;
    int in, t;

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    if (!to)
        return tfl_fail(c, "to %s is not supported", nn_tfl_type_name(tfl_out(c, 0)->type));
    layout = tfl_prefers(c);
    in = tfl_get(c, 0, layout);
    t = tfl_begin(c, "Cast", 1, &in, 0, layout, 0);
    nn_graph_attr_int(c->g, "to", to);
    return tfl_end(c, t, 0, layout, 0);
}

/* QUANTIZE and DEQUANTIZE: real numbers on both sides, so the same values. */
int tfl_same(struct nn_tfl_conv *c)
{
    const struct nn_tfl_tensor *in = tfl_in(c, 0), *out = tfl_out(c, 0);
    int from = tfl_in_index(c, 0), to = nn_flat_at_i32(&c->op->out, 0);

    if (tfl_expect(c, 1, 1, 1))
        return -1;
    if (tfl_type(in) != NN_F32 || tfl_type(out) != NN_F32 || in->ndim != out->ndim ||
        memcmp(in->dim, out->dim, (size_t)in->ndim * sizeof *in->dim))
        return tfl_fail(c, "from %s to %s, or another shape, is not supported",
                        nn_tfl_type_name(in->type), nn_tfl_type_name(out->type));
    if (tfl_is_const(c, from)) {
        c->v[to].source = from;
        return 0;
    }
    if (c->v[from].padding)
        return tfl_put(c, 0, CHANNELS, tfl_value(c, from, CHANNELS));
    if (c->v[from].at[PLAIN] < 0 && c->v[from].at[CHANNELS] < 0)
        return tfl_get(c, 0, PLAIN);    /* says what is wrong */
    memcpy(c->v[to].at, c->v[from].at, sizeof c->v[to].at);
    return 0;
}
