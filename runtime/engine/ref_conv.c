/* The convolution as its definition reads: 1-D or 2-D, any weights. */
#include "runtime/engine/kernel.h"

struct conv {
    struct nn_window w;
    int64_t cin, h, wd, cout, oh, ow, og, cg;
    const float *weight, *bias;
};

static float dot(const struct conv *c, const float *x, int64_t o, int64_t oy, int64_t ox)
{
    const float *w = c->weight + o * c->cg * c->w.kernel[0] * c->w.kernel[1];
    float sum = 0;

    for (int64_t ch = 0; ch < c->cg; ch++)
        for (int64_t ky = 0; ky < c->w.kernel[0]; ky++)
            for (int64_t kx = 0; kx < c->w.kernel[1]; kx++, w++) {
                int64_t iy = oy * c->w.stride[0] + ky * c->w.dilation[0] - c->w.begin[0];
                int64_t ix = ox * c->w.stride[1] + kx * c->w.dilation[1] - c->w.begin[1];
                if (iy >= 0 && iy < c->h && ix >= 0 && ix < c->wd)
                    sum += *w * x[(ch * c->h + iy) * c->wd + ix];
            }
    return sum;
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct conv *c = t->state;

    for (int64_t plane = from; plane < to; plane++) {
        int64_t o = plane % c->cout, first = plane / c->cout * c->cin + o / c->og * c->cg;
        const float *x = (const float *)t->in[0]->data + first * c->h * c->wd;
        for (int64_t i = 0; i < c->oh * c->ow; i++) {
            int64_t at = plane * c->oh * c->ow + i;
            float v = dot(c, x, o, i / c->ow, i % c->ow) + (c->bias ? c->bias[o] : 0);
            ((float *)t->out->data)[at] = v;
        }
    }
}

static void run(struct nn_task *t)
{
    struct conv *c = t->state;

    c->weight = t->in[1]->data;
    c->bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;
    nn_task_rows(t, nn_dims(t->out, 0, 2),
                 c->oh * c->ow * c->cg * c->w.kernel[0] * c->w.kernel[1], planes);
}

const char *prepare_conv(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *w = t->in[1];
    struct conv *c = t->state = nn_arena_alloc(t->arena, sizeof *c);
    int spatial = x->ndim - 2;

    if (!c)
        return "out of memory";
    if (x->type != NN_F32 || w->type != NN_F32 || x->ndim > 4)
        return "only 1-D and 2-D convolutions of float32 are supported";
    nn_window_init(&c->w, t->node, spatial, x->dim + 2, w->dim + 2);
    if (spatial == 1) {         /* one row */
        c->w.kernel[1] = c->w.kernel[0];
        c->w.stride[1] = c->w.stride[0];
        c->w.dilation[1] = c->w.dilation[0];
        c->w.begin[1] = c->w.begin[0];
        c->w.kernel[0] = c->w.stride[0] = c->w.dilation[0] = 1;
        c->w.begin[0] = 0;
    }
    c->cin = x->dim[1];
    c->h = spatial == 1 ? 1 : x->dim[2];
    c->wd = x->dim[x->ndim - 1];
    c->cout = w->dim[0];
    c->oh = spatial == 1 ? 1 : t->out->dim[2];
    c->ow = t->out->dim[t->out->ndim - 1];
    c->cg = w->dim[1];
    c->og = c->cout / nn_attr_int(t->node, "group", 1);
    t->run = run;
    return NULL;
}
