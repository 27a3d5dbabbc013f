/*
 * fx_fog.c - fog and smoke that drift through the light.
 *
 * Density is noise that another noise bends, so that it curls; it hangs lower in
 * the frame, keeps away from the face, and takes the colour of the light around
 * it, blurred far: lamps bloom into it and what is behind it pales.
 */
#include "runtime/effects/light.h"

enum { AMOUNT, DENSITY, SCALE, SPEED, TINT, CLEAR };

struct fog {
    struct nn_light light;
    struct nn_grid dense;
    float memory[];
};

struct pass {
    struct fog *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
};

static float step_of(int h)
{
    return nn_maxf((float)h / 90, 1);
}

static size_t state_size(int w, int h)
{
    struct nn_grid g;

    nn_grid_size(&g, w, h, step_of(h));
    return sizeof(struct fog) + nn_light_size(w, h) + (size_t)g.w * (size_t)g.h * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct fog *s = state;

    nn_light_init(&s->light, sc->w, sc->h, s->memory);
    nn_grid_size(&s->dense, sc->w, sc->h, step_of(sc->h));
    s->dense.v = s->memory + nn_light_size(sc->w, sc->h) / sizeof(float);
}

/* How much the person keeps clear, 0..1, at a pixel. */
static float apart(const struct nn_scene *sc, float x, float y)
{
    float dx, dy;

    if (!(sc->who.face.w > 0))
        return 0;
    dx = (x - sc->who.face.x - 0.5f * sc->who.face.w) / (1.1f * sc->who.face.w);
    dy = (y - sc->who.face.y - 0.6f * sc->who.face.h) / (1.3f * sc->who.face.h);
    return sc->who.presence * expf(-(dx * dx + dy * dy));
}

static void dense_row(void *arg, int j)
{
    struct pass *k = arg;
    const struct nn_grid *g = &k->s->dense;
    float size = k->p[SCALE] * 260 * k->sc->unit, y = (float)j * g->step, low = y / (float)k->sc->h;
    float t = (float)fmod(k->sc->t * (double)k->p[SPEED], 4096);
    uint32_t seed = (uint32_t)k->sc->seed;

    for (int i = 0; i < g->w; i++) {
        float x = (float)i * g->step, u = x / size + 0.22f * t, v = 1.5f * y / size - 0.05f * t, d;
        float bend = nn_fbm3(0.7f * u + 31, 0.7f * v, 0.12f * t, 2, seed + 1) - 0.5f;
        d = nn_fbm3(u + 1.9f * bend, v + 1.3f * bend, 0.16f * t, 5, seed);
        d = nn_smooth(0.34f, 0.72f, d + 0.10f * (low - 0.5f));
        g->v[j * g->w + i] = d * (1 - k->p[CLEAR] * apart(k->sc, x, y));
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    struct nn_frame *f = k->f;
    enum { PIECE = 256 };
    float thick = k->p[AMOUNT] * k->p[DENSITY];
    const float cold[3] = { 0.006f, 0.011f, 0.019f };
    float dense[PIECE], lit[3][PIECE];

    for (int x0 = 0; x0 < f->w; x0 += PIECE) {
        int n = f->w - x0 < PIECE ? f->w - x0 : PIECE;
        nn_grid_part(&k->s->dense, y, x0, n, dense);
        for (int i = 0; i < 3; i++)
            nn_grid_part(&k->s->light.c[i], y, x0, n, lit[i]);
        for (int i = 0; i < 3; i++) {
            float *v = f->plane[i] + (size_t)y * (size_t)f->w + x0;
            for (int x = 0; x < n; x++) {
                float d = thick * dense[x], veil = 1.25f * lit[i][x] + k->p[TINT] * cold[i] * 2.2f;
                v[x] += d * (veil - v[x]);
            }
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f };

    (void)spare;
    nn_light_build(&k.s->light, f, 4, sc->pool);
    nn_pool_run(sc->pool, k.s->dense.h, dense_row, &k);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_fog = {
    .name = "fog",
    .brief = "fog and smoke that drift, curl and glow in the picture's own light",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of it" },
        { "density", 0, 1, 0.85f, "how opaque its thickest parts are" },
        { "scale", 0.3f, 3, 1, "size of its swirls" },
        { "speed", 0, 3, 0.6f, "how fast it drifts" },
        { "tint", 0, 1, 0.5f, "cold light of its own" },
        { "clear", 0, 1, 0.7f, "how far it keeps from the face" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
