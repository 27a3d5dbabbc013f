/*
 * fx_particles.c - motes: dust in light, rain-lit drops, or rising embers.
 *
 * Thousands of particles in depth: the far ones are small, sharp and many, the
 * near ones large, soft and few, as through a fast lens. Each drifts with wind,
 * gravity, drag and slow eddies, and takes up the light of the picture behind
 * it, so that motes glow in beams and hide in the dark. `speed` slows time for
 * them; sadness uses it.
 */
#include <math.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/effects/effect.h"

enum { AMOUNT, SPEED, WIND, GRAVITY, SIZE, GLOW, WARMTH };
enum { MOTES = 3200, BAND = 32 };

struct mote {
    float x, y, vx, vy;         /* frame heights; and a second of their time */
    float depth;                /* 0 far, 1 at the lens */
    float age, life, phase;
    float light, hue[3];        /* as this frame draws it */
    float r;                    /* pixels */
};

struct air {
    struct mote mote[MOTES];
    double t;                   /* the motes' own time */
    float pace;                 /* speed, smoothed, so that time bends and never jumps */
};

struct pass {
    struct air *s;
    struct nn_frame *f;
    int count;
};

static size_t state_size(int w, int h)
{
    (void)w;
    (void)h;
    return sizeof(struct air);
}

static void be_born(struct mote *m, struct nn_rng *r, float aspect)
{
    float near = nn_rng_float(r);

    m->x = nn_rng_range(r, -0.1f, aspect + 0.1f);
    m->y = nn_rng_range(r, -0.1f, 1.1f);
    m->vx = m->vy = 0;
    near *= near;                       /* most are far: the 20th power of evenly spread */
    near *= near;
    m->depth = near * near * near * near * near;
    m->age = 0;
    m->life = nn_rng_range(r, 3, 9);
    m->phase = nn_rng_range(r, 0, 6.2831853f);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct air *s = state;
    struct nn_rng r;

    nn_rng_seed(&r, sc->seed, 0xa17);
    for (int i = 0; i < MOTES; i++) {
        be_born(&s->mote[i], &r, (float)sc->w / (float)sc->h);
        s->mote[i].age = nn_rng_float(&r) * s->mote[i].life;
    }
    s->pace = 1;
}

static void drift(struct mote *m, float t, float dt, const float *p)
{
    float far = 0.35f + 1.3f * m->depth;            /* parallax */
    float eddy_x = sinf(5.1f * m->y + 0.31f * t + m->phase) + 0.5f * sinf(11 * m->y - 0.5f * t);
    float eddy_y = cosf(4.3f * m->x - 0.27f * t + m->phase) + 0.5f * cosf(9 * m->x + 0.4f * t);
    float k = 1 - expf(-1.6f * dt);

    m->vx += k * (far * (0.13f * p[WIND] + 0.030f * eddy_x) - m->vx);
    m->vy += k * (far * (0.17f * p[GRAVITY] + 0.022f * eddy_y) - m->vy);
    m->x += m->vx * dt;
    m->y += m->vy * dt;
    m->age += dt;
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct air *s = state;
    float dt = (float)sc->dt, aspect = (float)sc->w / (float)sc->h;
    struct nn_rng r;

    nn_rng_seed(&r, sc->seed, (uint64_t)sc->frame);
    s->pace += (1 - expf(-dt / 0.35f)) * (p[SPEED] - s->pace);
    dt *= s->pace;
    s->t += (double)dt;
    for (int i = 0; i < MOTES; i++) {
        struct mote *m = &s->mote[i];
        drift(m, (float)fmod(s->t, 4096), dt, p);
        if (m->age > m->life || m->y < -0.2f || m->y > 1.2f || m->x < -0.2f || m->x > aspect + 0.2f)
            be_born(m, &r, aspect);
    }
}

