/*
 * fx_saturation.c - a burst of colour that spreads from the face.
 *
 * Works on square roots of light, near enough to what the eye sees. Pale
 * colours gain more than strong ones, and skin the least. No channel goes below
 * black: the colour moves back towards its grey. Highlights roll off to a shoulder.
 */
#include <math.h>

#include "runtime/effects/effect.h"

enum { AMOUNT, REACH, TONE };

NN_INLINE float smaller(float a, float b)
{
    return a < b ? a : b;
}

NN_INLINE float larger(float a, float b)
{
    return a > b ? a : b;
}

NN_WIDE static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *restrict R = rgb[0], *restrict G = rgb[1], *restrict B = rgb[2], *restrict mask = tmp;
    float cx = sc->who.face.x + sc->who.face.w / 2, cy = sc->who.face.y + sc->who.face.h / 2;
    float reach = (float)sc->h * p[REACH] * (0.25f + 0.95f * p[AMOUNT]);
    float dy = ((float)y - cy) / reach, near = sc->who.presence, tone = p[TONE];

    (void)state;
    for (int x = 0; x < sc->w; x++) {
        float dx = ((float)x - cx) / reach, d2 = dx * dx + dy * dy;
        mask[x] = p[AMOUNT] * (1 - near + near / (1 + d2 * d2));
    }
    for (int x = 0; x < sc->w; x++) {
        float m = mask[x], r = sqrtf(larger(R[x], 0)), g = sqrtf(larger(G[x], 0));
        float b = sqrtf(larger(B[x], 0)), l = 0.30f * r + 0.56f * g + 0.14f * b;
        float hi = larger(r, larger(g, b)), lo = smaller(r, smaller(g, b));
        float part = 1 / ((hi + 0.02f) * (l + 0.05f)), chroma = (hi - lo) * (l + 0.05f) * part;
        float skin = smaller(r - g, g - b) * 4 * (hi + 0.02f) * part;  /* orange: lamp light */
        float back;
        float k = 1 + m * 2.4f * (1 - 0.85f * chroma) * (1 - 0.85f * larger(0, smaller(1, skin)));
        float dark = larger(1 - 1.6f * l, 0), lift = 1 + 0.16f * m;

        r = l + (r - l) * k;
        g = l + (g - l) * k;
        b = l + (b - l) * k;
        lo = smaller(r, smaller(g, b));
        back = smaller(1, l / larger(l - lo, 1e-6f));
        r = (l + (r - l) * back) * lift + m * tone * (0.060f * dark + 0.06f * l * l);
        g = (l + (g - l) * back) * lift - m * tone * 0.05f * l * l;
        b = (l + (b - l) * back) * lift + m * tone * (0.150f * dark + 0.16f * l * l);
        hi = larger(r, larger(g, b)) - 0.75f;       /* one factor for all keeps the hue */
        hi = larger(hi, 0);
        back = (0.75f + 2.2f * hi) / ((1 + 1.6f * hi) * (0.75f + hi));
        back = 1 + m * (back - 1);
        R[x] = r * back * r * back;
        G[x] = larger(g, 0) * back * g * back;
        B[x] = b * back * b * back;
    }
}

const struct nn_effect_type fx_saturation = {
    .name = "saturation",
    .brief = "colour bursts out around the face and rolls off softly in the lights",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.6f, "how far colours are driven, and how far from the face" },
        { "reach", 0.2f, 4, 1, "radius at full amount, frame heights" },
        { "tone", 0, 1, 0.5f, "violet into the shadows, warmth into the lights" },
    },
    .row = row,
};
