/*
 * fx_logo.c - the collective's sign: NEON NOIR in tubes under a crown of tapioca
 * pearls, a pixel heart that beats, a little rain and code running off it.
 *
 * It leans as the viewer's head does: turned, it foreshortens, tilted, it rolls.
 * One tube is tired and dips now and then, never by more than a tenth of the
 * light, which is no flash. Distances to the tubes are measured once.
 */
#include "runtime/effects/field.h"
#include "runtime/effects/sign.h"

enum { AMOUNT, X, Y, SIZE, LEAN, WET };
enum { WIDE = 560, TALL = 320, PEARLS = 9 };    /* points of the map of distances */

struct logo {
    float heart;                            /* smoothed beat */
    float turn, nod;                        /* how it leans, radians; smoothed */
    float cos, sin, cos_turn, sin_turn, cos_nod, sin_nod;
    float near[2][TALL][WIDE];              /* distance to the tubes of a word, letter heights */
};

struct pass {
    const struct logo *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float cx, cy, scale;                    /* the sign's middle; pixels to a letter's height */
};

static const char *const heart_rows[7] = {
    ".##..##.", "########", "########", "########", ".######.", "..####..", "...##...",
};

/* The map covers letters' units from -4.2 to 4.2 and from -2.4 to 2.4. */
static float map_x(int i) { return ((float)i / (WIDE - 1) - 0.5f) * 8.4f; }
static float map_y(int j) { return ((float)j / (TALL - 1) - 0.5f) * 4.8f; }

static size_t state_size(int w, int h)
{
    (void)w;
    (void)h;
    return sizeof(struct logo);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct logo *s = state;

    (void)sc;
    for (int n = 0; n < 2; n++)
        for (int j = 0; j < TALL; j++)
            for (int i = 0; i < WIDE; i++)
                s->near[n][j][i] = nn_sign_distance(n, map_x(i), map_y(j));
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct logo *s = state;
    float k = 1 - expf(-(float)sc->dt * 9), deg = 3.14159265f / 180;
    float calm = (float)fmod(sc->t, 4096);
    float roll = p[LEAN] * nn_clampf(sc->who.pose[2], -30, 30) * 0.6f + 1.2f * sinf(0.5f * calm);

    s->heart += k * (sc->who.beat - s->heart);
    s->turn += k * (p[LEAN] * nn_clampf(sc->who.pose[0], -45, 45) * deg - s->turn);
    s->nod += k * (p[LEAN] * nn_clampf(sc->who.pose[1], -30, 30) * deg - s->nod);
    s->cos_turn = cosf(s->turn);
    s->sin_turn = sinf(s->turn);
    s->cos_nod = cosf(s->nod);
    s->sin_nod = sinf(s->nod);
    s->cos = cosf(roll * deg);
    s->sin = sinf(roll * deg);
}

static float distance(const struct logo *s, int word, float u, float v)
{
    float x = (u / 8.4f + 0.5f) * (WIDE - 1), y = (v / 4.8f + 0.5f) * (TALL - 1), a, b;
    int i, j;

    if (x < 0 || y < 0 || x >= WIDE - 1 || y >= TALL - 1)
        return 9;
    i = (int)x;
    j = (int)y;
    x -= (float)i;
    a = s->near[word][j][i] + x * (s->near[word][j][i + 1] - s->near[word][j][i]);
    b = s->near[word][j + 1][i] + x * (s->near[word][j + 1][i + 1] - s->near[word][j + 1][i]);
    return a + (y - (float)j) * (b - a);
}

/* A tube's light: a white core, a saturated skin, a halo. */
static void tube(float d, const float hue[3], float power, float out[3])
{
    float core = nn_smooth(0.060f, 0.018f, d), skin = nn_smooth(0.10f, 0.03f, d);
    float halo = 0.030f / (0.03f + d * d) * nn_smooth(0.75f, 0.05f, d);

    for (int i = 0; i < 3; i++)
        out[i] += power * (0.9f * core + hue[i] * (1.1f * skin + 0.42f * halo));
}

/* The pixel heart, below the sign between the words; grows when it beats. */
static void heart(const struct logo *s, float u, float v, float out[3])
{
    float size = 0.085f * (1 + 0.22f * s->heart), x = u / size + 4, y = (v - 0.98f) / size + 3.5f;
    int i = (int)floorf(x), j = (int)floorf(y);
    float dx = u, dy = v - 0.98f, halo = (0.10f + 0.20f * s->heart) / (0.12f + dx * dx + dy * dy);

    halo *= nn_smooth(1.1f, 0.1f, sqrtf(dx * dx + dy * dy));
    out[0] += 0.22f * halo;
    out[2] += 0.07f * halo;
    if (i < 0 || i > 7 || j < 0 || j > 6 || heart_rows[j][i] != '#' ||
        nn_minf(x - (float)i, y - (float)j) < 0.10f)
        return;
    out[0] += 0.75f + 0.5f * s->heart;
    out[1] += i == 1 && j == 1 ? 0.6f : 0.03f;
    out[2] += i == 1 && j == 1 ? 0.7f : 0.24f;
}

