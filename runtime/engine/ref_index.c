/*
 * Gathers and scatters by element and by rows of indices, and TopK. An index that
 * does not exist is moved to the nearest that does: run() cannot refuse any more.
 */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

enum reduction { NONE, ADD, MUL, MAX, MIN };

static int is_index(const struct nn_tensor *t)
{
    return t->type == NN_I64 || t->type == NN_I32;
}

/* Index i of `at`, into an axis of `size` > 0. */
static int64_t index_at(const struct nn_tensor *at, int64_t i, int64_t size)
{
    int64_t k = at->type == NN_I64 ? ((const int64_t *)at->data)[i]
                                   : ((const int32_t *)at->data)[i];

    k = k < 0 ? k + size : k;
    return k < 0 ? 0 : k >= size ? size - 1 : k;
}

static int axis_of(const struct nn_task *t, int64_t otherwise)
{
    int64_t axis = nn_attr_int(t->node, "axis", otherwise);

    return (int)(axis < 0 ? axis + t->in[0]->ndim : axis);
}

/* Where element i of the indices points to in the data. */
static int64_t element(const struct nn_task *t, int axis, int64_t i)
{
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    int64_t to = 0, step = 1, rest = i;

    for (int d = x->ndim - 1; d >= 0; d--) {
        int64_t k = d == axis ? index_at(at, i, x->dim[d]) : rest % at->dim[d];
        to += k * step;
        step *= x->dim[d];
        rest /= at->dim[d];
    }
    return to;
}

/* Where row i of the indices points to: the first of a run of elements. */
static int64_t row_of(const struct nn_task *t, int64_t i, int batch)
{
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    int k = (int)at->dim[at->ndim - 1];
    int64_t each = nn_dims(at, batch, at->ndim - 1), to = each ? i / each : 0;

    for (int d = 0; d < k; d++)
        to = to * x->dim[batch + d] + index_at(at, i * k + d, x->dim[batch + d]);
    return to * nn_dims(x, batch + k, x->ndim);
}

static void run_gather_elements(struct nn_task *t)
{
    size_t size = nn_dtype_size(t->out->type);
    int axis = axis_of(t, 0);

    for (int64_t i = 0, n = nn_count(t->out); i < n; i++)
        memcpy((char *)t->out->data + (size_t)i * size,
               (const char *)t->in[0]->data + (size_t)element(t, axis, i) * size, size);
}

static void run_gathernd(struct nn_task *t)
{
    int batch = (int)nn_attr_int(t->node, "batch_dims", 0);
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    int64_t rows = nn_dims(at, 0, at->ndim - 1);
    int from = batch + (int)at->dim[at->ndim - 1];
    size_t size = nn_dtype_size(x->type), part = (size_t)nn_dims(x, from, x->ndim) * size;

    for (int64_t i = 0; part && i < rows; i++)
        memcpy((char *)t->out->data + (size_t)i * part,
               (const char *)x->data + (size_t)row_of(t, i, batch) * size, part);
}

#define REDUCE(a, b) \
    (how == ADD ? (a) + (b) : how == MUL ? (a) * (b) : how == MAX ? ((a) > (b) ? (a) : (b)) \
                                                     : ((a) < (b) ? (a) : (b)))

/* out[to] = out[to] (reduced with) update i. */
static void put(struct nn_task *t, enum reduction how, int64_t to, int64_t i)
{
    enum nn_wide as = nn_wide_of(t->out->type);
    size_t size = nn_dtype_size(t->out->type);
    union {
        double real;
        int64_t whole;
        uint64_t natural;
    } a, b;

    if (how == NONE) {
        memcpy((char *)t->out->data + (size_t)to * size,
               (const char *)t->in[2]->data + (size_t)i * size, size);
        return;
    }
    nn_wide_read(t->out->type, t->out->data, to, 1, 1, as, &a);
    nn_wide_read(t->out->type, t->in[2]->data, i, 1, 1, as, &b);
    if (as == NN_REAL)
        a.real = REDUCE(a.real, b.real);
    else if (as == NN_SIGNED && how != ADD && how != MUL)
        a.whole = REDUCE(a.whole, b.whole);
    else
        a.natural = REDUCE(a.natural, b.natural);   /* signed sums wrap the same way */
    nn_wide_write(t->out->type, t->out->data, to, 1, 1, as, &a);
}

