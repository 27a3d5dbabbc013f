/*
 * Resize one axis after the other, each output a weighted sum of inputs: nearest,
 * linear and cubic (Keys, 1981), with antialiasing (wider weights where it shrinks)
 * and regions, by ONNX's Operators.md and the data of its cases.
 */
#include <math.h>
#include <string.h>

#include "runtime/engine/resize.h"

/* One axis: `most` inputs for each output, from first[i] on, which may lie outside. */
struct axis {
    int d;                      /* of the tensor */
    int64_t in, out, outer, inner;
    int most;
    int64_t *first;
    float *weight;              /* out x most; of outputs behind the region's edge: NAN first */
};

struct any {
    int axes;
    struct axis axis[NN_MAX_DIMS];
    float outside;              /* extrapolation_value */
    int64_t room;               /* values of the largest result between two axes */
};

struct how {
    int order;                  /* 0 nearest, 1 linear, 3 cubic */
    const char *where, *round;
    int antialias, exclude, region;
    double a;                   /* cubic_coeff_a */
};

static double filter(const struct how *h, double x)
{
    x = fabs(x);
    if (h->order == 1)
        return x < 1 ? 1 - x : 0;
    if (x < 1)
        return ((h->a + 2) * x - (h->a + 3)) * x * x + 1;
    return x < 2 ? ((h->a * x - 5 * h->a) * x + 8 * h->a) * x - 4 * h->a : 0;
}

/* Weights of the inputs around `x`; `shrink` <= 1 widens the filter. */
static void weigh(const struct how *h, struct axis *s, int64_t i, double x, double shrink)
{
    float *w = s->weight + i * s->most;
    double sum = 0;

    if (h->order == 0) {
        double at = nn_resize_nearest(h->round, x);
        s->first[i] = !(at > 0) ? 0 : at < (double)s->in ? (int64_t)at : s->in - 1;
        w[0] = 1;
        return;
    }
    s->first[i] = (int64_t)floor(x) - (s->most / 2 - 1);
    for (int k = 0; k < s->most; k++) {
        int64_t at = s->first[i] + k;
        int left_out = h->exclude && (at < 0 || at >= s->in);
        w[k] = left_out ? 0 : (float)filter(h, ((double)at - x) * shrink);
        sum += (double)w[k];
    }
    for (int k = 0; k < s->most && (h->antialias || h->exclude) && sum != 0; k++)
        w[k] = (float)((double)w[k] / sum);
}

static int plan_axis(struct nn_task *t, const struct how *h, struct axis *s)
{
    const struct nn_tensor *roi = h->region && t->nin > 1 ? t->in[1] : NULL;
    double scale = nn_resize_scale(t, s->d, s->in, s->out), shrink, support;
    double from = roi ? (double)((const float *)roi->data)[s->d] : 0;
    double to = roi ? (double)((const float *)roi->data)[t->in[0]->ndim + s->d] : 1;
    double last = (double)(s->in - 1);

    shrink = h->antialias && scale < 1 ? scale : 1;
    support = h->order ? ceil((h->order == 1 ? 1 : 2) / shrink) : 0;
    if (!(support < 1 << 20) || !isfinite(from) || !isfinite(to) || fabs(from) > 1e6 ||
        fabs(to) > 1e6)
        return -1;
    s->most = h->order ? 2 * (int)support : 1;
    s->first = nn_arena_array(t->arena, (size_t)s->out, sizeof *s->first);
    s->weight = nn_arena_array(t->arena, (size_t)s->out, (size_t)s->most * sizeof *s->weight);
    if (!s->first || !s->weight)
        return -1;
    for (int64_t i = 0; i < s->out; i++) {
        double x = nn_resize_source(h->where, (double)i, scale, s->in, s->out);
        if (h->region)
            x = s->out > 1 ? last * (from + (double)i * (to - from) / (double)(s->out - 1))
                           : last * (from + to) / 2;
        if (!(fabs(x) <= 1e15))
            return -1;
        weigh(h, s, i, x, shrink);
        if (h->region && !(x >= 0 && x <= last))
            s->weight[i * s->most] = NAN;
    }
    return 0;
}

static void resize_axis(const struct any *r, const struct axis *s, const float *x, float *y)
{
    for (int64_t o = 0; o < s->outer * s->out; o++) {
        const float *from = x + o / s->out * s->in * s->inner;
        const float *w = s->weight + o % s->out * s->most;
        float *to = y + o * s->inner;
        for (int64_t k = 0; k < s->inner; k++)
            to[k] = isnan(w[0]) ? r->outside : 0;
        for (int j = 0; j < s->most && !isnan(w[0]); j++) {
            int64_t at = s->first[o % s->out] + j;
            at = at < 0 ? 0 : at < s->in ? at : s->in - 1;
            if (w[j] != 0)
                for (int64_t k = 0; k < s->inner; k++)
                    to[k] += w[j] * from[at * s->inner + k];
        }
    }
}

