/*
 * fx_coderain.c - code falls, and the picture is written in it.
 *
 * Columns of glyphs stand on a grid; heads run down them and light the glyphs,
 * which fade behind. A glyph is as bright as the picture beneath it asks, so that
 * faces appear in the code. The glyphs are thrown: a few strokes on five by seven
 * dots, the same for the same seed; now and then one changes.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, SIZE, SPEED, DARK, HUE };
enum { GLYPHS = 96, ACROSS = 5, DOWN = 7, MOST = 512 };

struct code {
    uint8_t glyph[GLYPHS][DOWN];        /* bits of a row, the left one lowest */
};

struct pass {
    const struct code *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    int w, h;               /* of a cell, pixels */
    float hue[3];
};

static size_t state_size(int w, int h)
{
    (void)w;
    (void)h;
    return sizeof(struct code);
}

/* A stroke: a line along a row or a column, or one that falls. */
static void stroke(uint8_t rows[DOWN], uint32_t dice)
{
    int a = (int)(dice >> 4) % ACROSS, b = (int)(dice >> 9) % ACROSS, c = (int)(dice >> 14) % DOWN;
    int d = (int)(dice >> 19) % DOWN, lo = a < b ? a : b, hi = a < b ? b : a;

    if (dice % 3 == 0) {
        for (int x = lo; x <= (hi > lo + 1 ? hi : ACROSS - 1); x++)
            rows[c] |= (uint8_t)(1 << x);
    } else if (dice % 3 == 1) {
        for (int y = c < d ? c : d; y <= (c < d ? d : c); y++)
            rows[y] |= (uint8_t)(1 << a);
    } else {
        for (int y = c; y < DOWN; y++) {
            int x = a + (y - c) * (b > 2 ? 1 : -1);
            if (x >= 0 && x < ACROSS)
                rows[y] |= (uint8_t)(1 << x);
        }
    }
}

static void init(void *state, const struct nn_scene *sc)
{
    struct code *s = state;

    for (int i = 0; i < GLYPHS; i++)
        for (int k = 0; k < 4; k++)
            stroke(s->glyph[i], nn_mix32((uint32_t)(i * 4 + k) + nn_mix32((uint32_t)sc->seed + 3)));
}

/* How lit row `j` of column `i` is: 1 at a head, falling behind it; 0 ahead of it. */
static float lit(const struct pass *k, int i, int j, int rows)
{
    uint32_t seed = (uint32_t)k->sc->seed;
    float pace = (0.5f + nn_dice2(i, 1, seed)) * 15 * k->p[SPEED];
    float around = (float)rows * (1.2f + 0.8f * nn_dice2(i, 2, seed));
    float head = (float)fmod(k->sc->t * (double)pace + (double)(around * nn_dice2(i, 3, seed)),
                             (double)around);
    float behind = head - (float)j;

    behind += behind < 0 ? around : 0;
    return expf(-behind * 0.06f) + (behind < 1 ? 0.8f : 0);
}

/* One row of cells. */
static void draw_cells(void *arg, int j)
{
    struct pass *k = arg;
    struct nn_frame *f = k->f;
    int rows = (f->h + k->h - 1) / k->h, y0 = j * k->h, y1 = y0 + k->h < f->h ? y0 + k->h : f->h;
    uint32_t seed = (uint32_t)k->sc->seed + 40;
    const uint8_t *mask = k->sc->who.mask;

    for (int i = 0; i * k->w < f->w; i++) {
        int x0 = i * k->w, x1 = x0 + k->w < f->w ? x0 + k->w : f->w;
        int turn = (int)(k->sc->t * 0.8 + 9 * (double)nn_dice2(i, j, seed + 1));
        const uint8_t *glyph = k->s->glyph[(int)(nn_dice2(i + 977 * turn, j, seed) * GLYPHS)];
        float light = lit(k, i, j, rows), sum = 0, bright, white;
        size_t mid = (size_t)((y0 + y1) / 2) * (size_t)f->w + (size_t)((x0 + x1) / 2);
        float away = mask ? 1 - (float)mask[mid] * (0.8f / 255) : 1;

        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++) {
                size_t at = (size_t)y * (size_t)f->w + (size_t)x;
                sum += nn_luma(f->plane[0][at], f->plane[1][at], f->plane[2][at]);
            }
        bright = sqrtf(nn_maxf(sum / (float)((y1 - y0) * (x1 - x0)), 0));
        bright = k->p[AMOUNT] * away * light * (0.06f + 3.2f * bright);
        white = nn_smooth(1.2f, 1.7f, light) * 0.8f;
        for (int y = y0; y < y1; y++) {
            int gy = (y - y0) * (DOWN + 2) / k->h - 1;
            for (int x = x0; x < x1; x++) {
                int gx = (x - x0) * (ACROSS + 2) / k->w - 1;
                int on = gy >= 0 && gy < DOWN && gx >= 0 && gx < ACROSS && glyph[gy] >> gx & 1;
                size_t at = (size_t)y * (size_t)f->w + (size_t)x;
                float dark = 1 - k->p[AMOUNT] * k->p[DARK] * away;
                for (int c = 0; c < 3; c++) {
                    float v = f->plane[c][at] * dark;
                    f->plane[c][at] = v + bright * ((float)on + 0.02f) *
                                      (k->hue[c] + white * (1 - k->hue[c]));
                }
            }
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, 0, 0, { 0 } };
    float green = nn_clampf(1 - fabsf(p[HUE] - 0.35f) * 2, 0.1f, 1);

    (void)spare;
    k.w = nn_clampi((int)(9 * p[SIZE] * sc->unit + 0.5f), 2, MOST);
    k.h = nn_clampi((int)(13 * p[SIZE] * sc->unit + 0.5f), 2, MOST);
    k.hue[0] = nn_smooth(0.55f, 1, p[HUE]);
    k.hue[1] = 0.95f * green;
    k.hue[2] = 0.15f + 0.85f * nn_smooth(0.1f, 0.7f, p[HUE]);
    nn_pool_run(sc->pool, (f->h + k.h - 1) / k.h, draw_cells, &k);
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
    .render = render,
};
