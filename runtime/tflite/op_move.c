/* Operators that move values: shapes, order, joining, padding. */
#include <stdlib.h>

#include "runtime/tflite/convert.h"

/* RESHAPE's target where it has one; SQUEEZE and EXPAND_DIMS are told by their output. */
int tfl_reshape(struct nn_tfl_conv *c)
{
    struct nn_flat_vec given = { 0 };
    int64_t dim[NN_MAX_DIMS];
    int n = -1;

    if (tfl_expect(c, 1, 2, 1))
        return -1;
    if (c->op->code == 22) {
        given = nn_flat_vec(&c->op->options, 0, 4);
        if (tfl_in(c, 1) && tfl_in(c, 1)->data) {
            if ((n = tfl_ints(c, 1, dim, NN_MAX_DIMS)) < 0)
                return -1;
        } else if (!tfl_in(c, 1) && given.f && given.count <= NN_MAX_DIMS) {
            for (n = 0; n < (int)given.count; n++)
                dim[n] = nn_flat_at_i32(&given, (size_t)n);
        }
    }
    for (int i = 0; i < n; i++)
        if (dim[i] < -1)
            return tfl_fail(c, "a target dimension of %lld", (long long)dim[i]);
    return tfl_reshape_to(c, tfl_flat(c, 0), 0, n, n < 0 ? NULL : dim, 0);
}

int tfl_transpose(struct nn_tfl_conv *c)
{
    const struct nn_tfl_tensor *x = tfl_in(c, 0);
    int64_t perm[NN_MAX_DIMS];
    int in, t, moves = 0, channels;
    unsigned seen = 0;

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    if (tfl_ints(c, 1, perm, NN_MAX_DIMS) != x->ndim)
        return c->err->code ? -1 : tfl_fail(c, "its order does not fit %d dimensions", x->ndim);
    channels = x->ndim == 4 && c->v[tfl_in_index(c, 0)].at[CHANNELS] >= 0;
    for (int i = 0; i < x->ndim; i++) {
        if (perm[i] < 0 || perm[i] >= x->ndim || seen & 1u << perm[i])
            return tfl_fail(c, "its order names dimension %lld twice or not at all",
                            (long long)perm[i]);
        seen |= 1u << perm[i];
        if (channels)       /* from where the values are: no way back to PLAIN first */
            perm[i] = tfl_to_plain[perm[i]];
        moves |= perm[i] != i;
    }
    in = tfl_get(c, 0, channels ? CHANNELS : PLAIN);
    if (!moves)
        return tfl_put(c, 0, PLAIN, in);
    t = tfl_begin(c, "Transpose", 1, &in, 0, PLAIN, 0);
    nn_graph_attr_ints(c->g, "perm", x->ndim, perm);
    return tfl_end(c, t, 0, PLAIN, 0);
}

int tfl_concat(struct nn_tfl_conv *c)
{
    int64_t axis = nn_flat_i32(&c->op->options, 0, 0), act = tfl_act(c, 1);
    enum nn_tfl_layout layout = tfl_prefers(c);
    int n = (int)c->op->in.count, a, t, *in;

    if (tfl_expect(c, 1, 4096, 1) || !(in = nn_arena_array(&c->g->arena, (size_t)n, sizeof *in)))
        return -1;
    for (int i = 0; i < n; i++) {
        if (!tfl_in(c, (size_t)i) || tfl_in(c, (size_t)i)->ndim != tfl_out(c, 0)->ndim)
            return tfl_fail(c, "input %d has another number of dimensions", i);
        if ((in[i] = tfl_get(c, (size_t)i, layout)) < 0)
            return -1;
    }
    if ((a = tfl_axis(axis, tfl_out(c, 0)->ndim, layout)) < 0)
        return tfl_fail(c, "axis %lld is not there", (long long)axis);
    t = tfl_begin(c, "Concat", n, in, 0, layout, act);
    nn_graph_attr_int(c->g, "axis", a);
    return tfl_end(c, t, 0, layout, act);
}

/* Zeros around rows and columns alone wait: a convolution may take them as its own. */
static int put_off(struct nn_tfl_conv *c, const int64_t *pads)
{
    struct nn_tfl_value *v = &c->v[nn_flat_at_i32(&c->op->out, 0)];
    int source = tfl_in_index(c, 0);

    if (c->v[source].at[PLAIN] < 0 && c->v[source].at[CHANNELS] < 0)
        return 0;
    if (tfl_in(c, 0)->ndim != 4 || v->output || pads[0] || pads[1] || pads[6] || pads[7] ||
        !(v->padding = nn_arena_alloc(&c->g->arena, sizeof *v->padding)))
        return 0;
    *v->padding = (struct nn_tfl_padding){ source, pads[2], pads[4], pads[3], pads[5] };
    return 1;
}

