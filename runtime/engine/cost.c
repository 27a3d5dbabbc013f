/*
 * What a task costs, in multiply-adds of a fast kernel: for deciding what is worth
 * doing at load, and nothing else. Rough, but never far too low: small models that
 * take minutes are easily made.
 */
#include <string.h>

#include "runtime/engine/plan.h"
#include "runtime/onnx/einsum.h"

enum { PLAIN = 8 };             /* a plain kernel's step takes as long as so many */

static double size(const struct nn_tensor *t)
{
    double n = 1;

    for (int i = 0; t && i < t->ndim; i++)
        n *= (double)t->dim[i];
    return t ? n : 0;
}

static double input(const struct nn_task *t, int k)
{
    return k < t->nin ? size(t->in[k]) : 0;
}

/* Every value in and out once. */
static double touched(const struct nn_task *t)
{
    double n = 0;

    for (int k = 0; k < t->nin; k++)
        n += input(t, k);
    for (int k = 0; k < t->nout; k++)
        n += size(t->outs[k]);
    return n;
}

/* Multiply-adds behind one value of the output (ConvTranspose: of the input). */
static double taps(const struct nn_task *t)
{
    const struct nn_tensor *w = t->in[1];
    double n = 1;

    for (int i = 1; i < w->ndim; i++)
        n *= (double)w->dim[i];
    return n;
}

static double window(const struct nn_task *t)
{
    int64_t kernel[3] = { 1, 1, 1 };
    int n = nn_attr_ints(t->node, "kernel_shape", kernel, 3);
    double taps = 1;

    for (int i = 0; i < n; i++)
        taps *= (double)kernel[i];
    return taps;
}

static double einsum(const struct nn_task *t)
{
    struct nn_tensor *x[NN_EINSUM_INPUTS] = { 0 };
    struct nn_einsum e;
    double n = 1;

    for (int k = 0; k < t->nin && k < NN_EINSUM_INPUTS; k++)
        x[k] = t->in[k];
    if (nn_einsum_parse(&e, nn_attr_text(t->node, "equation", ""), t->nin, x))
        return 0;
    for (int i = 0; i < NN_EINSUM_LABELS; i++)
        n *= (double)e.size[i];
    return n * t->nin;
}

static double axis_size(const struct nn_tensor *x, int64_t axis)
{
    axis += axis < 0 ? x->ndim : 0;
    return axis >= 0 && axis < x->ndim ? (double)x->dim[axis] : 1;
}

static double matrices(const struct nn_task *t)
{
    const struct nn_tensor *a = t->in[0];
    int turned = nn_op_is(t, "Gemm") && nn_attr_int(t->node, "transA", 0);

    return size(t->out) * axis_size(a, turned ? 0 : -1);
}

double nn_task_cost(const struct nn_task *t)
{
    const char *op = t->node->op;
    double out = size(t->out);

    if (!strncmp(op, "ConvT", 5))
        return input(t, 0) * taps(t) * (t->fused->conv ? 1 : PLAIN) + out;
    if (!strncmp(op, "Conv", 4) || !strcmp(op, "QLinearConv"))
        return out * taps(t) * (t->fused->conv ? 1 : PLAIN);
    if (!strcmp(op, "MatMul") || !strcmp(op, "Gemm"))
        return matrices(t) + out;
    if (strstr(op, "MatMul"))
        return matrices(t) * PLAIN + out;
    if (!strcmp(op, "Einsum"))
        return einsum(t) * PLAIN;
    if (!strcmp(op, "LSTM") || !strcmp(op, "GRU") || !strcmp(op, "RNN"))
        return (input(t, 1) + input(t, 2)) * axis_size(t->in[0], 0) * axis_size(t->in[0], 1) *
               PLAIN;
    if (strstr(op, "Pool"))
        return (out * window(t) + input(t, 0)) * PLAIN;
    if (!strcmp(op, "TopK"))
        return input(t, 0) * (axis_size(t->out, nn_attr_int(t->node, "axis", -1)) + 1) * PLAIN;
    if (!strcmp(op, "Det"))
        return input(t, 0) * axis_size(t->in[0], -1) * PLAIN;
    if (!strcmp(op, "NonMaxSuppression"))       /* each box against each that was taken */
        return input(t, 1) * (size(t->out) / 3 + 64) * PLAIN;
    if (!strcmp(op, "Unique"))
        return input(t, 0) * 64 * PLAIN;
    return touched(t) * PLAIN;
}
