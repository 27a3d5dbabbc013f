/* Pooling by its definition, in one to three dimensions, and BatchNormalization. */
#include <math.h>
#include <string.h>

#include "runtime/engine/space.h"
#include "runtime/engine/wide.h"

struct pool {
    struct nn_space at;
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

/* Is a tap that sees no value in the padding, not in what ceil_mode adds behind it? */
static int is_padding(const struct nn_space *s, const int64_t o[3], int64_t k)
{
    int64_t tap[3] = { k / s->kernel[2] / s->kernel[1], k / s->kernel[2] % s->kernel[1],
                       k % s->kernel[2] };
    int inside = 1;

    for (int d = 0; d < 3; d++)
        inside &= o[d] * s->stride[d] - s->begin[d] + tap[d] * s->dilation[d] <
                  s->in[d] + s->end[d];
    return inside;
}

/* The window whose output is `o` of a plane that starts at `from`. */
static struct found look(const struct pool *p, const void *x, int64_t from, const int64_t o[3])
{
    struct found f = { -INFINITY, 0, -1, 0 };

    for (int64_t k = 0; k < p->at.taps; k++) {
        int64_t i = nn_space_tap(&p->at, o, k);
        if (i < 0) {
            f.count += p->whole && is_padding(&p->at, o, k);
            continue;
        }
        double v = read(p->type, x, from + i);
        f.sum += v;
        f.count++;
        if (v > f.best || f.at < 0) {
            f.best = v;
            f.at = i;
        }
    }
    return f;
}

/* Place `i` of a plane counted along its columns. */
static int64_t by_column(const struct nn_space *s, int64_t i)
{
    int64_t z = i / s->in[2] / s->in[1], y = i / s->in[2] % s->in[1], x = i % s->in[2];

    return (x * s->in[1] + y) * s->in[0] + z;
}

static void pool_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct pool *p = t->state;
    int64_t *index = t->nout > 1 && t->outs[1] ? t->outs[1]->data : NULL;

    for (int64_t plane = from; plane < to; plane++)
        for (int64_t i = 0; i < p->at.count; i++) {
            int64_t o[3];
            nn_space_at(&p->at, i, o);
            struct found f = look(p, t->in[0]->data, plane * p->at.size, o);
            double v = p->max ? f.best : f.count ? f.sum / (double)f.count : 0;
            if (p->type == NN_F32)
                ((float *)t->out->data)[plane * p->at.count + i] = (float)v;
            else
                nn_wide_write(p->type, t->out->data, plane * p->at.count + i, 1, 1, NN_REAL, &v);
            if (index && p->column && f.at >= 0)
                f.at = by_column(&p->at, f.at);
            if (index)
                index[plane * p->at.count + i] = f.at < 0 ? -1 : plane * p->at.size + f.at;
        }
}

static void run_pool(struct nn_task *t)
{
    const struct pool *p = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), p->at.count * p->at.taps, pool_planes);
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
    nn_space_init(&p->at, &w, x, t->out);
    if (p->at.taps > NN_MAX_ELEMENTS)
        return "its window is too large";
    p->type = x->type;
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
