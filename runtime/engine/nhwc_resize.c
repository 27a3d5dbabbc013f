/* Resize and Upsample of NHWC pictures: nearest and linear over rows and columns. */
#include <math.h>
#include <string.h>

#include "runtime/engine/conv.h"

struct tap {
    int64_t a, b;
    float part;                 /* of b */
};

struct resize {
    int64_t h, w, oh, ow, c;
    struct tap *row, *col;
    int nearest;
};

/* Coordinate of output i in the input, by ONNX's Resize; NAN for the modes that are not here. */
static double source(const char *mode, double i, double scale, int64_t in, int64_t out)
{
    if (!strcmp(mode, "asymmetric"))
        return i / scale;
    if (!strcmp(mode, "align_corners"))
        return out == 1 ? 0 : i * (double)(in - 1) / (double)(out - 1);
    if (!strcmp(mode, "half_pixel") || (!strcmp(mode, "pytorch_half_pixel") && out > 1))
        return (i + .5) / scale - .5;
    return !strcmp(mode, "pytorch_half_pixel") ? 0 : NAN;
}

static double nearest(const char *mode, double x)
{
    if (!strcmp(mode, "floor"))
        return floor(x);
    if (!strcmp(mode, "ceil"))
        return ceil(x);
    return !strcmp(mode, "round_prefer_ceil") ? floor(x + .5) : ceil(x - .5);
}

static int64_t inside(double i, int64_t size)
{
    return i < 0 ? 0 : i >= (double)size ? size - 1 : (int64_t)i;
}

/* Scale of NCHW's dimension `axis`: as given, else the ratio of the sizes. */
static double scale_of(const struct nn_task *t, int axis, int64_t in, int64_t out)
{
    int k = nn_op_is(t, "Upsample") || t->opset < 11 ? 1 : 2;
    const struct nn_tensor *s = k < t->nin ? t->in[k] : NULL;
    const struct nn_attr *a = nn_attr_find(t->node, "scales");

    if (s && s->type == NN_F32 && nn_count(s) == 4 && s->data)
        return (double)((const float *)s->data)[axis];
    if (a && a->kind == NN_ATTR_FLOATS && a->count == 4)
        return (double)a->floats[axis];
    return (double)out / (double)in;
}

static struct tap *taps(struct nn_task *t, int axis, int64_t in, int64_t out, int near)
{
    struct tap *tap = nn_arena_array(t->arena, (size_t)out, sizeof *tap);
    int old = nn_op_is(t, "Upsample") || t->opset < 11;
    const char *mode = old ? "asymmetric"
                           : nn_attr_text(t->node, "coordinate_transformation_mode", "half_pixel");
    const char *round = old ? "floor"
                            : nn_attr_text(t->node, "nearest_mode", "round_prefer_floor");
    double scale = scale_of(t, axis, in, out);

    for (int64_t i = 0; tap && i < out; i++) {
        double x = source(mode, (double)i, scale, in, out), a = near ? nearest(round, x) : floor(x);
        if (isnan(x))
            return NULL;
        tap[i].a = inside(a, in);
        tap[i].b = inside(a + 1, in);
        tap[i].part = near ? 0 : (float)(x - floor(x));
    }
    return tap;
}

static void resize_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct resize *r = t->state;
    size_t bytes = (size_t)r->c * sizeof(float);

    for (int64_t i = from; i < to; i++) {
        const struct tap *v = &r->row[i % r->oh];
        const float *x = (const float *)t->in[0]->data + i / r->oh * r->h * r->w * r->c;
        const float *top = x + v->a * r->w * r->c, *low = x + v->b * r->w * r->c;
        float *y = (float *)t->out->data + i * r->ow * r->c;
        for (int64_t j = 0; j < r->ow; j++, y += r->c) {
            const struct tap *h = &r->col[j];
            const float *p[4] = { top + h->a * r->c, top + h->b * r->c, low + h->a * r->c,
                                  low + h->b * r->c };
            float w[4] = { (1 - h->part) * (1 - v->part), h->part * (1 - v->part),
                           (1 - h->part) * v->part, h->part * v->part };
            if (r->nearest)
                memcpy(y, p[0], bytes);
            else
                t->simd->row_blend(y, p, w, 4, r->c);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct resize *r = t->state;

    nn_task_rows(t, t->out->dim[0] * r->oh, r->ow * r->c, resize_rows);
}

const char *prepare_nhwc_resize(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct resize *r = t->state = nn_arena_alloc(t->arena, sizeof *r);
    const char *mode = nn_attr_text(t->node, "mode", "nearest");

    if (!r)
        return "out of memory";
    if (t->out->dim[0] != x->dim[0] || t->out->dim[3] != x->dim[3] || nn_count(x) < 1 ||
        (strcmp(mode, "nearest") && strcmp(mode, "linear")) || nn_attr_find(t->node, "axes") ||
        nn_attr_int(t->node, "antialias", 0) || nn_attr_int(t->node, "exclude_outside", 0))
        return "only nearest and linear resizing of rows and columns is done here";
    *r = (struct resize){ x->dim[1], x->dim[2], t->out->dim[1], t->out->dim[2], x->dim[3],
                          NULL, NULL, !strcmp(mode, "nearest") };
    r->row = taps(t, 2, r->h, r->oh, r->nearest);
    r->col = taps(t, 3, r->w, r->ow, r->nearest);
    if (!r->row || !r->col)
        return "its coordinates are not done here";
    t->run = run;
    return NULL;
}

int nn_resize_doubles(const struct nn_task *t)
{
    const struct resize *r = t->state;

    if (t->run != run || !r->nearest || r->oh != 2 * r->h || r->ow != 2 * r->w)
        return 0;
    for (int64_t i = 0; i < r->oh; i++)
        if (r->row[i].a != i / 2)
            return 0;
    for (int64_t i = 0; i < r->ow; i++)
        if (r->col[i].a != i / 2)
            return 0;
    return 1;
}
