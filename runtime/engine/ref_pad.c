/* Pad: constant, edge, reflect or wrap; any element type, by its size. */
#include <string.h>

#include "runtime/engine/kernel.h"

struct pad {
    int64_t *from[NN_MAX_DIMS]; /* the input's index for each of the output's, -1: fill */
    uint8_t fill[8];
};

static int64_t source(const char *mode, int64_t i, int64_t n)
{
    int64_t period = 2 * (n - 1);

    if (i >= 0 && i < n)
        return i;
    if (!strcmp(mode, "edge"))
        return i < 0 ? 0 : n - 1;
    if (!strcmp(mode, "wrap"))
        return (i % n + n) % n;
    if (!strcmp(mode, "reflect")) {
        i = period ? (i % period + period) % period : 0;
        return i < n ? i : period - i;
    }
    return -1;
}

static void rows(struct nn_task *t, int64_t lo, int64_t hi)
{
    const struct pad *p = t->state;
    const struct nn_tensor *x = t->in[0], *y = t->out;
    int last = x->ndim - 1;
    size_t size = nn_dtype_size(x->type);

    for (int64_t row = lo; row < hi; row++) {
        char *to = (char *)y->data + (size_t)(row * y->dim[last]) * size;
        int64_t rest = row, at = 0, step = 1;
        int outside = 0;
        for (int d = last - 1; d >= 0; d--) {
            int64_t i = p->from[d][rest % y->dim[d]];
            outside |= i < 0;
            at += i * step;
            step *= x->dim[d];
            rest /= y->dim[d];
        }
        for (int64_t i = 0; i < y->dim[last]; i++, to += size) {
            int64_t k = p->from[last][i];
            memcpy(to, outside || k < 0 ? (const char *)p->fill
                   : (const char *)x->data + (size_t)(at * x->dim[last] + k) * size, size);
        }
    }
}

static void run(struct nn_task *t)
{
    struct pad *p = t->state;
    const struct nn_tensor *value = t->nin > 2 ? t->in[2] : NULL;
    int last = t->out->ndim - 1;

    if (value)
        memcpy(p->fill, value->data, nn_dtype_size(value->type));
    if (last < 0)
        memcpy(t->out->data, t->in[0]->data, nn_dtype_size(t->out->type));
    else if (nn_count(t->out))
        nn_task_rows(t, nn_dims(t->out, 0, last), t->out->dim[last] * 4, rows);
}

/* Elements in front of each dimension; 0, or -1 when they are no constants that fit. */
static int in_front(const struct nn_task *t, int64_t *front)
{
    int64_t pads[2 * NN_MAX_DIMS];
    const struct nn_tensor *given = t->nin > 1 ? t->in[1] : NULL;
    const struct nn_tensor *axes = t->nin > 3 ? t->in[3] : NULL;
    int ndim = t->in[0]->ndim;
    int64_t n = given ? nn_count(given) : nn_attr_ints(t->node, "pads", pads, 2 * NN_MAX_DIMS);

    if ((given && (!(t->constant & 2) || given->type != NN_I64)) || n > 2 * NN_MAX_DIMS ||
        (axes && (!(t->constant & 8) || (axes->type != NN_I64 && axes->type != NN_I32))) ||
        n != 2 * (axes ? nn_count(axes) : ndim))
        return -1;
    for (int64_t i = 0; i < n / 2; i++) {
        int64_t axis = !axes ? i : axes->type == NN_I64 ? ((const int64_t *)axes->data)[i]
                                                        : ((const int32_t *)axes->data)[i];
        axis += axis < 0 ? ndim : 0;
        if (axis < 0 || axis >= ndim)
            return -1;
        front[axis] = given ? ((const int64_t *)given->data)[i] : pads[i];
    }
    return 0;
}

const char *prepare_pad(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *value = t->nin > 2 ? t->in[2] : NULL;
    const char *mode = nn_attr_text(t->node, "mode", "constant");
    struct pad *p = t->state = nn_arena_alloc(t->arena, sizeof *p);
    int64_t front[NN_MAX_DIMS] = { 0 };
    int filled = !strcmp(mode, "constant");
    float fill = nn_attr_float(t->node, "value", 0);

    if (!p)
        return "out of memory";
    if (!filled && strcmp(mode, "edge") && strcmp(mode, "reflect") && strcmp(mode, "wrap"))
        return "its mode is not supported";
    if (in_front(t, front))
        return "its pads and axes must be constants";
    if (value && (value->type != x->type || nn_count(value) != 1))
        return "its value must be one number of the input's type";
    if (fill != 0 && !value && x->type != NN_F32)
        return "only float32 is padded with an attribute's value";
    if (!value && x->type == NN_F32)
        memcpy(p->fill, &fill, sizeof fill);
    for (int d = 0; d < x->ndim; d++) {
        int64_t n = t->out->dim[d];
        if (!filled && !x->dim[d] && n)
            return "there is nothing to repeat";
        if (!(p->from[d] = nn_arena_array(t->arena, (size_t)n, sizeof **p->from)) && n)
            return "out of memory";
        for (int64_t i = 0; i < n; i++)
            p->from[d][i] = source(mode, i - front[d], x->dim[d]);
    }
    t->run = run;
    return NULL;
}
