/* Data from one place to another: any element type, by its size. */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

static size_t width(const struct nn_task *t)
{
    return nn_dtype_size(t->out->type);
}

static int64_t axis_of(const struct nn_task *t, int64_t otherwise)
{
    int64_t axis = nn_attr_int(t->node, "axis", otherwise);

    return axis < 0 ? axis + t->in[0]->ndim : axis;
}

/* A box of the input, walked with any stride in each dimension: what Transpose
 * and Slice have in common. Strides and starts are in elements. */
struct walk {
    int ndim;
    int64_t count[NN_MAX_DIMS];
    int64_t from_start, from[NN_MAX_DIMS];
    int64_t to_start, to[NN_MAX_DIMS];
};

#define WALK(T)                                                             \
    for (int64_t i = 0; i < inner; i++)                                     \
        ((T *)y)[at_to + i * w->to[last]] = ((const T *)x)[at_from + i * w->from[last]]

/* Row `row` starts here; then on to the next. */
static void seek(const struct walk *w, int64_t row, int64_t *index, int64_t *from, int64_t *to)
{
    *from = w->from_start;
    *to = w->to_start;
    for (int i = w->ndim - 2; i >= 0; i--) {
        index[i] = row % w->count[i];
        *from += index[i] * w->from[i];
        *to += index[i] * w->to[i];
        row /= w->count[i];
    }
}

static void step(const struct walk *w, int64_t *index, int64_t *from, int64_t *to)
{
    for (int i = w->ndim - 2; i >= 0; i--) {
        *from += w->from[i];
        *to += w->to[i];
        if (++index[i] < w->count[i])
            return;
        *from -= index[i] * w->from[i];
        *to -= index[i] * w->to[i];
        index[i] = 0;
    }
}

static void walk_rows(struct nn_task *t, int64_t lo, int64_t hi)
{
    const struct walk *w = t->state;
    const void *x = t->in[0]->data;
    void *y = t->out->data;
    int last = w->ndim - 1;
    int64_t inner = w->count[last], index[NN_MAX_DIMS], at_from, at_to;

    seek(w, lo, index, &at_from, &at_to);
    for (int64_t row = lo; row < hi; row++, step(w, index, &at_from, &at_to))
        switch (width(t)) {
        case 1: WALK(uint8_t); break;
        case 2: WALK(uint16_t); break;
        case 4: WALK(uint32_t); break;
        default: WALK(uint64_t); break;
        }
}

static void run_walk(struct nn_task *t)
{
    const struct walk *w = t->state;
    int64_t rows = 1;

    for (int i = 0; i < w->ndim - 1; i++)
        rows *= w->count[i];
    if (rows && w->count[w->ndim - 1])
        nn_task_rows(t, rows, w->count[w->ndim - 1], walk_rows);
}

static struct walk *walk_new(struct nn_task *t)
{
    struct walk *w = t->state = nn_arena_alloc(t->arena, sizeof *w);
    int ndim = t->out->ndim;
    int64_t step = 1;

    if (!w)
        return NULL;
    t->run = run_walk;
    for (int i = 0; i < ndim; i++)
        w->count[i] = t->out->dim[i];
    for (int i = ndim - 1; i >= 0; step *= t->out->dim[i], i--)
        w->to[i] = step;
    if (!ndim)                  /* a scalar is one row of one */
        w->count[0] = 1;
    w->ndim = ndim ? ndim : 1;
    return w;
}

static void swap64(int64_t *a, int i, int j)
{
    int64_t t = a[i];

    a[i] = a[j];
    a[j] = t;
}

/* Few dimensions with many elements in the last: what is walked together is one, and a short
 * last one changes places with the one before. */
