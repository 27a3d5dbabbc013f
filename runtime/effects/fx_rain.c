/*
 * fx_rain.c - rain between the lamps, and the wet ground that mirrors them.
 *
 * Three layers of drops, the nearer the longer and faster, slanted by the wind.
 * A drop is as bright as the light around it, so rain is seen before lamps and
 * hardly in the dark, as on film. Below `ground` the frame mirrors itself, dark,
 * trembling, drawn out downwards.
 */
#include "runtime/effects/light.h"

enum { AMOUNT, DENSITY, WIND, LENGTH, WET, GROUND };
enum { LAYERS = 3 };

struct rain {
    struct nn_light light;
    float memory[];
};

struct pass {
    struct rain *s;
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

/* Of a layer, in 720ths of the height: between columns, length, fall a second, width. */
static const struct layer {
    float apart, tall, fall, wide, bright;
} layers[LAYERS] = {
    { 5, 26, 760, 0.7f, 0.55f }, { 11, 60, 1250, 1.1f, 0.85f }, { 27, 130, 2000, 1.9f, 1.1f },
};

static size_t state_size(int w, int h)
{
    return sizeof(struct rain) + nn_light_size(w, h);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct rain *s = state;

    nn_light_init(&s->light, sc->w, sc->h, s->memory);
}

static float light_at(const struct nn_grid *g, float x, float y)
{
    int i = nn_clampi((int)(x / g->step), 0, g->w - 1);
    int j = nn_clampi((int)(y / g->step), 0, g->h - 1);

    return g->v[j * g->w + i];
}

/* The drops of layer n that row y crosses. */
static void drop_row(const struct pass *k, int n, int y)
{
    const struct layer *l = &layers[n];
    float unit = k->sc->unit, apart = l->apart * unit, tall = l->tall * unit * k->p[LENGTH];
    float period = nn_maxf(5 * tall, 60 * unit), wide = nn_maxf(l->wide * unit, 0.5f);
    float slant = 0.35f * k->p[WIND] * (float)(k->sc->h - y);
    float fallen = (float)fmod(k->sc->t * (double)(l->fall * unit), 1e6);
    int columns = (int)(((float)k->to->w + fabsf(slant)) / apart) + 3, w = k->to->w;
    size_t row = (size_t)y * (size_t)w;
    uint32_t seed = (uint32_t)k->sc->seed + (uint32_t)n * 101u;

    for (int i = -2; i < columns; i++) {
        int column = i - (int)floorf(slant / apart);
        float at = ((float)y - fallen) / period + 8 * nn_dice2(column, 0, seed), cell = floorf(at);
        float along = (at - cell) * period / tall, x, d = nn_dice2(column, (int)cell, seed + 1);
        float light, bright;
        if (along > 1 || d > k->p[AMOUNT] * k->p[DENSITY])
            continue;
        x = ((float)column + nn_dice2(column, (int)cell, seed + 2)) * apart + slant;
        bright = along * along * (3 - 2 * along) * (along > 0.93f ? (1 - along) / 0.07f : 1);
        bright *= l->bright * (0.5f + nn_dice2(column, (int)cell, seed + 3));
        for (int px = (int)(x - wide); px <= (int)(x + wide) + 1; px++) {
            float over = 1 - fabsf((float)px - x) / (wide + 0.5f);
            if (px < 0 || px >= w || over <= 0)
                continue;
            for (int c = 0; c < 3; c++) {
                light = light_at(&k->s->light.c[c], x, (float)y);
                k->to->plane[c][row + (size_t)px] +=
                    over * bright * (0.42f * light + (c == 2 ? 0.016f : 0.011f));
            }
        }
    }
}

/* Row y of the wet ground: the row above the line that it mirrors, trembling. */
static void mirror_row(const struct pass *k, int y, float ground)
{
    int w = k->to->w, h = k->to->h;
    float unit = k->sc->unit, deep = (float)y - ground, t = (float)fmod(k->sc->t, 4096);
    float wet = k->p[AMOUNT] * k->p[WET], far = deep / nn_maxf((float)h - ground, 1);
    float dim = 1 - 0.55f * wet * nn_minf(deep / (40 * unit), 1);
    float see = wet * (0.30f + 0.5f * (1 - far)) * nn_smooth(0, 70 * unit, deep);

    for (int x = 0; x < w; x++) {
        float u = (float)x / (90 * unit), v = deep / (14 * unit);
        float tremble = nn_fbm3(u, v - 1.3f * t, 1.2f * t, 2, (uint32_t)k->sc->seed + 9) - 0.5f;
        float sy = ground - 1.25f * deep + tremble * (10 + 70 * far) * unit;
        int sx = nn_clampi(x + (int)(tremble * (6 + 30 * far) * unit), 0, w - 1);
        size_t at = (size_t)nn_clampi((int)sy, 0, h - 1) * (size_t)w + (size_t)sx;
        size_t out = (size_t)y * (size_t)w + (size_t)x;
        for (int c = 0; c < 3; c++) {
            float here = k->from->plane[c][out], there = k->from->plane[c][at];
            k->to->plane[c][out] = here * dim * (1 - see) + see * there * 0.9f;
        }
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    int w = k->to->w;
    float ground = k->p[GROUND] * (float)k->to->h;

    if ((float)y > ground && k->p[WET] > 0)
        mirror_row(k, y, ground);
    else
        for (int c = 0; c < 3; c++)
            for (size_t at = (size_t)y * (size_t)w, end = at + (size_t)w; at < end; at++)
                k->to->plane[c][at] = k->from->plane[c][at];
    for (int n = 0; n < LAYERS; n++)
        drop_row(k, n, y);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct nn_frame before = *f;
    struct pass k = { state, sc, p, &before, spare };

    nn_light_build(&k.s->light, f, 3, sc->pool);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
    *f = *spare;
    *spare = before;
}

const struct nn_effect_type fx_rain = {
    .name = "rain",
    .brief = "rain that the lamps light, and a wet ground that mirrors them",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of it" },
        { "density", 0, 1, 0.6f, "how many drops" },
        { "wind", -1, 1, 0.35f, "how slanted, and whereto" },
        { "length", 0.3f, 3, 1, "how long the streaks are" },
        { "wet", 0, 1, 0.7f, "how much the ground mirrors" },
        { "ground", 0.4f, 1, 0.78f, "where the wet ground begins, frame heights" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
