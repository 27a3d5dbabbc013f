#include "runtime/engine/conv8.h"

#include <string.h>

static int is(const struct nn_node *n, const char *op)
{
    return !strcmp(n->op, op);
}

static const struct nn_tensor *constant(const struct nn_graph *g, const struct nn_node *n, int k)
{
    const struct nn_tensor *t = k < n->nin && n->in[k] >= 0 ? &g->tensor[n->in[k]] : NULL;

    return t && t->data ? t : NULL;
}

/* Of a tensor: nodes that are still there, and outputs of the graph. */
static int readers(const struct nn_net *net, int tensor)
{
    const struct nn_graph *g = &net->g;
    int n = 0;

    for (int i = 0; i < g->nnode; i++) {
        if (net->fused[i].skip)
            continue;
        n += net->fused[i].residual == tensor;
        for (int k = 0; k < g->node[i].nin; k++)
            n += g->node[i].in[k] == tensor;
    }
    for (int i = 0; i < g->nout; i++)
        n += g->out[i] == tensor;
    return n;
}

/* The values of a DequantizeLinear of constants: done by its own kernel, here and now. */
static int fold_constant(struct nn_net *net, const struct nn_node *n)
{
    struct nn_graph *g = &net->g;
    struct nn_tensor *in[3] = { 0 }, *out = &g->tensor[n->out[0]];
    struct nn_fused fused = { .residual = -1 };
    struct nn_task t = { .opset = g->opset, .node = n, .nin = n->nin, .in = in, .constant = 7,
                         .out = out, .fused = &fused, .arena = &g->arena };
    void *data;

    if (n->nin > 3 || out->type != NN_F32 || out->ndim < 0 || nn_count(out) < 0)
        return 0;
    for (int k = 0; k < n->nin; k++) {
        in[k] = n->in[k] < 0 ? NULL : &g->tensor[n->in[k]];
        if (in[k] && !in[k]->data)
            return 0;
    }
    if (nn_count(in[0]) != nn_count(out) || prepare_dequantise(&t))
        return 0;
    if (!(data = nn_arena_alloc(&g->arena, nn_tensor_bytes(out))))
        return -1;
    out->data = data;
    t.run(&t);
    return 0;
}

/* The one scale and zero point of a node; 0 when it has others. */
static int grid_of(const struct nn_graph *g, const struct nn_node *n, enum nn_dtype type,
                   struct nn_grid *grid)
{
    const struct nn_tensor *scale = constant(g, n, 1), *zero = constant(g, n, 2);

    if (!scale || scale->type != NN_F32 || nn_count(scale) != 1 ||
        (type != NN_U8 && type != NN_I8) ||
        (n->nin > 2 && n->in[2] >= 0 && (!zero || zero->type != type || nn_count(zero) != 1)))
        return 0;
    *grid = (struct nn_grid){ .scale = *(const float *)scale->data,
                              .lo = type == NN_U8 ? 0 : -128, .hi = type == NN_U8 ? 255 : 127 };
    if (zero)
        grid->zero = type == NN_U8 ? *(const uint8_t *)zero->data : *(const int8_t *)zero->data;
    return grid->scale > 0;
}

/* DequantizeLinear `i` reads what QuantizeLinear `from` reads, and rounds it itself. */
static int join(struct nn_net *net, int i, int quantise)
{
    struct nn_graph *g = &net->g;
    struct nn_node *n = &g->node[i], *from = &g->node[quantise];
    enum nn_dtype type = g->tensor[from->out[0]].type;
    struct nn_grid a, b, *kept;
    int *in;

    if (g->tensor[from->in[0]].type != NN_F32 || !grid_of(g, from, type, &a) ||
        !grid_of(g, n, type, &b) || a.scale != b.scale || a.zero != b.zero)
        return 0;
    kept = nn_arena_alloc(&g->arena, sizeof *kept);
    in = nn_arena_array(&g->arena, (size_t)n->nin, sizeof *in);
    if (!kept || !in)
        return -1;
    *kept = a;
    memcpy(in, n->in, (size_t)n->nin * sizeof *in);
    in[0] = from->in[0];
    n->in = in;
    net->fused[i].grid = kept;
    if (readers(net, from->out[0]) == 0)
        net->fused[quantise].skip = 1;
    return 0;
}

