/* Pooling, resizing and normalising NHWC pictures: the channels of a pixel at once. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"

enum { MAX_TAPS = 256 };

struct pool {
    struct nn_window w;
    int64_t h, wd, c, oh, ow;
    int mean, padded;           /* averages count padding */
    int64_t inner[2];           /* output columns from..to see no padding */
};

/* One pixel, whose window may leave the picture. */
static void pool_pixel(const struct nn_task *t, const struct pool *p, const float *x, int64_t y0,
                       int64_t ox, float *y)
{
    const float *tap[MAX_TAPS];
    float weight[MAX_TAPS];
    int64_t x0 = ox * p->w.stride[1] - p->w.begin[1], n = 0, room = 0;

    for (int64_t ky = 0; ky < p->w.kernel[0]; ky++)
        for (int64_t kx = 0; kx < p->w.kernel[1]; kx++) {
            int64_t iy = y0 + ky * p->w.dilation[0], ix = x0 + kx * p->w.dilation[1];
            room += iy < p->h + p->w.end[0] && ix < p->wd + p->w.end[1];
            if (iy >= 0 && iy < p->h && ix >= 0 && ix < p->wd)
                tap[n++] = x + (iy * p->wd + ix) * p->c;
        }
    if (!n) {
        for (int64_t c = 0; c < p->c; c++)
            y[c] = p->mean ? 0 : -INFINITY;
        return;
    }
    for (int64_t k = 0; p->mean && k < n; k++)
        weight[k] = 1 / (float)(p->padded ? room : n);
    if (p->mean)
        t->simd->row_blend(y, tap, weight, n, p->c);
    else
        t->simd->row_max(y, tap, n, p->c);
}

/* Pixels first..last have their windows inside, in rows y0 and on. */
static void pool_inner(const struct nn_task *t, const struct pool *p, const float *x, int64_t y0,
                       int64_t first, int64_t last, float *y)
{
    const float *row[MAX_TAPS];
    int64_t x0 = first * p->w.stride[1] - p->w.begin[1];
    struct nn_pooling q = { .channels = p->c, .kw = p->w.kernel[1], .kh = p->w.kernel[0],
                            .row = row, .step = p->w.stride[1] * p->c, .out = last - first,
                            .y = y + first * p->c };

    for (int64_t k = 0; k < q.kh; k++)
        row[k] = x + ((y0 + k * p->w.dilation[0]) * p->wd + x0) * p->c;
    if (p->mean)
        q.scale = 1 / (float)(q.kh * q.kw);
    t->simd->pool(&q);
}

static void pool_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct pool *p = t->state;

    for (int64_t i = from; i < to; i++) {
        const float *x = (const float *)t->in[0]->data + i / p->oh * p->h * p->wd * p->c;
        float *y = (float *)t->out->data + i * p->ow * p->c;
        int64_t y0 = i % p->oh * p->w.stride[0] - p->w.begin[0], first = p->inner[0];
        int inside = y0 >= 0 && y0 + (p->w.kernel[0] - 1) * p->w.dilation[0] < p->h;
        int64_t last = inside ? p->inner[1] : first;
        if (last > first)
            pool_inner(t, p, x, y0, first, last, y);
        for (int64_t ox = 0; ox < p->ow; ox++)
            if (ox < first || ox >= last)
                pool_pixel(t, p, x, y0, ox, y + ox * p->c);
    }
}

static void run_pool(struct nn_task *t)
{
    const struct pool *p = t->state;

    nn_task_rows(t, t->out->dim[0] * p->oh, p->ow * p->c * p->w.kernel[0] * p->w.kernel[1],
                 pool_rows);
}

