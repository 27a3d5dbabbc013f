/* finish.c - rain before the lens, the lens's glare, film: from light to a picture. */
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/srgb.h"
#include "runtime/synth/view.h"

enum { STRIP = 16, BINS = 256 };

static void *take(char *base, size_t *used, size_t bytes)
{
    void *p = base ? base + *used : NULL;

    *used += (bytes + 63) / 64 * 64;
    return p;
}

/* Lays the view's memory out in `base`, which may be NULL to learn its size. */
static size_t lay_out(struct nn_synth_view *v, char *base)
{
    const struct nn_effect_type *rain = nn_effect_find("rain");
    size_t plane = (size_t)v->w * (size_t)v->h * sizeof(float);
    size_t used = 0;

    for (int c = 0; c < 3; c++) {
        v->tall[c] = take(base, &used, plane);
        v->sum[c] = take(base, &used, plane + (size_t)v->w * sizeof(float));
        v->frame.plane[c] = take(base, &used, plane);
        v->air[c].v = take(base, &used, (size_t)v->air[c].w * (size_t)v->air[c].h * sizeof(float));
    }
    v->depth = take(base, &used, plane);
    for (int i = 0; i < v->blooms; i++)
        for (int c = 0; c < 3; c++)
            v->bloom[i].v[c] = take(base, &used, (size_t)v->bloom[i].w * (size_t)v->bloom[i].h *
                                         sizeof(float));
    v->rain = take(base, &used, rain->state_size(v->w, v->h));
    v->row = take(base, &used, (size_t)(v->h + STRIP) / STRIP * (size_t)v->w * 4 * sizeof(float));
    return used;
}

struct nn_synth_view *nn_synth_view_new(int w, int h, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_synth_view *v = calloc(1, sizeof *v);
    size_t size;

    if (w < 16 || h < 16 || w > 4096 || h > 4096) {
        free(v);
        nn_fail(err, NN_EUSAGE, "a scene of %d x %d pixels; 16 to 4096 each", w, h);
        return NULL;
    }
    if (!v) {
        nn_fail_mem(err, "a scene's view");
        return NULL;
    }
    v->w = v->frame.w = w;
    v->h = v->frame.h = h;
    v->pool = pool;
    v->step = nn_clampi(h / 90, 3, 12);
    for (int c = 0; c < 3; c++)
        nn_grid_size(&v->air[c], w, h, (float)v->step);
    for (int bw = w / 2, bh = h / 2; v->blooms < BLOOMS && bw > 2 && bh > 2; bw /= 2, bh /= 2) {
        v->bloom[v->blooms].w = bw;
        v->bloom[v->blooms++].h = bh;
    }
    size = lay_out(v, NULL);
    v->memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!v->memory) {
        nn_synth_view_free(v);
        nn_fail_mem(err, "a scene's view");
        return NULL;
    }
    memset(v->memory, 0, size);
    lay_out(v, v->memory);
    v->sight = (struct nn_scene){ .w = w, .h = h, .unit = (float)h / 720, .pool = pool };
    nn_effect_find("rain")->init(v->rain, &v->sight);
    return v;
}

void nn_synth_view_free(struct nn_synth_view *v)
{
    if (!v)
        return;
    free(v->memory);
    free(v);
}

static void fall(struct nn_synth_view *v)
{
    const struct nn_effect_type *fx = nn_effect_find("rain");
    const struct nn_synth *s = v->s;
    float p[NN_MAX_PARAMS] = { 0.35f + 0.65f * s->look.rain, 0.25f + 0.65f * s->look.rain, s->wind,
                               0.8f + 0.5f * s->look.rain, 0, 1 };

    if (s->look.rain <= 0)
        return;
    v->sight.t = v->t + 100;
    v->sight.seed = s->seed;
    fx->render(v->rain, &v->sight, p, &v->frame, &v->frame);
}

