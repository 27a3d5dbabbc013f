/* Many values into one: pooling, reductions, softmax; and BatchNormalization. */
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

enum reduction { SUM, MEAN, MAX, MIN };

/* The reduction of a box: dimensions are walked as kept (outer) and gone (inner). */
struct reduce {
    enum reduction how;
    int nkept, ngone;
    int64_t kept[NN_MAX_DIMS], kept_step[NN_MAX_DIMS], gone[NN_MAX_DIMS], gone_step[NN_MAX_DIMS];
    int64_t count;              /* values in one result */
};

static int64_t place(int64_t i, int n, const int64_t *dim, const int64_t *step)
{
    int64_t at = 0;

    for (int d = n - 1; d >= 0; d--) {
        at += i % dim[d] * step[d];
        i /= dim[d];
    }
    return at;
}

static void reduce_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct reduce *r = t->state;

    for (int64_t i = from; i < to; i++) {
        const float *x = (const float *)t->in[0]->data + place(i, r->nkept, r->kept, r->kept_step);
        double sum = 0;
        float best = r->how == MAX ? -INFINITY : INFINITY;
        for (int64_t k = 0; k < r->count; k++) {
            float v = x[place(k, r->ngone, r->gone, r->gone_step)];
            sum += v;
            best = (r->how == MAX ? v > best : v < best) ? v : best;
        }
        ((float *)t->out->data)[i] = r->how == SUM ? (float)sum
                                     : r->how == MEAN ? (float)(sum / (double)r->count) : best;
    }
}

static void run_reduce(struct nn_task *t)
{
    nn_task_rows(t, nn_count(t->out), ((struct reduce *)t->state)->count * 4, reduce_rows);
}

/* A bit for every dimension that goes. */
static const char *setup_reduce(struct nn_task *t, enum reduction how, unsigned gone)
{
    const struct nn_tensor *x = t->in[0];
    struct reduce *r = t->state = nn_arena_alloc(t->arena, sizeof *r);
    int64_t step = nn_count(x);

    if (x->type != NN_F32)
        return "only float32 is supported";
    if (!r)
        return "out of memory";
    r->how = how;
    r->count = 1;
    for (int i = 0; i < x->ndim; i++) {
        step = x->dim[i] ? step / x->dim[i] : 0;
        if (gone & 1u << i) {
            r->count *= x->dim[i];
            r->gone[r->ngone] = x->dim[i];
            r->gone_step[r->ngone++] = step;
        } else {
            r->kept[r->nkept] = x->dim[i];
            r->kept_step[r->nkept++] = step;
        }
    }
    t->run = run_reduce;
    return NULL;
}

const char *prepare_globalpool(struct nn_task *t)
{
    unsigned spatial = ((1u << t->in[0]->ndim) - 1) & ~3u;

    return setup_reduce(t, nn_op_is(t, "GlobalMaxPool") ? MAX : MEAN, spatial);
}

const char *prepare_reduce(struct nn_task *t)
{
    const char *kind = t->node->op + strlen("Reduce");
    enum reduction how = !strcmp(kind, "Sum") ? SUM : !strcmp(kind, "Mean") ? MEAN
                         : !strcmp(kind, "Max") ? MAX : MIN;
    const struct nn_tensor *x = t->in[0], *given = t->nin > 1 ? t->in[1] : NULL;
    int64_t axes[NN_MAX_DIMS];
    int n = given ? (int)nn_count(given) : nn_attr_ints(t->node, "axes", axes, NN_MAX_DIMS);
    unsigned gone = 0;

    if (given && n && (!(t->constant & 2) || given->type != NN_I64 || n > NN_MAX_DIMS))
        return "its axes must be constants";
    for (int i = 0; i < n; i++) {
        int64_t axis = given ? ((const int64_t *)given->data)[i] : axes[i];
        gone |= 1u << (axis < 0 ? axis + x->ndim : axis);
    }
    if (!n && !nn_attr_int(t->node, "noop_with_empty_axes", 0))
        gone = (1u << x->ndim) - 1;
    return setup_reduce(t, how, gone);
}

/* Softmax and ArgMax look at the input as outer x axis x inner. */
struct line {
    int64_t outer, axis, inner;
    int flag;                   /* ArgMin; or the last of equals */
    int last;
};

static void softmax_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct line *s = t->state;

    for (int64_t row = from; row < to; row++) {
        int64_t at = row / s->inner * s->axis * s->inner + row % s->inner;
        const float *x = (const float *)t->in[0]->data + at;
        float *y = (float *)t->out->data + at, top = -INFINITY, sum = 0;
        for (int64_t i = 0; i < s->axis; i++)
            top = x[i * s->inner] > top ? x[i * s->inner] : top;
        for (int64_t i = 0; i < s->axis; i++)
            sum += y[i * s->inner] = expf(x[i * s->inner] - top);
        for (int64_t i = 0; i < s->axis; i++)
            y[i * s->inner] /= sum;
    }
}

static void run_softmax(struct nn_task *t)
{
    const struct line *s = t->state;

    nn_task_rows(t, s->outer * s->inner, s->axis * 20, softmax_rows);
}

static const char *setup_line(struct nn_task *t, int64_t axis, int flattened)
{
    const struct nn_tensor *x = t->in[0];
    struct line *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int a = (int)(axis < 0 ? axis + x->ndim : axis), end = flattened ? x->ndim : a + 1;

    if (x->type != NN_F32)
        return "only float32 is supported";
    if (a < 0 || a >= x->ndim)
        return "its axis does not exist";
    if (!s)
        return "out of memory";
    s->outer = nn_dims(x, 0, a);
    s->axis = nn_dims(x, a, end);
    s->inner = nn_dims(x, end, x->ndim);
    return NULL;
}

/* Before opset 13 everything from the axis on is one distribution. */
const char *prepare_softmax(struct nn_task *t)
{
    int old = t->opset < 13;

    t->run = run_softmax;
    return setup_line(t, nn_attr_int(t->node, "axis", old ? 1 : -1), old);
}

static void argmax_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct line *s = t->state;

    for (int64_t row = from; row < to; row++) {
        const float *x = (const float *)t->in[0]->data +
                         row / s->inner * s->axis * s->inner + row % s->inner;
        int64_t best = 0;
        for (int64_t i = 1; i < s->axis; i++) {
            float v = s->flag ? -x[i * s->inner] : x[i * s->inner];
            float w = s->flag ? -x[best * s->inner] : x[best * s->inner];
            if (v > w || (s->last && v == w))
                best = i;
        }
        ((int64_t *)t->out->data)[row] = best;
    }
}

static void run_argmax(struct nn_task *t)
{
    const struct line *s = t->state;

    nn_task_rows(t, s->outer * s->inner, s->axis, argmax_rows);
}

const char *prepare_argmax(struct nn_task *t)
{
    const char *wrong = setup_line(t, nn_attr_int(t->node, "axis", 0), 0);
    struct line *s = t->state;

    if (wrong)
        return wrong;
    s->flag = nn_op_is(t, "ArgMin");
    s->last = nn_attr_int(t->node, "select_last_index", 0) != 0;
    t->run = run_argmax;
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
