/* int8 weights in the order in which the tiles read them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/conv8.h"

enum { MOST = 64 };             /* of a weight: 2 * 255 * 64 fits 16 bits */

/* Measured, 1x1 to 5x5 on AVX2: narrow layers are done before their input is turned into
 * bytes, short sums before they are floats again, and 24 channels waste a quarter of two
 * sets. Everything else gains 1.07 to 2 times. */
static int pays(const struct nn_conv8 *c)
{
    int64_t window = c->kernel[0] * c->kernel[1], sets = (c->cout + NN_SET8 - 1) / NN_SET8;

    return window * c->cin >= 32 && window * c->cout >= 32 && 4 * c->cout > 3 * NN_SET8 * sets;
}

static int small_weights(const int8_t *w, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (w[i] > MOST || w[i] < -MOST)
            return 0;
    return 1;
}

/* Weight of output o for byte `b` of piece `t`; 0 in the padding. */
static int8_t weight(const struct nn_conv8 *c, const int8_t *w, int64_t o, int64_t t, int64_t b)
{
    int64_t kx = c->merged ? b / c->cin : t % c->kernel[1], ky = c->merged ? t : t / c->kernel[1];
    int64_t ci = c->merged ? b % c->cin : b;

    if (o >= c->cout || kx >= c->kernel[1] || ci >= c->cin)
        return 0;
    return w[((o * c->cin + ci) * c->kernel[0] + ky) * c->kernel[1] + kx];
}

static int pack(struct nn_arena *a, struct nn_conv8 *c, const int8_t *w)
{
    int64_t sets = (c->cout + NN_SET8 - 1) / NN_SET8, each = c->taps * c->run * NN_SET8;
    int8_t *p = nn_arena_array(a, (size_t)sets, (size_t)each);
    int32_t *init = nn_arena_array(a, (size_t)(sets * NN_SET8), sizeof *init);

    if (!p || !init)
        return -1;
    c->packed = p;
    c->init = init;
    for (int64_t o = 0; o < sets * NN_SET8; o++)
        for (int64_t t = 0; t < c->taps; t++)
            for (int64_t b = 0; b < c->run; b++) {
                int8_t v = weight(c, w, o, t, b);
                p[o / NN_SET8 * each + (t * c->run + b / 4 * 4) * NN_SET8 +
                  o % NN_SET8 * 4 + b % 4] = v;
                init[o] -= v * (int32_t)c->zero;
            }
    return 0;
}

/* `n` values padded to `all`; one value serves all. */
static const float *padded(struct nn_arena *a, const float *v, int64_t n, int64_t all, float factor,
                           int64_t count)
{
    float *p = nn_arena_array(a, (size_t)all, sizeof *p);

    for (int64_t i = 0; p && v && i < n; i++)
        p[i] = v[count == 1 ? 0 : i] * factor;
    return p;
}

int nn_conv8_new(struct nn_arena *a, const struct nn_simd *s, const struct nn_node *n,
                 const struct nn_tensor *w, const struct nn_fused *f, struct nn_conv8 **out)
{
    const struct nn_whole *q = f->whole;
    struct nn_conv8 c = { .simd = s, .cin = w->dim[1], .cout = w->dim[0],
                          .kernel = { w->dim[2], w->dim[3] }, .stride = { 1, 1 },
                          .dilation = { 1, 1 } };
    int64_t two[2], all = (c.cout + NN_SET8 - 1) / NN_SET8 * NN_SET8;

    if (!s->tile8 || f->weight || nn_attr_int(n, "group", 1) != 1 || !pays(&c) ||
        !small_weights(q->w, nn_count(w)) ||
        (double)c.cin * (double)(c.kernel[0] * c.kernel[1]) * 255 * MOST > 2e9)
        return 0;
    if (nn_attr_ints(n, "strides", two, 2) == 2)
        memcpy(c.stride, two, sizeof two);
    if (nn_attr_ints(n, "dilations", two, 2) == 2)
        memcpy(c.dilation, two, sizeof two);
    c.merged = c.dilation[1] == 1;
    c.taps = c.merged ? c.kernel[0] : c.kernel[0] * c.kernel[1];
    c.run = ((c.merged ? c.kernel[1] * c.cin : c.cin) + 3) / 4 * 4;
    c.in_scale = q->x->scale;
    c.zero = q->x->zero - q->x->lo;             /* int8 becomes uint8 */
    c.scale = padded(a, q->scale, c.cout, all, q->x->scale, q->scales);
    c.bias = padded(a, f->bias, c.cout, all, 1, c.cout);
    c.slope = f->slope ? padded(a, f->slope, c.cout, all, 1, c.cout) : NULL;
    if (!c.scale || !c.bias || (f->slope && !c.slope) || pack(a, &c, q->w) ||
        !(*out = nn_arena_alloc(a, sizeof **out)))
        return -1;
    **out = c;
    return 0;
}
