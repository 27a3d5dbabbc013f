/* Tensors as ONNX values: layouts made when asked for, constants decoded. */
#include <stdio.h>
#include <string.h>

#include "runtime/tflite/convert.h"

const int tfl_to_channels[4] = { 0, 3, 1, 2 }, tfl_to_plain[4] = { 0, 2, 3, 1 };

const char *tfl_new_name(struct nn_tfl_conv *c, const char *base, const char *suffix, char *buf,
                         size_t size)
{
    snprintf(buf, size, "%s%s", *base ? base : "tensor", suffix);
    for (int i = c->g->ntensor; nn_names_get(&c->names, buf) >= 0; i++)
        snprintf(buf, size, "%s%s_%d", *base ? base : "tensor", suffix, i);
    return buf;
}

int tfl_named(struct nn_tfl_conv *c, int t)
{
    if (t >= 0 && nn_names_get(&c->names, c->g->tensor[t].name) < 0 &&
        nn_names_add(&c->names, c->g->tensor[t].name, t))
        return nn_fail_mem(c->err, "tensor names");
    return t;
}

/* Do both layouts have the same order of values? */
static int same_order(const int64_t *dim)
{
    return dim[3] == 1 || (dim[1] == 1 && dim[2] == 1);
}

const char *tfl_name(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout, char *buf,
                     size_t size)
{
    const struct nn_tfl_value *v = &c->v[t];
    int ours = layout == (c->nchw && c->m->tensor[t].ndim == 4 ? CHANNELS : PLAIN);

    if (v->output && ours) {
        snprintf(buf, size, "%s", v->output);
        return buf;
    }
    return tfl_new_name(c, c->m->tensor[t].name,
                    !v->output && v->at[0] < 0 && v->at[1] < 0 ? ""
                    : layout == CHANNELS ? "/nchw" : "/nhwc", buf, size);
}

/* A node with `name`; ABSENT inputs are left out. */
static int add_node(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in,
                    const char *name)
{
    int *list = nn_arena_array(&c->g->arena, (size_t)nin, sizeof *list), t;

    if (!list)
        return nn_fail_mem(c->err, "node");
    for (int i = 0; i < nin; i++) {
        if (in[i] == -1)
            return -1;
        list[i] = in[i] == ABSENT ? -1 : in[i];
    }
    while (nin && list[nin - 1] == -1)
        nin--;
    if ((t = nn_graph_tensor(c->g, name, NN_UNDEFINED, -1, NULL)) < 0 ||
        nn_graph_node_raw(c->g, onnx, name, nin, list, 1, &t) < 0)
        return -1;
    return tfl_named(c, t);
}

/* Tensor t, there in the other layout, in this one. */
static int relayout(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout)
{
    const struct nn_tfl_tensor *from = &c->m->tensor[t];
    const int *perm = layout == CHANNELS ? tfl_to_channels : tfl_to_plain;
    int64_t dim[4] = { 1, 1, 1, 1 }, p[4], lead[4] = { 0, 1, 2, 3 };
    int x = c->v[t].at[!layout], in[2], open = 0;
    char name[300], wide[300];

    for (int i = 0; i < from->ndim; i++)
        dim[4 - from->ndim + i] = from->dim[i];
    for (int i = 0; i < 4; i++) {
        p[i] = layout == CHANNELS ? dim[perm[i]] : dim[i];
        open += i && p[i] == NN_DYNAMIC;
    }
    tfl_name(c, t, layout, name, sizeof name);
    if (same_order(dim) && !open && (from->ndim == 4 || dim[0] >= 0)) {
        if (p[0] == NN_DYNAMIC)
            p[0] = 0;                   /* stays what it is */
        in[0] = x;
        in[1] = layout == CHANNELS ? tfl_const_i64(c, 4, p)
                                   : tfl_const_i64(c, from->ndim, p + 4 - from->ndim);
        return add_node(c, "Reshape", 2, in, name);
    }
    for (int i = 0; i < 4; i++)
        p[i] = perm[i];
    if (from->ndim == 4) {
        x = add_node(c, "Transpose", 1, &x, name);
        nn_graph_attr_ints(c->g, "perm", 4, p);
        return x;
    }
    tfl_new_name(c, from->name, "/4d", wide, sizeof wide);      /* CHANNELS has four dimensions */
    in[0] = x;
    in[1] = tfl_const_i64(c, 4 - from->ndim, lead);
    if (layout == CHANNELS)
        in[0] = add_node(c, "Unsqueeze", 2, in, wide);
    x = add_node(c, "Transpose", 1, in, layout == CHANNELS ? name : wide);
    nn_graph_attr_ints(c->g, "perm", 4, p);
    in[0] = x;
    return layout == CHANNELS ? x : add_node(c, "Squeeze", 2, in, name);
}

/* The Pad node that was put off. */
static int pad_now(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout)
{
    const struct nn_tfl_padding *p = c->v[t].padding;
    int64_t plain[8] = { 0, p->top, p->left, 0, 0, p->bottom, p->right, 0 };
    int64_t channels[8] = { 0, 0, p->top, p->left, 0, 0, p->bottom, p->right };
    char name[300];
    int in[2] = { tfl_value(c, p->source, layout),
                  tfl_const_i64(c, 8, layout == PLAIN ? plain : channels) };

    return add_node(c, "Pad", 2, in, tfl_name(c, t, layout, name, sizeof name));
}