static int reduction_of(const struct nn_task *t)
{
    static const char *const names[] = { "none", "add", "mul", "max", "min" };
    const char *name = nn_attr_text(t->node, "reduction", "none");

    for (int i = 0; i < 5; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

static void copy_data(struct nn_task *t)
{
    if (nn_tensor_bytes(t->out))
        memcpy(t->out->data, t->in[0]->data, nn_tensor_bytes(t->out));
}

static void run_scatter_elements(struct nn_task *t)
{
    int axis = axis_of(t, 0);
    enum reduction how = (enum reduction)reduction_of(t);

    copy_data(t);
    for (int64_t i = 0, n = nn_count(t->in[1]); i < n; i++)
        put(t, how, element(t, axis, i), i);
}

static void run_scatternd(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    int64_t rows = nn_dims(at, 0, at->ndim - 1);
    int64_t part = nn_dims(x, (int)at->dim[at->ndim - 1], x->ndim);
    enum reduction how = (enum reduction)reduction_of(t);

    copy_data(t);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = 0, to = part ? row_of(t, i, 0) : 0; k < part; k++)
            put(t, how, to + k, i * part + k);
}

/* What all of them need; afterwards every index finds an element. */
static const char *check(const struct nn_task *t)
{
    if (!is_index(t->in[1]))
        return "indices must be int64 or int32";
    if (!nn_count(t->in[0]) && nn_count(t->in[1]))
        return "there is nothing to index";
    if (t->nin > 2 && t->in[2]->type != t->in[0]->type)
        return "the updates have another type";
    return reduction_of(t) < 0 ? "its reduction is not supported" : NULL;
}

const char *prepare_elements(struct nn_task *t)
{
    t->run = nn_op_is(t, "GatherElements") ? run_gather_elements : run_scatter_elements;
    return check(t);
}

const char *prepare_gathernd(struct nn_task *t)
{
    t->run = run_gathernd;
    return check(t);
}

const char *prepare_scatternd(struct nn_task *t)
{
    t->run = run_scatternd;
    return check(t);
}

/* Does value a of the line stand before value b? Equal ones keep their order. */
static int before(const float *x, int64_t step, int64_t a, int64_t b, int largest)
{
    float u = x[a * step], v = x[b * step];

    return u != v ? (largest ? u > v : u < v) : a < b;
}

/* The first k of a line, by insertion: k is small wherever TopK is used. */
static void topk_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_tensor *x = t->in[0];
    int axis = axis_of(t, -1), largest = nn_attr_int(t->node, "largest", 1) != 0;
    int64_t inner = nn_dims(x, axis + 1, x->ndim), n = x->dim[axis], k = t->out->dim[axis];

    for (int64_t row = from; row < to; row++) {
        const float *line = (const float *)x->data + row / inner * n * inner + row % inner;
        int64_t at = row / inner * k * inner + row % inner, have = 0, j;
        int64_t *best = (int64_t *)t->memory + row * k;
        for (int64_t i = 0; i < n; i++) {
            if (have == k && (!k || !before(line, inner, i, best[k - 1], largest)))
                continue;
            for (j = have < k ? have++ : k - 1;
                 j && before(line, inner, i, best[j - 1], largest); j--)
                best[j] = best[j - 1];
            best[j] = i;
        }
        for (int64_t i = 0; i < k; i++) {
            ((float *)t->out->data)[at + i * inner] = line[best[i] * inner];
            if (t->nout > 1 && t->outs[1])
                ((int64_t *)t->outs[1]->data)[at + i * inner] = best[i];
        }
    }
}

static void run_topk(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int axis = axis_of(t, -1);

    nn_task_rows(t, nn_dims(x, 0, axis) * nn_dims(x, axis + 1, x->ndim), 4 * x->dim[axis],
                 topk_rows);
}

const char *prepare_topk(struct nn_task *t)
{
    if (t->in[0]->type != NN_F32)
        return "only float32 is supported";
    t->scratch = (size_t)nn_count(t->out) * sizeof(int64_t);
    t->makes = 2;
    t->run = run_topk;
    return NULL;
}
