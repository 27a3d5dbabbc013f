/*
 * fx_echo.c - echo trails: what shines or moves leaves itself behind.
 *
 * Trails live on a picture of half the size. In every frame it drifts upwards
 * and away from the middle, fades (blue slowest, so that trails cool down), and
 * takes the larger of itself and what is bright or has just moved. What it holds
 * above the frame's own light is added.
 */
#include <string.h>

#include "runtime/effects/field.h"
#include "runtime/effects/half.h"

enum { AMOUNT, LENGTH, DRIFT, MOTION };

enum { SPAN = NN_HALF_SPAN };       /* columns of the trail at a time */

struct echo {
    int w, h;               /* half the frame's, rounded up */
    int64_t frame;          /* the last one seen */
    float *trail[3], *next[3], *luma;
};

struct pass {
    struct echo *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    float fade[3];
    int fresh;
};

static size_t state_size(int w, int h)
{
    size_t half = (size_t)((w + 1) / 2) * (size_t)((h + 1) / 2);

    return sizeof(struct echo) + 64 + 7 * half * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct echo *s = state;
    float *at = (float *)(void *)((char *)state + (sizeof *s + 63) / 64 * 64);
    size_t half;

    s->w = (sc->w + 1) / 2;
    s->h = (sc->h + 1) / 2;
    half = (size_t)s->w * (size_t)s->h;
    for (int i = 0; i < 3; i++) {
        s->trail[i] = at + (size_t)i * half;
        s->next[i] = at + (size_t)(3 + i) * half;
    }
    s->luma = at + 6 * half;
    s->frame = -2;
}

/* The trail of the frame before, between its rows a and b, where columns [c, c + n) come from:
 * magnified by a little less than 1. Two rows become a line, of which each needs two neighbours. */
NN_INLINE void old_span(const struct echo *s, const float *a, const float *b, float v, float grow,
                        int c, int n, float fade, float *restrict out)
{
    float cx = 0.5f * (float)s->w, last = (float)(s->w - 1), line[SPAN + 4];
    int first = (int)nn_clampf(cx + ((float)c - cx) * grow, 0, last);
    int most = s->w - first < SPAN + 3 ? s->w - first : SPAN + 3;

    for (int x = 0; x < most; x++)
        line[x] = fade * (a[first + x] + v * (b[first + x] - a[first + x]));
    /* cppcheck-suppress uninitvar */
    line[most] = line[most - 1];
    for (int x = 0; x < n; x++) {
        float sx = nn_clampf(cx + ((float)(c + x) - cx) * grow, 0, last);
        int i = (int)sx;
        out[x] = line[i - first] + (sx - (float)i) * (line[i - first + 1] - line[i - first]);
    }
}

/* Columns [c, c + n) of row y of the trail: what was there, and what shines or has moved. */
NN_WIDE static void trail_span(const struct pass *k, int y, int c, int n)
{
    struct echo *s = k->s;
    int w = k->f->w, h = k->f->h, y0 = 2 * y, y1 = nn_clampi(y0 + 1, 0, h - 1);
    float grow = 1 - 0.010f * k->p[DRIFT], cy = 0.5f * (float)s->h, motion = 1.3f * k->p[MOTION];
    float sy = nn_clampf(cy + ((float)y - cy) * grow + 0.7f * k->p[DRIFT] * k->sc->unit, 0,
                         (float)(s->h - 1));
    int j = (int)sy, jj = nn_clampi(j + 1, 0, s->h - 1);
    size_t at = (size_t)y * (size_t)s->w + (size_t)c;
    float now[3][SPAN], take[SPAN], old[SPAN], *restrict luma = s->luma + at;

    motion = k->fresh ? 0 : motion;
    for (int i = 0; i < 3; i++)
        nn_sum_pairs(k->f->plane[i] + (size_t)y0 * (size_t)w,
                     k->f->plane[i] + (size_t)y1 * (size_t)w, w, c, n, now[i]);
    for (int x = 0; x < n; x++) {
        float l = 0.25f * nn_luma(now[0][x], now[1][x], now[2][x]), eye = sqrtf(nn_maxf(l, 0));
        float moved = fabsf(eye - luma[x]);
        luma[x] = eye;
        take[x] = 0.25f * (nn_smooth(0.25f, 0.8f, l) + motion * nn_smooth(0.03f, 0.16f, moved));
    }
    for (int i = 0; i < 3; i++) {
        float *restrict to = s->next[i] + at;
        old_span(s, s->trail[i] + (size_t)j * (size_t)s->w, s->trail[i] + (size_t)jj * (size_t)s->w,
                 sy - (float)j, grow, c, n, k->fresh ? 0 : k->fade[i], old);
        for (int x = 0; x < n; x++)
            to[x] = nn_maxf(old[x], nn_minf(now[i][x] * take[x], 1.5f));
    }
}

static void trail_row(void *arg, int y)
{
    struct pass *k = arg;

    for (int c = 0; c < k->s->w; c += SPAN)
        trail_span(k, y, c, k->s->w - c < SPAN ? k->s->w - c : SPAN);
}

/* Columns [2 c, 2 c + w) of the trail between its rows a and b, over those of the frame. */
NN_WIDE static void add_span(const float *a, const float *b, float v, int half, int c, int w,
                             float amount, float *restrict out)
{
    float wide[2 * SPAN];

    nn_mix_twice(a, b, v, half, c, (w + 1) / 2, wide);
    for (int x = 0; x < w; x++)
        /* cppcheck-suppress uninitvar */
        out[x] += amount * nn_maxf(wide[x] - out[x], 0);
}

static void add_row(void *arg, int y)
{
    struct pass *k = arg;
    const struct echo *s = k->s;
    float sy = nn_clampf(0.5f * (float)y - 0.25f, 0, (float)(s->h - 1));
    int j = (int)sy, jj = nn_clampi(j + 1, 0, s->h - 1), w = k->f->w;

    for (int n = 0; n < 3; n++) {
        const float *a = s->trail[n] + (size_t)j * (size_t)s->w;
        const float *b = s->trail[n] + (size_t)jj * (size_t)s->w;
        float *out = k->f->plane[n] + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x += 2 * SPAN)
            add_span(a, b, sy - (float)j, s->w, x / 2, w - x < 2 * SPAN ? w - x : 2 * SPAN,
                     k->p[AMOUNT], out + x);
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    static const float longer[3] = { 0.75f, 0.95f, 1.25f };
    struct echo *s = state;
    struct pass k = { s, sc, p, f, { 0 }, s->frame != sc->frame - 1 };
    float *swap[3];

    (void)spare;
    for (int i = 0; i < 3; i++)
        k.fade[i] = expf(-(float)sc->dt / (p[LENGTH] * longer[i]));
    s->frame = sc->frame;
    nn_pool_run(sc->pool, s->h, trail_row, &k);
    memcpy(swap, s->trail, sizeof swap);
    memcpy(s->trail, s->next, sizeof swap);
    memcpy(s->next, swap, sizeof swap);
    nn_pool_run(sc->pool, f->h, add_row, &k);
}

const struct nn_effect_type fx_echo = {
    .name = "echo",
    .brief = "what shines or moves leaves cooling trails that drift away",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.7f, "how visible the trails are" },
        { "length", 0.05f, 4, 0.6f, "seconds until a third is left" },
        { "drift", 0, 1, 0.4f, "how they rise and spread" },
        { "motion", 0, 1, 0.8f, "how much what moves leaves trails, not only what shines" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
