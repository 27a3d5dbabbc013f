/* Weights in the order in which the tiles read them. */
#include <string.h>

#include "runtime/engine/conv.h"

void nn_pack(const struct nn_simd *s, int64_t k, int64_t n, const float *w, int64_t row,
             int64_t col, float *to)
{
    int64_t left = nn_vectors(n, s->lanes);

    for (int64_t first = 0; left > 0;) {
        int v = nn_columns(left);
        int64_t width = v * s->lanes;
        for (int64_t i = 0; i < k; i++, to += width)
            for (int64_t j = 0; j < width; j++)
                to[j] = first + j < n ? w[i * row + (first + j) * col] : 0;
        first += width;
        left -= v;
    }
}

float *nn_pad_channels(struct nn_arena *a, const struct nn_simd *s, const float *v, int64_t group,
                       int64_t n)
{
    int64_t padded = nn_vectors(n, s->lanes) * s->lanes;
    float *p = nn_arena_array(a, (size_t)(group * padded), sizeof *p);

    for (int64_t g = 0; p && v && g < group; g++)
        memcpy(p + g * padded, v + g * n, (size_t)n * sizeof *p);
    return p;
}

int nn_conv_pack(struct nn_conv *c)
{
    int64_t width = nn_vectors(c->og, c->simd->lanes) * c->simd->lanes, most = 0;
    struct nn_arena tmp = { 0 };
    float *w, *to;
    int ret = 0;

    for (int i = 0; i < c->phases; i++)
        most = c->phase[i].taps > most ? c->phase[i].taps : most;
    if (c->phase[c->phases - 1].packed)
        return 0;
    w = nn_arena_array(&tmp, (size_t)(most * c->cg), (size_t)c->cout * sizeof *w);
    for (int i = 0; i < c->phases && !ret; i++) {
        int64_t k = c->phase[i].taps * c->cg;
        to = nn_arena_array(c->arena, (size_t)(c->group * k), (size_t)width * sizeof *to);
        ret = w && to ? 0 : -1;
        if (!ret)
            c->gather(c, i, w);
        for (int64_t g = 0; !ret && g < c->group; g++)
            nn_pack(c->simd, k, c->og, w + g * k * c->og, c->og, 1, to + g * k * width);
        c->phase[i].packed = to;
    }
    nn_arena_release(&tmp);
    return ret;
}

/* Depthwise weights: taps x channels. */
static int pack_depth(struct nn_arena *a, struct nn_conv *c, const float *w)
{
    int64_t taps = c->kernel[0] * c->kernel[1];
    float *p = nn_arena_array(a, (size_t)(taps * c->cout), sizeof *p);

    if (!p)
        return -1;
    for (int64_t o = 0; o < c->cout; o++)
        for (int64_t t = 0; t < taps; t++)
            p[t * c->cout + o] = w[o * taps + t];
    c->depth = p;
    return 0;
}

static void gather(const struct nn_conv *c, int phase, float *w)
{
    int64_t taps = c->phase[phase].taps;

    for (int64_t o = 0; o < c->cout; o++)
        for (int64_t i = 0; i < c->cg; i++)
            for (int64_t t = 0; t < taps; t++)
                w[((o / c->og * taps + t) * c->cg + i) * c->og + o % c->og] =
                    c->weight[(o * c->cg + i) * taps + t];
}

/* The taps of an ordinary kernel. */
static int one_phase(struct nn_arena *a, struct nn_conv *c)
{
    struct nn_phase *ph = c->phase = nn_arena_alloc(a, sizeof *ph);

    if (!ph)
        return -1;
    c->phases = 1;
    c->gather = gather;
    ph->taps = (int)(c->kernel[0] * c->kernel[1]);
    for (int t = 0; t < ph->taps; t++) {
        ph->dy[t] = (int16_t)(t / c->kernel[1] * c->dilation[0]);
        ph->dx[t] = (int16_t)(t % c->kernel[1] * c->dilation[1]);
    }
    return 0;
}

struct nn_conv *nn_conv_new(struct nn_arena *a, const struct nn_simd *s, const struct nn_node *n,
                            const struct nn_tensor *w, const struct nn_fused *f)
{
    struct nn_conv *c = nn_arena_alloc(a, sizeof *c);
    int64_t two[2] = { 1, 1 };

    if (!c)
        return NULL;
    *c = (struct nn_conv){ .simd = s, .arena = a, .group = nn_attr_int(n, "group", 1),
                           .cout = w->dim[0], .cg = w->dim[1],
                           .weight = f->weight ? f->weight : w->data,
                           .kernel = { w->dim[2], w->dim[3] },
                           .stride = { 1, 1 }, .dilation = { 1, 1 }, .up = { 1, 1 } };
    c->og = c->cout / c->group;
    if (nn_attr_ints(n, "strides", two, 2) == 2)
        memcpy(c->stride, two, sizeof two);
    if (nn_attr_ints(n, "dilations", two, 2) == 2)
        memcpy(c->dilation, two, sizeof two);
    c->depthwise = c->cg == 1 && c->og == 1 && c->group > 1;
    c->bias = c->depthwise ? nn_pad_channels(a, s, f->bias, 1, c->cout)
                           : nn_pad_channels(a, s, f->bias, c->group, c->og);
    if (f->slope)
        c->slope = c->depthwise ? nn_pad_channels(a, s, f->slope, 1, c->cout)
                                : nn_pad_channels(a, s, f->slope, c->group, c->og);
    if (!c->bias || (f->slope && !c->slope) ||
        (c->depthwise ? pack_depth(a, c, c->weight) : one_phase(a, c)))
        return NULL;
    return c;
}
