/*
 * fx_nebula.c - a nebula that spreads from the face, with stars in it.
 *
 * Two noises bend a third (the way of Inigo Quilez' "domain warping"), a creased
 * one makes filaments and another the dark lanes of dust before them. Rose, blue
 * and a rim of teal, white-hot where it began. It grows with `amount`, and shines:
 * it is added, the more the darker the picture is, behind the person.
 */
#include "runtime/effects/noise.h"
#include "runtime/effects/oval.h"

enum { AMOUNT, SPREAD, SCALE, SPEED, STARS, HUE };
enum { MOST = 1024, BIG = 5 };          /* points of a row at a time; a big star's cell in small */

struct nebula {
    struct nn_grid c[4];                /* red, green, blue, and how much is behind */
    float memory[];
};

struct pass {
    struct nebula *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float x, y;                         /* where it spreads from, pixels */
    int cell;                           /* of a star, pixels */
};

static float step_of(int h)
{
    return nn_maxf((float)(h / 90), 1);
}

static size_t state_size(int w, int h)
{
    struct nn_grid g;

    nn_grid_size(&g, w, h, step_of(h));
    return sizeof(struct nebula) + 4 * (size_t)g.w * (size_t)g.h * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct nebula *s = state;

    for (int i = 0; i < 4; i++) {
        nn_grid_size(&s->c[i], sc->w, sc->h, step_of(sc->h));
        s->c[i].v = s->memory + (size_t)i * (size_t)s->c[i].w * (size_t)s->c[i].h;
    }
}

/* The noises of n points of a row. */
struct gas {
    float u[MOST], v[MOST], a[MOST], b[MOST], thick[MOST], crease[MOST], dust[MOST];
};

static void stir(const struct pass *k, struct gas *o, float y, int i0, int n)
{
    float size = 320 * k->p[SCALE] * k->sc->unit, step = k->s->c[0].step;
    float t = (float)fmod(k->sc->t * (double)k->p[SPEED], 4096);
    uint32_t seed = (uint32_t)k->sc->seed;

    for (int i = 0; i < n; i++) {
        o->u[i] = (float)(i0 + i) * step / size + 0.05f * t;
        o->v[i] = y / size;
    }
    nn_fbm3_line(o->u, o->v, 0.10f * t, n, 3, seed, o->a);
    for (int i = 0; i < n; i++) {
        o->u[i] += 5 - 0.05f * t;
        o->v[i] += 2 - 0.04f * t;
    }
    nn_fbm3_line(o->u, o->v, 0.09f * t, n, 3, seed + 3, o->b);
    for (int i = 0; i < n; i++) {
        o->u[i] += 2.1f * (o->a[i] - 0.5f) - 5;
        o->v[i] += 2.1f * (o->b[i] - 0.5f);
    }
    nn_fbm2_line(o->u, o->v, n, 5, seed + 7, o->thick);
    for (int i = 0; i < n; i++) {
        o->u[i] = 1.9f * o->u[i] + 3;
        o->v[i] = 1.9f * o->v[i] + 0.9f * o->thick[i];
    }
    nn_fbm2_line(o->u, o->v, n, 4, seed + 11, o->crease);
    for (int i = 0; i < n; i++) {
        o->u[i] = 0.55f * o->u[i] + 0.8f * o->crease[i];
        o->v[i] *= 0.55f;
    }
    nn_fbm2_line(o->u, o->v, n, 4, seed + 13, o->dust);
}

static void cloud_part(const struct pass *k, int j, int i0, int n)
{
    static const float blue[3] = { 0.10f, 0.20f, 1.00f }, rose[3] = { 1.05f, 0.09f, 0.42f };
    static const float teal[3] = { 0.02f, 0.46f, 0.50f }, hot[3] = { 1.10f, 0.72f, 0.85f };
    const struct nn_grid *g = k->s->c;
    float y = (float)j * g->step, reach = (float)k->sc->h * k->p[SPREAD] * k->p[AMOUNT];
    size_t at = (size_t)j * (size_t)g->w + (size_t)i0;
    struct gas o;

    stir(k, &o, y, i0, n);
    for (int i = 0; i < n; i++, at++) {
        float x = (float)(i0 + i) * g->step, dx = x - k->x, dy = y - k->y;
        float far = sqrtf(dx * dx + dy * dy) / reach, crease, thread, dust, heat, hue, rim, here;
        float env = nn_smooth(1.25f, 0.30f, far + 0.9f * (o.a[i] + o.b[i] - 1));
        float thick = nn_smooth(0.38f, 0.84f, o.thick[i]);
        here = 1 - (k->sc->who.mask ? 0 : nn_person_at(k->sc, x, y));
        crease = 1 - fabsf(2 * o.crease[i] - 1);
        crease *= crease;
        thread = crease * crease * crease * nn_smooth(0.30f, 0.60f, o.thick[i]);
        dust = 1 - 0.85f * nn_smooth(0.48f, 0.66f, o.dust[i]);
        heat = nn_maxf(1 - 2.2f * far, 0);
        hue = nn_clampf(0.5f + 3.0f * (o.a[i] - 0.5f) + k->p[HUE], 0, 1);
        rim = 4 * thick * (1 - thick) * nn_smooth(0.45f, 0.60f, o.b[i]);
        env *= here;
        for (int c = 0; c < 3; c++) {
            float own = blue[c] + hue * (rose[c] - blue[c]);
            g[c].v[at] = env * dust * (own * (0.95f * thick * thick + 0.26f * thread) +
                                       0.16f * rim * teal[c] + hot[c] * (0.20f * thread * thick +
                                       0.9f * heat * heat * thick));
        }
        g[3].v[at] = env * (0.35f + 0.65f * nn_smooth(0.1f, 0.5f, thick));
    }
}

