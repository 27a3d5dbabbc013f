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
    *c = (struct nn_conv){ .simd = s, .arena = a, .group = 1, .cg = cin,
                           .weight = f->weight ? f->weight : w->data, .og = cout, .cout = cout,
                           .kernel = { w->dim[2], w->dim[3] }, .dilation = { 1, 1 },
                           .stride = { 1, 1 }, .up = { up[0], up[1] },
                           .phases = (int)(up[0] * up[1]) };
    c->phase = nn_arena_array(a, (size_t)c->phases, sizeof *c->phase);
    c->bias = nn_pad_channels(a, s, f->bias, 1, cout);
    c->slope = f->slope ? nn_pad_channels(a, s, f->slope, 1, cout) : NULL;
    return c->phase && c->bias && (c->slope || !f->slope) ? c : NULL;
}

/* The taps of a phase of a transposed convolution, and which kernel elements they are: output oy
 * of padded coordinates is i * stride + r and sees input i + dy through kernel row ky where
 * ky * dilation = r - dy * stride. */
static int transposed_taps(const struct nn_conv *c, struct nn_phase *ph, int number, int64_t *at)
{
    int64_t kh = c->kernel[0], kw = c->kernel[1];
    int n = 0;

    for (int64_t ky = kh - 1; ky >= 0; ky--)        /* downwards: dy and dx ascend */
        for (int64_t kx = kw - 1; kx >= 0; kx--) {
            int64_t y = number / c->up[1] - ky * c->dilation[0];
            int64_t x = number % c->up[1] - kx * c->dilation[1];
            if (y % c->up[0] || x % c->up[1])
                continue;
            if (ph) {
                ph->dy[n] = (int16_t)(y / c->up[0]);
                ph->dx[n] = (int16_t)(x / c->up[1]);
            }
            at[n++] = ky * kw + kx;
        }
    return n;
}

static void gather_transposed(const struct nn_conv *c, int phase, float *w)
{
    int64_t at[NN_MAX_TAPS], elements = c->kernel[0] * c->kernel[1];
    int taps = transposed_taps(c, NULL, phase, at);

    for (int t = 0; t < taps; t++)
        for (int64_t i = 0; i < c->cg * c->cout; i++)
            *w++ = c->weight[i * elements + at[t]];
}

struct nn_conv *nn_conv_transposed(struct nn_arena *a, const struct nn_simd *s,
                                   const struct nn_node *n, const struct nn_tensor *w,
                                   const struct nn_fused *f)
{
    int64_t up[2] = { 1, 1 }, at[NN_MAX_TAPS];
    struct nn_conv *c;

    nn_attr_ints(n, "strides", up, 2);
    if (!(c = start(a, s, w, f, w->dim[0], w->dim[1], up)))
        return NULL;
    nn_attr_ints(n, "dilations", c->dilation, 2);
    c->gather = gather_transposed;
    for (int i = 0; i < c->phases; i++) {
        c->phase[i].oy = i / (int)up[1];
        c->phase[i].ox = i % (int)up[1];
        c->phase[i].taps = transposed_taps(c, &c->phase[i], i, at);
    }
    return c;
}

/* Kernel row k of the large picture lies on row (r + k - 1) / 2, rounded down, of the small one. */
static void gather_upsampled(const struct nn_conv *c, int phase, float *w)
{
    const struct nn_phase *ph = &c->phase[phase];

    memset(w, 0, (size_t)(4 * c->cg * c->cout) * sizeof *w);
    for (int64_t k = 0; k < 9; k++) {
        int64_t dy = (ph->oy + k / 3 + 1) / 2 - ph->oy, dx = (ph->ox + k % 3 + 1) / 2 - ph->ox;
        float *to = w + (2 * dy + dx) * c->cg * c->cout;
        for (int64_t i = 0; i < c->cg; i++)
            for (int64_t o = 0; o < c->cout; o++)
                to[i * c->cout + o] += c->weight[(o * c->cg + i) * 9 + k];
    }
}

struct nn_conv *nn_conv_upsampled(struct nn_arena *a, const struct nn_simd *s,
                                  const struct nn_tensor *w, const struct nn_fused *f)
{
    static const int64_t up[2] = { 2, 2 };
    struct nn_conv *c = start(a, s, w, f, w->dim[1], w->dim[0], up);

    if (!c)
        return NULL;
    c->gather = gather_upsampled;
    for (int i = 0; i < c->phases; i++) {
        struct nn_phase *ph = &c->phase[i];
        ph->oy = i / 2;
        ph->ox = i % 2;
        ph->taps = 4;
        for (int t = 0; t < 4; t++) {
            ph->dy[t] = (int16_t)(t / 2 + ph->oy - 1);
            ph->dx[t] = (int16_t)(t % 2 + ph->ox - 1);
        }
    }
    return c;
}
