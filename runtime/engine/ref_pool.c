/* Pooling by its definition, and BatchNormalization. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"

struct pool {
    struct nn_window w;
    int64_t h, wd, oh, ow;
    int max, whole;             /* MaxPool; count_include_pad */
};

static float pool_at(const struct pool *p, const float *x, int64_t oy, int64_t ox)
{
    int64_t y0 = oy * p->w.stride[0] - p->w.begin[0], x0 = ox * p->w.stride[1] - p->w.begin[1];
    float best = -INFINITY, sum = 0;
    int64_t count = 0;

    for (int64_t ky = 0; ky < p->w.kernel[0]; ky++)
        for (int64_t kx = 0; kx < p->w.kernel[1]; kx++) {
            int64_t iy = y0 + ky * p->w.dilation[0], ix = x0 + kx * p->w.dilation[1];
            if (iy >= 0 && iy < p->h && ix >= 0 && ix < p->wd) {
                float v = x[iy * p->wd + ix];
                best = v > best ? v : best;
                sum += v;
                count++;
            } else if (p->whole && iy < p->h + p->w.end[0] && ix < p->wd + p->w.end[1]) {
                count++;        /* padding counts, what ceil_mode adds behind it does not */
            }
        }
    return p->max ? best : count ? sum / (float)count : 0;
}

static void pool_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct pool *p = t->state;

    for (int64_t plane = from; plane < to; plane++) {
        const float *x = (const float *)t->in[0]->data + plane * p->h * p->wd;
        float *y = (float *)t->out->data + plane * p->oh * p->ow;
        for (int64_t i = 0; i < p->oh * p->ow; i++)
            y[i] = pool_at(p, x, i / p->ow, i % p->ow);
    }
}

static void run_pool(struct nn_task *t)
{
    const struct pool *p = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2),
                 p->oh * p->ow * p->w.kernel[0] * p->w.kernel[1], pool_planes);
}

const char *prepare_pool(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct pool *p = t->state = nn_arena_alloc(t->arena, sizeof *p);

    if (x->type != NN_F32 || x->ndim != 4)
        return "only 2-D pooling of float32 is supported";
    if (nn_attr_int(t->node, "storage_order", 0))
        return "column-major storage is not supported";
    if (!p)
        return "out of memory";
    nn_window_init(&p->w, t->node, 2, x->dim + 2, NULL);
    p->h = x->dim[2];
    p->wd = x->dim[3];
    p->oh = t->out->dim[2];
    p->ow = t->out->dim[3];
    p->max = nn_op_is(t, "MaxPool");
    p->whole = nn_attr_int(t->node, "count_include_pad", 0) != 0;
    t->run = run_pool;
    return NULL;
}

static void norm_planes(struct nn_task *t, int64_t from, int64_t to)
{
    int64_t c = t->in[0]->dim[1], size = nn_dims(t->in[0], 2, t->in[0]->ndim);
    float eps = nn_attr_float(t->node, "epsilon", 1e-5f);
    const float *p[4];

    for (int k = 0; k < 4; k++)
        p[k] = t->in[k + 1]->data;      /* scale, shift, mean, variance */
    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % c;
        float gain = p[0][ch] / sqrtf(p[3][ch] + eps), shift = p[1][ch] - p[2][ch] * gain;
        const float *x = (const float *)t->in[0]->data + plane * size;
        float *y = (float *)t->out->data + plane * size;
        for (int64_t i = 0; i < size; i++)
            y[i] = x[i] * gain + shift;
    }
}

static void run_batchnorm(struct nn_task *t)
{
    nn_task_rows(t, nn_dims(t->out, 0, 2), nn_dims(t->out, 2, t->out->ndim), norm_planes);
}

const char *prepare_batchnorm(struct nn_task *t)
{
    for (int k = 0; k < 5; k++)
        if (t->in[k]->type != NN_F32)
            return "only float32 is supported";
    if (nn_attr_int(t->node, "training_mode", 0))
        return "training mode is not supported";
    t->run = run_batchnorm;
    return NULL;
}