/* A crown of pearls over the sign; returns how opaque they are here. */
static float pearls(float u, float v, float out[3])
{
    for (int n = 0; n < PEARLS; n++) {
        float k = (float)n - 0.5f * (PEARLS - 1), r = n & 1 ? 0.15f : 0.19f;
        float up = (n & 1 ? 0.32f : 0) - 0.016f * k * k, dx = (u - 0.36f * k) / r;
        float dy = (v + 0.95f + up) / r, d = dx * dx + dy * dy;
        float z, lamp, rim;
        if (d >= 1.12f)
            continue;
        z = sqrtf(nn_maxf(1 - d, 0));
        lamp = nn_maxf(-0.45f * dx - 0.60f * dy + 0.66f * z, 0);
        lamp *= lamp * lamp;
        rim = (1 - z) * (1 - z);
        out[0] += 0.045f + 0.55f * lamp * lamp * lamp + 0.28f * rim * nn_maxf(dy, 0) + 0.05f * lamp;
        out[1] += 0.020f + 0.55f * lamp * lamp * lamp + 0.03f * rim + 0.03f * lamp;
        out[2] += 0.018f + 0.60f * lamp * lamp * lamp + 0.22f * rim + 0.02f * lamp;
        return nn_smooth(1.12f, 0.94f, d);
    }
    return 0;
}

/* Rain runs off the sign, and among it falls code: short dashes in columns below. */
static void drips(const struct pass *k, float u, float v, float out[3])
{
    int i = (int)floorf(u * 14), code = nn_dice2(i, 5, 71) < 0.4f;
    float pace = 0.7f + 0.9f * nn_dice2(i, 1, 71), at, along, fade, x = u * 14 - (float)i, on;

    if (v < 0.55f || fabsf(u) > 3.5f || nn_dice2(i, 2, 71) > 0.62f)
        return;
    at = v - (float)fmod(k->sc->t * (double)pace + 3 * (double)nn_dice2(i, 3, 71), 3);
    along = at - floorf(at / 1.5f) * 1.5f;
    fade = k->p[WET] * nn_smooth(2.35f, 0.7f, v) * nn_smooth(0.30f, 1.5f, along);
    if (code)
        on = nn_dice2((int)(v * 30), i, 72) > 0.4f && x > 0.2f && x < 0.75f;
    else
        on = x > 0.42f && x < 0.58f;
    out[0] += fade * on * (code ? 0.02f : 0.16f);
    out[1] += fade * on * (code ? 0.50f : 0.22f);
    out[2] += fade * on * (code ? 0.34f : 0.30f);
}

static void draw_row(void *arg, int y)
{
    static const float rose[3] = { 1, 0.06f, 0.42f }, cyan[3] = { 0.02f, 0.72f, 1 };
    struct pass *k = arg;
    const struct logo *s = k->s;
    float reach = 4.4f * k->scale, v0 = ((float)y - k->cy) / k->scale;
    float t = (float)fmod(k->sc->t, 4096);
    float dips = nn_noise2(3.1f * t, 0, (uint32_t)k->sc->seed);
    float tired = 1 - 0.09f * nn_smooth(0.62f, 0.75f, dips);
    int x0 = nn_clampi((int)(k->cx - reach), 0, k->f->w);
    int x1 = nn_clampi((int)(k->cx + reach), 0, k->f->w);

    if (fabsf(v0) > 4.4f)
        return;
    for (int x = x0; x < x1; x++) {
        float u0 = ((float)x - k->cx) / k->scale, c[3] = { 0 }, over;
        float u = u0 * s->cos + v0 * s->sin, v = v0 * s->cos - u0 * s->sin;
        float deep = 1 + 0.10f * u * s->sin_turn + 0.12f * v * s->sin_nod;
        size_t at = (size_t)y * (size_t)k->f->w + (size_t)x;
        u = u * deep / nn_maxf(s->cos_turn, 0.4f);
        v = v * deep / nn_maxf(s->cos_nod, 0.4f);
        if (fabsf(u) > 4.15f || fabsf(v) > 2.35f)
            continue;
        tube(distance(s, 0, u, v), rose, 1, c);
        tube(distance(s, 1, u, v), cyan, tired, c);
        heart(s, u, v, c);
        drips(k, u, v, c);
        over = pearls(u, v, c);
        for (int i = 0; i < 3; i++)
            k->f->plane[i][at] += k->p[AMOUNT] * (c[i] - over * k->f->plane[i][at]);
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, p[X] * (float)f->w, p[Y] * (float)f->h, 0 };

    (void)spare;
    k.scale = nn_maxf(p[SIZE] * (float)f->w / NN_SIGN_WIDE, 0.5f);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_logo = {
    .name = "logo",
    .brief = "the sign NEON NOIR, a crown of pearls, a heart that beats; it leans with the head",
    .touch = NN_SPRITE,
    .param = {
        { "amount", 0, 1, 1, "how bright it is" },
        { "x", 0, 1, 0.5f, "its middle, frame widths" },
        { "y", 0, 1, 0.24f, "its middle, frame heights" },
        { "size", 0.05f, 1, 0.42f, "its width, frame widths" },
        { "lean", 0, 2, 1, "how far it leans with the head" },
        { "wet", 0, 1, 0.7f, "rain and code that run off it" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
