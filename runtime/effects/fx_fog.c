/*
 * fx_fog.c - fog and smoke that drift through the light.
 *
 * Two sheets of noise that another noise bends, so that they curl: one far and
 * slow behind the person, one near and thin before everything. What light there
 * is, blurred wide, shines in them: lamps bloom, the side towards the light is
 * brighter than the one away from it, and what is behind pales by Beer's law.
 */
#include <string.h>

#include "runtime/effects/light.h"
#include "runtime/effects/noise.h"
#include "runtime/effects/oval.h"

enum { AMOUNT, DENSITY, SCALE, SPEED, TINT, CLEAR };
enum { NEAR = 2, FAR = 14, MOST = 1024 };       /* blurs; grid points in a row at a time */

struct fog {
    struct nn_light light;
    struct nn_grid dense;       /* how thick it is */
    struct nn_grid veil[4];     /* its light in red, green and blue, and what it hides */
    float *near[3];             /* the light, before it was blurred farther */
    float to_x, to_y;           /* whence most light comes, of length 1 at most; smoothed */
    int64_t seen;               /* frames drawn */
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
    return nn_maxf((float)(h / 90), 1);
}

static size_t state_size(int w, int h)
{
    struct nn_grid g;

    nn_grid_size(&g, w, h, step_of(h));
    return sizeof(struct fog) + 2 * nn_light_size(w, h) +
           5 * (size_t)g.w * (size_t)g.h * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct fog *s = state;
    struct nn_grid *g = &s->dense;
    float *at = s->memory + nn_light_size(sc->w, sc->h) / sizeof(float);

    nn_light_init(&s->light, sc->w, sc->h, s->memory);
    nn_grid_size(g, sc->w, sc->h, step_of(sc->h));
    for (int i = 0; i < 3; i++, at += (size_t)s->light.c[0].w * (size_t)s->light.c[0].h)
        s->near[i] = at;
    for (int i = 0; i < 5; i++, at += (size_t)g->w * (size_t)g->h) {
        struct nn_grid *out = i < 4 ? &s->veil[i] : g;
        *out = *g;
        out->v = at;
    }
}

/* Points [i0, i0 + n) of row j. */
static void dense_part(const struct pass *k, int j, int i0, int n)
{
    const struct nn_grid *g = &k->s->dense;
    float size = k->p[SCALE] * 300 * k->sc->unit, y = (float)j * g->step;
    float t = (float)fmod(k->sc->t * (double)k->p[SPEED], 4096), low = y / (float)k->sc->h - 0.5f;
    float u[MOST], v[MOST], bend[MOST], far[MOST], near[MOST];
    float *out = g->v + (size_t)j * (size_t)g->w + (size_t)i0;
    uint32_t seed = (uint32_t)k->sc->seed;

    for (int i = 0; i < n; i++) {
        u[i] = 0.7f * ((float)(i0 + i) * g->step / size + 0.20f * t) + 31;
        v[i] = 1.1f * (y / size) - 0.03f * t;
    }
    nn_fbm3_line(u, v, 0.10f * t, n, 2, seed + 1, bend);
    for (int i = 0; i < n; i++) {
        float b = bend[i] - 0.5f;
        u[i] = (float)(i0 + i) * g->step / size + 0.16f * t + 2.2f * b;
        v[i] = 1.5f * y / size - 0.05f * t + 1.5f * b;
    }
    nn_fbm3_line(u, v, 0.14f * t, n, 5, seed, far);
    for (int i = 0; i < n; i++) {
        u[i] = 0.55f * u[i] + 0.21f * t + 7;
        v[i] = 0.80f * v[i] + 3;
    }
    nn_fbm3_line(u, v, 0.11f * t, n, 4, seed + 5, near);
    for (int i = 0; i < n; i++) {
        float clear = k->p[CLEAR] * nn_person_at(k->sc, (float)(i0 + i) * g->step, y);
        float a = nn_smooth(0.30f, 0.74f, far[i] + 0.14f * low);
        float b = nn_smooth(0.44f, 0.78f, near[i] + 0.08f * low);
        out[i] = (0.16f + 1.9f * a) * (1 - clear) + 0.85f * b * (1 - 0.6f * clear);
    }
}

static void dense_row(void *arg, int j)
{
    struct pass *k = arg;

    for (int i = 0; i < k->s->dense.w; i += MOST)
        dense_part(k, j, i, k->s->dense.w - i < MOST ? k->s->dense.w - i : MOST);
}

static float dense_at(const struct nn_grid *g, int i, int j)
{
    return g->v[(size_t)nn_clampi(j, 0, g->h - 1) * (size_t)g->w +
                (size_t)nn_clampi(i, 0, g->w - 1)];
}

