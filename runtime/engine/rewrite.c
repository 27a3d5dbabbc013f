/*
 * Rewrites at load. A fused convolution moves to the place of the last node it
 * swallows, where all its operands are known to be ready; the others are
 * skipped. Node numbers stay those of the loaded graph.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/conv8.h"

enum { MAX_DILATION = 256 };    /* struct nn_phase keeps taps in 16 bits */

struct rewrite {
    struct nn_net *net;
    int *maker;                 /* of a tensor: the node that makes it now, or -1 */
    int *users;                 /* of a tensor */
};

static const struct nn_tensor *constant(const struct nn_graph *g, const struct nn_node *n, int k)
{
    const struct nn_tensor *t = k < n->nin && n->in[k] >= 0 ? &g->tensor[n->in[k]] : NULL;

    return t && t->data && t->type == NN_F32 ? t : NULL;
}

static int is_transposed(const struct nn_node *n)
{
    return !strcmp(n->op, "ConvTranspose");
}

/* Convolutions of pictures whose weights never change: packed once for all plans. */
static int packs(const struct nn_graph *g, const struct nn_node *n)
{
    int up = is_transposed(n);
    const struct nn_tensor *w = up || !strcmp(n->op, "Conv") ? constant(g, n, 1) : NULL, *b;
    int64_t group = nn_attr_int(n, "group", 1), stride[2] = { 1, 1 }, wide[2] = { 1, 1 };

    if (!w || w->ndim != 4 || nn_count(w) < 1 || group < 1 || w->dim[0] % group ||
        nn_dims(w, 2, 4) > NN_MAX_TAPS)
        return 0;
    nn_attr_ints(n, "strides", stride, 2);
    nn_attr_ints(n, "dilations", wide, 2);
    if (wide[0] < 1 || wide[1] < 1 || wide[0] > MAX_DILATION || wide[1] > MAX_DILATION)
        return 0;
    if (up && (group != 1 || stride[0] < 1 || stride[1] < 1 || stride[0] > 4 || stride[1] > 4))
        return 0;
    b = n->nin > 2 && n->in[2] >= 0 ? constant(g, n, 2) : w;
    return b == w || (b && nn_count(b) == w->dim[up]);
}

/* The convolution that alone feeds input k of `n`, else -1. */
static int feeding_conv(const struct rewrite *r, const struct nn_node *n, int k)
{
    const struct nn_graph *g = &r->net->g;
    int t = n->in[k], p = t < 0 ? -1 : r->maker[t];
    const struct nn_node *c = p < 0 ? NULL : &g->node[p];

    if (!c || r->users[t] != 1 || !packs(g, c))
        return -1;
    return r->net->fused[p].act ? -1 : p;
}

/* Convolution p now also does what node i did. */
static int move(struct rewrite *r, int p, int i)
{
    struct nn_graph *g = &r->net->g;
    int *out = nn_arena_alloc(&g->arena, sizeof *out);

    if (!out)
        return -1;
    *out = g->node[i].out[0];
    g->node[i] = g->node[p];
    g->node[i].out = out;
    g->node[i].nout = 1;
    r->maker[*out] = i;
    r->net->fused[i] = r->net->fused[p];
    r->net->fused[p].skip = 1;
    return 0;
}

