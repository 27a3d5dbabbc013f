/*
 * The convolution of conv.c with bytes in its bands. Every band is copied, since
 * its floats become bytes; what lies outside the picture is the zero point.
 */
#include "runtime/engine/conv8.h"

#include <string.h>

enum { MAX_UNITS = 32, BAND = 96 << 10, SLACK = 64 };

struct state {
    const struct nn_conv8 *c;
    struct nn_tile8 tile;       /* what all tiles share */
    int64_t n, h, w, oh, ow, pad[2];
    int64_t width;              /* pixels of a band's row */
    int64_t rows, bands, splits;
    int units, planar;
    int32_t *xat, *yat;
    size_t room;                /* bytes of a unit's band */
};

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Input row `iy` of picture `b` as bytes, `width` pixels from column -pad. */
static void fill_row(const struct nn_task *t, const struct state *s, int64_t b, int64_t iy,
                     uint8_t *to)
{
    const struct nn_conv8 *c = s->c;
    int64_t left = s->pad[1], count = min64(s->w, s->width - left);
    const float *x = t->in[0]->data;
    int zero = (int)c->zero;

    if (iy < 0 || iy >= s->h) {
        memset(to, zero, (size_t)(s->width * c->cin));
        return;
    }
    memset(to, zero, (size_t)(left * c->cin));
    memset(to + (left + count) * c->cin, zero, (size_t)((s->width - left - count) * c->cin));
    to += left * c->cin;
    if (!s->planar) {
        c->simd->to_u8(to, x + (b * s->h + iy) * s->w * c->cin, count * c->cin, c->in_scale,
                       c->zero);
        return;
    }
    for (int64_t ch = 0; ch < c->cin; ch++) {
        const float *from = x + ((b * c->cin + ch) * s->h + iy) * s->w;
        uint8_t bytes[256];
        for (int64_t i = 0, n; i < count; i += n) {
            n = min64(count - i, (int64_t)sizeof bytes);
            c->simd->to_u8(bytes, from + i, n, c->in_scale, c->zero);
            for (int64_t k = 0; k < n; k++)
                to[(i + k) * c->cin + ch] = bytes[k];
        }
    }
}

static void do_job(struct nn_task *task, const struct state *s, int64_t job, uint8_t *room)
{
    const struct nn_conv8 *c = s->c;
    int64_t part = job % s->splits, b = job / s->splits / s->bands;
    int64_t first = job / s->splits % s->bands * s->rows, last = min64(first + s->rows, s->oh);
    int64_t iy = first * c->stride[0] - s->pad[0], at = (b * s->oh + first) * s->ow * c->cout;
    int64_t end = (last - 1) * c->stride[0] - s->pad[0] + (c->kernel[0] - 1) * c->dilation[0];
    int64_t sets = (c->cout + NN_SET8 - 1) / NN_SET8;
    struct nn_tile8 t = s->tile;

    for (int64_t y = iy; y <= end; y++)
        fill_row(task, s, b, y, room + (y - iy) * s->width * c->cin);
    t.x = room;
    t.count = (last - first) * s->ow;
    for (int64_t i = sets * part / s->splits; i < sets * (part + 1) / s->splits; i++) {
        int64_t channel = i * NN_SET8;
        t.w = c->packed + i * c->taps * c->run * NN_SET8;
        t.init = c->init + channel;
        t.scale = c->scale + channel;
        t.bias = c->bias + channel;
        t.slope = c->slope ? c->slope + channel : NULL;
        t.width = (int)min64(NN_SET8, c->cout - channel);
        t.y = (float *)task->out->data + at + channel;
        t.res = task->residual ? (const float *)task->residual->data + at + channel : NULL;
        c->simd->tile8(&t);
    }
}

static void unit(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct state *s = t->state;

    for (int64_t job = i; job < s->n * s->bands * s->splits; job += s->units)
        do_job(t, s, job, (uint8_t *)t->memory + (size_t)i * s->room);
}

static void run(struct nn_task *t)
{
    nn_pool_run(t->pool, ((const struct state *)t->state)->units, unit, t);
}

