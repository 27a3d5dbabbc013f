/* Windows, and the discrete Fourier transform by its definition. */
#include <math.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

static const double tau = 6.283185307179586;

/* a0 - a1 cos + a2 cos 2: Hann, Hamming (25/46 and 21/46) and Blackman. */
static void run_window(struct nn_task *t)
{
    int64_t n = nn_count(t->out), over = nn_attr_int(t->node, "periodic", 1) ? n : n - 1;
    int hann = nn_op_is(t, "HannWindow"), blackman = nn_op_is(t, "BlackmanWindow");
    double a0 = hann ? .5 : blackman ? .42 : 25 / 46., a2 = blackman ? .08 : 0;
    double a1 = hann || blackman ? .5 : 1 - a0;

    for (int64_t i = 0; i < n; i++) {
        double at = over > 0 ? tau * (double)i / (double)over : 0;
        double v = a0 - a1 * cos(at) + a2 * cos(2 * at);
        nn_wide_write(t->out->type, t->out->data, i, 1, 1, NN_REAL, &v);
    }
}

const char *prepare_window(struct nn_task *t)
{
    t->run = run_window;
    return NULL;
}

struct dft {
    int64_t outer, in, length, out, inner;  /* in and out: along the axis */
    int parts, inverse;         /* of an input value: 1 real, 2 complex */
};

static void lines(struct nn_task *t, int64_t from, int64_t to)
{
    const struct dft *s = t->state;
    const struct nn_tensor *x = t->in[0], *y = t->out;
    double sign = s->inverse ? tau : -tau, scale = s->inverse ? 1 / (double)s->length : 1;

    for (int64_t line = from; line < to; line++) {
        int64_t x0 = line / s->inner * s->in * s->inner + line % s->inner;
        int64_t y0 = line / s->inner * s->out * s->inner + line % s->inner;
        for (int64_t k = 0; k < s->out; k++) {
            double sum[2] = { 0, 0 };
            for (int64_t i = 0; i < s->in && i < s->length; i++) {  /* shorter: zeros */
                double v[2] = { 0, 0 }, a = sign * (double)(i * k % s->length) / (double)s->length;
                nn_wide_read(x->type, x->data, (x0 + i * s->inner) * s->parts, 1, s->parts,
                             NN_REAL, v);
                sum[0] += v[0] * cos(a) - v[1] * sin(a);
                sum[1] += v[0] * sin(a) + v[1] * cos(a);
            }
            sum[0] *= scale;
            sum[1] *= scale;
            nn_wide_write(y->type, y->data, (y0 + k * s->inner) * 2, 1, 2, NN_REAL, sum);
        }
    }
}

static void run_dft(struct nn_task *t)
{
    const struct dft *s = t->state;

    nn_task_rows(t, s->outer * s->inner, s->in * 64, lines);
}

const char *prepare_dft(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct dft *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t axis = nn_attr_int(t->node, "axis", 1);
    int last = x->ndim - 1;

    if (!s)
        return "out of memory";
    if (t->opset >= 20)
        return "opset 20's axis is not supported";
    if (nn_wide_of(x->type) != NN_REAL)
        return "only floats are supported";
    axis += axis < 0 ? x->ndim : 0;
    s->outer = nn_dims(x, 0, (int)axis);
    s->in = s->length = x->dim[axis];
    s->inner = nn_dims(x, (int)axis + 1, last);
    s->out = t->out->dim[axis];
    s->parts = (int)x->dim[last];
    s->inverse = nn_attr_int(t->node, "inverse", 0) != 0;
    if (t->nin > 1 && t->in[1]) {
        if (!(t->constant & 2))
            return "its length must be a constant";
        s->length = nn_wide_int(t->in[1], 0);
    }
    if (s->length < 1 || s->length > 1 << 30)
        return "an impossible length";
    t->run = run_dft;
    return NULL;
}