/* A Conv whose input the pair `x` rounds and whose weights `w` makes of int8. */
static int remember_whole(struct nn_net *net, int conv, int x, const struct nn_node *w)
{
    struct nn_graph *g = &net->g;
    const struct nn_tensor *q = constant(g, w, 0), *scale = constant(g, w, 1);
    const struct nn_tensor *zero = constant(g, w, 2);
    struct nn_whole *whole;

    if (!net->fused[x].grid || !q || q->type != NN_I8 || q->ndim != 4 || !scale ||
        scale->type != NN_F32 || !g->tensor[w->out[0]].data)
        return 0;
    if (nn_count(scale) != 1 && (nn_attr_int(w, "axis", 1) != 0 || nn_count(scale) != q->dim[0]))
        return 0;
    for (int64_t i = 0; zero && i < nn_count(zero); i++)
        if (((const int8_t *)zero->data)[i])
            return 0;
    if (!(whole = nn_arena_alloc(&g->arena, sizeof *whole)))
        return -1;
    *whole = (struct nn_whole){ net->fused[x].grid, x, q->data, scale->data, nn_count(scale) };
    net->fused[conv].whole = whole;
    return 0;
}

int nn_net_unquantise(struct nn_net *net)
{
    struct nn_graph *g = &net->g;
    int *maker, any = 0;

    for (int i = 0; i < g->nnode; i++)
        any |= is(&g->node[i], "DequantizeLinear");
    if (!any)
        return 0;
    if (!(maker = nn_arena_array(&g->arena, (size_t)g->ntensor, sizeof *maker)))
        return -1;
    for (int i = 0; i < g->nnode; i++) {
        const struct nn_node *n = &g->node[i];
        int from = is(n, "DequantizeLinear") ? maker[n->in[0]] - 1 : -1;
        if (is(n, "QuantizeLinear") || is(n, "DequantizeLinear"))
            maker[n->out[0]] = i + 1;
        if (is(n, "Conv") && n->nin > 1 && n->in[0] >= 0 && n->in[1] >= 0 && maker[n->in[0]] &&
            maker[n->in[1]] &&
            remember_whole(net, i, maker[n->in[0]] - 1, &g->node[maker[n->in[1]] - 1]))
            return -1;
        int pair = from >= 0 && is(&g->node[from], "QuantizeLinear");
        if (is(n, "DequantizeLinear") && (pair ? join(net, i, from) : fold_constant(net, n)) < 0)
            return -1;
    }
    return 0;
}

int nn_net_bypass_rounding(struct nn_net *net, int i)
{
    struct nn_graph *g = &net->g;
    struct nn_node *n = &g->node[i];
    int rounds = net->fused[i].whole->rounds, rounded = n->in[0];
    int *in;

    if (!net->fused[rounds].grid)       /* a convolution has taken the pair's place */
        return 0;
    if (!(in = nn_arena_array(&g->arena, (size_t)n->nin, sizeof *in)))
        return -1;
    memcpy(in, n->in, (size_t)n->nin * sizeof *in);
    in[0] = g->node[rounds].in[0];
    n->in = in;
    if (!readers(net, rounded))
        net->fused[rounds].skip = 1;
    return 0;
}

int nn_net_take_rounding(struct nn_net *net, int i)
{
    struct nn_graph *g = &net->g;
    int made = g->node[i].out[0], *out, k = i + 1;

    while (k < g->nnode && (net->fused[k].skip || !net->fused[k].grid || g->node[k].in[0] != made))
        k++;
    if (k == g->nnode || readers(net, made) != 1)
        return 0;
    if (!(out = nn_arena_alloc(&g->arena, sizeof *out)))
        return -1;
    *out = g->node[k].out[0];
    net->fused[i].conv8->out = net->fused[k].grid;
    g->node[k] = g->node[i];
    g->node[k].out = out;
    net->fused[k] = net->fused[i];
    net->fused[i].skip = 1;
    return 0;
}
