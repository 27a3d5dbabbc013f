#include "runtime/effects/srgb.h"

#include <math.h>
#include <string.h>

#include "runtime/effects/effect.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pixels are put together as little-endian words"
#endif

void nn_srgb_table(float light[256])
{
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        light[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
}

void nn_srgb_decode(const float light[256], const uint8_t *px, int channels, int w,
                     float *const rgb[3])
{
    float *restrict r = rgb[0], *restrict g = rgb[1], *restrict b = rgb[2];

    for (int x = 0; x < w; x++, px += channels) {
        r[x] = light[px[0]];
        g[x] = light[px[1]];
        b[x] = light[px[2]];
    }
}

NN_INLINE float above(float v, float least)
{
    return v > least ? v : least;
}

/* Light that can be reckoned with: NaN becomes 0, infinity merely blinds. */
NN_INLINE float bounded(float v)
{
    v = v > 0 ? v : 0;
    return v < 1e6f ? v : 1e6f;
}

/* 255 times the sRGB code of light 0..1. Its curved part, 1.055 v^(1/2.4) - 0.055, is a polynomial
 * in v^(1/4), fitted at Chebyshev's points, off by 0.002 of a code at most. */
NN_INLINE float code(float v)
{
    float x = sqrtf(sqrtf(v));
    float curve = ((((-16.672062f * x + 71.647619f) * x - 144.683873f) * x + 318.693894f) * x +
                   41.691351f) * x - 15.6782505f;

    return v > 0.0031308f ? curve : v * (12.92f * 255);
}

/* Red, green, blue from the lowest byte up. */
NN_WIDE
static void encode(const float *restrict r, const float *restrict g, const float *restrict b,
                   int w, uint32_t *restrict out)
{
    for (int x = 0; x < w; x++) {
        float u = bounded(r[x]), v = bounded(g[x]), k = bounded(b[x]);
        float over = above(above(above(u, v), k), 1), part = 1 / (over * (over + 2.5f));
        float white = (over - 1) * over * part, keep = 3.5f * part;   /* (1 - white) / over */

        u = code(u * keep + white);
        v = code(v * keep + white);
        k = code(k * keep + white);
        out[x] = (uint32_t)(int)(u + 0.5f) | (uint32_t)(int)(v + 0.5f) << 8 |
                 (uint32_t)(int)(k + 0.5f) << 16;
    }
}

void nn_srgb_encode(float *const rgb[3], int w, uint8_t *px, int channels, uint32_t *tmp)
{
    encode(rgb[0], rgb[1], rgb[2], w, tmp);
    if (channels == 3) {
        for (int x = 0; x + 1 < w; x++, px += 3)
            memcpy(px, &tmp[x], 4);     /* the next pixel's red is written over it */
        memcpy(px, &tmp[w - 1], 3);
        return;
    }
    for (int x = 0; x < w; x++, px += 4) {
        uint32_t alpha = px[3];
        tmp[x] |= alpha << 24;
        memcpy(px, &tmp[x], 4);
    }
}
