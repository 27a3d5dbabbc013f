/*
 * fx_static.c - eyes full of static.
 *
 * Snow fills both eyes, follows them and leans with them; scan lines cross it, a
 * cold rim glows around it, and now and then a line leaks out sideways. The
 * snow changes fifteen times a second, but only within the eyes: far below the
 * area that counts as a flash.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, SIZE, LEAK, GLOW };

struct eyes {
    float at[2][2];         /* pixels */
    float ux, uy;           /* along the line through both */
    float a, b;             /* half axes of an eye, pixels */
    float show;             /* 0..1 */
    int tick;
};

static struct eyes find(const struct nn_scene *sc, const float *p)
{
    struct eyes e = { .tick = (int)(sc->t * 15) };
    float dx, dy, far;

    if (!(sc->who.face.w > 0))
        return e;
    nn_eyes(&sc->who, e.at);
    dx = e.at[1][0] - e.at[0][0];
    dy = e.at[1][1] - e.at[0][1];
    far = sqrtf(dx * dx + dy * dy);
    if (far < 2)
        return e;
    e.ux = dx / far;
    e.uy = dy / far;
    e.a = 0.27f * far * p[SIZE];
    e.b = 0.16f * far * p[SIZE];
    e.show = p[AMOUNT] * sc->who.presence;
    return e;
}

/* Snow at a point of the eye, 0..1.5: grains a pixel or two wide under scan lines. */
static float snow(const struct eyes *e, const struct nn_scene *sc, float u, float v)
{
    float grain = nn_maxf(e->a / 22, 1), d, line;

    d = nn_dice2((int)floorf(u / grain), (int)floorf(v / grain),
                 (uint32_t)sc->seed + (uint32_t)e->tick);
    line = 0.72f + 0.28f * cosf(6.2831853f * v / (3 * grain));
    return (0.12f + 1.4f * d * d) * line;
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    const struct eyes e = find(sc, p);

    (void)state;
    (void)tmp;
    for (int i = 0; i < 2 && e.show > 0; i++) {
        float reach = 5 * e.a, dy = (float)y - e.at[i][1], leak;
        int x0 = (int)(e.at[i][0] - reach), x1 = (int)(e.at[i][0] + reach) + 1;
        if (fabsf(dy) > reach)
            continue;
        leak = nn_dice2(y / (1 + (int)(e.a / 16)), e.tick / 3, (uint32_t)sc->seed + 77u);
        leak = p[LEAK] * nn_smooth(0.80f, 0.97f, leak);
        for (int x = nn_clampi(x0, 0, sc->w); x < nn_clampi(x1, 0, sc->w); x++) {
            float dx = (float)x - e.at[i][0];
            float u = dx * e.ux + dy * e.uy, v = dy * e.ux - dx * e.uy;
            /* An almond: the lids come together at the corners. */
            float lid = nn_maxf(1 - u * u / (e.a * e.a), 0), h = e.b * (0.25f + 0.75f * lid);
            float d2 = u * u / (e.a * e.a) + v * v / (h * h);
            float in = e.show * nn_smooth(1.2f, 0.75f, d2);
            float halo = e.show * p[GLOW] * 0.5f / (1 + 1.8f * d2 * d2), out, s;

            out = fabsf(v) < e.b && d2 > 0.8f ? e.show * leak * expf(-fabsf(u) / (1.6f * e.a)) : 0;
            if (in + halo + out < 1e-3f)
                continue;
            s = snow(&e, sc, u, v);
            rgb[0][x] = rgb[0][x] * (1 - in) + in * 0.80f * s + 0.05f * halo + 0.7f * out * s;
            rgb[1][x] = rgb[1][x] * (1 - in) + in * 0.97f * s + 0.22f * halo + 0.9f * out * s;
            rgb[2][x] = rgb[2][x] * (1 - in) + in * 1.10f * s + 0.30f * halo + out * s;
        }
    }
}

const struct nn_effect_type fx_static = {
    .name = "static",
    .brief = "eyes full of static: snow that stays in the eyes and leaks out",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.9f, "how much of the eyes is snow" },
        { "size", 0.3f, 3, 1, "of the snow, eyes" },
        { "leak", 0, 1, 0.6f, "how many lines leak out sideways" },
        { "glow", 0, 1, 0.5f, "the cold rim around" },
    },
    .row = row,
};