/* Colour and light of a mote, from its depth, its age and what is behind it. */
static void expose(struct mote *m, const struct nn_scene *sc, const float *p,
                   const struct nn_frame *f, float t)
{
    static const float cold[3] = { 0.62f, 0.86f, 1.15f }, warm[3] = { 1.25f, 0.60f, 0.24f };
    static const float neon[3] = { 1.10f, 0.30f, 0.95f };
    float h = (float)sc->h, x = m->x * h, y = m->y * h, lum = 0, fade, twinkle, blink;
    float mix = p[WARMTH], odd = m->phase > 5.2f ? 0.55f : 0;
    int px = (int)x, py = (int)y;

    px = px < 0 ? 0 : px >= f->w ? f->w - 1 : px;
    py = py < 0 ? 0 : py >= f->h ? f->h - 1 : py;
    for (int i = 0; i < 3; i++)
        lum += f->plane[i][(size_t)py * (size_t)f->w + (size_t)px] / 3;
    fade = nn_smooth(0, 0.8f, m->age) * nn_smooth(0, 1.2f, m->life - m->age);
    blink = sinf(m->phase + t * (0.7f + 0.25f * m->phase));
    twinkle = 0.62f + 0.38f * blink;
    m->r = p[SIZE] * sc->unit * (0.80f + 3 * m->depth + 19 * m->depth * m->depth);
    m->light = p[GLOW] * fade * twinkle * (0.30f + 1.5f * sqrtf(lum > 0 ? lum < 1 ? lum : 1 : 0)) *
               nn_smooth(0, 0.3f, p[AMOUNT]);
    m->light *= m->r < 2 ? 1.15f : 1.7f / m->r;     /* out of focus, spread thin */
    m->light /= 1 + 2 * lum;                        /* and no confetti on lit skin */
    for (int i = 0; i < 3; i++) {
        float c = cold[i] + mix * (warm[i] - cold[i]);
        m->hue[i] = c + odd * (neon[i] - c);
    }
}

/* Near motes are flat discs with a soft rim, far ones are points with a falloff. */
static float profile(float d2, float r)
{
    if (r < 3) {
        float v = 1 - d2 / (r * r * 2.4f);
        return v > 0 ? v * v : 0;
    }
    float edge = nn_smooth(1.12f, 0.72f, sqrtf(d2) / r);
    return edge * (0.60f + 0.40f * d2 / (r * r));
}

static void draw_mote(const struct mote *m, struct nn_frame *f, int top, int bottom)
{
    float h = (float)f->h, cx = m->x * h, cy = m->y * h, reach = m->r * 1.56f + 1;
    int x0 = (int)floorf(cx - reach), x1 = (int)ceilf(cx + reach);
    int y0 = (int)floorf(cy - reach), y1 = (int)ceilf(cy + reach);

    x0 = x0 < 0 ? 0 : x0;
    x1 = x1 >= f->w ? f->w - 1 : x1;
    y0 = y0 < top ? top : y0;
    y1 = y1 >= bottom ? bottom - 1 : y1;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            float dx = (float)x + 0.5f - cx, dy = (float)y + 0.5f - cy;
            float v = m->light * profile(dx * dx + dy * dy, m->r);
            if (v > 0)
                for (int i = 0; i < 3; i++)
                    f->plane[i][(size_t)y * (size_t)f->w + (size_t)x] += v * m->hue[i];
        }
}

/* Every band draws all motes in the same order, so sums do not depend on threads. */
static void draw_band(void *arg, int band)
{
    const struct pass *k = arg;
    int top = band * BAND, bottom = top + BAND < k->f->h ? top + BAND : k->f->h;

    for (int i = 0; i < k->count; i++)
        if (k->s->mote[i].light > 0.002f)
            draw_mote(&k->s->mote[i], k->f, top, bottom);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, f, (int)(MOTES * (0.15f + 0.85f * p[AMOUNT])) };

    (void)spare;
    for (int i = 0; i < k.count; i++)
        expose(&k.s->mote[i], sc, p, f, (float)fmod(k.s->t, 4096));
    nn_pool_run(sc->pool, (f->h + BAND - 1) / BAND, draw_band, &k);
}

const struct nn_effect_type fx_particles = {
    .name = "particles",
    .brief = "motes in depth drift through the light; their time can slow",
    .touch = NN_SPRITE,
    .param = {
        { "amount", 0, 1, 0.6f, "how many, and how bright" },
        { "speed", 0, 2, 1, "of their time; 0 holds it" },
        { "wind", -1, 1, 0.25f, "to the right" },
        { "gravity", -1, 1, 0.2f, "down; below 0 they rise like embers" },
        { "size", 0.3f, 3, 1, "of each" },
        { "glow", 0, 2, 1, "light of each" },
        { "warmth", 0, 1, 0.15f, "from rain-lit blue to ember" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .render = render,
};