/* Half of (w, h) from a plane; each point the mean of four. */
static void halve(const float *from, int fw, int fh, float *to, int w, int h)
{
    for (int y = 0; y < h; y++) {
        const float *a = from + (size_t)(2 * y) * (size_t)fw;
        const float *b = 2 * y + 1 < fh ? a + fw : a;
        for (int x = 0; x < w; x++)
            to[(size_t)y * (size_t)w + (size_t)x] =
                0.25f * (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1]);
    }
}

/* Adds `k` of a plane half as large, between its points. */
static void widen_row(const float *from, int fw, int fh, float *to, int w, int y, float keep,
                      float k)
{
    float v = ((float)y + 0.5f) * 0.5f - 0.5f;
    int j = nn_clampi((int)floorf(v), 0, fh - 1), j1 = j + 1 < fh ? j + 1 : j;
    const float *a = from + (size_t)j * (size_t)fw, *b = from + (size_t)j1 * (size_t)fw;

    v = nn_clampf(v - (float)j, 0, 1);
    for (int x = 0; x < w; x++) {
        int i0 = nn_clampi((x - 1) >> 1, 0, fw - 1), i1 = nn_clampi((x + 1) >> 1, 0, fw - 1);
        float u = x & 1 ? 0.25f : 0.75f, top, low;
        top = a[i0] + u * (a[i1] - a[i0]);
        low = b[i0] + u * (b[i1] - b[i0]);
        to[x] = keep * to[x] + k * (top + v * (low - top));
    }
}

/* Light squeezed by an anamorphic lens: what is brighter than white runs out to both sides. */
static void streak_row(float *row, int w, float tint)
{
    float reach = 1 - 9.0f / (float)(w + 9), run = 0, back = 0;

    for (int x = 0; x < w; x++) {
        back = row[x];
        run = run * reach + (1 - reach) * nn_clampf(back - 1.5f, 0, 12);
        row[x] = back + tint * run;
    }
    for (int x = w - 1; x >= 0; x--) {
        back = row[x];
        run = run * reach + (1 - reach) * nn_clampf(back - 1.5f, 0, 12);
        row[x] = back + tint * run;
    }
}

static void bloom_channel(void *arg, int c)
{
    struct nn_synth_view *v = arg;
    int n = v->blooms;

    for (int i = 0; i < n; i++)
        halve(i ? v->bloom[i - 1].v[c] : v->frame.plane[c], i ? v->bloom[i - 1].w : v->w,
              i ? v->bloom[i - 1].h : v->h, v->bloom[i].v[c], v->bloom[i].w, v->bloom[i].h);
    for (int y = 0; n > 1 && y < v->bloom[1].h; y++)
        streak_row(v->bloom[1].v[c] + (size_t)y * (size_t)v->bloom[1].w, v->bloom[1].w,
                   c == 2 ? 1.1f : c ? 0.8f : 0.6f);
    for (int i = n - 2; i >= 0; i--)        /* wide glares are faint, but there are many */
        for (int y = 0; y < v->bloom[i].h; y++)
            widen_row(v->bloom[i + 1].v[c], v->bloom[i + 1].w, v->bloom[i + 1].h,
                      v->bloom[i].v[c] + (size_t)y * (size_t)v->bloom[i].w, v->bloom[i].w, y, 0.42f,
                      0.58f);
}

/* Film's curve (Narkowicz's fit of the ACES reference, 2016), light to screen's light. */
NN_INLINE float film(float x)
{
    return nn_clampf(x * (2.51f * x + 0.03f) / (x * (2.43f * x + 0.59f) + 0.14f), 0, 1);
}

