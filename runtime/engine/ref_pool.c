/* Pooling by its definition, in one to three dimensions, and BatchNormalization. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

/* Fewer dimensions: the first ones are 1. */
struct pool {
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], begin[3], end[3];
    int64_t size, count;        /* of a plane of the input, of the output */
    int max, whole, column;     /* MaxPool; count_include_pad; storage_order */
    enum nn_dtype type;
};

struct found {
    double best, sum;
    int64_t at, count;          /* of the best in its plane, -1: none; values counted */
};

static double read(enum nn_dtype type, const void *x, int64_t i)
{
    double v;

    if (type == NN_F32)
        return (double)((const float *)x)[i];
    nn_wide_read(type, x, i, 1, 1, NN_REAL, &v);
    return v;
}

/* One tap of a window: where it falls along axis `d`. 0 inside, 1 in the padding, 2 behind it. */
static int place(const struct pool *p, int d, int64_t o, int64_t k, int64_t *i)
{
    *i = o * p->stride[d] - p->begin[d] + k * p->dilation[d];
    return *i >= 0 && *i < p->in[d] ? 0 : *i < p->in[d] + p->end[d] ? 1 : 2;
}

/* The window whose output is `o` of a plane that starts at `from`. */
static struct found look(const struct pool *p, const void *x, int64_t from, const int64_t *o)
{
    struct found f = { -INFINITY, 0, -1, 0 };
    int64_t i[3];

    for (int64_t a = 0; a < p->kernel[0]; a++)
        for (int64_t b = 0; b < p->kernel[1]; b++)
            for (int64_t c = 0; c < p->kernel[2]; c++) {
                int out = place(p, 0, o[0], a, &i[0]);
                out |= place(p, 1, o[1], b, &i[1]);
                out |= place(p, 2, o[2], c, &i[2]);
                if (out) {      /* padding may count, what ceil_mode adds behind it does not */
                    f.count += p->whole && out == 1;
                    continue;
                }
                int64_t at = (i[0] * p->in[1] + i[1]) * p->in[2] + i[2];
                double v = read(p->type, x, from + at);
                f.sum += v;
                f.count++;
                if (v > f.best || f.at < 0) {
                    f.best = v;
                    f.at = p->column ? (i[2] * p->in[1] + i[1]) * p->in[0] + i[0] : at;
                }
            }
    return f;
}

static void pool_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct pool *p = t->state;
    int64_t *index = t->nout > 1 && t->outs[1] ? t->outs[1]->data : NULL;

    for (int64_t plane = from; plane < to; plane++)
        for (int64_t i = 0; i < p->count; i++) {
            int64_t o[3] = { i / p->out[2] / p->out[1], i / p->out[2] % p->out[1], i % p->out[2] };
            struct found f = look(p, t->in[0]->data, plane * p->size, o);
            double v = p->max ? f.best : f.count ? f.sum / (double)f.count : 0;
            if (p->type == NN_F32)
                ((float *)t->out->data)[plane * p->count + i] = (float)v;
            else
                nn_wide_write(p->type, t->out->data, plane * p->count + i, 1, 1, NN_REAL, &v);
            if (index)
                index[plane * p->count + i] = f.at < 0 ? -1 : plane * p->size + f.at;
        }
}

static void run_pool(struct nn_task *t)
{
    const struct pool *p = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2),
                 p->count * p->kernel[0] * p->kernel[1] * p->kernel[2], pool_planes);
}

const char *prepare_pool(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct pool *p = t->state = nn_arena_alloc(t->arena, sizeof *p);
    struct nn_window w;
    const char *wrong;

    if (!p)
        return "out of memory";
    p->max = nn_op_is(t, "MaxPool");
    if (nn_wide_of(x->type) != NN_REAL && !(p->max && (x->type == NN_U8 || x->type == NN_I8)))
        return "its element type is not supported";
    if ((wrong = nn_window_init(&w, t->node, x->ndim - 2, x->dim + 2, NULL)))
        return wrong;
    for (int d = 0; d < 3; d++) {
        int i = d - (3 - w.n);
        p->in[d] = i < 0 ? 1 : x->dim[2 + i];
        p->out[d] = i < 0 ? 1 : t->out->dim[2 + i];
        p->kernel[d] = i < 0 ? 1 : w.kernel[i];
        p->stride[d] = i < 0 ? 1 : w.stride[i];
        p->dilation[d] = i < 0 ? 1 : w.dilation[i];
        p->begin[d] = i < 0 ? 0 : w.begin[i];
        p->end[d] = i < 0 ? 0 : w.end[i];
    }
    p->type = x->type;
    p->size = nn_dims(x, 2, x->ndim);
    p->count = nn_dims(t->out, 2, t->out->ndim);
    p->column = nn_attr_int(t->node, "storage_order", 0) != 0;
    p->whole = nn_attr_int(t->node, "count_include_pad", 0) != 0;
    t->makes = p->max ? 2 : 1;
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
