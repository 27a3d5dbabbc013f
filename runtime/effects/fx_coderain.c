/*
 * fx_coderain.c - code falls, and the picture is written in it.
 *
 * Columns of glyphs stand on a grid; heads run down them, near ones bright and
 * fast, and light the glyphs, which fade behind. A glyph is as bright as the
 * picture beneath it asks, so that faces appear in the code. The glyphs are
 * thrown: a bar, a stem or a falling stroke and a dash or two, the same for the
 * same seed; now and then one changes. They are drawn once for a size.
 */
#include <string.h>

#include "runtime/effects/field.h"

enum { AMOUNT, SIZE, SPEED, DARK, HUE };
enum { GLYPHS = 96, STROKES = 4, MOST = 192, PIECE = 512 };

struct stroke {
    float x0, y0, x1, y1;               /* in a box of 1 x 1 */
};

struct code {
    struct stroke stroke[GLYPHS][STROKES];
    int w, h;                           /* of a cell, pixels; those that are drawn */
    uint8_t cell[];                     /* GLYPHS cells, how bright they are */
};

struct pass {
    const struct code *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float hue[3];
};

static int cell_wide(float size, float unit)
{
    return nn_clampi((int)(9.5f * size * unit + 0.5f), 2, MOST);
}

static int cell_tall(float size, float unit)
{
    return nn_clampi((int)(13.5f * size * unit + 0.5f), 2, MOST);
}

static size_t state_size(int w, int h)
{
    float unit = (float)h / 720;

    (void)w;
    return sizeof(struct code) + (size_t)GLYPHS * (size_t)cell_wide(4, unit) *
           (size_t)cell_tall(4, unit);
}

/* Stroke `n` of a glyph, by dice. */
static struct stroke throw_stroke(int glyph, int n, uint32_t seed)
{
    float a = nn_dice2(glyph, 8 * n, seed), b = nn_dice2(glyph, 8 * n + 1, seed);
    float c = nn_dice2(glyph, 8 * n + 2, seed), kind = nn_dice2(glyph, 8 * n + 3, seed);
    float row = (float)(int)(a * 4) / 3, column = 0.15f + 0.35f * (float)(int)(b * 3);

    if (n == 0)                                         /* a bar */
        return (struct stroke){ c < 0.3f ? 0.3f : 0, row, c > 0.8f ? 0.6f : 1, row };
    if (n == 1 && kind < 0.5f)                          /* a stem */
        return (struct stroke){ column, c < 0.6f ? 0 : 0.33f, column, c > 0.4f ? 1 : 0.67f };
    if (n == 1)                                         /* it falls to the left, or to the right */
        return (struct stroke){ kind < 0.85f ? 0.85f : 0.15f, 0.33f * (float)(int)(a * 2),
                                kind < 0.85f ? 0.05f : 0.95f, 1 };
    if (kind < 0.35f)                                   /* a short bar */
        return (struct stroke){ 0.5f * c, row, 0.5f * c + 0.5f, row };
    if (kind < 0.7f)                                    /* a short stem */
        return (struct stroke){ column, 0.55f * a, column, 0.55f * a + 0.4f };
    return (struct stroke){ column, 0.6f * c, column + (b < 0.5f ? 0.22f : -0.22f),
                            0.6f * c + 0.22f };         /* a dash */
}

static void init(void *state, const struct nn_scene *sc)
{
    struct code *s = state;

    for (int i = 0; i < GLYPHS; i++)
        for (int n = 0; n < STROKES; n++)               /* some have one stroke less */
            s->stroke[i][n] = throw_stroke(i, n == 3 && i % 2 ? 2 : n, (uint32_t)sc->seed + 3);
}

static float distance(const struct stroke *o, float x, float y, float w, float h)
{
    float x0 = o->x0 * w, y0 = o->y0 * h, dx = o->x1 * w - x0, dy = o->y1 * h - y0, k;

    k = nn_clampf(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy + 1e-6f), 0, 1);
    dx = x - x0 - k * dx;
    dy = y - y0 - k * dy;
    return sqrtf(dx * dx + dy * dy);
}

