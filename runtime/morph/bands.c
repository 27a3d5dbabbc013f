#include "runtime/morph/bands.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/effects/effect.h"
#include "runtime/effects/field.h"

enum { MOST = 8 };

/* Level i is half the size of the one before. diff is over - under, with over's weight: the
 * pyramid is linear, so one of the difference does for both. */
struct nn_bands {
    int levels;
    struct nn_pixels diff[MOST], sum[MOST];
};

struct nn_bands *nn_bands_new(int w, int h, int levels, struct nn_err *err)
{
    struct nn_bands *b = calloc(1, sizeof *b);

    if (!b) {
        nn_fail_mem(err, "bands");
        return NULL;
    }
    for (; b->levels < levels && b->levels < MOST; w = (w + 1) / 2, h = (h + 1) / 2) {
        int i = b->levels++;
        if (nn_pixels_init(&b->diff[i], w, h, err) || nn_pixels_init(&b->sum[i], w, h, err)) {
            nn_bands_free(b);
            return NULL;
        }
        if (w < 4 || h < 4)
            break;
    }
    return b;
}

void nn_bands_free(struct nn_bands *b)
{
    if (!b)
        return;
    for (int i = 0; i < b->levels; i++) {
        nn_pixels_release(&b->diff[i]);
        nn_pixels_release(&b->sum[i]);
    }
    free(b);
}

struct level {
    const struct nn_pixels *in;
    struct nn_pixels *out;
    const struct nn_pixels *other;
};

NN_INLINE const float *row_of(const struct nn_pixels *p, int y)
{
    return p->px + 4 * (size_t)nn_clampi(y, 0, p->h - 1) * (size_t)p->w;
}

/* 1 4 6 4 1 along both axes, every second pixel. */
static void reduce_row(void *arg, int y)
{
    static const float k[5] = { 1 / 16.0f, 4 / 16.0f, 6 / 16.0f, 4 / 16.0f, 1 / 16.0f };
    const struct level *l = arg;
    float *out = l->out->px + 4 * (size_t)y * (size_t)l->out->w;

    for (int x = 0; x < l->out->w; x++) {
        float sum[4] = { 0, 0, 0, 0 };
        for (int j = 0; j < 5; j++) {
            const float *row = row_of(l->in, 2 * y + j - 2);
            for (int i = 0; i < 5; i++) {
                const float *px = row + 4 * nn_clampi(2 * x + i - 2, 0, l->in->w - 1);
                for (int c = 0; c < 4; c++)
                    sum[c] += k[j] * k[i] * px[c];
            }
        }
        memcpy(out + 4 * x, sum, sizeof sum);
    }
}

/* Pixel (x, y) of the level below, of one above, by the same weights. */
NN_INLINE void expand_at(const struct nn_pixels *in, int x, int y, float out[4])
{
    float ky[3], kx[3];
    int j0 = y / 2 - !(y & 1), i0 = x / 2 - !(x & 1);

    ky[0] = y & 1 ? 0.5f : 0.125f;
    ky[1] = y & 1 ? 0.5f : 0.75f;
    ky[2] = y & 1 ? 0 : 0.125f;
    kx[0] = x & 1 ? 0.5f : 0.125f;
    kx[1] = x & 1 ? 0.5f : 0.75f;
    kx[2] = x & 1 ? 0 : 0.125f;
    out[0] = out[1] = out[2] = out[3] = 0;
    for (int j = 0; j < 3; j++) {
        const float *row = row_of(in, j0 + j);
        for (int i = 0; i < 3; i++) {
            const float *px = row + 4 * nn_clampi(i0 + i, 0, in->w - 1);
            for (int c = 0; c < 4; c++)
                out[c] += ky[j] * kx[i] * px[c];
        }
    }
}

/* What of the difference this level holds, by its own weights; and what is above it. */
static void collect_row(void *arg, int y)
{
    const struct level *l = arg;
    float *out = l->out->px + 4 * (size_t)y * (size_t)l->out->w;
    const float *here = row_of(l->in, y);

    for (int x = 0; x < l->out->w; x++) {
        float below[4] = { 0 }, sum[4] = { 0 }, w = here[4 * x + 3];
        if (l->other) {
            expand_at(l->other, x, y, sum);
            expand_at(l->other + 1, x, y, below);
        }
        for (int c = 0; c < 3; c++)
            out[4 * x + c] = w * (here[4 * x + c] - below[c]) + sum[c];
    }
}

void nn_bands_blend(struct nn_bands *b, struct nn_pixels *under, struct nn_pixels *over,
                    struct nn_pool *pool)
{
    size_t n = (size_t)under->w * (size_t)under->h;
    struct nn_pixels pair[2];
    struct level l;

    for (size_t i = 0; i < n; i++) {
        float *d = b->diff[0].px + 4 * i;
        for (int c = 0; c < 3; c++)
            d[c] = over->px[4 * i + c] - under->px[4 * i + c];
        d[3] = over->px[4 * i + 3];
    }
    for (int i = 1; i < b->levels; i++) {
        l = (struct level){ &b->diff[i - 1], &b->diff[i], NULL };
        nn_pool_run(pool, b->diff[i].h, reduce_row, &l);
    }
    for (int i = b->levels - 1; i >= 0; i--) {
        int top = i == b->levels - 1;
        if (!top) {
            pair[0] = b->sum[i + 1];
            pair[1] = b->diff[i + 1];
        }
        l = (struct level){ &b->diff[i], &b->sum[i], top ? NULL : pair };
        nn_pool_run(pool, b->sum[i].h, collect_row, &l);
    }
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            under->px[4 * i + c] = nn_maxf(under->px[4 * i + c] + b->sum[0].px[4 * i + c], 0);
}
