/*
 * fx_collapse.c - all colour collapses towards one hue; the others drain.
 *
 * Works in OKLab (Björn Ottosson, "A perceptual color space for image
 * processing", 2020), where a hue stays itself while it pales. Colours near the
 * hue keep what they have and gain some; all others give theirs up for a trace
 * of it in the middle tones.
 */
#include <string.h>

#include "runtime/effects/field.h"

enum { AMOUNT, HUE, WIDTH, TINT, KEEP };

/* The cube root of x >= 0: a guess by the exponent, then Halley twice; 1e-6 off. */
static inline float root3(float x)
{
    float y;
    int32_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (int32_t)((float)bits * (1 / 3.0f)) + 709921077;
    memcpy(&y, &bits, sizeof y);
    for (int i = 0; i < 2; i++) {
        float c = y * y * y;
        y = y * (c + 2 * x) / (2 * c + x + 1e-30f);
    }
    return y;
}

/* 1 where the person's face is, softly 0 away from it. */
static float facing(const struct nn_person *who, int x, int y)
{
    float dx = ((float)x - who->face.x - 0.5f * who->face.w) / (0.62f * who->face.w);
    float dy = ((float)y - who->face.y - 0.5f * who->face.h) / (0.80f * who->face.h);

    return who->presence * nn_smooth(1.25f, 0.75f, dx * dx + dy * dy);
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *restrict R = rgb[0], *restrict G = rgb[1], *restrict B = rgb[2], *restrict mix = tmp;
    float turn = p[HUE] * (3.14159265f / 180), ux = cosf(turn), uy = sinf(turn);
    float edge = cosf(p[WIDTH] * (3.14159265f / 180)), soft = 0.3f * (1 - edge) + 0.05f;
    int face = p[KEEP] > 0 && sc->who.presence > 0 && sc->who.face.w > 0;

    (void)state;
    for (int x = 0; x < sc->w; x++)
        mix[x] = p[AMOUNT];
    for (int x = 0; x < sc->w && face; x++)
        mix[x] *= 1 - p[KEEP] * facing(&sc->who, x, y);
    for (int x = 0; x < sc->w; x++) {
        float r = nn_maxf(R[x], 0), g = nn_maxf(G[x], 0), b = nn_maxf(B[x], 0);
        float l = root3(0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b);
        float m = root3(0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b);
        float s = root3(0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b);
        float L = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        float A = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        float C = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
        float chroma = sqrtf(A * A + C * C), near = (A * ux + C * uy) / (chroma + 1e-4f);
        float w = nn_clampf((near - edge + soft) / (2 * soft), 0, 1), tone;

        w = w * w * (3 - 2 * w) * nn_minf(chroma * 25, 1);
        tone = p[TINT] * 0.16f * L * nn_maxf(1.15f - L, 0);
        A += mix[x] * (w * 0.35f * A + (1 - w) * (tone * ux - A));
        C += mix[x] * (w * 0.35f * C + (1 - w) * (tone * uy - C));
        l = L + 0.3963377774f * A + 0.2158037573f * C;
        m = L - 0.1055613458f * A - 0.0638541728f * C;
        s = L - 0.0894841775f * A - 1.2914855480f * C;
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
    .brief = "colour collapses towards one hue, everything else drains",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.9f, "how far the other colours are gone" },
        { "hue", 0, 360, 5, "degrees in OKLab: 5 magenta, 30 red, 110 yellow, 195 cyan, 265 blue" },
        { "width", 5, 120, 35, "degrees on either side that survive" },
        { "tint", 0, 1, 0.35f, "how much of the hue the drained tones take" },
        { "keep", 0, 1, 0, "how much the face keeps its colours" },
    },
    .row = row,
};