static void simplify(struct walk *w)
{
    int n = 0;

    for (int i = 0; i < w->ndim; i++) {
        if (w->count[i] == 1)
            continue;
        if (n && w->from[n - 1] == w->from[i] * w->count[i] &&
            w->to[n - 1] == w->to[i] * w->count[i]) {
            w->count[n - 1] *= w->count[i];
        } else {
            w->count[n] = w->count[i];
            n++;
        }
        w->from[n - 1] = w->from[i];
        w->to[n - 1] = w->to[i];
    }
    if (!n) {
        w->count[0] = 1;
        w->from[0] = w->to[0] = 0;
        n = 1;
    }
    if (n > 1 && w->count[n - 1] < 8 && w->count[n - 2] > w->count[n - 1]) {
        swap64(w->count, n - 1, n - 2);
        swap64(w->from, n - 1, n - 2);
        swap64(w->to, n - 1, n - 2);
    }
    w->ndim = n;
}

static void dense_strides(const struct nn_tensor *x, int64_t *stride)
{
    int64_t step = 1;

    for (int i = x->ndim - 1; i >= 0; step *= x->dim[i], i--)
        stride[i] = step;
}

const char *prepare_transpose(struct nn_task *t)
{
    struct walk *w = walk_new(t);
    int64_t perm[NN_MAX_DIMS], stride[NN_MAX_DIMS];
    int ndim = t->in[0]->ndim, given = nn_attr_ints(t->node, "perm", perm, NN_MAX_DIMS);

    if (!w)
        return "out of memory";
    dense_strides(t->in[0], stride);
    for (int i = 0; i < ndim; i++)
        w->from[i] = stride[given ? perm[i] : ndim - 1 - i];
    simplify(w);
    return NULL;
}

/* A list that is an attribute or a constant input; its length or -1. */
static int list(const struct nn_task *t, int k, const char *attr, int64_t *out, int max)
{
    const struct nn_tensor *x = k < t->nin ? t->in[k] : NULL;
    int64_t n = x ? nn_count(x) : 0;

    if (!x)
        return attr ? nn_attr_ints(t->node, attr, out, max) : 0;
    if (!(t->constant & 1u << k) || n > max || (x->type != NN_I64 && x->type != NN_I32))
        return -1;
    for (int64_t i = 0; i < n; i++)
        out[i] = x->type == NN_I64 ? ((const int64_t *)x->data)[i] : ((const int32_t *)x->data)[i];
    return (int)n;
}

const char *prepare_slice(struct nn_task *t)
{
    struct walk *w = walk_new(t);
    int64_t start[NN_MAX_DIMS], end[NN_MAX_DIMS], axes[NN_MAX_DIMS], step[NN_MAX_DIMS];
    int n = list(t, 1, "starts", start, NN_MAX_DIMS), nend = list(t, 2, "ends", end, NN_MAX_DIMS);
    int naxes = list(t, 3, "axes", axes, NN_MAX_DIMS), nstep = list(t, 4, NULL, step, NN_MAX_DIMS);

    if (!w)
        return "out of memory";
    if (n < 0 || nend < 0 || naxes < 0 || nstep < 0)
        return "its limits must be constants";
    dense_strides(t->in[0], w->from);
    for (int i = 0; i < n; i++) {
        int64_t axis = naxes ? axes[i] : i;
        axis = axis < 0 ? axis + t->in[0]->ndim : axis;
        struct nn_span s = nn_span_of(t->in[0]->dim[axis], start[i], end[i], nstep ? step[i] : 1);
        w->from_start += s.count ? s.first * w->from[axis] : 0;
        w->from[axis] *= s.count > 1 ? s.step : 0;
    }
    simplify(w);
    return NULL;
}

/* `n` pieces of `part` bytes, so far apart. */
static void copy_pieces(char *to, size_t to_step, const char *from, size_t from_step, size_t part,
                        int64_t n)
{
    for (int64_t i = 0; part == 8 && i < n; i++, to += to_step, from += from_step)
        memcpy(to, from, 8);
    for (int64_t i = 0; part && part != 8 && i < n; i++, to += to_step, from += from_step)
        memcpy(to, from, part);
}

