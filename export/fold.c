#include "export/fold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many nodes read a tensor; a graph output counts as a reader. */
static int readers(const struct nn_graph *g, int tensor)
{
    int n = 0;

    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nin; k++)
            n += g->node[i].in[k] == tensor;
    for (int i = 0; i < g->nout; i++)
        n += g->out[i] == tensor;
    return n;
}

static const struct nn_node *maker(const struct nn_graph *g, int tensor)
{
    for (int i = 0; i < g->nnode; i++)
        if (g->node[i].nout && g->node[i].out[0] == tensor)
            return &g->node[i];
    return NULL;
}

static int is_floats(const struct nn_graph *g, int tensor, int64_t count)
{
    const struct nn_tensor *t = tensor < 0 ? NULL : &g->tensor[tensor];

    return t && t->data && t->type == NN_F32 && count > 0 && nn_tensor_elements(t) == count;
}

/* The Conv whose only reader is this norm, when all of both is constant. */
static const struct nn_node *foldable(const struct nn_graph *g, const struct nn_node *bn)
{
    const struct nn_node *conv;
    int64_t channels;

    if (strcmp(bn->op, "BatchNormalization") || bn->nin < 5)
        return NULL;
    conv = maker(g, bn->in[0]);
    if (!conv || strcmp(conv->op, "Conv") || readers(g, bn->in[0]) != 1 || conv->nin < 2 ||
        g->tensor[conv->in[1]].ndim < 1)
        return NULL;
    channels = g->tensor[conv->in[1]].dim[0];
    for (int k = 1; k < 5; k++)
        if (!is_floats(g, bn->in[k], channels))
            return NULL;
    if (!is_floats(g, conv->in[1], nn_tensor_elements(&g->tensor[conv->in[1]])) ||
        (conv->nin > 2 && conv->in[2] >= 0 && !is_floats(g, conv->in[2], channels)))
        return NULL;
    return conv;
}

struct copy {
    const struct nn_graph *from;
    struct nn_graph *to;
    int *map;               /* tensor of `from` -> tensor of `to`, -1 not yet */
};

/* The tensor of the new graph for one of the old: constants come when asked for. */
static int mapped(struct copy *c, int tensor)
{
    const struct nn_tensor *t;

    if (tensor < 0)
        return -1;
    t = &c->from->tensor[tensor];
    if (c->map[tensor] < 0 && t->data) {
        int new = nn_graph_const(c->to, t->name, t->type, t->ndim, t->dim, t->data);
        if (new >= 0)
            c->to->tensor[new].trainable = t->trainable;
        c->map[tensor] = new;
    }
    return c->map[tensor];
}

static void copy_attr(struct nn_graph *to, const struct nn_attr *a)
{
    struct nn_attr *n = nn_graph_attr_add(to, a->name);
    const char *name;

    if (!n)
        return;
    name = n->name;
    *n = *a;            /* what it points to belongs to `from`, until the final deep copy */
    n->name = name;
}

static int emit(struct copy *c, const struct nn_node *n, const int *in, int nin, int out)
{
    const char *name = c->from->tensor[out].name;
    int t = nn_graph_tensor(c->to, name, NN_UNDEFINED, -1, NULL);

    for (int i = 0; i < nin; i++)       /* what is optional may be absent, as it was */
        if (in[i] < 0 && (i >= n->nin || n->in[i] >= 0))
            return -1;
    if (t < 0 || nn_graph_node_raw(c->to, n->op, name, nin, in, 1, &t) < 0)
        return -1;
    for (int i = 0; i < n->nattr; i++)
        copy_attr(c->to, &n->attr[i]);
    return c->map[out] = t;
}