int tfl_value(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout)
{
    const struct nn_tfl_tensor *from = &c->m->tensor[t];
    struct nn_tfl_value *v = &c->v[t];

    if (v->at[layout] >= 0)
        return v->at[layout];
    if (from->ndim > 4 && (layout == CHANNELS || v->at[CHANNELS] >= 0))
        return tfl_fail(c, "'%s' has %d dimensions, 4 at most", from->name, from->ndim);
    if (tfl_is_const(c, t))
        return v->at[layout] = tfl_const_in(c, t, layout);
    if (v->padding && v->at[!layout] < 0)
        return v->at[layout] = pad_now(c, t, layout);
    if (v->at[!layout] < 0)
        return tfl_fail(c, "its input '%s' is made by no earlier operator", from->name);
    if (from->ndim == 0)
        return v->at[!layout];
    return v->at[layout] = relayout(c, t, layout);
}

int tfl_get(struct nn_tfl_conv *c, size_t k, enum nn_tfl_layout layout)
{
    int t = tfl_in_index(c, k);

    return t < 0 ? tfl_fail(c, "input %zu is missing", k) : tfl_value(c, t, layout);
}

int tfl_flat(struct nn_tfl_conv *c, size_t k)
{
    const struct nn_tfl_tensor *t = tfl_in(c, k);
    const struct nn_tfl_value *v = t ? &c->v[tfl_in_index(c, k)] : NULL;

    if (t && t->ndim == 4 && v->at[PLAIN] < 0 && v->at[CHANNELS] >= 0 && same_order(t->dim))
        return v->at[CHANNELS];
    return tfl_get(c, k, PLAIN);
}

static int is_channels(const struct nn_tfl_conv *c, int t)
{
    while (t >= 0 && c->v[t].padding && c->v[t].at[PLAIN] < 0 && c->v[t].at[CHANNELS] < 0)
        t = c->v[t].padding->source;
    return t >= 0 && !tfl_is_const(c, t) && c->m->tensor[t].ndim == 4 && c->v[t].at[CHANNELS] >= 0;
}

enum nn_tfl_layout tfl_prefers(const struct nn_tfl_conv *c)
{
    if (tfl_out(c, 0)->ndim == 4)
        for (size_t k = 0; k < c->op->in.count; k++)
            if (is_channels(c, tfl_in_index(c, k)))
                return CHANNELS;
    return PLAIN;
}

int tfl_axis(int64_t axis, int rank, enum nn_tfl_layout layout)
{
    if (axis < 0)
        axis += rank;
    if (axis < 0 || axis >= rank)
        return -1;
    return layout == CHANNELS && rank == 4 ? tfl_to_plain[axis] : (int)axis;
}

int tfl_put(struct nn_tfl_conv *c, size_t k, enum nn_tfl_layout layout, int t)
{
    if (t < 0)
        return -1;
    c->v[nn_flat_at_i32(&c->op->out, k)].at[layout] = t;
    return 0;
}

int tfl_begin(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in, size_t k,
              enum nn_tfl_layout layout, int64_t act)
{
    int t = nn_flat_at_i32(&c->op->out, k);
    char name[300];

    if (act)
        tfl_new_name(c, c->m->tensor[t].name, "/linear", name, sizeof name);
    else
        tfl_name(c, t, layout, name, sizeof name);
    return add_node(c, onnx, nin, in, name);
}

int tfl_end(struct nn_tfl_conv *c, int tensor, size_t k, enum nn_tfl_layout layout, int64_t act)
{
    static const char *const onnx[] = { "", "Relu", "Clip", "Clip" };
    int in[3] = { tensor, ABSENT, ABSENT };

    if (tensor < 0)
        return -1;
    if (act < 0 || act > 3)     /* 4 is TANH, which LiteRT's kernels leave out in silence */
        return tfl_fail(c, "fused activation %lld is not supported", (long long)act);
    if (act == 2 || act == 3) {
        in[1] = tfl_const_f32(c, act == 2 ? -1 : 0);
        in[2] = tfl_const_f32(c, act == 2 ? 1 : 6);
    }
    if (act)
        tensor = tfl_begin(c, onnx[act], 3, in, k, layout, 0);
    return tfl_put(c, k, layout, tensor);
}

int tfl_node(struct nn_tfl_conv *c, const char *onnx, int nin, const int *in, const char *what)
{
    char suffix[40], name[300];

    snprintf(suffix, sizeof suffix, "/%s", what);
    tfl_new_name(c, c->m->tensor[nn_flat_at_i32(&c->op->out, 0)].name, suffix, name, sizeof name);
    return add_node(c, onnx, nin, in, name);
}

void tfl_attr_text(struct nn_tfl_conv *c, const char *name, const char *value)
{
    struct nn_attr *a = nn_graph_attr_add(c->g, name);

    if (a) {
        a->kind = NN_ATTR_STRING;
        a->s = nn_arena_strdup(&c->g->arena, value);
    }
}

int tfl_reshape_to(struct nn_tfl_conv *c, int x, size_t k, int ndim, const int64_t *dim,
                   int64_t act)
{
    const struct nn_tfl_tensor *out = tfl_out(c, k);
    int64_t p[NN_MAX_DIMS];
    int in[2] = { x }, open = 0;

    if (!dim) {
        ndim = out->ndim;
        dim = out->dim;
    }
    for (int i = 0; i < ndim; i++) {
        p[i] = dim[i] < 0 ? -1 : dim[i];
        open += dim[i] < 0;
    }
    if (open > 1)
        return tfl_fail(c, "more than one dimension of its output is open");
    in[1] = tfl_const_i64(c, ndim, p);
    return tfl_end(c, tfl_begin(c, "Reshape", 2, in, k, PLAIN, act), k, PLAIN, act);
}
