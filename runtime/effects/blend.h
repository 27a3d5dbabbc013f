/*
 * blend.h - how one light is laid over another.
 *
 * The modes of W3C's "Compositing and Blending Level 1", 9.1. They are computed in linear light,
 * as light adds up; overlay and soft light, whose pivot is the eye's middle grey, on square roots
 * of it.
 */
#ifndef NN_RUNTIME_EFFECTS_BLEND_H
#define NN_RUNTIME_EFFECTS_BLEND_H

#include "runtime/effects/field.h"

enum nn_blend { NN_BLEND_NORMAL, NN_BLEND_ADD, NN_BLEND_SCREEN, NN_BLEND_MULTIPLY,
                NN_BLEND_OVERLAY, NN_BLEND_SOFT, NN_BLEND_DIFFERENCE, NN_BLEND_LIGHTEN };

/* Of backdrop b and source s, both square roots of light in 0..1 (W3C 9.1.10, soft light). */
NN_INLINE float nn_soft_light(float b, float s)
{
    float d = b <= 0.25f ? ((16 * b - 12) * b + 4) * b : sqrtf(b);

    return s <= 0.5f ? b - (1 - 2 * s) * b * (1 - b) : b + (2 * s - 1) * (d - b);
}

/* s is 0..1, b may be brighter: what is above white it keeps. */
NN_INLINE float nn_blended(enum nn_blend mode, float b, float s)
{
    float c = nn_clampf(b, 0, 1), v;

    switch (mode) {
    case NN_BLEND_NORMAL: return s;
    case NN_BLEND_ADD: return b + s;
    case NN_BLEND_MULTIPLY: return b * s;
    case NN_BLEND_DIFFERENCE: return fabsf(b - s);
    case NN_BLEND_SCREEN: return c + s - c * s + (b - c);
    case NN_BLEND_LIGHTEN: return nn_maxf(b, s);
    case NN_BLEND_OVERLAY:      /* hard light with the two exchanged */
        v = sqrtf(c);
        s = sqrtf(s);
        v = v <= 0.5f ? 2 * v * s : 1 - 2 * (1 - v) * (1 - s);
        return v * v + (b - c);
    case NN_BLEND_SOFT:
        v = nn_soft_light(sqrtf(c), sqrtf(s));
        return v * v + (b - c);
    }
    return b;
}

NN_INLINE void nn_blend_run(enum nn_blend mode, float *restrict b, const float *restrict s,
                            const float *restrict weight, int n)
{
    for (int x = 0; x < n; x++)
        b[x] += weight[x] * (nn_blended(mode, b[x], s[x]) - b[x]);
}

/* n values of a backdrop, each `weight` of the way to what the mode makes of it. */
NN_INLINE void nn_blend_row(enum nn_blend mode, float *b, const float *s, const float *weight,
                            int n)
{
    switch (mode) {             /* so that each has a loop of its own */
    case NN_BLEND_NORMAL: nn_blend_run(NN_BLEND_NORMAL, b, s, weight, n); break;
    case NN_BLEND_ADD: nn_blend_run(NN_BLEND_ADD, b, s, weight, n); break;
    case NN_BLEND_SCREEN: nn_blend_run(NN_BLEND_SCREEN, b, s, weight, n); break;
    case NN_BLEND_MULTIPLY: nn_blend_run(NN_BLEND_MULTIPLY, b, s, weight, n); break;
    case NN_BLEND_OVERLAY: nn_blend_run(NN_BLEND_OVERLAY, b, s, weight, n); break;
    case NN_BLEND_SOFT: nn_blend_run(NN_BLEND_SOFT, b, s, weight, n); break;
    case NN_BLEND_DIFFERENCE: nn_blend_run(NN_BLEND_DIFFERENCE, b, s, weight, n); break;
    case NN_BLEND_LIGHTEN: nn_blend_run(NN_BLEND_LIGHTEN, b, s, weight, n); break;
    }
}

#endif
