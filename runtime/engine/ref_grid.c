/*
 * GridSample (four dimensions): each output pixel says where in the picture it looks,
 * by ONNX's Operators.md and the data of its cases.
 */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"

enum mode { NEAREST, LINEAR, CUBIC };
enum padding { ZEROS, BORDER, REFLECTION };

struct sample {
    enum mode mode;
    enum padding padding;
    int corners;                /* align_corners */
    int64_t h, w;
};

/* Thrown back at both ends of lo..hi until it lies between. */
static double reflect(double v, double lo, double hi)
{
    double range = hi - lo, away = v < lo ? lo - v : v - hi, times, rest;

    if (!(away > 0) || !(range > 0))
        return v < lo || v > hi ? lo : v;
    times = floor(away / range);
    rest = away - times * range;
    return (fmod(times, 2) == 0) == (v < lo) ? lo + rest : hi - rest;
}

/* The index that a tap at `i` of `n` stands for, or -1: it counts 0. */
static int64_t tap(const struct sample *s, int64_t i, int64_t n)
{
    if (i >= 0 && i < n)
        return i;
    if (s->padding == ZEROS)
        return -1;
    if (s->padding == BORDER)
        return i < 0 ? 0 : n - 1;
    i = (int64_t)(s->corners ? reflect((double)i, 0, (double)(n - 1))
                             : reflect((double)i, -.5, (double)n - .5));
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* A coordinate -1..1 in pixels, and within what taps can name. */
static double place(const struct sample *s, float at, int64_t n)
{
    double size = (double)n, lo = s->corners ? 0 : -.5, hi = s->corners ? size - 1 : size - .5;
    /* As floats, as others do: halves are rounded the same way. */
    double v = (double)(s->corners ? (at + 1) / 2 * (float)(n - 1)
                                   : ((at + 1) * (float)n - 1) / 2);

    if (s->mode == NEAREST)
        v = rint(v);
    if (s->padding == REFLECTION && !(v >= lo && v <= hi))
        v = reflect(v, lo, hi);
    return !(v > -4) ? -4 : v < size + 4 ? v : size + 4;
}

/* Weights of the taps from *first on; their number. */
static int weights(const struct sample *s, double v, int64_t *first, double w[4])
{
    const double a = -.75;      /* ONNX's, and PyTorch's */
    double t = v - floor(v), u = 1 - t;

    *first = (int64_t)floor(v);
    if (s->mode == NEAREST) {
        *first = (int64_t)rint(v);
        w[0] = 1;
        return 1;
    }
    if (s->mode == LINEAR) {
        w[0] = u;
        w[1] = t;
        return 2;
    }
    --*first;
    w[0] = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a;
    w[1] = ((a + 2) * t - (a + 3)) * t * t + 1;
    w[2] = ((a + 2) * u - (a + 3)) * u * u + 1;
    w[3] = ((a * (u + 1) - 5 * a) * (u + 1) + 8 * a) * (u + 1) - 4 * a;
    return 4;
}

static void pixels(struct nn_task *t, int64_t from, int64_t to)
{
    const struct sample *s = t->state;
    int64_t c = t->out->dim[1], area = t->out->dim[2] * t->out->dim[3], size = s->h * s->w;

    for (int64_t p = from; p < to; p++) {
        const float *grid = (const float *)t->in[1]->data + 2 * p;
        const float *x = (const float *)t->in[0]->data + p / area * c * size;
        float *y = (float *)t->out->data + p / area * c * area + p % area;
        int64_t x0, y0, at[16];
        double wx[4], wy[4], w[16];
        int nx = weights(s, place(s, grid[0], s->w), &x0, wx), n = 0;
        int ny = weights(s, place(s, grid[1], s->h), &y0, wy);
        for (int i = 0; i < ny; i++)
            for (int k = 0; k < nx; k++) {
                int64_t row = tap(s, y0 + i, s->h), col = tap(s, x0 + k, s->w);
                at[n] = row * s->w + col;
                w[n] = wy[i] * wx[k];
                n += row >= 0 && col >= 0;
            }
        for (int64_t ch = 0; ch < c; ch++) {
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += w[i] * (double)x[ch * size + at[i]];
            y[ch * area] = (float)sum;
        }
    }
}

static void run(struct nn_task *t)
{
    const struct nn_tensor *y = t->out;

    nn_task_rows(t, y->dim[0] * y->dim[2] * y->dim[3], 16 * y->dim[1], pixels);
}

const char *prepare_gridsample(struct nn_task *t)
{
    static const char *const paddings[] = { "zeros", "border", "reflection" };
    struct sample *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const char *mode = nn_attr_text(t->node, "mode", "bilinear");
    const char *padding = nn_attr_text(t->node, "padding_mode", "zeros");
    int p = 0;

    if (!s)
        return "out of memory";
    if (t->in[0]->type != NN_F32 || t->in[1]->type != NN_F32)
        return "only float32 is supported";
    while (p < 3 && strcmp(paddings[p], padding))
        p++;
    if (p == 3)
        return "its padding is none of zeros, border and reflection";
    s->padding = (enum padding)p;
    if (!strcmp(mode, "nearest"))
        s->mode = NEAREST;
    else if (!strcmp(mode, "bilinear") || !strcmp(mode, "linear"))
        s->mode = LINEAR;
    else if (!strcmp(mode, "bicubic") || !strcmp(mode, "cubic"))
        s->mode = CUBIC;
    else
        return "its mode is none of nearest, linear and cubic";
    s->corners = nn_attr_int(t->node, "align_corners", 0) != 0;
    s->h = t->in[0]->dim[2];
    s->w = t->in[0]->dim[3];
    if (!nn_dims(t->in[0], 2, 4) && nn_count(t->out))
        return "there is nothing to sample";
    t->run = run;
    return NULL;
}
