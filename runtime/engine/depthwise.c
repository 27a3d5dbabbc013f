/* Depthwise convolution on NHWC pictures, row by row. */
#include "runtime/engine/conv.h"

#include <string.h>

enum { MAX_ROWS = 64 };

struct state {
    const struct nn_conv *c;
    struct nn_depth row;        /* what all rows share */
    int64_t h, oh, top;
    int pairs;                  /* rows may be done two at a time */
};

/* Rows from..to of all pictures' output rows, to `y` and on. */
static void do_rows(const struct nn_task *t, int64_t from, int64_t to, float *y)
{
    const struct state *s = t->state;
    const struct nn_conv *c = s->c;
    int64_t line = s->row.width * c->cout, out = s->row.out * c->cout;
    const float *row[MAX_ROWS];
    struct nn_depth d = s->row;

    d.row = row;
    for (int64_t i = from; i < to; i++) {
        int64_t iy = i % s->oh * c->stride[0] - s->top, first = 0;
        const float *x = (const float *)t->in[0]->data + i / s->oh * s->h * line;
        d.kh = 0;
        for (int64_t k = 0; k < c->kernel[0]; k++) {
            int64_t at = iy + k * c->dilation[0];
            if (at < 0)
                first = k + 1;
            else if (at < s->h)
                row[d.kh++] = x + at * line;
        }
        d.w = c->depth + first * d.kw * c->cout;
        d.y = y + (i - from) * out;
        d.res = t->residual ? (const float *)t->residual->data + i * out : NULL;
        d.pair = s->pairs && i + 1 < to && iy >= 0 && iy + 3 < s->h && i % s->oh + 1 < s->oh;
        if (d.pair)
            row[3] = x + (iy + 3) * line;
        c->simd->depth(&d);
        i += d.pair;
    }
}

void nn_depth_rows(const struct nn_task *t, int64_t b, int64_t first, int64_t last, float *y)
{
    const struct state *s = t->state;

    do_rows(t, b * s->oh + first, b * s->oh + last, y);
}

static void rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct state *s = t->state;

    do_rows(t, from, to, (float *)t->out->data + from * s->row.out * s->c->cout);
}

static void run(struct nn_task *t)
{
    const struct state *s = t->state;

    nn_task_rows(t, t->out->dim[0] * s->oh,
                 s->row.out * s->c->cout * s->c->kernel[0] * s->c->kernel[1], rows);
}

const char *prepare_nhwc_depthwise(struct nn_task *t)
{
    const struct nn_conv *c = t->fused->conv;
    const struct nn_tensor *x = t->in[0];
    struct nn_window w;
    struct state *s;

    if (c->kernel[0] > MAX_ROWS || !(s = t->state = nn_arena_alloc(t->arena, sizeof *s)))
        return "out of memory";
    nn_window_init(&w, t->node, 2, x->dim + 1, c->kernel);
    s->c = c;
    s->h = x->dim[1];
    s->oh = t->out->dim[1];
    s->top = w.begin[0];
    s->row = (struct nn_depth){
        .channels = c->cout, .kw = c->kernel[1], .width = x->dim[2], .stride = c->stride[1],
        .dilation = c->dilation[1], .pad = w.begin[1], .bias = c->bias, .slope = c->slope,
        .out = t->out->dim[2], .lo = t->fused->lo, .hi = t->fused->hi,
    };
    s->pairs = c->kernel[0] == 3 && c->stride[0] == 1 && c->dilation[0] == 1 &&
               nn_depth_pairs(&s->row, c->simd->lanes);
    t->run = run;
    return NULL;
}
