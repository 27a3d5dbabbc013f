#include "runtime/gan/enlarge.h"

#include <math.h>
#include <string.h>

#include "runtime/effects/effect.h"

static const double B = 0.8, C = 0.1;   /* 2 C + B = 1: ramps stay ramps */

static double cubic(double x)
{
    x = fabs(x);
    if (x < 1)
        return ((12 - 9 * B - 6 * C) * x * x * x + (-18 + 12 * B + 6 * C) * x * x + 6 - 2 * B) / 6;
    if (x < 2)
        return ((-B - 6 * C) * x * x * x + (6 * B + 30 * C) * x * x + (-12 * B - 48 * C) * x +
                8 * B + 24 * C) / 6;
    return 0;
}

/* `many` places, `scale` pixels of the picture from one to the next. */
static int make_taps(struct nn_tap *t, int many, int size, double scale, struct nn_arena *arena)
{
    double wide = scale > 1 ? scale : 1;

    t->n = 2 * (int)ceil(2 * wide);
    t->at = nn_arena_array(arena, (size_t)many * (size_t)t->n, sizeof *t->at);
    t->weight = nn_arena_array(arena, (size_t)many * (size_t)t->n, sizeof *t->weight);
    if (!t->at || !t->weight)
        return -1;
    for (int x = 0; x < many; x++) {
        double from = (x + 0.5 - many / 2.0) * scale + size / 2.0 - 0.5, sum = 0;
        int first = (int)floor(from) - t->n / 2 + 1;
        float *weight = t->weight + (size_t)x * (size_t)t->n;
        for (int k = 0; k < t->n; k++)
            sum += cubic((first + k - from) / wide);
        for (int k = 0; k < t->n; k++) {
            int at = first + k;
            t->at[(size_t)x * (size_t)t->n + (size_t)k] = at < 0 ? 0 : at < size ? at : size - 1;
            weight[k] = (float)(cubic((first + k - from) / wide) / sum);
        }
    }
    return 0;
}

int nn_enlarge_init(struct nn_enlarge *e, int size, int w, int h, struct nn_arena *arena,
                    struct nn_err *err)
{
    double scale = (double)size / (w > h ? w : h);

    *e = (struct nn_enlarge){ .size = size, .w = w, .h = h };
    e->wide = nn_arena_array(arena, 3 * (size_t)size * (size_t)w, sizeof *e->wide);
    return !e->wide || make_taps(&e->across, w, size, scale, arena) ||
           make_taps(&e->down, h, size, scale, arena) ? nn_fail_mem(err, "a picture to enlarge")
                                                      : 0;
}

void nn_enlarge_take_row(struct nn_enlarge *e, const float *rgb, int y)
{
    const float *row = rgb + (size_t)y * (size_t)e->size, *weight = e->across.weight;
    const int *at = e->across.at, n = e->across.n;
    float *out = e->wide + (size_t)y * (size_t)e->w;

    for (int x = 0; x < e->w; x++, at += n, weight += n) {
        float sum = 0;
        for (int k = 0; k < n; k++)
            sum += weight[k] * row[at[k]];
        out[x] = sum > 0 ? sum : 0;
    }
}

void nn_enlarge_take(struct nn_enlarge *e, const float *rgb)
{
    for (int y = 0; y < 3 * e->size; y++)
        nn_enlarge_take_row(e, rgb, y);
}

/* Four rows in one pass over memory: what is there when a picture grows. */
NN_WIDE static void mix_four(const float *restrict a, const float *restrict b,
                             const float *restrict c, const float *restrict d,
                             const float *restrict weight, float *restrict out, int w)
{
    for (int x = 0; x < w; x++) {
        float sum = weight[0] * a[x] + weight[1] * b[x] + weight[2] * c[x] + weight[3] * d[x];
        out[x] = sum > 0 ? sum : 0;
    }
}

static void mix_many(const struct nn_enlarge *e, const float *all, int y, float *out)
{
    const int n = e->down.n;

    memset(out, 0, (size_t)e->w * sizeof *out);
    for (int k = 0; k < n; k++) {
        const float *row = all + (size_t)e->down.at[y * n + k] * (size_t)e->w;
        float weight = e->down.weight[y * n + k];
        for (int x = 0; x < e->w; x++)
            out[x] += weight * row[x];
    }
    for (int x = 0; x < e->w; x++)
        out[x] = out[x] > 0 ? out[x] : 0;
}

void nn_enlarge_row(const struct nn_enlarge *e, int plane, int y, float *out)
{
    const float *all = e->wide + (size_t)plane * (size_t)e->size * (size_t)e->w;
    const int *at = e->down.at + (size_t)y * (size_t)e->down.n;
    size_t w = (size_t)e->w;

    if (e->down.n == 4)
        mix_four(all + (size_t)at[0] * w, all + (size_t)at[1] * w, all + (size_t)at[2] * w,
                 all + (size_t)at[3] * w, e->down.weight + (size_t)y * 4, out, e->w);
    else
        mix_many(e, all, y, out);
}