static void run(struct nn_task *t)
{
    const struct any *r = t->state;
    float *room[2] = { t->memory, (float *)t->memory + r->room };
    const float *x = t->in[0]->data;

    if (!r->axes && nn_tensor_bytes(t->out))
        memcpy(t->out->data, x, nn_tensor_bytes(t->out));
    for (int i = 0; i < r->axes; i++) {
        float *y = i == r->axes - 1 ? t->out->data : room[i % 2];
        resize_axis(r, &r->axis[i], x, y);
        x = y;
    }
}

static const char *read_how(const struct nn_task *t, struct how *h)
{
    static const char *const places[] = { "half_pixel", "pytorch_half_pixel", "asymmetric",
        "align_corners", "tf_half_pixel_for_nn", "half_pixel_symmetric", "tf_crop_and_resize" };
    const char *mode = nn_attr_text(t->node, "mode", "nearest");
    size_t k = 0;

    h->order = !strcmp(mode, "nearest") ? 0 : !strcmp(mode, "linear") ? 1 : 3;
    if (h->order == 3 && strcmp(mode, "cubic"))
        return "its mode is none of nearest, linear and cubic";
    h->where = nn_resize_is_old(t) ? "asymmetric"
               : nn_attr_text(t->node, "coordinate_transformation_mode", "half_pixel");
    h->round = nn_resize_is_old(t) ? "floor"
               : nn_attr_text(t->node, "nearest_mode", "round_prefer_floor");
    while (k < sizeof places / sizeof *places && strcmp(places[k], h->where))
        k++;
    if (k == sizeof places / sizeof *places)
        return "its coordinate transformation is not supported";
    if (nn_attr_find(t->node, "axes") ||
        strcmp(nn_attr_text(t->node, "keep_aspect_ratio_policy", "stretch"), "stretch"))
        return "axes and aspect policies are not supported";
    h->region = !strcmp(h->where, "tf_crop_and_resize");
    h->antialias = nn_attr_int(t->node, "antialias", 0) && h->order;
    h->exclude = nn_attr_int(t->node, "exclude_outside", 0) != 0;
    h->a = (double)nn_attr_float(t->node, "cubic_coeff_a", -.75f);
    return NULL;
}

const char *nn_resize_any(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *y = t->out, *roi = t->nin > 1 ? t->in[1] : NULL;
    struct any *r = t->state = nn_arena_alloc(t->arena, sizeof *r);
    struct how h = { 0 };
    const char *wrong = read_how(t, &h);
    int64_t dim[NN_MAX_DIMS];

    if (!r || wrong)
        return r ? wrong : "out of memory";
    if (x->type != NN_F32)
        return "only float32 is supported";
    if (nn_count(y) && !nn_count(x))
        return "there is nothing to resize";
    if (h.region && (!roi || !(t->constant & 2) || roi->type != NN_F32 ||
                     nn_count(roi) != 2 * x->ndim))
        return "its region is no constant of two values for each dimension";
    memcpy(dim, x->dim, sizeof dim);
    r->outside = nn_attr_float(t->node, "extrapolation_value", 0);
    for (int d = x->ndim - 1; nn_count(y) && d >= 0; d--) {    /* the short strides first */
        struct axis *s = &r->axis[r->axes];
        struct nn_tensor now = { .ndim = x->ndim };
        if (x->dim[d] == y->dim[d] && !h.region &&
            nn_resize_scale(t, d, x->dim[d], y->dim[d]) == 1)
            continue;
        *s = (struct axis){ .d = d, .in = x->dim[d], .out = y->dim[d] };
        dim[d] = y->dim[d];
        memcpy(now.dim, dim, sizeof dim);
        s->outer = nn_dims(&now, 0, d);
        s->inner = nn_dims(&now, d + 1, x->ndim);
        if (!nn_shape_possible(x->ndim, dim))
            return "too large";
        if (plan_axis(t, &h, s))
            return "its scales or regions are impossible, or memory is out";
        r->room = nn_count(&now) > r->room ? nn_count(&now) : r->room;
        r->axes++;
    }
    t->scratch = 2 * (size_t)r->room * sizeof(float);
    t->run = run;
    return NULL;
}
