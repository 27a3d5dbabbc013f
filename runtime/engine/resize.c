/* Coordinates of Resize and Upsample, by ONNX's Operators.md and the data of its cases. */
#include "runtime/engine/resize.h"

#include <math.h>
#include <string.h>

/* Coordinate of output i. The size that align_corners divides by is not rounded when
 * scales are given (ONNX's cases; ONNX Runtime rounds it). */
double nn_resize_source(const char *mode, double i, double scale, int64_t in, int64_t out)
{
    if (!strcmp(mode, "asymmetric"))
        return i / scale;
    if (!strcmp(mode, "align_corners"))
        return out == 1 ? 0 : i * (double)(in - 1) / ((double)in * scale - 1);
    if (!strcmp(mode, "pytorch_half_pixel") && out == 1)
        return 0;
    if (!strcmp(mode, "tf_half_pixel_for_nn"))
        return (i + .5) / scale;
    if (!strcmp(mode, "half_pixel_symmetric")) {    /* the rounded size stays in the middle */
        double whole = scale * (double)in, middle = (double)in / 2;
        return middle * (1 - (double)out / whole) + (i + .5) / scale - .5;
    }
    return (i + .5) / scale - .5;       /* half_pixel */
}

double nn_resize_nearest(const char *mode, double x)
{
    if (!strcmp(mode, "floor"))
        return floor(x);
    if (!strcmp(mode, "ceil"))
        return ceil(x);
    if (!strcmp(mode, "round_prefer_ceil"))
        return floor(x + .5);
    return ceil(x - .5);                /* round_prefer_floor */
}

static int64_t inside(double i, int64_t size)
{
    return !(i > 0) ? 0 : i >= (double)size ? size - 1 : (int64_t)i;
}

int nn_resize_is_old(const struct nn_task *t)
{
    return nn_op_is(t, "Upsample") || t->opset < 11;
}

double nn_resize_scale(const struct nn_task *t, int axis, int64_t in, int64_t out)
{
    int64_t ndim = t->in[0]->ndim;
    int k = nn_resize_is_old(t) ? 1 : 2;
    const struct nn_tensor *s = k < t->nin ? t->in[k] : NULL;
    const struct nn_attr *a = nn_attr_find(t->node, "scales");

    if (s && s->data && s->type == NN_F32 && nn_count(s) == ndim)
        return (double)((const float *)s->data)[axis];
    if (a && a->kind == NN_ATTR_FLOATS && a->count == ndim)
        return (double)a->floats[axis];
    return (double)out / (double)in;
}

static struct nn_tap *taps(struct nn_task *t, int axis, int64_t in, int64_t out, int near)
{
    struct nn_tap *tap = nn_arena_array(t->arena, (size_t)out, sizeof *tap);
    const char *mode = nn_resize_is_old(t) ? "asymmetric"
                       : nn_attr_text(t->node, "coordinate_transformation_mode", "half_pixel");
    const char *round = nn_resize_is_old(t) ? "floor"
                        : nn_attr_text(t->node, "nearest_mode", "round_prefer_floor");
    double scale = nn_resize_scale(t, axis, in, out);

    for (int64_t i = 0; tap && i < out; i++) {
        double x = nn_resize_source(mode, (double)i, scale, in, out);
        double a = near ? nn_resize_nearest(round, x) : floor(x);
        tap[i] = (struct nn_tap){ inside(a, in), inside(a + 1, in),
                                  near ? 0 : (float)(x - floor(x)) };
    }
    return tap;
}

const char *nn_resize_init(struct nn_task *t, struct nn_resize *r)
{
    static const char *const modes[] = { "half_pixel", "pytorch_half_pixel", "asymmetric",
                                         "align_corners" };
    const struct nn_tensor *x = t->in[0], *out = t->out;
    const char *mode = nn_attr_text(t->node, "mode", "nearest");
    const char *where = nn_attr_text(t->node, "coordinate_transformation_mode", "half_pixel");
    int row = t->nhwc ? 1 : 2, channels = t->nhwc ? 3 : 1;
    size_t m = 0;

    while (m < 4 && strcmp(modes[m], where))
        m++;
    if (m == 4 || (strcmp(mode, "nearest") && strcmp(mode, "linear")))
        return "only nearest and linear resizing without regions is supported";
    if (nn_attr_int(t->node, "antialias", 0) || nn_attr_find(t->node, "axes") ||
        strcmp(nn_attr_text(t->node, "keep_aspect_ratio_policy", "stretch"), "stretch"))
        return "antialias, axes and aspect policies are not supported";
    if (x->type != NN_F32 || x->ndim != 4 || x->dim[0] != out->dim[0] ||
        x->dim[channels] != out->dim[channels])
        return "only the last two of four dimensions of float32 can be resized";
    if (nn_count(out) && !nn_count(x))
        return "there is nothing to resize";
    *r = (struct nn_resize){ x->dim[row], x->dim[row + 1], out->dim[row], out->dim[row + 1],
                             !strcmp(mode, "nearest"), NULL, NULL };
    r->row = taps(t, 2, r->h, r->oh, r->nearest);
    r->col = taps(t, 3, r->w, r->ow, r->nearest);
    return r->row && r->col ? NULL : "out of memory";
}
