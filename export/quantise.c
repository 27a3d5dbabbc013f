#include "export/quantise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/quantise_layer.h"

enum { BIAS_MAX = 1 << 30 };

struct build {
    const struct nn_quantise *q;
    const struct nn_graph *from;
    struct nn_graph *to;
    int *map;                   /* tensor of `from` -> tensor of `to`, -1 not yet */
    float *scale;               /* of q->tensor[i] */
    uint8_t *zero;
    int *slot;                  /* a tensor's place in q->tensor, -1: stays float */
};

static int constant(struct build *b, const char *base, const char *what, enum nn_dtype type,
                    int ndim, const int64_t *dim, const void *data)
{
    char name[300];

    snprintf(name, sizeof name, "%.250s.%s", base, what);
    return nn_graph_const(b->to, name, type, ndim, dim, data);
}

static int node(struct build *b, const char *op, int x, int scale, int zero, const char *base,
                const char *what)
{
    char name[300];

    snprintf(name, sizeof name, "%.250s.%s", base, what);
    return nn_graph_node(b->to, op, 3, (int[]){ x, scale, zero }, name);
}

/* What readers of `old` get: `made`, or what is left of it after eight bits. */
static int rounded(struct build *b, int old, int made)
{
    const char *name = b->from->tensor[old].name;
    int i = b->slot[old], s, z;

    if (i < 0)
        return made;
    s = constant(b, name, "scale", NN_F32, 0, NULL, &b->scale[i]);
    z = constant(b, name, "zero", NN_U8, 0, NULL, &b->zero[i]);
    return node(b, "DequantizeLinear",
                node(b, "QuantizeLinear", made, s, z, name, "u8"), s, z, name, "rounded");
}

static int mapped(struct build *b, int t)
{
    const struct nn_tensor *x;

    if (t < 0)
        return -1;
    x = &b->from->tensor[t];
    if (b->map[t] < 0 && x->data)
        b->map[t] = nn_graph_const(b->to, x->name, x->type, x->ndim, x->dim, x->data);
    return b->map[t];
}

/* A scale for each output channel: `outer` runs of `channels` runs of `inner` weights. */
static void weight_scales(const float *w, int64_t outer, int64_t channels, int64_t inner,
                          const float *bias, float in_scale, int most, float *scale)
{
    for (int64_t c = 0; c < channels; c++) {
        double top = 0, least = bias ? fabs((double)bias[c]) / in_scale / BIAS_MAX : 0;
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < inner; i++)
                top = fmax(top, fabs((double)w[(o * channels + c) * inner + i]));
        scale[c] = (float)fmax(top / most, least);    /* the bias must fit 32 bits */
        if (!(scale[c] >= 1e-30f))
            scale[c] = 1;
    }
}

static void round_weights(const float *w, int64_t outer, int64_t channels, int64_t inner,
                          const float *scale, int most, int8_t *to)
{
    for (int64_t i = 0; i < outer * channels * inner; i++) {
        float v = rintf(w[i] / scale[i / inner % channels]);
        to[i] = (int8_t)fmaxf(-(float)most, fminf((float)most, v));
    }
}

/* Weights and bias of a layer, as integers behind DequantizeLinear: in[1], in[2]. */
static int integer_operands(struct build *b, const struct nn_node *n, int in[3])
{
    const struct nn_tensor *w = &b->from->tensor[n->in[1]];
    const struct nn_tensor *bias = n->nin > 2 && n->in[2] >= 0 ? &b->from->tensor[n->in[2]] : NULL;
    int axis = strcmp(n->op, "Conv") && (!strcmp(n->op, "MatMul") || !nn_attr_int(n, "transB", 0));
    int64_t outer = axis ? w->dim[0] : 1, channels = w->dim[axis];
    int64_t inner = nn_tensor_elements(w) / outer / channels;
    const char *name = b->from->tensor[n->out[0]].name;
    float in_scale = b->scale[b->slot[n->in[0]]];
    float *scale = malloc((size_t)channels * sizeof *scale);
    int8_t *q = malloc((size_t)nn_tensor_elements(w));
    int32_t *qb = calloc((size_t)channels, sizeof *qb);
    int most = (1 << (b->q->bits - 1)) - 1, ret = -1, s, whole;

    if (!scale || !q || !qb)
        goto out;
    whole = bias && nn_tensor_elements(bias) == channels && bias->dim[bias->ndim - 1] == channels;
    weight_scales(w->data, outer, channels, inner, whole ? bias->data : NULL, in_scale,
                  most, scale);
    round_weights(w->data, outer, channels, inner, scale, most, q);
    s = constant(b, name, "weight.scale", NN_F32, 1, &channels, scale);
    in[1] = node(b, "DequantizeLinear", constant(b, name, "weight.i8", NN_I8, w->ndim, w->dim, q),
                 s,
                 constant(b, name, "weight.zero", NN_I8, 1, &channels, NULL), name, "weight");
    nn_graph_attr_int(b->to, "axis", axis);
    ret = in[1];
    if (!whole) {
        in[2] = bias ? mapped(b, n->in[2]) : -1;
        goto out;
    }
    for (int64_t c = 0; c < channels; c++) {
        scale[c] *= in_scale;
        qb[c] = (int32_t)lrint(((const float *)bias->data)[c] / (double)scale[c]);
    }
    s = constant(b, name, "bias.scale", NN_F32, 1, &channels, scale);
    in[2] = node(b, "DequantizeLinear", constant(b, name, "bias.i32", NN_I32, 1, &channels, qb), s,
                 constant(b, name, "bias.zero", NN_I32, 1, &channels, NULL), name, "bias");
    nn_graph_attr_int(b->to, "axis", 0);
    ret = in[2];
out:
    free(scale);
    free(q);
    free(qb);
    return ret;
}

