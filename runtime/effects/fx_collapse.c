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
enum { PART = 256 };        /* pixels at a time */

/* Light whose cubes, and the products of three, are numbers. */
static const float LEAST = 1e-9f, MOST = 1e6f;

/* About the cube root of x >= 0, from its exponent. */
NN_INLINE float guess3(float x)
{
    float y;
    int32_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (int32_t)((float)bits * (1.0f / 3)) + 709952852;
    memcpy(&y, &bits, sizeof y);
    return y;
}

/* The cube roots of three numbers >= 0, to 3e-5 of them: guesses, and one step of Halley's, the
 * three quotients by one division. */
NN_INLINE void root3(float *l, float *m, float *s)
{
    float a = guess3(*l), b = guess3(*m), c = guess3(*s), a3 = a * a * a, b3 = b * b * b;
    float c3 = c * c * c, da = 2 * a3 + *l, db = 2 * b3 + *m, dc = 2 * c3 + *s;
    float ab = da * db, part = 1 / (ab * dc);

    *s = c * (c3 + 2 * *s) * (ab * part);
    part *= dc;
    *l = a * (a3 + 2 * *l) * (db * part);
    *m = b * (b3 + 2 * *m) * (da * part);
}

/* What a row of pixels needs to know. */
struct hue {
    float ca, sa;               /* the direction of the hue that stays */
    float outer, slope;         /* from the cosine of where nothing stays, to all of it */
    float tint;
};

/* n pixels at a time, by three loops rather than one: each pixel is a long chain of sums that wait
 * for each other, of which a processor sees several at once when they are short. */
NN_WIDE static void turn(const struct hue *k, const float *restrict mask, float *restrict R,
                         float *restrict G, float *restrict B, int n)
{
    float Lo[PART], U[PART], V[PART], along[PART], near[PART];
    float ca = k->ca, sa = k->sa, outer = k->outer, slope = k->slope, tint = k->tint;

    for (int x = 0; x < n; x++) {
        float r = nn_clampf(R[x], LEAST, MOST), g = nn_clampf(G[x], LEAST, MOST);
        float b = nn_clampf(B[x], LEAST, MOST);
        float l = 0.4122214708f * r + 0.5363325363f * g + 0.0514459929f * b;
        float m = 0.2119034982f * r + 0.6806995451f * g + 0.1073969566f * b;
        float s = 0.0883024619f * r + 0.2817188376f * g + 0.6299787005f * b;
        root3(&l, &m, &s);
        Lo[x] = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        U[x] = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        V[x] = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
    }
    for (int x = 0; x < n; x++) {
        float chroma = sqrtf(U[x] * U[x] + V[x] * V[x]), at = U[x] * ca + V[x] * sa;
        along[x] = at;
        near[x] = nn_clampf((at / (chroma + 0.004f) - outer) * slope, 0, 1);
        R[x] = 1.32f - 0.5f * chroma;           /* strong ones need no help */
    }
    for (int x = 0; x < n; x++) {
        float L = Lo[x], u = U[x], v = V[x], M = mask[x], l, m, s;
        float stay = near[x] * near[x] * (3 - 2 * near[x]), help = stay * R[x];
        float grey = tint * (1 - stay) * nn_maxf(4 * L * (1 - L), 0);
        float to = 0.75f * nn_maxf(along[x], 0) * help + grey;  /* what stays turns to the hue */

        help = 1 - M * (1 - 0.25f * help);
        u = u * help + M * to * ca;
        v = v * help + M * to * sa;
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

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float inner = cosf(0.5f * p[WIDTH] * 0.01745329f);
    float outer = cosf(nn_minf(1.1f * p[WIDTH] + 10, 180) * 0.01745329f);
    struct hue k = { cosf(p[HUE] * 0.01745329f), sinf(p[HUE] * 0.01745329f), outer,
                     1 / (inner - outer), 0.075f * p[TINT] };
    struct nn_oval face = nn_oval_of(sc, 1.1f);

    (void)state;
    for (int x = 0; x < sc->w; x++)
        tmp[x] = p[AMOUNT];
    for (int x = 0; x < sc->w && p[KEEP] > 0; x++)
        tmp[x] *= 1 - p[KEEP] * nn_oval_at(&face, (float)x, (float)y, 0.45f);
    for (int x = 0; x < sc->w; x += PART)
        turn(&k, tmp + x, rgb[0] + x, rgb[1] + x, rgb[2] + x, sc->w - x < PART ? sc->w - x : PART);
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
