/*
 * Convolutions that enlarge, as small plain ones: a phase for each offset of an
 * output pixel from its multiple of the stride (conv.h).
 */
#include <string.h>

#include "runtime/engine/conv.h"

static struct nn_conv *start(struct nn_arena *a, const struct nn_simd *s,
                             const struct nn_tensor *w, const struct nn_fused *f, int64_t cin,
                             int64_t cout, const int64_t *up)
{
    struct nn_conv *c = nn_arena_alloc(a, sizeof *c);

    if (!c)
        return NULL;
    *c = (struct nn_conv){ .simd = s, .arena = a, .group = 1, .cg = cin, .og = cout, .cout = cout,
                           .kernel = { w->dim[2], w->dim[3] }, .dilation = { 1, 1 },
                           .stride = { 1, 1 }, .up = { up[0], up[1] },
                           .phases = (int)(up[0] * up[1]) };
    c->phase = nn_arena_array(a, (size_t)c->phases, sizeof *c->phase);
    c->bias = nn_pad_channels(a, s, f->bias, 1, cout);
    c->slope = f->slope ? nn_pad_channels(a, s, f->slope, 1, cout) : NULL;
    return c->phase && c->bias && (c->slope || !f->slope) ? c : NULL;
}

/* Packs w[tap][i][o]. */
static int pack(struct nn_arena *a, const struct nn_conv *c, struct nn_phase *ph, const float *w)
{
    int64_t k = ph->taps * c->cg;
    int64_t width = nn_vectors(c->cout, c->simd->lanes) * c->simd->lanes;
    float *p = nn_arena_array(a, (size_t)k, (size_t)width * sizeof *p);

    if (p)
        nn_pack(c->simd, k, c->cout, w, c->cout, 1, p);
    ph->packed = p;
    return p ? 0 : -1;
}

/* Output oy of padded coordinates is i * stride + r and sees input i + dy through kernel row
 * ky where ky * dilation = r - dy * stride. */
static int transposed_phase(struct nn_arena *a, const struct nn_conv *c, int number,
                            const float *weight, float *w)
{
    struct nn_phase *ph = &c->phase[number];
    int64_t kh = c->kernel[0], kw = c->kernel[1];

    ph->oy = number / (int)c->up[1];
    ph->ox = number % (int)c->up[1];
    for (int64_t ky = kh - 1; ky >= 0; ky--)        /* downwards: dy and dx ascend */
        for (int64_t kx = kw - 1; kx >= 0; kx--) {
            int64_t y = ph->oy - ky * c->dilation[0], x = ph->ox - kx * c->dilation[1];
            if (y % c->up[0] || x % c->up[1])
                continue;
            float *to = w + ph->taps * c->cg * c->cout;
            for (int64_t i = 0; i < c->cg; i++)
                for (int64_t o = 0; o < c->cout; o++)
                    to[i * c->cout + o] = weight[((i * c->cout + o) * kh + ky) * kw + kx];
            ph->dy[ph->taps] = (int16_t)(y / c->up[0]);
            ph->dx[ph->taps++] = (int16_t)(x / c->up[1]);
        }
    return pack(a, c, ph, w);
}

struct nn_conv *nn_conv_transposed(struct nn_arena *a, const struct nn_simd *s,
                                   const struct nn_node *n, const struct nn_tensor *w,
                                   const struct nn_fused *f)
{
    struct nn_arena tmp = { 0 };
    int64_t up[2] = { 1, 1 };
    struct nn_conv *c;
    float *room = nn_arena_array(&tmp, (size_t)nn_tensor_elements(w), sizeof *room);

    nn_attr_ints(n, "strides", up, 2);
    c = room ? start(a, s, w, f, w->dim[0], w->dim[1], up) : NULL;
    if (c)
        nn_attr_ints(n, "dilations", c->dilation, 2);
    for (int i = 0; c && i < c->phases; i++)
        if (transposed_phase(a, c, i, f->weight ? f->weight : w->data, room))
            c = NULL;
    nn_arena_release(&tmp);
    return c;
}

/* Kernel row k of the large picture lies on row (r + k - 1) / 2, rounded down, of the small one. */
static int upsampled_phase(struct nn_arena *a, const struct nn_conv *c, int number,
                           const float *weight, float *w)
{
    struct nn_phase *ph = &c->phase[number];

    ph->oy = number / 2;
    ph->ox = number % 2;
    ph->taps = 4;
    memset(w, 0, (size_t)(4 * c->cg * c->cout) * sizeof *w);
    for (int t = 0; t < 4; t++) {
        ph->dy[t] = (int16_t)(t / 2 + ph->oy - 1);
        ph->dx[t] = (int16_t)(t % 2 + ph->ox - 1);
    }
    for (int64_t k = 0; k < 9; k++) {
        int64_t dy = (ph->oy + k / 3 + 1) / 2 - ph->oy, dx = (ph->ox + k % 3 + 1) / 2 - ph->ox;
        float *to = w + (2 * dy + dx) * c->cg * c->cout;
        for (int64_t i = 0; i < c->cg; i++)
            for (int64_t o = 0; o < c->cout; o++)
                to[i * c->cout + o] += weight[(o * c->cg + i) * 9 + k];
    }
    return pack(a, c, ph, w);
}

struct nn_conv *nn_conv_upsampled(struct nn_arena *a, const struct nn_simd *s,
                                  const struct nn_tensor *w, const struct nn_fused *f)
{
    static const int64_t up[2] = { 2, 2 };
    struct nn_arena tmp = { 0 };
    float *room = nn_arena_array(&tmp, (size_t)(w->dim[0] * w->dim[1]), 4 * sizeof *room);
    struct nn_conv *c = room ? start(a, s, w, f, w->dim[1], w->dim[0], up) : NULL;

    for (int i = 0; c && i < c->phases; i++)
        if (upsampled_phase(a, c, i, f->weight ? f->weight : w->data, room))
            c = NULL;
    nn_arena_release(&tmp);
    return c;
}