/* MIRROR_PAD's second mode repeats the edge value too; ONNX has no word for it, but as far
 * as one step it is "edge". NULL: no mode. */
static const char *mirror_mode(const struct nn_tfl_conv *c, const int64_t *pads, int n)
{
    int64_t most = 0;

    for (int i = 0; i < n; i++)
        most = pads[i] > most ? pads[i] : most;
    return nn_flat_i8(&c->op->options, 0, 0) == 0 ? "reflect" : most <= 1 ? "edge" : NULL;
}

/* PAD, PADV2, MIRROR_PAD; paddings come in pairs, one a dimension. */
int tfl_pad(struct nn_tfl_conv *c)
{
    int rank, in[3] = { 0, 0, ABSENT }, t, mirror = c->op->code == 100;
    int64_t pads[2 * NN_MAX_DIMS], onnx[2 * NN_MAX_DIMS];
    enum nn_tfl_layout layout;
    const char *mode = NULL;
    float *value = NULL, fill = 0;

    if (tfl_expect(c, c->op->code == 60 ? 3 : 2, c->op->code == 60 ? 3 : 2, 1))
        return -1;
    rank = tfl_in(c, 0)->ndim;
    if (tfl_ints(c, 1, pads, 2 * NN_MAX_DIMS) != 2 * rank)
        return c->err->code ? -1 : tfl_fail(c, "its paddings do not fit %d dimensions", rank);
    for (int i = 0; i < 2 * rank; i++)
        if (pads[i] < 0 || pads[i] > 1 << 20)
            return tfl_fail(c, "a padding of %lld", (long long)pads[i]);
    if (c->op->code == 60) {
        if (nn_tfl_elements(tfl_in(c, 2)) != 1 || !(value = tfl_floats(c, tfl_in_index(c, 2))))
            return c->err->code ? -1 : tfl_fail(c, "its value is no scalar");
        fill = *value;
        free(value);
    }
    if (mirror && !(mode = mirror_mode(c, pads, 2 * rank)))
        return tfl_fail(c, "symmetric padding by more than 1 is not supported");
    if (!mirror && fill == 0 && put_off(c, pads))
        return 0;
    layout = tfl_prefers(c);
    for (int i = 0; i < rank; i++) {
        int a = tfl_axis(i, rank, layout);
        onnx[a] = pads[2 * i];
        onnx[rank + a] = pads[2 * i + 1];
    }
    in[0] = tfl_get(c, 0, layout);
    in[1] = tfl_const_i64(c, 2 * rank, onnx);
    if (fill != 0)
        in[2] = tfl_const_f32(c, fill);
    t = tfl_begin(c, "Pad", 3, in, 0, layout, 0);
    if (mode)
        tfl_attr_text(c, "mode", mode);
    return tfl_end(c, t, 0, layout, 0);
}

int tfl_gather(struct nn_tfl_conv *c)
{
    int64_t axis = nn_flat_i32(&c->op->options, 0, 0);
    int in[2], t;

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    if (nn_flat_i32(&c->op->options, 1, 0) || tfl_axis(axis, tfl_in(c, 0)->ndim, PLAIN) < 0)
        return tfl_fail(c, "axis %lld is not there, or batches, which are not supported",
                        (long long)axis);
    in[0] = tfl_get(c, 0, PLAIN);
    in[1] = tfl_get(c, 1, PLAIN);
    t = tfl_begin(c, "Gather", 2, in, 0, PLAIN, 0);
    nn_graph_attr_int(c->g, "axis", tfl_axis(axis, tfl_in(c, 0)->ndim, PLAIN));
    return tfl_end(c, t, 0, PLAIN, 0);
}

int tfl_tile(struct nn_tfl_conv *c)
{
    int64_t times[NN_MAX_DIMS], onnx[NN_MAX_DIMS];
    enum nn_tfl_layout layout;
    int in[2], rank;

    if (tfl_expect(c, 2, 2, 1))
        return -1;
    rank = tfl_in(c, 0)->ndim;
    if (tfl_ints(c, 1, times, NN_MAX_DIMS) != rank)
        return c->err->code ? -1 : tfl_fail(c, "its multiples do not fit %d dimensions", rank);
    layout = tfl_prefers(c);
    for (int i = 0; i < rank; i++)
        onnx[tfl_axis(i, rank, layout)] = times[i];
    in[0] = tfl_get(c, 0, layout);
    in[1] = tfl_const_i64(c, rank, onnx);
    return tfl_end(c, tfl_begin(c, "Tile", 2, in, 0, layout, 0), 0, layout, 0);
}
