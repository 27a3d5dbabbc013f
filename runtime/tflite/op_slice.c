/* Cutting tensors up and stacking them. */
#include <string.h>

#include "runtime/tflite/convert.h"

struct cut { /* one entry a dimension, in PLAIN's order */
    int64_t start[NN_MAX_DIMS], end[NN_MAX_DIMS], step[NN_MAX_DIMS];
};

/* A Slice of input 0 in a layout, named as output 0 or, where `what` is given, after it. */
static int slice(struct nn_tfl_conv *c, const struct cut *cut, enum nn_tfl_layout layout,
                 const char *what)
{
    int rank = tfl_in(c, 0)->ndim, in[5];
    int64_t v[4][NN_MAX_DIMS];

    for (int i = 0; i < rank; i++) {
        int a = tfl_axis(i, rank, layout);
        v[0][a] = cut->start[i];
        v[1][a] = cut->end[i];
        v[2][i] = i;
        v[3][a] = cut->step[i];
    }
    in[0] = tfl_get(c, 0, layout);
    for (int i = 0; i < 4; i++)
        in[i + 1] = tfl_const_i64(c, rank, v[i]);
    return what ? tfl_node(c, "Slice", 5, in, what) : tfl_begin(c, "Slice", 5, in, 0, layout, 0);
}

int tfl_slice(struct nn_tfl_conv *c)
{
    int64_t size[NN_MAX_DIMS];
    enum nn_tfl_layout layout;
    struct cut cut;
    int rank;

    if (tfl_expect(c, 3, 3, 1))
        return -1;
    rank = tfl_in(c, 0)->ndim;
    if (tfl_ints(c, 1, cut.start, NN_MAX_DIMS) != rank || tfl_ints(c, 2, size, NN_MAX_DIMS) != rank)
        return c->err->code ? -1 : tfl_fail(c, "its begin and size do not fit %d dimensions", rank);
    for (int i = 0; i < rank; i++) {
        if (cut.start[i] < 0 || size[i] < -1)
            return tfl_fail(c, "%lld values from %lld", (long long)size[i],
                            (long long)cut.start[i]);
        cut.end[i] = size[i] < 0 ? INT64_MAX : cut.start[i] + size[i];
        cut.step[i] = 1;
    }
    layout = tfl_prefers(c);
    return tfl_end(c, slice(c, &cut, layout, NULL), 0, layout, 0);
}

/* STRIDED_SLICE: bit i of a mask speaks of dimension i. */
int tfl_strided(struct nn_tfl_conv *c)
{
    const struct nn_flat_table *o = &c->op->options;
    int64_t begin = nn_flat_i32(o, 0, 0), end = nn_flat_i32(o, 1, 0), shrink = nn_flat_i32(o, 4, 0);
    enum nn_tfl_layout layout;
    struct cut cut;
    int rank;

    if (tfl_expect(c, 4, 4, 1))
        return -1;
    rank = tfl_in(c, 0)->ndim;
    if (nn_flat_i32(o, 2, 0) || nn_flat_i32(o, 3, 0) || nn_flat_i8(o, 5, 0))
        return tfl_fail(c, "an ellipsis, a new axis or offsets are not supported");
    if (tfl_ints(c, 1, cut.start, NN_MAX_DIMS) != rank ||
        tfl_ints(c, 2, cut.end, NN_MAX_DIMS) != rank ||
        tfl_ints(c, 3, cut.step, NN_MAX_DIMS) != rank)
        return c->err->code ? -1 : tfl_fail(c, "its limits do not fit %d dimensions", rank);
    for (int i = 0; i < rank; i++) {
        int back = cut.step[i] < 0;
        if (!cut.step[i])
            return tfl_fail(c, "a step of 0");
        if (begin >> i & 1)
            cut.start[i] = back ? INT64_MAX : 0;
        if (end >> i & 1)
            cut.end[i] = back ? -INT64_MAX : INT64_MAX;
        if (shrink >> i & 1) {
            cut.end[i] = cut.start[i] == -1 ? INT64_MAX : cut.start[i] + 1;
            cut.step[i] = 1;
        }
    }
    if (shrink & ((1 << rank) - 1))
        return tfl_reshape_to(c, slice(c, &cut, PLAIN, "slice"), 0, 0, NULL, 0);
    layout = tfl_prefers(c);
    return tfl_end(c, slice(c, &cut, layout, NULL), 0, layout, 0);
}

/* A Split with an output for each of the operator's, `squeeze`d where they lack the axis. */
static int split(struct nn_tfl_conv *c, int x, int axis, const int64_t *sizes,
                 enum nn_tfl_layout layout, int squeeze)
{
    int n = (int)c->op->out.count, in[2] = { x }, k, *out;
    int64_t a = axis;
    char name[300];

