/* Split, Tile, DepthToSpace and SpaceToDepth: any element type, by its size. */
#include <string.h>

#include "runtime/engine/kernel.h"

static size_t width(const struct nn_task *t)
{
    return nn_dtype_size(t->in[0]->type);
}

struct split {
    int axis;
    int64_t *first;             /* where each output starts along the axis */
};

static void run_split(struct nn_task *t)
{
    const struct split *s = t->state;
    const struct nn_tensor *x = t->in[0];
    int64_t outer = nn_dims(x, 0, s->axis);
    size_t step = (size_t)nn_dims(x, s->axis + 1, x->ndim) * width(t);
    size_t all = step * (size_t)x->dim[s->axis];

    for (int k = 0; k < t->nout; k++) {
        size_t part = t->outs[k] ? step * (size_t)t->outs[k]->dim[s->axis] : 0;
        for (int64_t o = 0; part && o < outer; o++)
            memcpy((char *)t->outs[k]->data + (size_t)o * part,
                   (const char *)x->data + (size_t)o * all + (size_t)s->first[k] * step, part);
    }
}

const char *prepare_split(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *given = t->nin > 1 ? t->in[1] : NULL;
    struct split *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t axis = nn_attr_int(t->node, "axis", 0), *part, sum = 0, size;
    int count;

    axis += axis < 0 ? x->ndim : 0;
    if (axis < 0 || axis >= x->ndim)
        return "its axis does not exist";
    size = x->dim[axis];
    part = nn_arena_array(t->arena, (size_t)t->nout, sizeof *part);
    if (!s || !part || !(s->first = nn_arena_array(t->arena, (size_t)t->nout, sizeof *part)))
        return "out of memory";
    s->axis = (int)axis;
    if (given && (!(t->constant & 2) || given->type != NN_I64 || nn_count(given) != t->nout))
        return "its sizes must be constants";
    count = given ? t->nout : nn_attr_ints(t->node, "split", part, t->nout);
    for (int k = 0; k < t->nout; k++) {
        int64_t each = (size + t->nout - 1) / t->nout;
        int64_t n = given ? ((const int64_t *)given->data)[k] : count ? part[k] : each;
        s->first[k] = sum;
        n = !count && n > size - sum ? size - sum : n;
        if (n < 0 || n > size - sum || (t->outs[k] && t->outs[k]->dim[axis] != n))
            return "its sizes do not fit";
        sum += n;
    }
    t->makes = t->nout;
    t->run = run_split;
    return NULL;
}

static void tile_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_tensor *x = t->in[0], *y = t->out;
    int last = x->ndim - 1;
    size_t part = (size_t)x->dim[last] * width(t), all = (size_t)y->dim[last] * width(t);

    for (int64_t row = from; row < to; row++) {
        int64_t rest = row, at = 0, step = 1;
        for (int i = last - 1; i >= 0; i--) {
            at += rest % y->dim[i] % x->dim[i] * step;
            rest /= y->dim[i];
            step *= x->dim[i];
        }
        for (size_t done = 0; done < all; done += part)
            memcpy((char *)y->data + (size_t)row * all + done,
                   (const char *)x->data + (size_t)at * part, part);
    }
}

static void run_tile(struct nn_task *t)
{
    if (!t->in[0]->ndim)
        memcpy(t->out->data, t->in[0]->data, width(t));
    else if (nn_count(t->out))
        nn_task_rows(t, nn_dims(t->out, 0, t->out->ndim - 1), t->out->dim[t->out->ndim - 1],
                     tile_rows);
}

const char *prepare_tile(struct nn_task *t)
{
    for (int i = 0; i < t->in[0]->ndim; i++)
        if (t->in[0]->dim[i] ? t->out->dim[i] % t->in[0]->dim[i] : t->out->dim[i])
            return "the repeats do not fit";
    t->run = run_tile;
    return NULL;
}

/* A channel of the deep side for each place (by, bx) of a block of the wide side. */
static void run_blocks(struct nn_task *t)
{
    int to_deep = nn_op_is(t, "SpaceToDepth");
    int crd = !strcmp(nn_attr_text(t->node, "mode", "DCR"), "CRD") && !to_deep;
    const struct nn_tensor *deep = to_deep ? t->out : t->in[0], *wide = to_deep ? t->in[0] : t->out;
    int64_t b = nn_attr_int(t->node, "blocksize", 1), c = wide->dim[1], at = 0;
    int64_t h = deep->dim[2], w = deep->dim[3];
    size_t size = width(t);

    for (int64_t n = 0; n < deep->dim[0]; n++)
        for (int64_t ch = 0; ch < deep->dim[1]; ch++) {
            int64_t place = crd ? ch % (b * b) : ch / c, to = crd ? ch / (b * b) : ch % c;
            for (int64_t i = 0; i < h * w; i++, at++) {
                int64_t y = i / w * b + place / b, x = i % w * b + place % b;
                int64_t other = ((n * c + to) * h * b + y) * w * b + x;
                memcpy((char *)t->out->data + (size_t)(to_deep ? at : other) * size,
                       (const char *)t->in[0]->data + (size_t)(to_deep ? other : at) * size, size);
            }
        }
}

const char *prepare_blocks(struct nn_task *t)
{
    t->run = run_blocks;
    return NULL;
}
