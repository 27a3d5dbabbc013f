/*
 * fx_logo.c - the collective's sign: NEON NOIR in tubes under a crown of tapioca
 * pearls, a pixel heart that beats, a little rain and code running off it.
 *
 * It leans as the viewer's head does: turned, it foreshortens, tilted, it rolls.
 * One tube is tired and dips now and then, never by more than a tenth of the
 * light, which is no flash. Distances to the tubes are measured once, and which
 * pearls are near.
 */
#include "runtime/effects/field.h"
#include "runtime/effects/sign.h"

enum { AMOUNT, X, Y, SIZE, LEAN, WET };
enum {
    WIDE = 560, TALL = 320,                     /* points of the map of distances */
    PEARLS = 24, BASE = 11, CELLS = 20,         /* pearls; of the base; of a map of them, a unit */
    CROWN_W = 4 * CELLS, CROWN_H = 2 * CELLS,
    PIECE = 256
};

struct pearl {
    float x, y, r;                              /* letters' units */
};

struct logo {
    float heart;                                /* smoothed beat */
    float turn, nod;                            /* how it leans, radians; smoothed */
    float cos, sin, cos_turn, sin_turn, cos_nod, sin_nod;
    struct pearl pearl[PEARLS];
    int pearls;
    uint8_t close[CROWN_H][CROWN_W][2];         /* the two nearest pearls */
    float near[TALL][WIDE][2];                  /* distance to the tubes of a word */
};

struct pass {
    const struct logo *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float cx, cy, scale;                        /* the sign's middle; pixels to a unit */
    float tired;                                /* the second word's power */
};

