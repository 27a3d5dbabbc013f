/* LRN (over neighbouring channels) and MeanVarianceNormalization. */
#include <math.h>

#include "runtime/engine/kernel.h"

struct lrn {
    int64_t before, after, channels, inner;
    float alpha, beta, bias;    /* alpha: over the number of channels */
};

static void lrn_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct lrn *s = t->state;

    for (int64_t plane = from; plane < to; plane++) {
        int64_t c = plane % s->channels, lo = c < s->before ? 0 : c - s->before;
        int64_t hi = c + s->after < s->channels ? c + s->after : s->channels - 1;
        const float *x = (const float *)t->in[0]->data + (plane - c) * s->inner;
        float *y = (float *)t->out->data + plane * s->inner;
        for (int64_t i = 0; i < s->inner; i++) {
            float sum = 0;
            for (int64_t k = lo; k <= hi; k++)
                sum += x[k * s->inner + i] * x[k * s->inner + i];
            y[i] = x[c * s->inner + i] / powf(s->bias + s->alpha * sum, s->beta);
        }
    }
}

static void run_lrn(struct nn_task *t)
{
    const struct lrn *s = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), s->inner * (s->before + s->after + 16), lrn_planes);
}

const char *prepare_lrn(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct lrn *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t size = nn_attr_int(t->node, "size", 0);

    if (!s)
        return "out of memory";
    if (x->type != NN_F32 || x->ndim < 2)
        return "needs N x C x ... of float32";
    if (size < 1 || size > 1 << 20)
        return "an impossible size";
    s->before = (size - 1) / 2;
    s->after = size - 1 - s->before;
    s->channels = x->dim[1];
    s->inner = nn_dims(x, 2, x->ndim);
    s->alpha = nn_attr_float(t->node, "alpha", 1e-4f) / (float)size;
    s->beta = nn_attr_float(t->node, "beta", .75f);
    s->bias = nn_attr_float(t->node, "bias", 1);
    t->run = run_lrn;
    return NULL;
}

struct mvn {
    int64_t groups;             /* of values that are normalised together */
    int64_t step[NN_MAX_DIMS];  /* of a group's number, along each dimension; 0: within */
};

static void run_mvn(struct nn_task *t)
{
    const struct mvn *s = t->state;
    const struct nn_tensor *x = t->in[0];
    const float *from = x->data;
    float *to = t->out->data;
    double *sum = t->memory, *square = sum + s->groups;
    int64_t n = nn_count(x);

    for (int64_t g = 0; g < 2 * s->groups; g++)
        sum[g] = 0;
    for (int pass = 0; pass < 3; pass++)
        for (int64_t i = 0; i < n; i++) {
            int64_t g = 0, rest = i;
            double size = (double)n / (double)s->groups, v;
            for (int d = x->ndim - 1; d >= 0; d--) {
                g += rest % x->dim[d] * s->step[d];
                rest /= x->dim[d];
            }
            v = (double)from[i] - (pass ? sum[g] / size : 0);
            if (pass == 0)
                sum[g] += v;
            else if (pass == 1)
                square[g] += v * v;
            else
                to[i] = (float)(v / (sqrt(square[g] / size) + 1e-9));
        }
}

const char *prepare_mvn(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct mvn *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t axes[NN_MAX_DIMS] = { 0, 2, 3 };
    int count = nn_attr_ints(t->node, "axes", axes, NN_MAX_DIMS), within[NN_MAX_DIMS] = { 0 };

    if (!s)
        return "out of memory";
    if (x->type != NN_F32)
        return "only float32 is supported";
    for (int i = 0; i < (count ? count : 3); i++) {
        int64_t axis = axes[i] + (axes[i] < 0 ? x->ndim : 0);
        if (axis < 0 || axis >= x->ndim)
            return "its axis does not exist";
        within[axis] = 1;
    }
    s->groups = 1;
    for (int d = x->ndim - 1; d >= 0; d--)
        if (!within[d]) {
            s->step[d] = s->groups;
            s->groups *= x->dim[d];
        }
    t->scratch = 2 * (size_t)s->groups * sizeof(double);
    t->run = run_mvn;
    return NULL;
}
