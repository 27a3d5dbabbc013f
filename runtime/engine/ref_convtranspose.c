/* The transposed convolution as its definition reads, 1-D to 3-D: each output value
 * gathers the inputs that spread over it. */
#include "runtime/engine/space.h"

struct spread {
    struct nn_space at;         /* begin: what is cut off the output */
    int64_t cin, cout, cg, og;  /* cg, og: of a group */
};

/* The input index whose tap `k` falls on output `o`, or -1. */
static int64_t source(const struct spread *s, int d, int64_t o, int64_t k)
{
    int64_t at = o + s->at.begin[d] - k * s->at.dilation[d];

    if (at < 0 || at % s->at.stride[d] || at / s->at.stride[d] >= s->at.in[d])
        return -1;
    return at / s->at.stride[d];
}

/* Most taps fall between inputs: a row of them is left as soon as one axis misses. */
static float gather(const struct spread *s, const float *x, const float *w, const int64_t *o)
{
    const int64_t *k = s->at.kernel;
    float sum = 0;

    for (int64_t a = 0; a < k[0]; a++) {
        int64_t z = source(s, 0, o[0], a);
        for (int64_t b = 0; z >= 0 && b < k[1]; b++) {
            int64_t y = source(s, 1, o[1], b);
            for (int64_t c = 0; y >= 0 && c < k[2]; c++) {
                int64_t at = source(s, 2, o[2], c), tap = (a * k[1] + b) * k[2] + c;
                const float *from = x + (z * s->at.in[1] + y) * s->at.in[2] + at;
                for (int64_t i = 0; at >= 0 && i < s->cg; i++)
                    sum += from[i * s->at.size] * w[i * s->og * s->at.taps + tap];
            }
        }
    }
    return sum;
}

static void planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct spread *s = t->state;
    const float *bias = t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;

    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % s->cout, group = ch / s->og, first = group * s->cg;
        const float *x = (const float *)t->in[0]->data +
                         (plane / s->cout * s->cin + first) * s->at.size;
        const float *w = (const float *)t->in[1]->data + (first * s->og + ch % s->og) * s->at.taps;
        float *y = (float *)t->out->data + plane * s->at.count;
        for (int64_t i = 0; i < s->at.count; i++) {
            int64_t o[3];
            nn_space_at(&s->at, i, o);
            y[i] = gather(s, x, w, o) + (bias ? bias[ch] : 0);
        }
    }
}

static void run(struct nn_task *t)
{
    const struct spread *s = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), s->at.count * s->at.taps * s->cg,
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
    nn_space_init(&s->at, &win, x, t->out);
    s->cin = x->dim[1];
    s->og = w->dim[1];
    s->cout = t->out->dim[1];
    s->cg = s->cin / (s->cout / s->og);
    t->run = run;
    return NULL;
}
