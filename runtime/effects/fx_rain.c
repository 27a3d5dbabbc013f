/*
 * fx_rain.c - rain between the lamps, and the wet ground that mirrors them.
 *
 * Four layers of drops, the nearer the longer, faster and softer, slanted by the
 * wind; the far ones fall behind the person. A drop is as bright as the light
 * around it, so rain is seen before lamps and hardly in the dark, as on film, and
 * all of it together is a haze. Below `ground` lies wet.h's mirror.
 */
#include "runtime/effects/light.h"
#include "runtime/effects/wet.h"

enum { AMOUNT, DENSITY, WIND, LENGTH, WET, GROUND };
enum { LAYERS = 4, BEHIND = 2, STRIP = 16 };

struct drop {
    float x, y, tall, bright;   /* of its lower end, pixels */
    int layer;
};

struct rain {
    struct nn_light light;
    struct nn_wet wet;
    struct drop *drop;
    int drops, most;
    float memory[];
};

struct pass {
    struct rain *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float wet;              /* of the ground, 0..1 */
};

/* Of a layer, in 720ths of the height: between columns, length, fall a second, width. */
static const struct layer {
    float apart, tall, fall, wide, bright;
} layers[LAYERS] = {
    { 4, 24, 700, 0.6f, 0.75f }, { 9, 58, 1200, 0.9f, 1.05f }, { 24, 130, 2000, 1.5f, 1.15f },
    { 90, 330, 3100, 5.0f, 0.42f },
};

/* Pixels between the columns of a layer, and between two drops of one. */
static float apart_of(const struct layer *l, float unit)
{
    return nn_maxf(l->apart * unit, 2.5f);
}

static float period_of(const struct layer *l, float unit, float length)
{
    return nn_maxf(nn_maxf(4 * l->tall * length, 60) * unit, 8);
}

/* How far the wind carries a drop from the frame's bottom to its top. */
static float slant_of(const float *p, int h)
{
    return 0.30f * p[WIND] * (float)h;
}

/* Drops at most: all columns of all layers, shortest drops, strongest wind. */
static size_t most_drops(int w, int h)
{
    float unit = (float)h / 720;
    size_t n = 0;

    for (int i = 0; i < LAYERS; i++) {
        size_t columns = (size_t)(((float)w + 0.30f * (float)h) / apart_of(&layers[i], unit)) + 6;
        n += columns * ((size_t)((float)h / period_of(&layers[i], unit, 0.3f)) + 3);
    }
    return n;
}

static size_t state_size(int w, int h)
{
    return sizeof(struct rain) + nn_light_size(w, h) + nn_wet_size(w, h) +
           most_drops(w, h) * sizeof(struct drop);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct rain *s = state;
    float *at = s->memory;

    nn_light_init(&s->light, sc->w, sc->h, at);
    at += nn_light_size(sc->w, sc->h) / sizeof(float);
    nn_wet_init(&s->wet, sc->w, sc->h, at);
    at += nn_wet_size(sc->w, sc->h) / sizeof(float);
    s->drop = (struct drop *)(void *)at;
    s->most = (int)most_drops(sc->w, sc->h);
}

/* The drops of a layer that the frame shows now. */
static void add_layer(struct rain *s, const struct nn_scene *sc, const float *p, int n)
{
    const struct layer *l = &layers[n];
    float apart = apart_of(l, sc->unit), period = period_of(l, sc->unit, p[LENGTH]);
    float slant = slant_of(p, sc->h), tall = l->tall * p[LENGTH] * sc->unit;
    uint32_t seed = (uint32_t)sc->seed + (uint32_t)n * 101u;
    double fallen = sc->t * (double)(l->fall * sc->unit / period);
    int first = (int)floorf(nn_minf(-slant, 0) / apart) - 2;
    int last = (int)(((float)sc->w + nn_maxf(-slant, 0)) / apart) + 2;

    for (int i = first; i <= last; i++) {
        double at = fallen + 8 * (double)nn_dice2(i, 0, seed);
        int cell = (int)fmod(floor(at), 65536);
        float y = (float)(at - floor(at)) * period;
        for (int k = 0; y < (float)sc->h + 1.3f * tall && s->drops < s->most; k++, y += period) {
            int dice = cell - k;
            struct drop *d = &s->drop[s->drops];
            if (nn_dice2(i, dice, seed + 1) > p[AMOUNT] * p[DENSITY])
                continue;
            d->layer = n;
            d->y = y;
            d->tall = tall * (0.7f + 0.6f * nn_dice2(i, dice, seed + 4));
            d->x = ((float)i + nn_dice2(i, dice, seed + 2)) * apart + slant;
            d->bright = l->bright * (0.4f + nn_dice2(i, dice, seed + 3));
            s->drops++;
        }
    }
}