/* Bands and column sets for the threads there are; results do not depend on it. */
static void cut(struct nn_task *t, struct state *s)
{
    const struct nn_conv8 *c = s->c;
    int64_t threads = nn_pool_threads(t->pool), sets = (c->cout + NN_SET8 - 1) / NN_SET8;
    double work = (double)s->n * (double)(s->oh * s->ow) * (double)(c->taps * c->run * c->cout);

    s->rows = max64(1, BAND / max64(1, c->stride[0] * s->width * c->cin));
    s->rows = min64(max64(s->rows, (96 + s->ow - 1) / s->ow), s->oh);
    if (threads > 1 && work > 8e5)
        while (s->rows > 1 && s->n * ((s->oh + s->rows - 1) / s->rows) < 2 * threads &&
               s->rows * s->ow > 24)
            s->rows = (s->rows + 1) / 2;
    s->bands = (s->oh + s->rows - 1) / s->rows;
    s->splits = 1;
    if (threads > 1 && work > 8e5 && s->n * s->bands < threads)
        s->splits = min64(2 * threads, sets);
    s->units = threads == 1 || work < 4e5 ? 1 : (int)min64(2 * threads, MAX_UNITS);
    s->units = (int)min64(s->units, s->n * s->bands * s->splits);
    s->room = (size_t)(((s->rows - 1) * c->stride[0] + (c->kernel[0] - 1) * c->dilation[0] + 1) *
                       s->width * c->cin + SLACK);
    s->room = (s->room + 63) / 64 * 64;
    t->scratch = (size_t)s->units * s->room;
}

static const char *place(struct nn_task *t, struct state *s)
{
    const struct nn_conv8 *c = s->c;
    int64_t pixels = s->rows * s->ow, *off;

    if ((double)s->room > 2e9 || (double)pixels * (double)c->cout > 2e9)
        return "a row of it is too large";
    s->xat = nn_arena_array(t->arena, (size_t)pixels, sizeof *s->xat);
    s->yat = nn_arena_array(t->arena, (size_t)pixels, sizeof *s->yat);
    off = nn_arena_array(t->arena, (size_t)c->taps, sizeof *off);
    if (!s->xat || !s->yat || !off)
        return "out of memory";
    for (int64_t i = 0; i < pixels; i++) {
        s->xat[i] = (int32_t)((i / s->ow * c->stride[0] * s->width + i % s->ow * c->stride[1]) *
                              c->cin);
        s->yat[i] = (int32_t)(i * c->cout);
    }
    for (int64_t k = 0; k < c->taps; k++)
        off[k] = c->merged ? k * c->dilation[0] * s->width * c->cin
                           : (k / c->kernel[1] * c->dilation[0] * s->width +
                              k % c->kernel[1] * c->dilation[1]) * c->cin;
    s->tile = (struct nn_tile8){ .taps = c->taps, .run = c->run, .off = off, .xat = s->xat,
                                 .yat = s->yat, .lo = t->fused->lo,
                                 .hi = t->fused->hi };
    if (c->out) {
        s->tile.step = c->out->scale;
        s->tile.low = c->out->lo - c->out->zero;
        s->tile.high = c->out->hi - c->out->zero;
    }
    return NULL;
}

const char *prepare_nhwc_conv8(struct nn_task *t)
{
    const struct nn_conv8 *c = t->fused->conv8;
    const struct nn_tensor *x = t->in[0];
    struct nn_window w;
    struct state *s;
    int64_t size[2];

    if (!c || x->ndim != 4 || !t->nhwc)
        return "not a convolution of pictures";
    if (!(s = t->state = nn_arena_alloc(t->arena, sizeof *s)))
        return "out of memory";
    s->c = c;
    s->planar = t->planar;
    s->n = x->dim[0];
    s->h = size[0] = x->dim[s->planar ? 2 : 1];
    s->w = size[1] = x->dim[s->planar ? 3 : 2];
    s->oh = t->out->dim[1];
    s->ow = t->out->dim[2];
    nn_window_init(&w, t->node, 2, size, c->kernel);
    memcpy(s->pad, w.begin, sizeof s->pad);
    s->width = (s->ow - 1) * c->stride[1] + (c->kernel[1] - 1) * c->dilation[1] + 1;
    s->width = max64(s->width, s->pad[1]);
    t->run = run;
    if (nn_count(t->out) == 0) {
        s->n = 0;
        s->units = 1;
        return NULL;
    }
    cut(t, s);
    return place(t, s);
}
