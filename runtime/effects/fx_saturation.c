/*
 * fx_saturation.c - a burst of colour that spreads from the face.
 *
 * Works on square roots of light, near enough to what the eye sees. Pale
 * colours gain more than strong ones, and skin the least. No channel goes below
 * black: the colour moves back towards its grey. Highlights roll off to a shoulder.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, REACH, TONE };
enum { STEP = 16, PART = 256 };     /* pixels: along which the mask is straight; at a time */

/* n pixels, each driven as far as its mask says; three short loops, of which a processor sees more
 * at once than of a long one. */
NN_WIDE static void drive(const float *restrict mask, float tone, float *restrict R,
                          float *restrict G, float *restrict B, int n)
{
    float gain[PART], grey[PART], roll[PART];

    for (int x = 0; x < n; x++) {
        float r = sqrtf(nn_maxf(R[x], 0)), g = sqrtf(nn_maxf(G[x], 0));
        float b = sqrtf(nn_maxf(B[x], 0)), l = 0.30f * r + 0.56f * g + 0.14f * b;
        float hi = nn_maxf(r, nn_maxf(g, b)), lo = nn_minf(r, nn_minf(g, b));
        float part = 1 / ((hi + 0.02f) * (l + 0.05f)), chroma = (hi - lo) * (l + 0.05f) * part;
        float skin = nn_minf(r - g, g - b) * 4 * (hi + 0.02f) * part;   /* orange: lamp light */
        float k = (1 - 0.85f * chroma) * (1 - 0.85f * nn_clampf(skin, 0, 1));

        gain[x] = 1 + mask[x] * 2.4f * k;
        roll[x] = l - lo;
        grey[x] = l;
        R[x] = r;
        G[x] = g;
        B[x] = b;
    }
    for (int x = 0; x < n; x++) {       /* no farther than where the least of the three is black */
        float l = grey[x], k = gain[x];
        float back = nn_minf(1, l / nn_maxf(roll[x] * k, 1e-6f));
        gain[x] = k * back * (1 + 0.16f * mask[x]);
    }
    for (int x = 0; x < n; x++) {
        float l = grey[x], k = gain[x], lift = l * (1 + 0.16f * mask[x]), m = mask[x] * tone;
        float dark = m * nn_maxf(1 - 1.6f * l, 0), warm = m * l * l;
        R[x] = lift + (R[x] - l) * k + 0.060f * dark + 0.06f * warm;
        G[x] = nn_maxf(lift + (G[x] - l) * k - 0.05f * warm, 0);
        B[x] = lift + (B[x] - l) * k + 0.150f * dark + 0.16f * warm;
    }
    for (int x = 0; x < n; x++) {               /* one factor for all keeps the hue */
        float hi = nn_maxf(nn_maxf(R[x], nn_maxf(G[x], B[x])) - 0.75f, 0);
        float back = (0.75f + 2.2f * hi) / ((1 + 1.6f * hi) * (0.75f + hi));
        back = 1 + mask[x] * (back - 1);
        back *= back;
        R[x] *= R[x] * back;
        G[x] *= G[x] * back;
        B[x] *= B[x] * back;
    }
}

/* How far columns [0, w) of a row are driven: less, the farther from the face. */
static void fall_off(const struct nn_scene *sc, const float *p, int y, float *mask)
{
    float cx = sc->who.face.x + sc->who.face.w / 2, cy = sc->who.face.y + sc->who.face.h / 2;
    float reach = (float)sc->h * p[REACH] * (0.25f + 0.95f * p[AMOUNT]), near = sc->who.presence;
    float dy = ((float)y - cy) / reach;

    for (int x = 0; x < sc->w; x += STEP) {     /* it hardly bends within a step */
        float dx = ((float)x - cx) / reach, ex = ((float)(x + STEP) - cx) / reach;
        float d2 = dx * dx + dy * dy, e2 = ex * ex + dy * dy;
        float from = p[AMOUNT] * (1 - near + near / (1 + d2 * d2));
        float slope = (p[AMOUNT] * (1 - near + near / (1 + e2 * e2)) - from) / STEP;
        for (int i = 0; i < STEP && x + i < sc->w; i++)
            mask[x + i] = from + slope * (float)i;
    }
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    (void)state;
    fall_off(sc, p, y, tmp);
    for (int x = 0; x < sc->w; x += PART)
        drive(tmp + x, p[TONE], rgb[0] + x, rgb[1] + x, rgb[2] + x,
              sc->w - x < PART ? sc->w - x : PART);
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