/* Conv then norm: y = (w * x + b - mean) * s + bias with s = scale / sqrt(var + eps). */
static int emit_folded(struct copy *c, const struct nn_node *conv, const struct nn_node *bn)
{
    const struct nn_graph *g = c->from;
    const struct nn_tensor *w = &g->tensor[conv->in[1]];
    const float *scale = g->tensor[bn->in[1]].data, *bias = g->tensor[bn->in[2]].data;
    const float *mean = g->tensor[bn->in[3]].data, *var = g->tensor[bn->in[4]].data;
    const float *old = conv->nin > 2 && conv->in[2] >= 0 ? g->tensor[conv->in[2]].data : NULL;
    double eps = nn_attr_float(bn, "epsilon", 1e-5f);
    int64_t channels = w->dim[0], each = nn_tensor_elements(w) / (channels ? channels : 1);
    char name[256];
    int nw, nb, in[3];
    float *fw, *fb;

    snprintf(name, sizeof name, "%s.folded.bias", w->name);
    nw = nn_graph_const(c->to, w->name, NN_F32, w->ndim, w->dim, w->data);
    nb = nn_graph_const(c->to, name, NN_F32, 1, &channels, NULL);
    if (nw < 0 || nb < 0)
        return -1;
    c->to->tensor[nw].trainable = c->to->tensor[nb].trainable = 1;
    fw = c->to->tensor[nw].data;
    fb = c->to->tensor[nb].data;
    for (int64_t o = 0; o < channels; o++) {
        double s = scale[o] / sqrt(var[o] + eps);
        for (int64_t i = 0; i < each; i++)
            fw[o * each + i] = (float)(fw[o * each + i] * s);
        fb[o] = (float)(((old ? old[o] : 0.0) - mean[o]) * s + bias[o]);
    }
    in[0] = mapped(c, conv->in[0]);
    in[1] = nw;
    in[2] = nb;
    return emit(c, conv, in, 3, bn->out[0]);
}

static int copy_node(struct copy *c, const struct nn_node *n, int *folded)
{
    const struct nn_graph *g = c->from;
    const struct nn_node *conv = foldable(g, n);
    int in[64];

    if (conv) {
        ++*folded;
        return emit_folded(c, conv, n);
    }
    if (!strcmp(n->op, "Dropout") || !strcmp(n->op, "Identity")) {
        return c->map[n->out[0]] = mapped(c, n->in[0]);
    }
    if (!strcmp(n->op, "Conv"))             /* waits for its norm */
        for (int i = 0; i < g->nnode; i++)
            if (foldable(g, &g->node[i]) == n)
                return 0;
    if (n->nin > 64 || n->nout != 1)
        return -1;
    for (int k = 0; k < n->nin; k++)
        in[k] = mapped(c, n->in[k]);
    return emit(c, n, in, n->nin, n->out[0]);
}

static int copy_graph(struct copy *c, int *folded, struct nn_err *err)
{
    const struct nn_graph *g = c->from;

    c->to->opset = g->opset;
    for (int i = 0; i < g->ntensor; i++)
        c->map[i] = -1;
    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        c->map[g->in[i]] = nn_graph_input(c->to, t->name, t->ndim, t->dim);
    }
    for (int i = 0; i < g->nnode; i++)
        if (copy_node(c, &g->node[i], folded) < 0)
            return nn_fail(err, NN_EUNSUPPORTED, "%s: node %s (%s) has several outputs and cannot "
                           "be rewritten", g->name, g->node[i].name, g->node[i].op);
    for (int i = 0; i < g->nout; i++)
        nn_graph_output(c->to, mapped(c, g->out[i]));
    for (int i = 0; i < g->nmeta; i++)
        if (nn_graph_set_meta(c->to, g->meta[i].key, g->meta[i].value))
            return nn_fail_mem(err, g->name);
    return nn_graph_finish(c->to, err);
}

struct nn_graph *nn_fold(const struct nn_graph *g, int *folded, struct nn_err *err)
{
    struct copy c = { g, nn_graph_new(g->name, err), malloc((size_t)g->ntensor * sizeof(int)) };
    struct nn_graph *out = NULL;

    *folded = 0;
    if (!c.to)
        goto end;
    if (!c.map)
        nn_fail_mem(err, g->name);
    else if (!copy_graph(&c, folded, err))
        out = nn_graph_copy(c.to, err);     /* deep: nothing points into `g` any more */
end:
    free(c.map);
    nn_graph_free(c.to);
    return out;
}