const char *prepare_nhwc_pool(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct pool *p = t->state = nn_arena_alloc(t->arena, sizeof *p);

    if (!p)
        return "out of memory";
    nn_window_init(&p->w, t->node, 2, x->dim + 1, NULL);
    if (p->w.kernel[0] * p->w.kernel[1] > MAX_TAPS)
        return "its window is large";
    p->h = x->dim[1];
    p->wd = x->dim[2];
    p->c = x->dim[3];
    p->oh = t->out->dim[1];
    p->ow = t->out->dim[2];
    p->mean = nn_op_is(t, "AveragePool");
    p->padded = nn_attr_int(t->node, "count_include_pad", 0) != 0;
    if (p->w.dilation[1] == 1 && p->wd >= p->w.kernel[1]) {
        p->inner[0] = (p->w.begin[1] + p->w.stride[1] - 1) / p->w.stride[1];
        p->inner[1] = (p->wd - p->w.kernel[1] + p->w.begin[1]) / p->w.stride[1] + 1;
        p->inner[1] = p->inner[1] < p->ow ? p->inner[1] : p->ow;
    }
    t->run = run_pool;
    return NULL;
}

/* Averages and maxima over whole pictures. */
static void global_pictures(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_tensor *x = t->in[0];
    int64_t pixels = x->dim[1] * x->dim[2], n = x->dim[3];
    const int *mean = t->state;

    for (int64_t i = from; i < to; i++) {
        const float *in = (const float *)x->data + i * pixels * n;
        float *y = (float *)t->out->data + i * n;
        if (*mean) {
            t->simd->row_sum(y, in, pixels, n, 1 / (float)pixels);
            continue;
        }
        memcpy(y, in, (size_t)n * sizeof *y);
        for (int64_t p = 1; p < pixels; p++) {
            const float *pair[2] = { y, in + p * n };
            t->simd->row_max(y, pair, 2, n);
        }
    }
}

static void run_global(struct nn_task *t)
{
    nn_task_rows(t, t->in[0]->dim[0], nn_dims(t->in[0], 1, 4), global_pictures);
}

const char *prepare_nhwc_global(struct nn_task *t)
{
    int *mean = t->state = nn_arena_alloc(t->arena, sizeof *mean);

    if (!mean)
        return "out of memory";
    *mean = nn_op_is(t, "GlobalAveragePool") || nn_op_is(t, "ReduceMean");
    if (t->out->ndim != 4 || t->out->dim[0] != t->in[0]->dim[0] || t->out->dim[1] != 1 ||
        t->out->dim[2] != 1 || t->out->dim[3] != t->in[0]->dim[3] || nn_dims(t->in[0], 1, 3) < 1)
        return "it does not reduce whole pictures";
    t->run = run_global;
    return NULL;
}

struct norm {
    float *gain, *shift;
};

static void norm_pixels(struct nn_task *t, int64_t from, int64_t to)
{
    const struct norm *s = t->state;
    int64_t n = t->in[0]->dim[3];

    for (int64_t i = from; i < to; i++)
        t->simd->row_affine((float *)t->out->data + i * n, (const float *)t->in[0]->data + i * n,
                            s->gain, s->shift, n);
}

static void run_norm(struct nn_task *t)
{
    nn_task_rows(t, nn_dims(t->in[0], 0, 3), t->in[0]->dim[3], norm_pixels);
}

const char *prepare_nhwc_norm(struct nn_task *t)
{
    struct norm *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t n = t->in[0]->dim[3];
    const float *p[5];

    if (!s || !(s->gain = nn_arena_array(t->arena, (size_t)n, 2 * sizeof(float))))
        return "out of memory";
    s->shift = s->gain + n;
    for (int k = 1; k < 5; k++) {
        if (!(t->constant & 1u << k) || nn_count(t->in[k]) != n || t->in[k]->type != NN_F32)
            return "its parameters are not constant";
        p[k] = t->in[k]->data;
    }
    if (nn_attr_int(t->node, "training_mode", 0))
        return "it is in training mode";
    for (int64_t c = 0; c < n; c++) {
        s->gain[c] = p[1][c] / sqrtf(p[4][c] + nn_attr_float(t->node, "epsilon", 1e-5f));
        s->shift[c] = p[2][c] - p[3][c] * s->gain[c];
    }
    t->run = run_norm;
    return NULL;
}