    out = nn_arena_array(&c->g->arena, (size_t)n, sizeof *out);
    if ((in[1] = tfl_const_i64(c, n, sizes)) < 0 || !out || x < 0)
        return -1;
    for (k = 0; k < n; k++) {
        if (squeeze)
            tfl_new_name(c, tfl_out(c, (size_t)k)->name, "/slice", name, sizeof name);
        else
            tfl_name(c, nn_flat_at_i32(&c->op->out, (size_t)k), layout, name, sizeof name);
        out[k] = tfl_named(c, nn_graph_tensor(c->g, name, NN_UNDEFINED, -1, NULL));
        if (out[k] < 0)
            return -1;
    }
    if (nn_graph_node_raw(c->g, "Split", c->g->tensor[out[0]].name, 2, in, n, out) < 0)
        return -1;
    nn_graph_attr_int(c->g, "axis", axis);
    if (squeeze)
        in[1] = tfl_const_i64(c, 1, &a);
    for (k = 0; k < n; k++) {
        in[0] = out[k];
        if (squeeze)
            out[k] = tfl_begin(c, "Squeeze", 2, in, (size_t)k, layout, 0);
        if (tfl_put(c, (size_t)k, layout, out[k]))
            return -1;
    }
    return 0;
}

/* SPLIT: axis, value, equal parts. SPLIT_V: value, sizes, axis. */
int tfl_split(struct nn_tfl_conv *c)
{
    int equal = c->op->code == 49, a, n = (int)c->op->out.count, rank;
    const struct nn_tfl_tensor *x;
    enum nn_tfl_layout layout;
    int64_t axis, sizes[64];

    if (tfl_expect(c, equal ? 2 : 3, equal ? 2 : 3, (size_t)n))
        return -1;
    x = tfl_in(c, equal);
    rank = x->ndim;
    if (n > 64)
        return tfl_fail(c, "%d outputs, 64 at most", n);
    if (tfl_ints(c, equal ? 0 : 2, &axis, 1) != 1 || (a = tfl_axis(axis, rank, PLAIN)) < 0)
        return c->err->code ? -1 : tfl_fail(c, "its axis is not there");
    if (equal && (x->dim[a] < 0 || x->dim[a] % n))
        return tfl_fail(c, "%lld values in %d equal parts", (long long)x->dim[a], n);
    for (int i = 0; equal && i < n; i++)
        sizes[i] = x->dim[a] / n;
    if (!equal && tfl_ints(c, 1, sizes, 64) != n)
        return c->err->code ? -1 : tfl_fail(c, "its sizes do not fit %d outputs", n);
    for (int i = 0; i < n; i++)     /* -1: what is left, which the output's shape says */
        if (sizes[i] < 0 && (sizes[i] = tfl_out(c, (size_t)i)->ndim == rank
                                            ? tfl_out(c, (size_t)i)->dim[a] : -1) < 0)
            return tfl_fail(c, "the size of part %d is open", i);
    layout = tfl_prefers(c);
    return split(c, tfl_get(c, (size_t)equal, layout), tfl_axis(axis, rank, layout), sizes, layout,
                 0);
}

int tfl_unpack(struct nn_tfl_conv *c)
{
    int64_t axis = nn_flat_i32(&c->op->options, 1, 0), ones[64];
    int n = (int)c->op->out.count, a;

    if (tfl_expect(c, 1, 1, (size_t)n))
        return -1;
    a = tfl_axis(axis, tfl_in(c, 0)->ndim, PLAIN);
    if (a < 0 || n > 64 || tfl_in(c, 0)->dim[a] != n)
        return tfl_fail(c, "%d outputs along axis %lld", n, (long long)axis);
    for (int i = 0; i < n; i++)
        ones[i] = 1;
    return split(c, tfl_get(c, 0, PLAIN), a, ones, PLAIN, 1);
}

int tfl_pack(struct nn_tfl_conv *c)
{
    int64_t axis = nn_flat_i32(&c->op->options, 1, 0), at;
    int n = (int)c->op->in.count, a = tfl_axis(axis, tfl_out(c, 0)->ndim, PLAIN), *in, t;

    if (tfl_expect(c, 1, 4096, 1) || !(in = nn_arena_array(&c->g->arena, (size_t)n, sizeof *in)))
        return -1;
    if (a < 0)
        return tfl_fail(c, "axis %lld is not there", (long long)axis);
    at = a;
    for (int i = 0; i < n; i++) {
        int pair[2] = { tfl_get(c, (size_t)i, PLAIN), tfl_const_i64(c, 1, &at) };
        if ((in[i] = tfl_node(c, "Unsqueeze", 2, pair, "part")) < 0)
            return -1;
    }
    t = tfl_begin(c, "Concat", n, in, 0, PLAIN, 0);
    nn_graph_attr_int(c->g, "axis", a);
    return tfl_end(c, t, 0, PLAIN, 0);
}