static void light_at(const struct nn_light *l, float x, float y, float out[3])
{
    const struct nn_grid *g = l->c;
    int i = nn_clampi((int)(x / g->step + 0.5f), 0, g->w - 1);
    int j = nn_clampi((int)(y / g->step + 0.5f), 0, g->h - 1);

    for (int c = 0; c < 3; c++)
        out[c] = g[c].v[j * g->w + i];
}

/* The part of a drop in rows [y0, y1). */
static void draw_drop(const struct pass *k, const struct drop *d, int y0, int y1)
{
    static const float own[3] = { 0.014f, 0.015f, 0.019f };
    const struct layer *l = &layers[d->layer];
    float wide = nn_maxf(l->wide * k->sc->unit, 0.55f), lean = 0.30f * k->p[WIND];
    int w = k->f->w, top = nn_clampi((int)ceilf(d->y - d->tall), y0, y1);
    int low = nn_clampi((int)ceilf(d->y), y0, y1);
    const uint8_t *mask = d->layer < BEHIND ? k->sc->who.mask : NULL;

    for (int y = top; y < low; y++) {
        float along = 1 - (d->y - (float)y) / d->tall, x = d->x - lean * (float)y, lit[3];
        float bright = d->bright * along * (1.6f - 1.6f * along * along * along);
        int a = nn_clampi((int)ceilf(x - wide - 0.5f), 0, w);
        int b = nn_clampi((int)floorf(x + wide + 0.5f) + 1, 0, w);
        size_t row = (size_t)y * (size_t)w;
        if (a >= b)
            continue;
        light_at(&k->s->light, x, (float)y, lit);
        for (int i = a; i < b; i++) {
            float over = bright * (1 - fabsf((float)i - x) / (wide + 0.5f));
            if (mask)
                over *= 1 - (float)mask[row + (size_t)i] * (1 / 255.0f);
            for (int c = 0; c < 3; c++)
                k->f->plane[c][row + (size_t)i] += over * (0.55f * lit[c] + own[c]);
        }
    }
}

/* All those drops too far to be told apart. */
NN_WIDE static void haze_row(const struct pass *k, int y)
{
    float haze = 0.20f * k->p[AMOUNT] * k->p[DENSITY], lit[NN_GRID_PART];

    for (int x0 = 0; x0 < k->f->w; x0 += NN_GRID_PART) {
        int n = k->f->w - x0 < NN_GRID_PART ? k->f->w - x0 : NN_GRID_PART;
        for (int c = 0; c < 3; c++) {
            float *restrict v = k->f->plane[c] + (size_t)y * (size_t)k->f->w + x0;
            nn_grid_part(&k->s->light.c[c], y, x0, n, lit);
            for (int x = 0; x < n; x++)
                v[x] += haze * (1.2f * lit[x] - v[x]);
        }
    }
}

static void draw_strip(void *arg, int strip)
{
    struct pass *k = arg;
    const struct rain *s = k->s;
    int y0 = strip * STRIP, y1 = y0 + STRIP < k->f->h ? y0 + STRIP : k->f->h;

    for (int y = y0; y < y1; y++) {
        haze_row(k, y);
        if (y >= s->wet.from && k->wet > 0)
            nn_wet_row(&s->wet, k->sc, k->f, y, k->wet);
    }
    for (int i = 0; i < s->drops; i++)
        if (s->drop[i].y > (float)y0 && s->drop[i].y - s->drop[i].tall < (float)y1)
            draw_drop(k, &s->drop[i], y0, y1);
}

/* A close-up shows no ground: what is under the face is the person. */
static float ground_seen(const struct nn_scene *sc)
{
    return 1 - sc->who.presence * nn_smooth(0.08f, 0.18f, sc->who.face.h / (float)sc->h);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct rain *s = state;
    struct pass k = { s, sc, p, f, p[AMOUNT] * p[WET] * ground_seen(sc) };

    (void)spare;
    s->drops = 0;
    for (int n = 0; n < LAYERS; n++)
        add_layer(s, sc, p, n);
    nn_light_build(&s->light, f, 3, sc->pool);
    nn_wet_build(&s->wet, sc, f, p[GROUND]);
    nn_pool_run(sc->pool, (f->h + STRIP - 1) / STRIP, draw_strip, &k);
}

const struct nn_effect_type fx_rain = {
    .name = "rain",
    .brief = "rain that the lamps light, and a wet ground that mirrors them",
    .touch = NN_WARP,
    .wants_mask = 1,
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