static void run_concat(struct nn_task *t)
{
    int64_t axis = axis_of(t, 0), outer = nn_dims(t->out, 0, (int)axis), at = 0;
    size_t all = (size_t)nn_dims(t->out, (int)axis, t->out->ndim) * width(t);

    for (int k = 0; k < t->nin; k++) {
        size_t part = (size_t)nn_dims(t->in[k], (int)axis, t->in[k]->ndim) * width(t);
        copy_pieces((char *)t->out->data + at, all, t->in[k]->data, part, part, outer);
        at += (int64_t)part;
    }
}

const char *prepare_concat(struct nn_task *t)
{
    t->run = run_concat;
    return NULL;
}

static void run_gather(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    int axis = (int)axis_of(t, 0);
    int64_t outer = nn_dims(x, 0, axis), n = nn_count(at), size = x->dim[axis];
    size_t part = (size_t)nn_dims(x, axis + 1, x->ndim) * width(t);
    char *y = t->out->data;

    for (int64_t o = 0; o < outer; o++)
        for (int64_t i = 0; i < n; i++, y += part) {
            int64_t k = at->type == NN_I64 ? ((const int64_t *)at->data)[i]
                                           : ((const int32_t *)at->data)[i];
            k = k < 0 ? k + size : k;
            k = k < 0 ? 0 : k >= size ? size - 1 : k;   /* run() cannot refuse any more */
            if (part && size)
                memcpy(y, (const char *)x->data + (size_t)(o * size + k) * part, part);
        }
}

const char *prepare_gather(struct nn_task *t)
{
    if (t->in[1]->type != NN_I64 && t->in[1]->type != NN_I32)
        return "indices must be int64 or int32";
    t->run = run_gather;
    return NULL;
}

static void run_filled(struct nn_task *t)
{
    const struct nn_attr *value = nn_attr_find(t->node, "value");

    for (int64_t i = 0, n = nn_count(t->out); i < n; i++)
        if (value && value->t)
            memcpy((char *)t->out->data + (size_t)i * width(t), value->t->data, width(t));
        else
            ((float *)t->out->data)[i] = 0;
}

const char *prepare_filled(struct nn_task *t)
{
    t->run = run_filled;
    return NULL;
}

static void run_copy(struct nn_task *t)
{
    if (nn_tensor_bytes(t->out))
        memcpy(t->out->data, t->in[0]->data, nn_tensor_bytes(t->out));
    if (t->nout > 1 && t->outs[1] && nn_tensor_bytes(t->outs[1]))   /* Dropout keeps all */
        memset(t->outs[1]->data, 1, nn_tensor_bytes(t->outs[1]));
}

/* Dropout draws lots only when it is told to train and how often. */
static int drops(const struct nn_task *t)
{
    const struct nn_tensor *ratio = t->nin > 1 ? t->in[1] : NULL;
    const struct nn_tensor *training = t->nin > 2 ? t->in[2] : NULL;

    if (training && t->constant & 4 && nn_count(training) == 1 &&
        !*(const uint8_t *)training->data)
        return 0;
    return training && !(ratio && t->constant & 2 && nn_count(ratio) == 1 &&
                         nn_wide_real(ratio, 0) == 0);
}

/* Reshape and its like where the plan could not make the output a view. */
const char *prepare_view(struct nn_task *t)
{
    int dropout = nn_op_is(t, "Dropout");

    if (dropout && drops(t))
        return "training mode is not supported";
    if (dropout && t->nout > 1 && t->outs[1] && t->outs[1]->type != NN_BOOL)
        return "its mask is not of bools";
    t->makes = dropout ? 2 : 1;
    if (nn_count(t->in[0]) != nn_count(t->out))
        return "the new shape has another number of values";
    t->run = run_copy;
    return NULL;
}

/* Shape: inference knows its values, so it never comes to running it. */
const char *prepare_folded(struct nn_task *t)
{
    (void)t;
    return "the shape of its input is not known";
}
