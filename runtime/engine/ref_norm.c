/* InstanceNormalization and LayerNormalization: rows to mean 0 and variance 1. */
#include <math.h>

#include "runtime/engine/kernel.h"

struct moments {
    float mean, inverse;        /* 1 / sqrt(variance + epsilon) */
};

static struct moments moments_of(const float *x, int64_t n, float epsilon)
{
    double sum = 0, square = 0, mean;

    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i];
    mean = n ? sum / (double)n : 0;
    for (int64_t i = 0; i < n; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    square = n ? square / (double)n : 0;
    return (struct moments){ (float)mean, (float)(1 / sqrt(square + (double)epsilon)) };
}

static int all_floats(const struct nn_task *t)
{
    for (int k = 0; k < t->nin; k++)
        if (t->in[k] && t->in[k]->type != NN_F32)
            return 0;
    return 1;
}

static void instance_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const float *scale = t->in[1]->data, *shift = t->in[2]->data;
    int64_t c = t->in[0]->dim[1], size = nn_dims(t->in[0], 2, t->in[0]->ndim);

    for (int64_t row = from; row < to; row++) {
        const float *x = (const float *)t->in[0]->data + row * size;
        float *y = (float *)t->out->data + row * size;
        struct moments m = moments_of(x, size, nn_attr_float(t->node, "epsilon", 1e-5f));
        for (int64_t i = 0; i < size; i++)
            y[i] = (x[i] - m.mean) * m.inverse * scale[row % c] + shift[row % c];
    }
}

static void run_instance(struct nn_task *t)
{
    nn_task_rows(t, nn_dims(t->out, 0, 2), 4 * nn_dims(t->out, 2, t->out->ndim), instance_rows);
}

const char *prepare_instancenorm(struct nn_task *t)
{
    if (!all_floats(t))
        return "only float32 is supported";
    t->run = run_instance;
    return NULL;
}

struct layer {
    int64_t rows, size;
    int64_t *at[2];             /* the scale's and the bias' element for each of a row */
};

static void layer_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct layer *l = t->state;
    const float *scale = t->in[1]->data, *bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;

    for (int64_t row = from; row < to; row++) {
        const float *x = (const float *)t->in[0]->data + row * l->size;
        float *y = (float *)t->out->data + row * l->size;
        struct moments m = moments_of(x, l->size, nn_attr_float(t->node, "epsilon", 1e-5f));
        for (int64_t i = 0; i < l->size; i++)
            y[i] = (x[i] - m.mean) * m.inverse * scale[l->at[0][i]] +
                   (bias ? bias[l->at[1][i]] : 0);
        if (t->nout > 1 && t->outs[1])
            ((float *)t->outs[1]->data)[row] = m.mean;
        if (t->nout > 2 && t->outs[2])
            ((float *)t->outs[2]->data)[row] = m.inverse;
    }
}

static void run_layer(struct nn_task *t)
{
    const struct layer *l = t->state;

    nn_task_rows(t, l->rows, 4 * l->size, layer_rows);
}

/* Numpy's broadcasting of a parameter over the normalised dimensions. */
static int64_t *places(struct nn_task *t, const struct nn_tensor *p, int64_t size)
{
    const struct nn_tensor *x = t->in[0];
    int64_t *at = nn_arena_array(t->arena, (size_t)size, sizeof *at);

    for (int64_t i = 0; at && i < size; i++) {
        int64_t rest = i, step = 1;
        at[i] = 0;
        for (int d = p->ndim - 1; d >= 0; d--) {
            int64_t k = x->dim[x->ndim - p->ndim + d];
            at[i] += p->dim[d] == 1 ? 0 : rest % k * step;
            step *= p->dim[d];
            rest /= k;
        }
    }
    return at;
}

const char *prepare_layernorm(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct layer *l = t->state = nn_arena_alloc(t->arena, sizeof *l);
    int64_t axis = nn_attr_int(t->node, "axis", -1);

    if (!l)
        return "out of memory";
    if (!all_floats(t))
        return "only float32 is supported";
    axis += axis < 0 ? x->ndim : 0;
    l->rows = nn_dims(x, 0, (int)axis);
    l->size = nn_dims(x, (int)axis, x->ndim);
    for (int k = 1; k < t->nin; k++)
        if (t->in[k] && !(l->at[k - 1] = places(t, t->in[k], l->size)))
            return "out of memory";
    t->makes = 3;
    t->run = run_layer;
    return NULL;
}
