/* RoiAlign (He et al., arXiv 1703.06870): regions of a picture brought to one size. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

enum { MAX_SAMPLES = 256 };      /* along one side of a bin */

struct roi {
    int64_t n, c, h, w, oh, ow, ratio;
    double scale, offset;
    int max;
};

/* The four pixels around a place, already weighted; all 0 where it lies outside. */
static void around(const struct roi *s, const float *x, double at_y, double at_x, double v[4])
{
    int64_t y0, x0, y1, x1;
    double y, z;

    memset(v, 0, 4 * sizeof *v);
    if (!(at_y >= -1 && at_y <= (double)s->h && at_x >= -1 && at_x <= (double)s->w))
        return;
    y = fmin(fmax(at_y, 0), (double)(s->h - 1));
    z = fmin(fmax(at_x, 0), (double)(s->w - 1));
    y0 = (int64_t)y;
    x0 = (int64_t)z;
    y1 = y0 + 1 < s->h ? y0 + 1 : y0;
    x1 = x0 + 1 < s->w ? x0 + 1 : x0;
    y -= (double)y0;
    z -= (double)x0;
    v[0] = (1 - y) * (1 - z) * (double)x[y0 * s->w + x0];
    v[1] = (1 - y) * z * (double)x[y0 * s->w + x1];
    v[2] = y * (1 - z) * (double)x[y1 * s->w + x0];
    v[3] = y * z * (double)x[y1 * s->w + x1];
}

/* Samples along a bin of `size`: as told, or one a pixel. */
static int64_t samples(const struct roi *s, double size)
{
    double n = ceil(size);

    return s->ratio > 0 ? s->ratio : !(n > 1) ? 1 : n < MAX_SAMPLES ? (int64_t)n : MAX_SAMPLES;
}

static float bin(const struct roi *s, const float *x, double y, double z, double high, double wide)
{
    int64_t ny = samples(s, high), nx = samples(s, wide);
    double sum = 0, most = -INFINITY;

    for (int64_t i = 0; i < ny; i++)
        for (int64_t k = 0; k < nx; k++) {
            double v[4];
            around(s, x, y + ((double)i + .5) * high / (double)ny,
                   z + ((double)k + .5) * wide / (double)nx, v);
            sum += v[0] + v[1] + v[2] + v[3];
            for (int j = 0; j < 4; j++)
                most = v[j] > most ? v[j] : most;
        }
    return (float)(s->max ? most : sum / (double)(ny * nx));
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct roi *s = t->state;

    for (int64_t plane = from; plane < to; plane++) {
        const float *r = (const float *)t->in[1]->data + plane / s->c * 4;
        int64_t picture = nn_wide_int(t->in[2], plane / s->c);
        double x = (double)r[0] * s->scale - s->offset, y = (double)r[1] * s->scale - s->offset;
        double wide = (double)r[2] * s->scale - s->offset - x;
        double high = (double)r[3] * s->scale - s->offset - y;
        float *out = (float *)t->out->data + plane * s->oh * s->ow;
        int there = picture >= 0 && picture < s->n;
        const float *in = (const float *)t->in[0]->data +
                          ((there ? picture : 0) * s->c + plane % s->c) * s->h * s->w;
        if (s->offset == 0) {       /* the older kind: at least a pixel */
            wide = fmax(wide, 1);
            high = fmax(high, 1);
        }
        wide /= (double)s->ow;
        high /= (double)s->oh;
        for (int64_t i = 0; i < s->oh * s->ow; i++)
            out[i] = !there ? 0 : bin(s, in, y + (double)(i / s->ow) * high,
                                      x + (double)(i % s->ow) * wide, high, wide);
    }
}

static void run(struct nn_task *t)
{
    const struct roi *s = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), s->oh * s->ow * 64, planes);
}

const char *prepare_roialign(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct roi *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const char *where = nn_attr_text(t->node, "coordinate_transformation_mode",
                                     t->opset < 16 ? "output_half_pixel" : "half_pixel");
    const char *mode = nn_attr_text(t->node, "mode", "avg");

    if (!s)
        return "out of memory";
    if (x->type != NN_F32 || t->in[1]->type != NN_F32 || nn_wide_of(t->in[2]->type) != NN_SIGNED)
        return "needs float32, and integers for the pictures' numbers";
    if (nn_count(t->out) && !nn_count(x))
        return "there is nothing to align";
    s->max = !strcmp(mode, "max");
    if (!s->max && strcmp(mode, "avg"))
        return "its mode is neither avg nor max";
    s->offset = strcmp(where, "half_pixel") ? 0 : .5;
    if (s->offset == 0 && strcmp(where, "output_half_pixel"))
        return "its coordinate transformation is not supported";
    s->n = x->dim[0];
    s->c = x->dim[1];
    s->h = x->dim[2];
    s->w = x->dim[3];
    s->oh = t->out->dim[2];
    s->ow = t->out->dim[3];
    s->ratio = nn_attr_int(t->node, "sampling_ratio", 0);
    s->scale = (double)nn_attr_float(t->node, "spatial_scale", 1);
    if (s->ratio > MAX_SAMPLES || s->oh < 1 || s->ow < 1)
        return "its sampling_ratio is too large";
    t->run = run;
    return NULL;
}
