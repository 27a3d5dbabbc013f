/*
 * fx_nebula.c - a nebula that spreads from the face, with stars in it.
 *
 * Two noises bend a third (the way of Inigo Quilez' "domain warping"), which gives
 * the filaments; one of the benders also turns the hue from blue over violet to
 * rose. It grows out of the face with `amount`, and shines: it is added, the more
 * the darker the picture is, and leaves the person in front of it where a mask says.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, SPREAD, SCALE, SPEED, STARS, HUE };

struct nebula {
    struct nn_grid c[3];
    float memory[];
};

struct pass {
    struct nebula *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float x, y;             /* where it spreads from, pixels */
};

static float step_of(int h)
{
    return nn_maxf((float)h / 100, 1);
}

static size_t state_size(int w, int h)
{
    struct nn_grid g;

    nn_grid_size(&g, w, h, step_of(h));
    return sizeof(struct nebula) + 3 * (size_t)g.w * (size_t)g.h * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct nebula *s = state;

    for (int i = 0; i < 3; i++) {
        nn_grid_size(&s->c[i], sc->w, sc->h, step_of(sc->h));
        s->c[i].v = s->memory + (size_t)i * (size_t)s->c[i].w * (size_t)s->c[i].h;
    }
}

static void cloud_row(void *arg, int j)
{
    struct pass *k = arg;
    const struct nn_grid *g = k->s->c;
    float size = 300 * k->p[SCALE] * k->sc->unit, y = (float)j * g->step, h = (float)k->sc->h;
    float t = (float)fmod(k->sc->t * (double)k->p[SPEED], 4096);
    float reach = h * k->p[SPREAD] * k->p[AMOUNT];
    uint32_t seed = (uint32_t)k->sc->seed;

    for (int i = 0; i < g->w; i++) {
        float x = (float)i * g->step, u = x / size, v = y / size, dx = x - k->x, dy = y - k->y, far;
        float a = nn_fbm3(u + 0.05f * t, v, 0.10f * t, 3, seed) - 0.5f;
        float b = nn_fbm3(u + 5, v + 2 - 0.04f * t, 0.09f * t, 3, seed + 3) - 0.5f;
        float d = nn_fbm2(u + 3.2f * a + 0.02f * t, v + 3.2f * b, 5, seed + 7), hue, core;
        far = sqrtf(dx * dx + dy * dy) / reach;
        d = nn_smooth(0.36f, 0.85f, d) * nn_smooth(1.25f, 0.35f, far + 0.9f * (a + b));
        core = d * d * d;
        hue = nn_clampf(0.5f + 2.6f * a + k->p[HUE], 0, 1);
        g[0].v[j * g->w + i] = d * (0.10f + 0.75f * hue) + 1.1f * core;
        g[1].v[j * g->w + i] = d * (0.16f * (1 - hue)) + 0.55f * core;
        g[2].v[j * g->w + i] = d * (0.85f - 0.25f * hue) + 1.0f * core;
    }
}

/* Stars twinkle slowly, one to a cell of a few pixels at most. */
static float star(const struct pass *k, int x, int y)
{
    int size = nn_clampi((int)(7 * k->sc->unit), 2, 32), i = x / size, j = y / size;
    uint32_t seed = (uint32_t)k->sc->seed + 21;
    float d = nn_dice2(i, j, seed), dx, dy, dot;

    if (d > 0.05f * k->p[STARS])
        return 0;
    dx = (float)(x - i * size) - (0.2f + 0.6f * nn_dice2(i, j, seed + 1)) * (float)size;
    dy = (float)(y - j * size) - (0.2f + 0.6f * nn_dice2(i, j, seed + 2)) * (float)size;
    dot = nn_maxf(1 - (dx * dx + dy * dy) / nn_maxf(1.2f * k->sc->unit, 0.6f), 0);
    return dot * (0.6f + 0.4f * sinf((float)fmod(k->sc->t, 628) * (1 + 2 * d) + 400 * d)) * 1.6f;
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    struct nn_frame *f = k->f;
    enum { PIECE = 256 };
    float c[3][PIECE];
    const uint8_t *mask = k->sc->who.mask;

    for (int x0 = 0; x0 < f->w; x0 += PIECE) {
        int n = f->w - x0 < PIECE ? f->w - x0 : PIECE;
        size_t at = (size_t)y * (size_t)f->w + (size_t)x0;
        for (int i = 0; i < 3; i++)
            nn_grid_part(&k->s->c[i], y, x0, n, c[i]);
        for (int x = 0; x < n; x++) {
            float *v[3] = { f->plane[0] + at + x, f->plane[1] + at + x, f->plane[2] + at + x };
            float l = nn_luma(*v[0], *v[1], *v[2]), open = 1 / (1 + 5 * nn_maxf(l, 0));
            float dense = nn_minf(c[2][x], 1), lit = k->p[AMOUNT] * open, s;
            if (mask)
                lit *= 1 - (float)mask[at + (size_t)x] * (1 / 255.0f);
            s = dense > 0.02f ? star(k, x0 + x, y) * nn_minf(3 * dense, 1) : 0;
            for (int i = 0; i < 3; i++)
                *v[i] = *v[i] * (1 - 0.45f * lit * dense) + lit * (0.75f * c[i][x] + s);
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, 0.5f * (float)sc->w, 0.5f * (float)sc->h };

    (void)spare;
    if (sc->who.face.w > 0) {
        k.x = sc->who.face.x + 0.5f * sc->who.face.w;
        k.y = sc->who.face.y + 0.5f * sc->who.face.h;
    }
    nn_pool_run(sc->pool, k.s->c[0].h, cloud_row, &k);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_nebula = {
    .name = "nebula",
    .brief = "a nebula with stars spreads from the face into the dark",
    .touch = NN_AREA,
    .wants_mask = 1,
    .param = {
        { "amount", 0, 1, 0.8f, "how far it has spread, and how bright it is" },
        { "spread", 0.2f, 3, 1.1f, "its reach at full amount, frame heights" },
        { "scale", 0.3f, 3, 1, "size of its filaments" },
        { "speed", 0, 3, 0.7f, "how fast it moves" },
        { "stars", 0, 1, 0.5f, "how many stars" },
        { "hue", -0.5f, 0.5f, 0, "from blue to rose" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
