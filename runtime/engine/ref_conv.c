/* The convolution as its definition reads: 1-D to 3-D, any weights. */
#include "runtime/engine/kernel.h"

/* Fewer dimensions: the first ones are 1. */
struct conv {
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], begin[3];
    int64_t cin, cout, og, cg;  /* og, cg: of a group */
    int64_t size, taps;         /* of a plane of the input, of a kernel */
};

static float dot(const struct conv *c, const float *x, const float *w, const int64_t *o)
{
    float sum = 0;
    int64_t i[3];

    for (int64_t tap = 0; tap < c->taps; tap++) {
        int64_t k[3] = { tap / c->kernel[2] / c->kernel[1], tap / c->kernel[2] % c->kernel[1],
                         tap % c->kernel[2] };
        int out = 0;
        for (int d = 0; d < 3; d++) {
            i[d] = o[d] * c->stride[d] + k[d] * c->dilation[d] - c->begin[d];
            out |= i[d] < 0 || i[d] >= c->in[d];
        }
        const float *from = x + (i[0] * c->in[1] + i[1]) * c->in[2] + i[2];
        for (int64_t ch = 0; !out && ch < c->cg; ch++)
            sum += w[ch * c->taps + tap] * from[ch * c->size];
    }
    return sum;
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct conv *c = t->state;
    const float *bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;
    int64_t count = c->out[0] * c->out[1] * c->out[2];

    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % c->cout, first = plane / c->cout * c->cin + ch / c->og * c->cg;
        const float *x = (const float *)t->in[0]->data + first * c->size;
        const float *w = (const float *)t->in[1]->data + ch * c->cg * c->taps;
        float *y = (float *)t->out->data + plane * count;
        for (int64_t i = 0; i < count; i++) {
            int64_t o[3] = { i / c->out[2] / c->out[1], i / c->out[2] % c->out[1], i % c->out[2] };
            y[i] = dot(c, x, w, o) + (bias ? bias[ch] : 0);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct conv *c = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), nn_dims(t->out, 2, t->out->ndim) * c->taps * c->cg,
                 planes);
}

const char *prepare_conv(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *w = t->in[1], *b = t->nin > 2 ? t->in[2] : NULL;
    struct conv *c = t->state = nn_arena_alloc(t->arena, sizeof *c);
    struct nn_window win;
    const char *wrong;

    if (!c)
        return "out of memory";
    if (x->type != NN_F32 || w->type != NN_F32 || (b && b->type != NN_F32))
        return "only float32 is supported";
    if ((wrong = nn_window_init(&win, t->node, x->ndim - 2, x->dim + 2, w->dim + 2)))
        return wrong;
    for (int d = 0; d < 3; d++) {
        int i = d - (3 - win.n);
        c->in[d] = i < 0 ? 1 : x->dim[2 + i];
        c->out[d] = i < 0 ? 1 : t->out->dim[2 + i];
        c->kernel[d] = i < 0 ? 1 : win.kernel[i];
        c->stride[d] = i < 0 ? 1 : win.stride[i];
        c->dilation[d] = i < 0 ? 1 : win.dilation[i];
        c->begin[d] = i < 0 ? 0 : win.begin[i];
    }
    c->cin = x->dim[1];
    c->cout = w->dim[0];
    c->cg = w->dim[1];
    c->og = c->cout / nn_attr_int(t->node, "group", 1);
    c->size = nn_dims(x, 2, x->ndim);
    c->taps = nn_dims(w, 2, w->ndim);
    t->run = run;
    return NULL;
}