/* Scaling a channel of the output is scaling the weights that make it. */
static int fold_norm(struct rewrite *r, int i)
{
    struct nn_graph *g = &r->net->g;
    const struct nn_node *n = &g->node[i];
    int p = feeding_conv(r, n, 0);
    const struct nn_tensor *w, *b, *param[4];
    struct nn_fused *f = p < 0 ? NULL : &r->net->fused[p];
    float eps = nn_attr_float(n, "epsilon", 1e-5f), *weight, *bias;
    int64_t out, k;

    if (p < 0 || f->residual >= 0 || f->weight || nn_attr_int(n, "training_mode", 0))
        return 0;
    w = constant(g, &g->node[p], 1);
    b = constant(g, &g->node[p], 2);
    out = w->dim[is_transposed(&g->node[p])];
    k = is_transposed(&g->node[p]) ? nn_dims(w, 2, 4) : nn_count(w) / out;
    for (int j = 0; j < 4; j++)
        if (!(param[j] = constant(g, n, j + 1)) || nn_count(param[j]) != out)
            return 0;
    weight = nn_arena_array(&g->arena, (size_t)nn_count(w), sizeof *weight);
    bias = nn_arena_array(&g->arena, (size_t)out, sizeof *bias);
    if (!weight || !bias)
        return -1;
    for (int64_t o = 0; o < out; o++) {
        float gain = ((float *)param[0]->data)[o] / sqrtf(((float *)param[3]->data)[o] + eps);
        float old = b ? ((float *)b->data)[o] : 0;
        bias[o] = (old - ((float *)param[2]->data)[o]) * gain + ((float *)param[1]->data)[o];
        for (int64_t at = o * k; at < nn_count(w); at += out * k)  /* once, but transposed */
            for (int64_t j = at; j < at + k; j++)
                weight[j] = ((float *)w->data)[j] * gain;
    }
    f->weight = weight;
    f->bias = bias;
    return move(r, p, i);
}

/* One slope for each output channel of convolution p. */
static const float *same_slope(struct rewrite *r, int p, float alpha)
{
    struct nn_graph *g = &r->net->g;
    int64_t n = constant(g, &g->node[p], 1)->dim[is_transposed(&g->node[p])];
    float *slope = nn_arena_array(&g->arena, (size_t)n, sizeof *slope);

    for (int64_t i = 0; slope && i < n; i++)
        slope[i] = alpha;
    return slope;
}

static int fold_act(struct rewrite *r, int i)
{
    const struct nn_graph *g = &r->net->g;
    const struct nn_node *n = &g->node[i];
    struct nn_fused act = { .lo = 0, .hi = INFINITY };
    int p = feeding_conv(r, n, 0), clip = !strcmp(n->op, "Clip");

    if (p < 0)
        return 0;
    if (!strcmp(n->op, "LeakyRelu")) {
        act.lo = -INFINITY;
        if (!(act.slope = same_slope(r, p, nn_attr_float(n, "alpha", .01f))))
            return -1;
    } else if (clip && g->opset < 11) {
        act.lo = nn_attr_float(n, "min", -INFINITY);
        act.hi = nn_attr_float(n, "max", INFINITY);
    } else if (clip) {
        act.lo = -INFINITY;
        for (int k = 1; k < n->nin; k++)
            if (n->in[k] >= 0 && (!constant(g, n, k) || nn_count(constant(g, n, k)) != 1))
                return 0;
            else if (n->in[k] >= 0)
                *(k == 1 ? &act.lo : &act.hi) = *(float *)constant(g, n, k)->data;
    }
    r->net->fused[p].act = 1;
    r->net->fused[p].lo = act.lo;
    r->net->fused[p].hi = act.hi;
    r->net->fused[p].slope = act.slope;
    return move(r, p, i);
}

/* Only the batch dimension may be unknown: anything else might broadcast. */
static int same_shape(const struct nn_tensor *a, const struct nn_tensor *b)
{
    if (a->ndim < 3 || a->ndim != b->ndim || a->type != b->type || a->dim[0] != b->dim[0])
        return 0;
    for (int i = 1; i < a->ndim; i++)
        if (a->dim[i] != b->dim[i] || a->dim[i] < 0)
            return 0;
    return 1;
}

static int fold_add(struct rewrite *r, int i)
{
    struct nn_graph *g = &r->net->g;
    const struct nn_node *n = &g->node[i];

    if (!same_shape(&g->tensor[n->in[0]], &g->tensor[n->in[1]]))
        return 0;
    for (int k = 0; k < 2; k++) {
        int p = feeding_conv(r, n, k);
        if (p < 0 || r->net->fused[p].residual >= 0)
            continue;
        r->net->fused[p].residual = n->in[1 - k];
        return move(r, p, i);
    }
    return 0;
}

/* A convolution behind a Resize or Upsample that may double its picture: the plan sees
 * whether it does. */
