/* The transposed convolution as its definition reads, 1-D to 3-D: each output value
 * gathers the inputs that spread over it. */
#include "runtime/engine/kernel.h"

struct spread {
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], begin[3];
    int64_t cin, cout, cg, og;  /* cg, og: of a group */
    int64_t size, taps;         /* of a plane of the input, of a kernel */
};

/* The input index whose tap `k` falls on output `o`, or -1. */
static int64_t source(const struct spread *s, int d, int64_t o, int64_t k)
{
    int64_t at = o + s->begin[d] - k * s->dilation[d];

    if (at < 0 || at % s->stride[d] || at / s->stride[d] >= s->in[d])
        return -1;
    return at / s->stride[d];
}

static float gather(const struct spread *s, const float *x, const float *w, const int64_t *o)
{
    float sum = 0;

    for (int64_t tap = 0; tap < s->taps; tap++) {
        int64_t z = source(s, 0, o[0], tap / s->kernel[2] / s->kernel[1]);
        int64_t y = source(s, 1, o[1], tap / s->kernel[2] % s->kernel[1]);
        int64_t c = source(s, 2, o[2], tap % s->kernel[2]);
        const float *from = x + (z * s->in[1] + y) * s->in[2] + c;
        if (z < 0 || y < 0 || c < 0)
            continue;
        for (int64_t i = 0; i < s->cg; i++)
            sum += from[i * s->size] * w[i * s->og * s->taps + tap];
    }
    return sum;
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct spread *s = t->state;
    const float *bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;
    int64_t count = s->out[0] * s->out[1] * s->out[2];

    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % s->cout, group = ch / s->og, first = group * s->cg;
        const float *x = (const float *)t->in[0]->data +
                         (plane / s->cout * s->cin + first) * s->size;
        const float *w = (const float *)t->in[1]->data + (first * s->og + ch % s->og) * s->taps;
        float *y = (float *)t->out->data + plane * count;
        for (int64_t i = 0; i < count; i++) {
            int64_t o[3] = { i / s->out[2] / s->out[1], i / s->out[2] % s->out[1], i % s->out[2] };
            y[i] = gather(s, x, w, o) + (bias ? bias[ch] : 0);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct spread *s = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), nn_dims(t->out, 2, t->out->ndim) * s->taps * s->cg,
                 planes);
}

const char *prepare_convtranspose(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *w = t->in[1], *b = t->nin > 2 ? t->in[2] : NULL;
    struct spread *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    struct nn_window win;
    const char *wrong;

    if (!s)
        return "out of memory";
    if (x->type != NN_F32 || w->type != NN_F32 || (b && b->type != NN_F32))
        return "only float32 is supported";
    if ((wrong = nn_window_transposed(&win, t->node, x->ndim - 2, x->dim + 2, w->dim + 2)))
        return wrong;
    for (int d = 0; d < 3; d++) {
        int i = d - (3 - win.n);        /* fewer dimensions: the first ones are 1 */
        s->in[d] = i < 0 ? 1 : x->dim[2 + i];
        s->out[d] = i < 0 ? 1 : t->out->dim[2 + i];
        s->kernel[d] = i < 0 ? 1 : win.kernel[i];
        s->stride[d] = i < 0 ? 1 : win.stride[i];
        s->dilation[d] = i < 0 ? 1 : win.dilation[i];
        s->begin[d] = i < 0 ? 0 : win.begin[i];
    }
    s->cin = x->dim[1];
    s->og = w->dim[1];
    s->cout = t->out->dim[1];
    s->cg = s->cin / (s->cout / s->og);
    s->size = nn_dims(x, 2, x->ndim);
    s->taps = nn_dims(w, 2, w->ndim);
    t->run = run;
    return NULL;
}
