/*
 * fx_freeze.c - a moment is held, fades like an old print, and runs down into the present.
 *
 * Every few seconds the frame is kept. It stands over the picture, loses its
 * colour, and melts: columns of it slide down at their own pace, and where it
 * thins the present shows through, until the next moment is kept.
 */
#include <string.h>

#include "runtime/effects/field.h"

enum { AMOUNT, EVERY, MELT, FADE };

struct freeze {
    int64_t frame;
    double since;           /* when the moment was kept */
    float *slide;           /* pixels that a column has run down */
    float held[];           /* three planes, then w slides */
};

struct pass {
    struct freeze *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float age;              /* 0..1 of the time until the next */
};

static size_t state_size(int w, int h)
{
    return sizeof(struct freeze) + (3 * (size_t)w * (size_t)h + (size_t)w) * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct freeze *s = state;

    s->frame = -2;
    s->slide = s->held + 3 * (size_t)sc->w * (size_t)sc->h;
}

static void keep_row(void *arg, int y)
{
    struct pass *k = arg;
    size_t w = (size_t)k->f->w, all = w * (size_t)k->f->h, at = (size_t)y * w;

    for (int i = 0; i < 3; i++)
        memcpy(k->s->held + (size_t)i * all + at, k->f->plane[i] + at, w * sizeof(float));
}

static void show_row(void *arg, int y)
{
    struct pass *k = arg;
    int w = k->f->w, h = k->f->h;
    size_t all = (size_t)w * (size_t)h;
    float unit = k->sc->unit, fade = k->p[FADE] * k->age;
    float thin = k->p[AMOUNT] * nn_smooth(1, 0.55f, k->age), whole = nn_minf(k->age * 12, 1);

    for (int x = 0; x < w; x++) {
        float slide = k->s->slide[x];
        float src = (float)y - slide, here = thin * whole;
        int j = (int)src;
        size_t from, next, at = (size_t)y * (size_t)w + (size_t)x;
        float c[3], l, part = src - (float)j;
        if (src < 0)
            continue;
        here *= 1 - nn_smooth(0, 1, slide / (260 * unit));
        from = (size_t)nn_clampi(j, 0, h - 1) * (size_t)w + (size_t)x;
        next = (size_t)nn_clampi(j + 1, 0, h - 1) * (size_t)w + (size_t)x;
        for (int i = 0; i < 3; i++) {
            const float *held = k->s->held + (size_t)i * all;
            c[i] = held[from] + part * (held[next] - held[from]);
        }
        l = nn_luma(c[0], c[1], c[2]);
        c[0] += fade * (l * 1.10f + 0.006f - c[0]);
        c[1] += fade * (l * 0.98f + 0.004f - c[1]);
        c[2] += fade * (l * 0.90f + 0.012f - c[2]);
        for (int i = 0; i < 3; i++)
            k->f->plane[i][at] += here * (c[i] - k->f->plane[i][at]);
    }
}

/* Wide curtains run, and within them threads. */
static void melt(const struct pass *k)
{
    float unit = k->sc->unit, run = k->p[MELT] * k->age * k->age;
    uint32_t seed = (uint32_t)k->sc->seed;

    for (int x = 0; x < k->f->w; x++) {
        float wide = nn_maxf(nn_fbm2((float)x / (46 * unit), 0.5f, 3, seed) - 0.25f, 0);
        float thread = 0.75f + 0.5f * nn_noise2((float)x / (17 * unit), 0.5f, seed + 5);
        k->s->slide[x] = run * 420 * unit * wide * thread;
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct freeze *s = state;
    struct pass k = { s, sc, p, f, 0 };

    (void)spare;
    if (s->frame != sc->frame - 1 || sc->t - s->since >= (double)p[EVERY]) {
        s->since = sc->t;
        nn_pool_run(sc->pool, f->h, keep_row, &k);
    }
    s->frame = sc->frame;
    k.age = (float)((sc->t - s->since) / (double)p[EVERY]);
    melt(&k);
    nn_pool_run(sc->pool, f->h, show_row, &k);
}

const struct nn_effect_type fx_freeze = {
    .name = "freeze",
    .brief = "a moment is held, fades and melts into the present",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.85f, "how opaque the held moment is" },
        { "every", 0.5f, 20, 3, "seconds from one held moment to the next" },
        { "melt", 0, 1, 0.6f, "how far it runs down" },
        { "fade", 0, 1, 0.7f, "how much colour it loses" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