static int doubled(const struct rewrite *r, const struct nn_node *n)
{
    static const char *const names[] = { "strides", "dilations" };
    const struct nn_graph *g = &r->net->g;
    const struct nn_tensor *w = constant(g, n, 1);
    int64_t v[4] = { 1, 1, 1, 1 };
    int from = r->maker[n->in[0]];

    if (from < 0 || (strcmp(g->node[from].op, "Resize") && strcmp(g->node[from].op, "Upsample")) ||
        is_transposed(n) || w->dim[2] != 3 || w->dim[3] != 3 || nn_attr_int(n, "group", 1) != 1)
        return 0;
    for (int i = 0; i < 2; i++)
        if (nn_attr_ints(n, names[i], v, 2) && (v[0] != 1 || v[1] != 1))
            return 0;
    return nn_attr_ints(n, "pads", v, 4) == 4 && v[0] == 1 && v[1] == 1 && v[2] == 1 && v[3] == 1;
}

static int pack_floats(struct rewrite *r, struct nn_node *n, struct nn_fused *f)
{
    struct nn_arena *a = &r->net->g.arena;
    const struct nn_simd *simd = r->net->simd;
    const struct nn_tensor *w = constant(&r->net->g, n, 1);

    f->conv = is_transposed(n) ? nn_conv_transposed(a, simd, n, w, f)
                               : nn_conv_new(a, simd, n, w, f);
    if (f->conv && doubled(r, n) && !(f->upsampled = nn_conv_upsampled(a, simd, w, f)))
        return -1;
    return f->conv ? 0 : -1;
}

static int pack_weights(struct rewrite *r)
{
    struct nn_net *net = r->net;
    struct nn_graph *g = &net->g;

    for (int i = 0; i < g->nnode; i++) {
        struct nn_node *n = &g->node[i];
        struct nn_fused *f = &net->fused[i];
        if (f->skip || f->conv8 || !packs(g, n))
            continue;
        if (!f->bias && n->nin > 2 && n->in[2] >= 0)
            f->bias = constant(g, n, 2)->data;
        if (f->whole && nn_conv8_new(&g->arena, net->simd, n, constant(g, n, 1), f, &f->conv8))
            return -1;
        if (f->conv8 && nn_net_bypass_rounding(net, i))
            return -1;
        if (f->conv8 && nn_net_take_rounding(net, i))
            return -1;
        if (!f->conv8 && pack_floats(r, n, f))
            return -1;
    }
    return 0;
}

int nn_net_rewrite(struct nn_net *net, struct nn_err *err)
{
    struct nn_graph *g = &net->g;
    struct rewrite r = { net, NULL, NULL };
    int bad = 0;

    net->fused = nn_arena_array(&g->arena, (size_t)g->nnode, sizeof *net->fused);
    r.maker = malloc(((size_t)g->ntensor + 1) * sizeof *r.maker);
    r.users = net->users = nn_arena_array(&g->arena, (size_t)g->ntensor, sizeof *r.users);
    for (int i = 0; net->fused && i < g->nnode; i++)
        net->fused[i] = (struct nn_fused){ .residual = -1, .lo = -INFINITY, .hi = INFINITY };
    if (!net->fused || !r.maker || !r.users || nn_net_unquantise(net))
        bad = -1;
    for (int t = 0; !bad && t < g->ntensor; t++)
        r.maker[t] = -1;
    for (int i = 0; !bad && i < g->nout; i++)
        r.users[g->out[i]]++;
    for (int i = 0; !bad && i < g->nnode; i++) {
        for (int k = 0; k < g->node[i].nin; k++)
            if (g->node[i].in[k] >= 0)
                r.users[g->node[i].in[k]]++;
        for (int k = 0; k < g->node[i].nout; k++)
            if (g->node[i].out[k] >= 0)
                r.maker[g->node[i].out[k]] = i;
    }
    for (int i = 0; !bad && i < g->nnode; i++) {
        const char *op = g->node[i].op;
        if (!strcmp(op, "BatchNormalization"))
            bad = fold_norm(&r, i);
        else if (!strcmp(op, "Relu") || !strcmp(op, "LeakyRelu") || !strcmp(op, "Clip"))
            bad = fold_act(&r, i);
        else if (!strcmp(op, "Add"))
            bad = fold_add(&r, i);
    }
    if (bad || pack_weights(&r))
        bad = nn_fail(err, NN_EMEM, "the weights do not fit into the memory allowed");
    free(r.maker);
    return bad;
}