/* Draws all glyphs in cells of w x h pixels: strokes with round ends, and a little glow. */
static void draw_glyphs(struct code *s, int w, int h)
{
    float wide = 0.62f * (float)w, tall = 0.66f * (float)h, pen = nn_maxf(0.052f * (float)w, 0.45f);
    uint8_t *out = s->cell;

    s->w = w;
    s->h = h;
    for (int i = 0; i < GLYPHS; i++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                float near = 1e9f, glow, v;
                for (int n = 0; n < STROKES; n++) {
                    float d = distance(&s->stroke[i][n], (float)x + 0.5f - 0.19f * (float)w,
                                       (float)y + 0.5f - 0.17f * (float)h, wide, tall);
                    near = nn_minf(near, d);
                }
                glow = near / (0.16f * (float)w);
                v = nn_clampf(pen + 0.5f - near, 0, 1) + 0.20f * expf(-glow * glow);
                *out++ = (uint8_t)(nn_minf(v / 1.2f, 1) * 255 + 0.5f);
            }
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct code *s = state;
    int w = cell_wide(p[SIZE], sc->unit), h = cell_tall(p[SIZE], sc->unit);

    if (p[AMOUNT] > 0 && (w != s->w || h != s->h))
        draw_glyphs(s, w, h);
}

/* How lit row `j` of column `i` is: 1 at a head, falling behind it; 0 ahead of it. */
static float lit(const struct pass *k, int i, int j, int rows, float *head)
{
    uint32_t seed = (uint32_t)k->sc->seed;
    float near = nn_dice2(i, 1, seed), pace = (5 + 16 * near) * k->p[SPEED];
    float around = (float)rows * (1.1f + 0.9f * nn_dice2(i, 2, seed));
    float at = (float)fmod(k->sc->t * (double)pace + (double)(around * nn_dice2(i, 3, seed)),
                           (double)around);
    float behind = at - (float)j;

    behind += behind < 0 ? around : 0;
    *head = nn_smooth(2.2f, 0, behind) * (0.4f + 0.6f * near);
    return (0.30f + 0.70f * near) * expf(-behind * (0.17f - 0.10f * nn_dice2(i, 4, seed)));
}

/* What stands in a row of cells, for the pixels of one piece of it. */
struct text {
    float ask[PIECE];                   /* how bright the picture is, as the eye takes it */
    float light[3][PIECE], air[PIECE];  /* of the strokes, and of what is between them */
    int glyph[PIECE];                   /* of a cell */
};

/* The sums of the picture's brightness in n columns, `rows` high. */
NN_WIDE static void add_luma(const struct nn_frame *f, size_t at, int rows, int n,
                             float *restrict sum)
{
    for (int x = 0; x < n; x++)
        sum[x] = 0;
    for (int y = 0; y < rows; y++, at += (size_t)f->w) {
        const float *restrict r = f->plane[0] + at, *restrict g = f->plane[1] + at;
        const float *restrict b = f->plane[2] + at;
        for (int x = 0; x < n; x++)
            sum[x] += nn_luma(r[x], g[x], b[x]);
    }
}

/* One line of n pixels: the picture darkens, the glyphs shine; on the person neither. */
NN_WIDE static void draw_line(float *restrict v, int n, const uint8_t *restrict ink,
                              const uint8_t *restrict mask, const float *restrict light,
                              const float *restrict air, float hue, float dark)
{
    if (!mask) {
        for (int x = 0; x < n; x++)
            v[x] += light[x] * (float)ink[x] + air[x] * hue - dark * v[x];
        return;
    }
    for (int x = 0; x < n; x++) {
        float away = 1 - (float)mask[x] * (0.88f / 255);
        v[x] += away * (light[x] * (float)ink[x] + air[x] * hue - dark * v[x]);
    }
}