static int emit(struct build *b, const struct nn_node *n)
{
    int *in = malloc((size_t)(n->nin > 3 ? n->nin : 3) * sizeof *in), *out, at, ret = -1;

    if (!in || !(out = nn_arena_array(&b->to->arena, (size_t)n->nout, sizeof *out)))
        goto out;
    for (int k = 0; k < n->nin; k++)
        in[k] = k && k < 3 && nn_is_integer_layer(b->from, n) ? -1 : mapped(b, n->in[k]);
    if (nn_is_integer_layer(b->from, n) && integer_operands(b, n, in) < 0)
        goto out;
    for (int k = 0; k < n->nout; k++) {
        const struct nn_tensor *t = n->out[k] < 0 ? NULL : &b->from->tensor[n->out[k]];
        out[k] = !t ? -1 : nn_graph_tensor(b->to, t->name, t->type, t->ndim, t->dim);
    }
    if ((at = nn_graph_node_raw(b->to, n->op, n->name, n->nin, in, n->nout, out)) < 0)
        goto out;
    b->to->node[at].nattr = n->nattr;   /* shared with `from` until the final deep copy */
    b->to->node[at].attr = n->attr;
    for (int k = 0; k < n->nout; k++)
        if (n->out[k] >= 0)
            b->map[n->out[k]] = rounded(b, n->out[k], out[k]);
    ret = 0;
out:
    free(in);
    return ret;
}

/* The scale and zero point that cover a range; 0 must stand for 0 exactly. */
static void choose_scales(struct build *b)
{
    for (int i = 0; i < b->q->n; i++) {
        int like = b->q->like[i];
        struct nn_range r = b->q->range[i];
        double lo = -(double)r.lo, hi = r.hi, scale = (lo + hi) / 255, zero;
        if (like >= 0) {        /* stands before this one */
            b->scale[i] = b->scale[like];
            b->zero[i] = b->zero[like];
            continue;
        }
        zero = scale >= 1e-30 ? rint(lo / scale) : 0;
        /* Both ends still fit. Without this a picture's 256 levels, normalised about their
         * middle, would all lie half way between two values. */
        scale = fmax(zero > 0 ? lo / zero : 0, zero < 255 ? hi / (255 - zero) : 0);
        b->scale[i] = scale >= 1e-30 ? (float)scale : 1;
        b->zero[i] = (uint8_t)zero;
    }
}

static int build(struct build *b, struct nn_err *err)
{
    const struct nn_graph *g = b->from;

    b->to->opset = g->opset;
    for (int i = 0; i < g->ntensor; i++)
        b->map[i] = b->slot[i] = -1;
    for (int i = 0; i < b->q->n; i++)
        b->slot[b->q->tensor[i]] = i;
    choose_scales(b);
    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        int in = nn_graph_tensor(b->to, t->name, t->type, t->ndim, t->dim);
        if (nn_graph_input_add(b->to, in))
            return nn_fail_mem(err, g->name);
        b->map[g->in[i]] = rounded(b, g->in[i], in);
    }
    for (int i = 0; i < g->nnode; i++)
        if (emit(b, &g->node[i]))
            return nn_fail(err, NN_EMEM, "%s: out of memory", g->name);
    for (int i = 0; i < g->nout; i++) {
        int t = nn_graph_find(b->to, g->tensor[g->out[i]].name);
        nn_graph_output(b->to, t);
    }
    for (int i = 0; i < g->nmeta; i++)
        if (nn_graph_set_meta(b->to, g->meta[i].key, g->meta[i].value))
            return nn_fail_mem(err, g->name);
    return nn_graph_finish(b->to, err);
}

struct nn_graph *nn_quantise_graph(const struct nn_quantise *q, const struct nn_graph *g,
                                   struct nn_err *err)
{
    size_t n = (size_t)g->ntensor + 1;
    struct build b = { .q = q, .from = g, .to = nn_graph_new(g->name, err) };
    struct nn_graph *out = NULL;

    b.map = malloc(n * sizeof *b.map);
    b.slot = malloc(n * sizeof *b.slot);
    b.scale = malloc(n * sizeof *b.scale);
    b.zero = malloc(n);
    if (b.to && (!b.map || !b.slot || !b.scale || !b.zero))
        nn_fail_mem(err, g->name);
    else if (b.to && !build(&b, err))
        out = nn_graph_copy(b.to, err);
    free(b.map);
    free(b.slot);
    free(b.scale);
    free(b.zero);
    nn_graph_free(b.to);
    return out;
}