/* What a row of it looks like: the light there, less where fog stands between it and the light. */
static void veil_row(void *arg, int j)
{
    static const float own[3] = { 0.010f, 0.017f, 0.027f };
    struct pass *k = arg;
    const struct nn_grid *g = &k->s->dense, *l = k->s->light.c;
    float thick = 1.25f * k->p[AMOUNT] * k->p[DENSITY], ratio = g->step / l->step;
    int dx = (int)lrintf(4 * k->s->to_x), dy = (int)lrintf(4 * k->s->to_y);
    float fy = (float)j * ratio;
    int lj = nn_clampi((int)fy, 0, l->h - 2);

    for (int i = 0; i < g->w; i++) {
        size_t at = (size_t)j * (size_t)g->w + (size_t)i, from;
        float d = g->v[at], hidden = 1 - expf(-thick * d), fx = (float)i * ratio, u, v;
        float before = dense_at(g, i + dx, j + dy), farther = dense_at(g, i + 2 * dx, j + 2 * dy);
        float shade = nn_clampf(1 + 0.50f * (d - before) + 0.25f * (d - farther), 0.5f, 1.9f);
        int li = nn_clampi((int)fx, 0, l->w - 2);
        from = (size_t)lj * (size_t)l->w + (size_t)li;
        u = nn_minf(fx - (float)li, 1);
        v = nn_minf(fy - (float)lj, 1);
        for (int c = 0; c < 3; c++) {
            const float *wa = l[c].v + from, *wb = wa + l->w;
            const float *a = k->s->near[c] + from, *b = a + l->w;
            float near = (1 - v) * (a[0] + u * (a[1] - a[0])) + v * (b[0] + u * (b[1] - b[0]));
            float wide = (1 - v) * (wa[0] + u * (wa[1] - wa[0])) +
                         v * (wb[0] + u * (wb[1] - wb[0]));
            k->s->veil[c].v[at] = hidden * shade * (0.55f * near + 0.85f * wide +
                                                    k->p[TINT] * 2 * own[c]);
        }
        k->s->veil[3].v[at] = hidden;
    }
}

NN_WIDE static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    struct nn_frame *f = k->f;
    float hidden[NN_GRID_PART], veil[NN_GRID_PART];

    for (int x0 = 0; x0 < f->w; x0 += NN_GRID_PART) {
        int n = f->w - x0 < NN_GRID_PART ? f->w - x0 : NN_GRID_PART;
        nn_grid_part(&k->s->veil[3], y, x0, n, hidden);
        for (int i = 0; i < 3; i++) {
            float *restrict v = f->plane[i] + (size_t)y * (size_t)f->w + x0;
            nn_grid_part(&k->s->veil[i], y, x0, n, veil);
            for (int x = 0; x < n; x++)
                v[x] += veil[x] - hidden[x] * v[x];
        }
    }
}

/* Whence the light comes: the middle of the bright, seen from the middle of the frame. */
static void find_light(struct fog *s, const struct nn_scene *sc)
{
    const struct nn_grid *g = s->light.c;
    float sum = 1e-6f, x = 0, y = 0, k = s->seen++ ? 1 - expf(-1.5f * (float)sc->dt) : 1;

    for (int j = 0; j < g->h; j++)
        for (int i = 0; i < g->w; i++) {
            int at = j * g->w + i;
            float l = nn_luma(g[0].v[at], g[1].v[at], g[2].v[at]);
            sum += l * l;
            x += l * l * ((float)i / (float)(g->w - 1) - 0.5f);
            y += l * l * ((float)j / (float)(g->h - 1) - 0.5f);
        }
    x = 2 * x / sum;
    y = 2 * y / sum - 0.35f;        /* and a little from above, where skies and lamps are */
    sum = nn_maxf(sqrtf(x * x + y * y), 0.2f);
    s->to_x += k * (x / sum - s->to_x);
    s->to_y += k * (y / sum - s->to_y);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct fog *s = state;
    struct pass k = { s, sc, p, f };
    size_t size = (size_t)s->light.c[0].w * (size_t)s->light.c[0].h * sizeof(float);

    (void)spare;
    nn_light_build(&s->light, f, NEAR, sc->pool);
    for (int i = 0; i < 3; i++)
        memcpy(s->near[i], s->light.c[i].v, size);
    nn_light_spread(&s->light, FAR);
    find_light(s, sc);
    nn_pool_run(sc->pool, s->dense.h, dense_row, &k);
    nn_pool_run(sc->pool, s->dense.h, veil_row, &k);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_fog = {
    .name = "fog",
    .brief = "fog and smoke that drift, curl and glow in the picture's own light",
    .touch = NN_AREA,
    .wants_mask = 1,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of it" },
        { "density", 0, 1, 0.85f, "how opaque its thickest parts are" },
        { "scale", 0.3f, 3, 1, "size of its swirls" },
        { "speed", 0, 3, 0.6f, "how fast it drifts" },
        { "tint", 0, 1, 0.5f, "cold light of its own" },
        { "clear", 0, 1, 0.7f, "how far it keeps from the person" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