/* Chooses the glyphs of cells [i0, i1) in row j, and how bright they are. */
static void choose(const struct pass *k, struct text *o, int j, int i0, int i1, int tall, int n)
{
    int cw = k->s->w, rows = (k->f->h + k->s->h - 1) / k->s->h;
    uint32_t seed = (uint32_t)k->sc->seed + 40;

    for (int i = i0; i < i1; i++) {
        int a = (i - i0) * cw, b = a + cw < n ? a + cw : n;
        int turn = (int)(k->sc->t * 0.8 + 9 * (double)nn_dice2(i, j, seed + 1));
        float head, trail = lit(k, i, j, rows, &head), want = 0, bright;
        for (int x = a; x < b; x++)
            want += o->ask[x];
        want = sqrtf(nn_maxf(want / (float)((b - a) * tall), 0));
        bright = k->p[AMOUNT] * (trail * (0.10f + 2.6f * want) + 0.55f * want * want);
        head *= k->p[AMOUNT] * (0.25f + 1.1f * want);
        o->glyph[i - i0] = (int)(nn_dice2(i + 977 * turn, j, seed) * GLYPHS);
        for (int x = a; x < b; x++) {
            for (int c = 0; c < 3; c++)
                o->light[c][x] = (bright * k->hue[c] + head * (0.35f + 0.65f * k->hue[c])) *
                                 (1.2f / 255);
            o->air[x] = 0.035f * bright;
        }
    }
}

/* One row of cells. */
static void draw_cells(void *arg, int j)
{
    struct pass *k = arg;
    struct nn_frame *f = k->f;
    int cw = k->s->w, ch = k->s->h, cells = (f->w + cw - 1) / cw, at_once = PIECE / cw;
    int y0 = j * ch, y1 = y0 + ch < f->h ? y0 + ch : f->h;
    const uint8_t *mask = k->sc->who.mask;
    struct text o;
    uint8_t ink[PIECE];

    for (int i0 = 0; i0 < cells; i0 += at_once) {
        int i1 = i0 + at_once < cells ? i0 + at_once : cells, x0 = i0 * cw;
        int n = i1 * cw < f->w ? i1 * cw - x0 : f->w - x0;
        add_luma(f, (size_t)y0 * (size_t)f->w + (size_t)x0, y1 - y0, n, o.ask);
        choose(k, &o, j, i0, i1, y1 - y0, n);
        for (int y = y0; y < y1; y++) {
            size_t at = (size_t)y * (size_t)f->w + (size_t)x0;
            for (int i = i0; i < i1; i++)
                memcpy(ink + (i - i0) * cw, k->s->cell + (size_t)cw *
                       ((size_t)o.glyph[i - i0] * (size_t)ch + (size_t)(y - y0)), (size_t)cw);
            for (int c = 0; c < 3; c++)
                draw_line(f->plane[c] + at, n, ink, mask ? mask + at : NULL, o.light[c], o.air,
                          k->hue[c], k->p[AMOUNT] * k->p[DARK]);
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, { 0 } };
    float green = nn_clampf(1 - fabsf(p[HUE] - 0.35f) * 2, 0.1f, 1);

    (void)spare;
    k.hue[0] = nn_smooth(0.55f, 1, p[HUE]);
    k.hue[1] = 0.95f * green;
    k.hue[2] = 0.15f + 0.85f * nn_smooth(0.1f, 0.7f, p[HUE]);
    nn_pool_run(sc->pool, (f->h + k.s->h - 1) / k.s->h, draw_cells, &k);
}

const struct nn_effect_type fx_coderain = {
    .name = "coderain",
    .brief = "code falls, and the picture is written in it",
    .touch = NN_AREA,
    .wants_mask = 1,
    .param = {
        { "amount", 0, 1, 0.9f, "how bright the code is" },
        { "size", 0.5f, 4, 1.5f, "of the glyphs" },
        { "speed", 0, 3, 1, "how fast the heads run" },
        { "dark", 0, 1, 0.9f, "how dark the picture behind becomes" },
        { "hue", 0, 1, 0.4f, "from green over cyan to magenta" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
