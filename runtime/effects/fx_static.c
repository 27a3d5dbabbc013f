/*
 * fx_static.c - eyes full of static.
 *
 * Snow fills both eyes, follows them and leans with them, round as the eye is, with a hole
 * where the pupil looks out. The sockets darken, a cold light falls on the lids, and threads
 * of snow run down the cheeks. The snow changes fifteen times a second, but only within the
 * eyes: far below the area that counts as a flash.
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
    e.a = 0.30f * far * p[SIZE];
    e.b = 0.20f * far * p[SIZE];
    e.show = p[AMOUNT] * sc->who.presence;
    return e;
}

/* Snow at a point of the eye, 0..1.5: grains a pixel or two wide under scan lines. */
static float snow(const struct eyes *e, const struct nn_scene *sc, float u, float v)
{
    float grain = nn_maxf(e->a / 24, 1), d, line;

    d = nn_dice2((int)floorf(u / grain), (int)floorf(v / grain),
                 (uint32_t)sc->seed + (uint32_t)e->tick);
    line = 0.74f + 0.26f * cosf(6.2831853f * v / (3 * grain));
    return (0.10f + 1.45f * d * d) * line;
}

/* Threads of snow that run down from the eye: what falls at (u, v) below its middle. */
static float tears(const struct eyes *e, const struct nn_scene *sc, float leak, float u, float v)
{
    float grain = nn_maxf(e->a / 20, 1), side = u / (0.8f * e->a), run, chance, down;
    int thread = (int)floorf(u / grain);
    uint32_t seed = (uint32_t)sc->seed + 77u;

    if (v <= 0 || side * side >= 1)
        return 0;
    chance = nn_dice2(thread, 1, seed);
    run = leak * e->a * (0.8f + 6 * chance * chance) * sqrtf(1 - side * side);
    down = v / nn_maxf(run, 1);
    if (down >= 1 || nn_dice2(thread, 2, seed) < 0.35f)
        return 0;
    v -= (float)fmod(sc->t * (double)(e->a * (0.8f + chance)), 1e5);
    chance = nn_dice2(thread, (int)floorf(v / (2 * grain)), seed);
    return (1 - down) * (1 - down) * (0.14f + 1.6f * chance * chance * chance);
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    const struct eyes e = find(sc, p);

    (void)state;
    (void)tmp;
    for (int i = 0; i < 2 && e.show > 0; i++) {
        float reach = 4 * e.a, dy = (float)y - e.at[i][1];
        int x0 = (int)(e.at[i][0] - reach), x1 = (int)(e.at[i][0] + reach) + 1;
        if (dy < -reach || dy > 7 * e.a)
            continue;
        for (int x = nn_clampi(x0, 0, sc->w); x < nn_clampi(x1, 0, sc->w); x++) {
            float dx = (float)x - e.at[i][0];
            float u = dx * e.ux + dy * e.uy, v = dy * e.ux - dx * e.uy, uu = u * u / (e.a * e.a);
            /* An almond: the lids come together at the corners. */
            float h = e.b * (0.25f + 0.75f * nn_maxf(1 - uu, 0)), d2 = uu + v * v / (h * h);
            float round = uu + v * v / (e.b * e.b), r = sqrtf((u * u + v * v) / (e.b * e.b));
            float in = e.show * nn_smooth(1.15f, 0.72f, d2);
            float cold = e.show * p[GLOW] * 0.40f / (1 + 0.9f * round * round);
            float hollow = e.show * (0.25f + 0.5f * p[GLOW]) / (1 + 0.05f * round * round * round);
            float ball = sqrtf(nn_maxf(1 - 0.8f * round, 0)), iris = (r - 0.72f) * 3.2f;
            float lit = 0.16f + 0.62f * ball * ball + 0.45f / (1 + iris * iris * iris * iris);
            float fall, s;

            if (d2 > 1 && hollow < 2e-3f && !(v > 0 && uu < 1))
                continue;
            lit *= 1 - 0.94f * nn_smooth(0.50f, 0.26f, r);
            s = in > 0 ? snow(&e, sc, u, v) * lit : 0;
            fall = e.show * tears(&e, sc, p[LEAK], u, v) * (1 - in);
            hollow = (1 - in) * (1 - hollow * (1 - 0.5f * cold));
            rgb[0][x] = rgb[0][x] * hollow + in * 0.74f * s + 0.030f * cold + 0.55f * fall;
            rgb[1][x] = rgb[1][x] * hollow + in * 0.95f * s + 0.130f * cold + 0.80f * fall;
            rgb[2][x] = rgb[2][x] * hollow + in * 1.16f * s + 0.200f * cold + fall;
        }
    }
}

const struct nn_effect_type fx_static = {
    .name = "static",
    .brief = "eyes full of static: snow with a pupil, that runs down the cheeks",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.9f, "how much of the eyes is snow" },
        { "size", 0.3f, 3, 1, "of the snow, eyes" },
        { "leak", 0, 1, 0.6f, "how far threads of snow run down" },
        { "glow", 0, 1, 0.5f, "cold light on the lids, and the dark around it" },
    },
    .row = row,
};
