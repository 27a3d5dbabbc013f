/*
 * fx_collapse.c - colour collapses: one hue stays and burns, all others drain away.
 *
 * In OKLab, where equal steps look equal and lightness stays as it is when colour goes
 * (Ottosson, "A perceptual color space for image processing", 2020, whose matrices these
 * are). The angle between a pixel's hue and the chosen one needs no arc tangent: its cosine
 * is the projection over the chroma. What stays also turns towards the hue, and what is
 * drained takes a breath of it: a tinted print, not a black-and-white one.
 */
#include <string.h>

#include "runtime/effects/field.h"
#include "runtime/effects/oval.h"

enum { AMOUNT, HUE, WIDTH, TINT, KEEP };

/* Cube root of x >= 0, to 3e-5 of it: a guess from the exponent, one step of Halley's. */
NN_INLINE float root3(float x)
{
    float y, y3;
    int32_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (int32_t)((float)bits * (1.0f / 3)) + 709952852;
    memcpy(&y, &bits, sizeof y);
    y3 = y * y * y;
    return y * (y3 + 2 * x) / (2 * y3 + x);
}

NN_WIDE static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *restrict R = rgb[0], *restrict G = rgb[1], *restrict B = rgb[2], *restrict mask = tmp;
    float ca = cosf(p[HUE] * 0.01745329f), sa = sinf(p[HUE] * 0.01745329f);
    float inner = cosf(0.5f * p[WIDTH] * 0.01745329f);
    float outer = cosf(nn_minf(1.1f * p[WIDTH] + 10, 180) * 0.01745329f);
    float slope = 1 / (inner - outer), tint = 0.075f * p[TINT];
    struct nn_oval face = nn_oval_of(sc, 1.1f);

    (void)state;
    for (int x = 0; x < sc->w; x++)
        mask[x] = p[AMOUNT] * (1 - p[KEEP] * nn_oval_at(&face, (float)x, (float)y, 0.45f));
    for (int x = 0; x < sc->w; x++) {
        float r = nn_maxf(R[x], 1e-9f), g = nn_maxf(G[x], 1e-9f), b = nn_maxf(B[x], 1e-9f);
        float l = root3(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
        float m = root3(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
        float s = root3(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);
        float L = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        float u = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        float v = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
        float chroma = sqrtf(u * u + v * v), along = u * ca + v * sa;
        float near = nn_clampf((along / (chroma + 0.004f) - outer) * slope, 0, 1);
        float stay = near * near * (3 - 2 * near);
        float k = stay * (1.32f - 0.5f * chroma);       /* strong ones need no help */
        float grey = tint * (1 - stay) * nn_maxf(4 * L * (1 - L), 0);
        float M = mask[x];

        float turn = 0.75f * nn_maxf(along, 0);          /* what stays turns to the hue */
        u += M * (k * (0.25f * u + turn * ca) - u + ca * grey);
        v += M * (k * (0.25f * v + turn * sa) - v + sa * grey);
        L *= 1 - M * 0.10f * (1 - stay) * (1 - L);      /* the drained recede a little */
        l = L + 0.3963377774f * u + 0.2158037573f * v;
        m = L - 0.1055613458f * u - 0.0638541728f * v;
        s = L - 0.0894841775f * u - 1.2914855480f * v;
        l = l * l * l;
        m = m * m * m;
        s = s * s * s;
        R[x] = nn_maxf(4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s, 0);
        G[x] = nn_maxf(-1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s, 0);
        B[x] = nn_maxf(-0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s, 0);
    }
}

const struct nn_effect_type fx_collapse = {
    .name = "collapse",
    .brief = "one hue stays and burns, all others drain away",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.9f, "how far the others drain" },
        { "hue", 0, 360, 15, "that stays, degrees in OKLCh: 29 red, 110 yellow, 195 cyan, "
                              "264 blue, 325 magenta" },
        { "width", 10, 180, 75, "of the hues that stay, degrees" },
        { "tint", 0, 1, 0.5f, "of the hue in what is drained" },
        { "keep", 0, 1, 0, "how far the face keeps its own colours" },
    },
    .row = row,
};
