/* Values out of little: Range, EyeLike, OneHot, Trilu. */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

static void run_range(struct nn_task *t)
{
    enum nn_dtype type = t->out->type;
    int64_t n = nn_count(t->out);

    if (nn_wide_of(type) == NN_REAL) {
        double start = nn_wide_real(t->in[0], 0), delta = nn_wide_real(t->in[2], 0);
        for (int64_t i = 0; i < n; i++) {
            double v = start + (double)i * delta;
            nn_wide_write(type, t->out->data, i, 1, 1, NN_REAL, &v);
        }
        return;
    }
    uint64_t start = (uint64_t)nn_wide_int(t->in[0], 0), delta = (uint64_t)nn_wide_int(t->in[2], 0);
    for (int64_t i = 0; i < n; i++) {
        uint64_t v = start + (uint64_t)i * delta;
        nn_wide_write(type, t->out->data, i, 1, 1, NN_UNSIGNED, &v);
    }
}

const char *prepare_range(struct nn_task *t)
{
    for (int k = 0; k < 3; k++)
        if (nn_count(t->in[k]) != 1 || t->in[k]->type != t->out->type)
            return "needs three numbers of one type";
    t->run = run_range;
    return NULL;
}

static void run_eyelike(struct nn_task *t)
{
    int64_t k = nn_attr_int(t->node, "k", 0), cols = t->out->dim[1];
    uint64_t one = 1;

    memset(t->out->data, 0, nn_tensor_bytes(t->out));
    for (int64_t row = 0; row < t->out->dim[0]; row++)
        if (k > -cols - row && k < cols - row && row + k >= 0)
            nn_wide_write(t->out->type, t->out->data, row * cols + row + k, 1, 1, NN_UNSIGNED,
                          &one);
}

const char *prepare_eyelike(struct nn_task *t)
{
    t->run = run_eyelike;
    return NULL;
}

/* Off everywhere, then on where an index says; an index outside says nowhere. */
static void run_onehot(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int64_t axis = nn_attr_int(t->node, "axis", -1), n = nn_count(t->out), depth, inner;
    size_t size = nn_dtype_size(t->out->type);
    const char *values = t->in[2]->data;
    char *y = t->out->data;

    axis = axis < 0 ? axis + t->out->ndim : axis;
    depth = t->out->dim[axis];
    inner = nn_dims(t->out, (int)axis + 1, t->out->ndim);
    for (int64_t i = 0; i < n; i++)
        memcpy(y + (size_t)i * size, values, size);
    for (int64_t i = 0; n && i < nn_count(x); i++) {
        int64_t k = nn_wide_int(x, i);
        k = k < 0 ? k + depth : k;
        if (k >= 0 && k < depth)
            memcpy(y + (size_t)((i / inner * depth + k) * inner + i % inner) * size, values + size,
                   size);
    }
}

const char *prepare_onehot(struct nn_task *t)
{
    if (nn_count(t->in[2]) != 2)
        return "needs a value for off and one for on";
    t->run = run_onehot;
    return NULL;
}

/* Keeps what lies on or above (below) diagonal k, clears the rest. */
static void run_trilu(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int upper = nn_attr_int(t->node, "upper", 1) != 0;
    int64_t rows = x->dim[x->ndim - 2], cols = x->dim[x->ndim - 1], n = nn_count(x);
    int64_t k = t->nin > 1 && t->in[1] ? nn_wide_int(t->in[1], 0) : 0;
    size_t size = nn_dtype_size(x->type);

    k = k > cols ? cols : k < -rows ? -rows : k;
    memset(t->out->data, 0, nn_tensor_bytes(t->out));
    for (int64_t i = 0; i < n; i++) {
        int64_t over = i % cols - i / cols % rows - k;
        if (upper ? over >= 0 : over <= 0)
            memcpy((char *)t->out->data + (size_t)i * size,
                   (const char *)x->data + (size_t)i * size, size);
    }
}

const char *prepare_trilu(struct nn_task *t)
{
    if (t->nin > 1 && t->in[1] && nn_count(t->in[1]) != 1)
        return "its diagonal is not one number";
    t->run = run_trilu;
    return NULL;
}