static void cloud_row(void *arg, int j)
{
    struct pass *k = arg;
    int w = k->s->c[0].w;

    for (int i = 0; i < w; i += MOST)
        cloud_part(k, j, i, w - i < MOST ? w - i : MOST);
}

/* The light of the clouds over columns [x0, x0 + n) of row y. */
NN_WIDE static void draw_part(const struct pass *k, int y, int x0, int n)
{
    size_t at = (size_t)y * (size_t)k->f->w + (size_t)x0;
    float c[4][NN_GRID_PART], *restrict r = k->f->plane[0] + at;
    float *restrict g = k->f->plane[1] + at, *restrict b = k->f->plane[2] + at;
    const uint8_t *restrict mask = k->sc->who.mask ? k->sc->who.mask + at : NULL;

    for (int i = 0; i < 4; i++)
        nn_grid_part(&k->s->c[i], y, x0, n, c[i]);
    if (mask)
        for (int x = 0; x < n; x++) {
            float here = 1 - (float)mask[x] * (1 / 255.0f);
            for (int i = 0; i < 4; i++)
                c[i][x] *= here;
        }
    for (int x = 0; x < n; x++) {
        float lit = k->p[AMOUNT] / (1 + 4 * nn_maxf(nn_luma(r[x], g[x], b[x]), 0));
        float keep = 1 - 0.55f * lit * c[3][x];
        r[x] = r[x] * keep + lit * c[0][x];
        g[x] = g[x] * keep + lit * c[1][x];
        b[x] = b[x] * keep + lit * c[2][x];
    }
}

/* A star that may stand in cell (i, j) of `size` pixels, and does not leave it. */
static void star(const struct pass *k, int i, int j, int size, int big)
{
    static const float hues[3][3] = { { 0.7f, 0.85f, 1.2f }, { 1, 1, 1 }, { 1.15f, 0.85f, 0.6f } };
    uint32_t seed = (uint32_t)k->sc->seed + 21 + (uint32_t)big * 50;
    float d = nn_dice2(i, j, seed), x, y, r, bright, behind, lit;
    const struct nn_grid *g = &k->s->c[3];
    const float *hue = hues[(int)(nn_dice2(i, j, seed + 3) * 3)];
    int gi, gj, x0 = i * size, y0 = j * size;

    if (d > (big ? 0.10f : 0.05f) * k->p[STARS])
        return;
    r = big ? 0.30f * (float)size : nn_maxf(1.3f * k->sc->unit, 0.9f);
    x = (float)x0 + (0.3f + 0.4f * nn_dice2(i, j, seed + 1)) * (float)size;
    y = (float)y0 + (0.3f + 0.4f * nn_dice2(i, j, seed + 2)) * (float)size;
    gi = nn_clampi((int)(x / g->step + 0.5f), 0, g->w - 1);
    gj = nn_clampi((int)(y / g->step + 0.5f), 0, g->h - 1);
    behind = g->v[(size_t)gj * (size_t)g->w + (size_t)gi];
    bright = k->p[AMOUNT] * nn_minf(2.5f * behind, 1) *
             (0.7f + 0.3f * sinf((float)fmod(k->sc->t, 628) * (1 + 2 * d) + 400 * d));
    for (int py = nn_clampi((int)(y - r), y0, k->f->h); py < y0 + size && py < k->f->h; py++)
        for (int px = nn_clampi((int)(x - r), x0, k->f->w); px < x0 + size && px < k->f->w; px++) {
            size_t at = (size_t)py * (size_t)k->f->w + (size_t)px;
            float dx = ((float)px - x) / r, dy = ((float)py - y) / r;
            float v = nn_maxf(1 - dx * dx - dy * dy, 0), m = k->f->plane[1][at];
            if (big)        /* a small disc, a halo, and the cross that a lens draws */
                v = v * v * (0.10f + 0.03f / (0.02f + dx * dx + dy * dy) +
                             0.010f / (0.012f + fabsf(dx * dy) * 4));
            if (v <= 0)
                continue;
            lit = 1.5f * bright * v / (1 + 4 * nn_maxf(m, 0));
            if (k->sc->who.mask)
                lit *= 1 - (float)k->sc->who.mask[at] * (1 / 255.0f);
            for (int c = 0; c < 3; c++)
                k->f->plane[c][at] += lit * hue[c];
        }
}

/* The rows of one row of big stars' cells. */
static void draw_strip(void *arg, int j)
{
    struct pass *k = arg;
    int tall = BIG * k->cell, y0 = j * tall, w = k->f->w;

    for (int y = y0; y < y0 + tall && y < k->f->h; y++)
        for (int x0 = 0; x0 < w; x0 += NN_GRID_PART)
            draw_part(k, y, x0, w - x0 < NN_GRID_PART ? w - x0 : NN_GRID_PART);
    if (!(k->p[STARS] > 0))
        return;
    for (int n = 0; n < BIG; n++)
        for (int i = 0; i * k->cell < w; i++)
            star(k, i, j * BIG + n, k->cell, 0);
    for (int i = 0; i * tall < w; i++)
        star(k, i, j, tall, 1);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, f, 0.5f * (float)sc->w, 0.5f * (float)sc->h,
                      nn_clampi((int)(8 * sc->unit), 2, 64) };

    (void)spare;
    if (sc->who.face.w > 0) {
        k.x = sc->who.face.x + 0.5f * sc->who.face.w;
        k.y = sc->who.face.y + 0.5f * sc->who.face.h;
    }
    nn_pool_run(sc->pool, k.s->c[0].h, cloud_row, &k);
    nn_pool_run(sc->pool, (f->h + BIG * k.cell - 1) / (BIG * k.cell), draw_strip, &k);
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
