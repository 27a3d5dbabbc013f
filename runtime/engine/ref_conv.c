/* The convolution as its definition reads: 1-D to 3-D, any weights. */
#include "runtime/engine/space.h"

struct conv {
    struct nn_space at;
    int64_t cin, cout, og, cg;  /* og, cg: of a group */
};

static float dot(const struct conv *c, const float *x, const float *w, const int64_t *o)
{
    float sum = 0;

    for (int64_t tap = 0; tap < c->at.taps; tap++) {
        int64_t from = nn_space_tap(&c->at, o, tap);
        for (int64_t ch = 0; from >= 0 && ch < c->cg; ch++)
            sum += w[ch * c->at.taps + tap] * x[ch * c->at.size + from];
    }
    return sum;
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct conv *c = t->state;
    const float *bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;

    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % c->cout, first = plane / c->cout * c->cin + ch / c->og * c->cg;
        const float *x = (const float *)t->in[0]->data + first * c->at.size;
        const float *w = (const float *)t->in[1]->data + ch * c->cg * c->at.taps;
        float *y = (float *)t->out->data + plane * c->at.count;
        for (int64_t i = 0; i < c->at.count; i++) {
            int64_t o[3];
            nn_space_at(&c->at, i, o);
            y[i] = dot(c, x, w, o) + (bias ? bias[ch] : 0);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct conv *c = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), c->at.count * c->at.taps * c->cg,
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
    nn_space_init(&c->at, &win, x, t->out);
    c->cin = x->dim[1];
    c->cout = w->dim[0];
    c->cg = w->dim[1];
    c->og = c->cout / nn_attr_int(t->node, "group", 1);
    t->run = run;
    return NULL;
}