/* Pixels of a row in the sign's units, and what is laid over them. */
struct line {
    float u[PIECE], v[PIECE], near[2][PIECE];
    float light[3][PIECE], over[PIECE];
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

/* A band of pearls and five points above it, the middle one the highest. */
static void set_pearls(struct logo *s)
{
    for (int i = 0; i < BASE; i++) {
        float k = (float)i - 0.5f * (BASE - 1);
        s->pearl[s->pearls++] = (struct pearl){ 0.228f * k, -0.84f + 0.007f * k * k, 0.112f };
    }
    for (int i = -2; i <= 2; i++) {
        int high = i ? 2 : 3;
        float x = 0.456f * (float)i, y = -0.84f + 0.007f * 4 * (float)(i * i), out = 0.045f;
        for (int n = 1; n <= high; n++) {
            float r = n == high ? 0.135f : 0.095f;
            y -= n == high ? 0.235f : 0.205f;
            x += out * (float)i;
            s->pearl[s->pearls++] = (struct pearl){ x, y, r };
        }
    }
}

/* The middle of a cell of the crown's map, which covers 4 by 2 units over the letters. */
static float crown_x(int i) { return ((float)i + 0.5f) / CELLS - 2; }
static float crown_y(int j) { return ((float)j + 0.5f) / CELLS - 2.2f; }

static void find_pearls(struct logo *s)
{
    for (int j = 0; j < CROWN_H; j++)
        for (int i = 0; i < CROWN_W; i++) {
            float best[2] = { 1e9f, 1e9f };
            for (int n = 0; n < s->pearls; n++) {
                float dx = crown_x(i) - s->pearl[n].x, dy = crown_y(j) - s->pearl[n].y;
                float d = sqrtf(dx * dx + dy * dy) - s->pearl[n].r;
                int at = d < best[0] ? 0 : d < best[1] ? 1 : 2;
                if (at == 0) {
                    best[1] = best[0];
                    s->close[j][i][1] = s->close[j][i][0];
                }
                if (at < 2) {
                    best[at] = d;
                    s->close[j][i][at] = (uint8_t)n;
                }
            }
        }
}

static void init(void *state, const struct nn_scene *sc)
{
    struct logo *s = state;

    (void)sc;
    for (int j = 0; j < TALL; j++)
        for (int i = 0; i < WIDE; i++)
            for (int n = 0; n < 2; n++)
                s->near[j][i][n] = nn_sign_distance(n, map_x(i), map_y(j));
    set_pearls(s);
    find_pearls(s);
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

/* To the tubes of both words, from n places. */
static void measure(const struct logo *s, struct line *o, int n)
{
    for (int k = 0; k < n; k++) {
        float x = (o->u[k] / 8.4f + 0.5f) * (WIDE - 1), y = (o->v[k] / 4.8f + 0.5f) * (TALL - 1);
        int i = (int)x, j = (int)y;
        const float *a, *b;
        o->near[0][k] = o->near[1][k] = 9;
        if (x < 0 || y < 0 || x >= WIDE - 1 || y >= TALL - 1 || fabsf(o->v[k]) > 1.6f)
            continue;
        a = s->near[j][i];
        b = s->near[j + 1][i];
        x -= (float)i;
        y -= (float)j;
        for (int c = 0; c < 2; c++) {
            float top = a[c] + x * (a[2 + c] - a[c]), low = b[c] + x * (b[2 + c] - b[c]);
            o->near[c][k] = top + y * (low - top);
        }
    }
}

/* A tube's light: a white core, a saturated skin, a halo; and the wall behind it, which is dark,
 * so that it glows before a bright sky too. */
NN_WIDE static void tubes(struct line *restrict o, int n, float tired)
{
    static const float hue[2][3] = { { 1, 0.06f, 0.42f }, { 0.02f, 0.72f, 1 } };

    for (int k = 0; k < n; k++) {
        float light[3] = { 0 }, wall = 0;
        for (int c = 0; c < 2; c++) {
            float d = o->near[c][k], power = c ? tired : 1;
            float core = nn_smooth(0.060f, 0.018f, d), skin = nn_smooth(0.10f, 0.03f, d);
            float halo = 0.030f / (0.03f + d * d) * nn_smooth(0.95f, 0.05f, d);
            for (int i = 0; i < 3; i++)
                light[i] += power * (0.9f * core + hue[c][i] * (1.1f * skin + 0.42f * halo));
            wall = nn_maxf(wall, nn_smooth(0.95f, 0.10f, d));
        }
        for (int i = 0; i < 3; i++)
            o->light[i][k] = light[i];
        o->over[k] = 0.45f * wall;
    }
}

/* The pixel heart, below the sign between the words; grows when it beats. */
static void heart(const struct logo *s, float u, float v, float out[3])
{
    float size = 0.085f * (1 + 0.22f * s->heart), x = u / size + 4, y = (v - 0.98f) / size + 3.5f;
    int i = (int)floorf(x), j = (int)floorf(y);
    float dx = u, dy = v - 0.98f, halo = (0.10f + 0.20f * s->heart) / (0.12f + dx * dx + dy * dy);

    if (dx * dx + dy * dy > 1.21f)
        return;
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

/* A pearl: dark, glossy, warm where light shines through its rim; a lamp above, and the words
 * below mirror in it. Returns how opaque it is at a place. */
static float pearl(const struct pearl *o, float u, float v, float out[3])
{
    float dx = (u - o->x) / o->r, dy = (v - o->y) / o->r, d = dx * dx + dy * dy, z, lamp, rim, low;
    float rose = nn_smooth(0.5f, -0.5f, u);

    if (d >= 1)
        return 0;
    z = sqrtf(1 - d);
    lamp = nn_maxf(-0.42f * dx - 0.58f * dy + 0.70f * z, 0);
    lamp *= lamp;
    lamp *= lamp;
    lamp *= lamp;
    lamp *= lamp;                       /* to the 16th */
    rim = (1 - z) * (1 - z);
    low = nn_maxf(dy, 0) * rim;
    out[0] += 0.030f + 1.1f * lamp + 0.26f * rim + 1.3f * low * rose;
    out[1] += 0.012f + 1.0f * lamp + 0.075f * rim + low * (0.10f * rose + 0.80f * (1 - rose));
    out[2] += 0.008f + 0.9f * lamp + 0.018f * rim + low * (0.55f * rose + 1.1f * (1 - rose));
    return nn_smooth(1, 0.86f, d);
}

static float crown(const struct logo *s, float u, float v, float out[3])
{
    int i = (int)((u + 2) * CELLS), j = (int)((v + 2.2f) * CELLS);
    float over;

    if (u < -2 || v < -2.2f || i >= CROWN_W || j >= CROWN_H)
        return 0;
    over = pearl(&s->pearl[s->close[j][i][0]], u, v, out);
    return over > 0 ? over : pearl(&s->pearl[s->close[j][i][1]], u, v, out);
}

/* Rain runs off the sign, and among it falls code: short dashes in columns below. */
static void drips(const struct pass *k, float u, float v, float out[3])
{
    int i = (int)floorf(u * 14), code = nn_dice2(i, 5, 71) < 0.4f;
    float pace = 0.7f + 0.9f * nn_dice2(i, 1, 71), at, along, fade, x = u * 14 - (float)i, on;

    if (v < 0.55f || fabsf(u) > 3.5f || (fabsf(u) < 0.46f && v < 1.4f) ||
        nn_dice2(i, 2, 71) > 0.62f)
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

/* What else is drawn at n places, on top of the tubes. */
static void trim(const struct pass *k, struct line *o, int n)
{
    for (int x = 0; x < n; x++) {
        float u = o->u[x], v = o->v[x], c[3] = { 0 }, over = 0;
        if (fabsf(u) > 4.15f || fabsf(v) > 2.35f)
            continue;
        if (v > -0.2f)
            heart(k->s, u, v, c);
        if (v > 0.55f)
            drips(k, u, v, c);
        if (v < -0.5f)
            over = crown(k->s, u, v, c);
        for (int i = 0; i < 3; i++)         /* pearls hide the glow behind them */
            o->light[i][x] = o->light[i][x] * (1 - over) + (over > 0 ? over : 1) * c[i];
        o->over[x] += over * (1 - o->over[x]);
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    const struct logo *s = k->s;
    float reach = 4.4f * k->scale, v0 = ((float)y - k->cy) / k->scale, amount = k->p[AMOUNT];
    int x0 = nn_clampi((int)(k->cx - reach), 0, k->f->w);
    int x1 = nn_clampi((int)(k->cx + reach), 0, k->f->w);
    struct line o;

    if (fabsf(v0) > 4.4f)
        return;
    for (; x0 < x1; x0 += PIECE) {
        int n = x1 - x0 < PIECE ? x1 - x0 : PIECE;
        for (int x = 0; x < n; x++) {
            float u0 = ((float)(x0 + x) - k->cx) / k->scale;
            float u = u0 * s->cos + v0 * s->sin, v = v0 * s->cos - u0 * s->sin;
            float deep = 1 + 0.10f * u * s->sin_turn + 0.12f * v * s->sin_nod;
            o.u[x] = u * deep / nn_maxf(s->cos_turn, 0.4f);
            o.v[x] = v * deep / nn_maxf(s->cos_nod, 0.4f);
        }
        measure(s, &o, n);
        tubes(&o, n, k->tired);
        trim(k, &o, n);
        for (int i = 0; i < 3; i++) {
            float *v = k->f->plane[i] + (size_t)y * (size_t)k->f->w + x0;
            for (int x = 0; x < n; x++)
                v[x] += amount * (o.light[i][x] - o.over[x] * v[x]);
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, p[X] * (float)f->w, p[Y] * (float)f->h, 0, 1 };
    float dips = nn_noise2(3.1f * (float)fmod(sc->t, 4096), 0, (uint32_t)sc->seed);

    (void)spare;
    k.tired = 1 - 0.09f * nn_smooth(0.62f, 0.75f, dips);
    k.scale = nn_maxf(p[SIZE] * (float)f->w / NN_SIGN_WIDE, 0.5f);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_logo = {
    .name = "logo",
    .brief = "the sign NEON NOIR, a crown of pearls, a heart that beats; it leans with the head",
    .touch = NN_SPRITE,
    .param = {
        { "amount", 0, 1, 1, "how bright it is" },
        { "x", 0, 1, 0.77f, "its middle, frame widths" },
        { "y", 0, 1, 0.21f, "its middle, frame heights" },
        { "size", 0.05f, 1, 0.36f, "its width, frame widths" },
        { "lean", 0, 2, 1, "how far it leans with the head" },
        { "wet", 0, 1, 0.7f, "rain and code that run off it" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