NN_WIDE static void expose_row(const struct nn_synth_view *v, int y, float *restrict r,
                               float *restrict g, float *restrict b)
{
    const struct palette *pal = v->s->pal;
    float gain = v->s->exposure, cy = ((float)y + 0.5f) / (float)v->h - 0.5f;
    uint32_t seed = nn_mix32((uint32_t)v->s->seed + nn_mix32((uint32_t)(int)floor(v->t * 1000)));
    float fine = 0.010f + 0.008f * nn_clampf((float)v->h / 1080, 0, 1);
    float over = (float)v->w / (float)v->h;

    for (int x = 0; x < v->w; x++) {
        float cx = (((float)x + 0.5f) / (float)v->w - 0.5f) * nn_minf(over, 1.6f), luma, dim, grain;
        float q[3];
        dim = 1 - 0.62f * nn_minf(cx * cx + cy * cy, 1);        /* the lens darkens its corners */
        dim *= gain;
        q[0] = film(r[x] * dim);
        q[1] = film(g[x] * dim);
        q[2] = film(b[x] * dim);
        luma = nn_luma(q[0], q[1], q[2]);
        grain = nn_dice2(x, y, seed) + nn_dice2(x, y, seed + 1) - 1;
        grain *= fine * sqrtf(luma + 0.002f) * (1.2f - luma);
        for (int c = 0; c < 3; c++) {
            q[c] = luma + pal->colour * (q[c] - luma);
            q[c] += pal->shadow[c] * (1 - luma) * (1 - luma) + grain;
        }
        r[x] = q[0];
        g[x] = q[1];
        b[x] = q[2];
    }
}

struct develop {
    struct nn_synth_view *v;
    struct nn_image *img;
};

static void develop(void *arg, int strip)
{
    const struct develop *d = arg;
    struct nn_synth_view *v = d->v;
    int y1 = (strip + 1) * STRIP < v->h ? (strip + 1) * STRIP : v->h;
    float *tmp = v->row + (size_t)strip * (size_t)v->w * 4, share = 0.10f + 0.10f * v->s->look.fog;

    for (int y = strip * STRIP; y < y1; y++) {
        float *rgb[3];
        for (int c = 0; c < 3; c++) {
            rgb[c] = v->frame.plane[c] + (size_t)y * (size_t)v->w;
            if (v->blooms)
                widen_row(v->bloom[0].v[c], v->bloom[0].w, v->bloom[0].h, rgb[c], v->w, y,
                          1 - share, share);
        }
        expose_row(v, y, rgb[0], rgb[1], rgb[2]);
        nn_srgb_encode(rgb, v->w, d->img->px + (size_t)y * (size_t)v->w * 3, 3,
                       (uint32_t *)(void *)tmp);
    }
}

void nn_synth_finish(struct nn_synth_view *v, struct nn_image *img)
{
    struct develop d = { v, img };

    fall(v);
    nn_pool_run(v->pool, 3, bloom_channel, v);
    nn_pool_run(v->pool, (v->h + STRIP - 1) / STRIP, develop, &d);
}

/* As a camera man would with a spot meter: what the brightest tenth begins with becomes a middle
 * grey, without burning the brightest hundredth. */
float nn_synth_expose(struct nn_synth_view *v)
{
    int count[BINS] = { 0 }, all = v->w * v->h, sum = 0, i;
    float tenth = 0, hundredth = 0;

    for (int n = 0; n < all; n++) {
        float luma = nn_luma(v->frame.plane[0][n], v->frame.plane[1][n], v->frame.plane[2][n]);
        int bin = (int)(BINS / 2 + 12 * log2f(nn_maxf(luma, 1e-5f)) + 40);
        count[nn_clampi(bin, 0, BINS - 1)]++;
    }
    for (i = BINS - 1; i > 0 && sum < all / 100; i--)
        sum += count[i];
    hundredth = exp2f((float)(i - BINS / 2 - 40) / 12);
    for (; i > 0 && sum < all / 8; i--)
        sum += count[i];
    tenth = exp2f((float)(i - BINS / 2 - 40) / 12);
    return nn_clampf(nn_minf(0.17f / tenth, 5.0f / hundredth), 0.25f, 7);
}
