#include "runtime/effects/srgb.h"

#include <math.h>
#include <string.h>

#include "runtime/effects/effect.h"

enum { SPAN = 256, WHITE = 0x3f800000 };    /* pixels at a time; the bits of 1.0f */

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

/* 255 times the sRGB code of light 0..1, to be rounded. Its curved part, 1.055 v^(1/2.4) - 0.055,
 * is a polynomial in the root of v, by Remez' method, off by 0.02 of a code at most. */
NN_INLINE float code(float v)
{
    float x = sqrtf(v), x2 = x * x;
    float low = (-618.506775f * x + 414.094269f) * x - 11.1644411f;
    float high = (((470.002136f * x - 1926.41418f) * x + 3274.01514f) * x - 3011.39062f) * x +
                 1664.38269f;

    return v > 0.0031308f ? high * (x2 * x) + low : v * (12.92f * 255);
}

/* The most light of n pixels, as the bits of a float; less than 0 is no light. */
NN_INLINE int32_t most(const float *restrict r, const float *restrict g, const float *restrict b,
                       int n)
{
    int32_t top = 0, bits[3][SPAN];

    memcpy(bits[0], r, (size_t)n * sizeof *r);
    memcpy(bits[1], g, (size_t)n * sizeof *g);
    memcpy(bits[2], b, (size_t)n * sizeof *b);
    for (int x = 0; x < n; x++) {
        int32_t a = bits[0][x] > bits[1][x] ? bits[0][x] : bits[1][x];
        a = a > bits[2][x] ? a : bits[2][x];
        top = top > a ? top : a;
    }
    return top;
}

NN_INLINE uint32_t pixel(float r, float g, float b)
{
    return (uint32_t)(int)(code(r) + 0.5f) | (uint32_t)(int)(code(g) + 0.5f) << 8 |
           (uint32_t)(int)(code(b) + 0.5f) << 16;
}

/* Red, green, blue from the lowest byte up; n is at most SPAN. */
NN_WIDE
static void encode(const float *restrict r, const float *restrict g, const float *restrict b,
                   int n, uint32_t *restrict out)
{
    if (most(r, g, b, n) <= WHITE) {
        for (int x = 0; x < n; x++)
            out[x] = pixel(above(r[x], 0), above(g[x], 0), above(b[x], 0));
        return;
    }
    for (int x = 0; x < n; x++) {
        float u = bounded(r[x]), v = bounded(g[x]), k = bounded(b[x]);
        float over = above(above(above(u, v), k), 1), part = 1 / (over * (over + 2.5f));
        float white = (over - 1) * over * part, keep = 3.5f * part;   /* (1 - white) / over */

        out[x] = pixel(u * keep + white, v * keep + white, k * keep + white);
    }
}

/* n pixels, four to three words and what is left to bytes. */
NN_WIDE
static void pack(const uint32_t *restrict in, int n, uint8_t *restrict px)
{
    uint32_t out[SPAN / 4 * 3];
    int fours = n / 4;

    for (int i = 0; i < fours; i++) {
        uint32_t a = in[4 * i], b = in[4 * i + 1], c = in[4 * i + 2], d = in[4 * i + 3];
        out[3 * i] = a | b << 24;
        out[3 * i + 1] = b >> 8 | c << 16;
        out[3 * i + 2] = c >> 16 | d << 8;
    }
    /* cppcheck-suppress uninitvar */
    memcpy(px, out, (size_t)fours * 12);
    for (int x = 4 * fours; x < n; x++)
        memcpy(px + 3 * x, &in[x], 3);
}

void nn_srgb_encode(float *const rgb[3], int w, uint8_t *px, int channels, uint32_t *tmp)
{
    for (int x = 0; x < w; x += SPAN) {
        int n = w - x < SPAN ? w - x : SPAN;
        uint8_t *to = px + (size_t)x * (size_t)channels;
        encode(rgb[0] + x, rgb[1] + x, rgb[2] + x, n, tmp);
        if (channels == 3) {
            pack(tmp, n, to);
            continue;
        }
        for (int i = 0; i < n; i++, to += 4)
            memcpy(to, &tmp[i], 3);
    }
}
