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

enum { AMOUNT, LENGTH, DRIFT, MOTION };

enum { SPAN = 256 };      /* columns of the trail at a time */

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

NN_WIDE static void trail_row(void *arg, int y)
{
    struct pass *k = arg;
    struct echo *s = k->s;
    int w = k->f->w, h = k->f->h, y0 = 2 * y, y1 = nn_clampi(y0 + 1, 0, h - 1);
    float grow = 1 - 0.010f * k->p[DRIFT], cx = 0.5f * (float)s->w, cy = 0.5f * (float)s->h;
    float sy = nn_clampf(cy + ((float)y - cy) * grow + 0.7f * k->p[DRIFT] * k->sc->unit, 0,
                         (float)(s->h - 1));
    int j = (int)sy, jj = nn_clampi(j + 1, 0, s->h - 1);
    float v = sy - (float)j;

    for (int x = 0; x < s->w; x++) {
        int x0 = 2 * x, x1 = nn_clampi(x0 + 1, 0, w - 1);
        size_t at = (size_t)y * (size_t)s->w + (size_t)x;
        float c[3], l, moved, take;
        float sx = nn_clampf(cx + ((float)x - cx) * grow, 0, (float)(s->w - 1));
        int i = (int)sx, ii = nn_clampi(i + 1, 0, s->w - 1);
        float u = sx - (float)i;
        for (int n = 0; n < 3; n++) {
            const float *a = k->f->plane[n] + (size_t)y0 * (size_t)w;
            const float *b = k->f->plane[n] + (size_t)y1 * (size_t)w;
            c[n] = 0.25f * (a[x0] + a[x1] + b[x0] + b[x1]);
        }
        l = nn_luma(c[0], c[1], c[2]);
        moved = k->fresh ? 0 : fabsf(sqrtf(nn_maxf(l, 0)) - s->luma[at]);
        s->luma[at] = sqrtf(nn_maxf(l, 0));
        take = nn_smooth(0.25f, 0.8f, l) + k->p[MOTION] * nn_smooth(0.03f, 0.16f, moved) * 1.3f;
        for (int n = 0; n < 3; n++) {
            const float *a = s->trail[n] + (size_t)j * (size_t)s->w;
            const float *b = s->trail[n] + (size_t)jj * (size_t)s->w;
            float old = (a[i] + u * (a[ii] - a[i])) * (1 - v) + (b[i] + u * (b[ii] - b[i])) * v;
            s->next[n][at] = nn_maxf(k->fresh ? 0 : old * k->fade[n], nn_minf(c[n] * take, 1.5f));
        }
    }
}

/* Columns [2 c, 2 c + w) of the trail between its rows a and b, over those of the frame. */
NN_WIDE static void add_span(const float *a, const float *b, float v, int half, int c, int w,
                             float amount, float *restrict out)
{
    float line[SPAN + 2], wide[2 * SPAN];
    int n = (w + 1) / 2, before = c > 0 ? c - 1 : c, behind = c + n < half ? c + n : half - 1;

    line[0] = a[before] * (1 - v) + b[before] * v;
    for (int i = 0; i < n; i++)
        line[i + 1] = a[c + i] * (1 - v) + b[c + i] * v;
    line[n + 1] = a[behind] * (1 - v) + b[behind] * v;
    for (int i = 0; i < n; i++) {
        wide[2 * i] = 0.75f * line[i + 1] + 0.25f * line[i];
        wide[2 * i + 1] = 0.75f * line[i + 1] + 0.25f * line[i + 2];
    }
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
