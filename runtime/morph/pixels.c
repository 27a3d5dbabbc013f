#include "runtime/morph/pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/field.h"
#include "runtime/effects/srgb.h"

enum { PART = 512 };        /* pixels worked on at once */

int nn_pixels_init(struct nn_pixels *p, int w, int h, struct nn_err *err)
{
    *p = (struct nn_pixels){ .w = w, .h = h };
    if (!(p->px = calloc(4 * (size_t)w * (size_t)h, sizeof *p->px)))
        return nn_fail_mem(err, "a picture");
    return 0;
}

void nn_pixels_release(struct nn_pixels *p)
{
    free(p->px);
    memset(p, 0, sizeof *p);
}

struct coding {
    const struct nn_pixels *p;
    const struct nn_image *img;
    float light[256];
};

static void load_row(void *arg, int y)
{
    const struct coding *k = arg;
    const uint8_t *in = k->img->px + 3 * (size_t)y * (size_t)k->p->w;
    float *out = k->p->px + 4 * (size_t)y * (size_t)k->p->w;

    for (int x = 0; x < k->p->w; x++, in += 3, out += 4) {
        out[0] = k->light[in[0]];
        out[1] = k->light[in[1]];
        out[2] = k->light[in[2]];
        out[3] = 0;
    }
}

void nn_pixels_load(struct nn_pixels *p, const struct nn_image *img, struct nn_pool *pool)
{
    struct coding k = { .p = p, .img = img };

    nn_srgb_table(k.light);
    nn_pool_run(pool, p->h, load_row, &k);
}

static void store_row(void *arg, int y)
{
    const struct coding *k = arg;
    const float *in = k->p->px + 4 * (size_t)y * (size_t)k->p->w;
    uint8_t *out = k->img->px + 3 * (size_t)y * (size_t)k->p->w;
    float plane[3][PART];
    uint32_t tmp[PART];

    for (int x = 0; x < k->p->w; x += PART) {
        int n = k->p->w - x < PART ? k->p->w - x : PART;
        for (int i = 0; i < n; i++)
            for (int c = 0; c < 3; c++)
                plane[c][i] = in[4 * (x + i) + c];
        nn_srgb_encode((float *const[3]){ plane[0], plane[1], plane[2] }, n, out + 3 * x, 3, tmp);
    }
}

void nn_pixels_store(const struct nn_pixels *p, struct nn_image *img, struct nn_pool *pool)
{
    struct coding k = { .p = p, .img = img };

    nn_pool_run(pool, p->h, store_row, &k);
}

int nn_pixels_half(const struct nn_pixels *in, struct nn_pixels *out, struct nn_err *err)
{
    if (nn_pixels_init(out, (in->w + 1) / 2, (in->h + 1) / 2, err))
        return -1;
    for (int y = 0; y < out->h; y++) {
        const float *a = in->px + 4 * (size_t)(2 * y) * (size_t)in->w;
        const float *b = 2 * y + 1 < in->h ? a + 4 * (size_t)in->w : a;
        float *to = out->px + 4 * (size_t)y * (size_t)out->w;
        for (int x = 0; x < out->w; x++) {
            int i = 8 * x, j = 2 * x + 1 < in->w ? i + 4 : i;
            for (int c = 0; c < 4; c++)
                to[4 * x + c] = 0.25f * (a[i + c] + a[j + c] + b[i + c] + b[j + c]);
        }
    }
    return 0;
}

/* Catmull and Rom's weights of four neighbours, t behind the second; 0 1 0 0 at t = 0. */
NN_INLINE void weights(float t, float w[4])
{
    w[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
    w[1] = (1.5f * t - 2.5f) * t * t + 1;
    w[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
    w[3] = (0.5f * t - 0.5f) * t * t;
}

NN_WIDE
void nn_pixels_sample(const struct nn_pixels *in, const float *x, const float *y, int n,
                      float *out)
{
    int w = in->w, h = in->h;

    for (int i = 0; i < n; i++) {
        float sx = nn_clampf(x[i], 0, (float)(w - 1)), sy = nn_clampf(y[i], 0, (float)(h - 1));
        int cx = (int)sx, cy = (int)sy, at[4];
        float wx[4], wy[4], sum[4] = { 0, 0, 0, 0 };
        weights(sx - (float)cx, wx);
        weights(sy - (float)cy, wy);
        for (int k = 0; k < 4; k++)
            at[k] = 4 * nn_clampi(cx + k - 1, 0, w - 1);
        for (int j = 0; j < 4; j++) {
            const float *row = in->px + 4 * (size_t)nn_clampi(cy + j - 1, 0, h - 1) * (size_t)w;
            const float *a = row + at[0], *b = row + at[1], *c = row + at[2], *d = row + at[3];
            for (int k = 0; k < 4; k++)
                sum[k] += wy[j] * (wx[0] * a[k] + wx[1] * b[k] + wx[2] * c[k] + wx[3] * d[k]);
        }
        for (int k = 0; k < 4; k++)
            out[4 * i + k] = sum[k] > 0 ? sum[k] : 0;
    }
}

struct placing {
    const struct nn_pixels *in;
    struct nn_pixels *out;
    double left, top, scale;
};

/* The mean of the pixels from a to b, which may begin and end within one. */
static void mean_of(const struct nn_pixels *in, const double a[2], const double b[2], float *out)
{
    double sum[4] = { 0 }, all = 0;

    for (int y = (int)floor(a[1]); y < b[1]; y++) {
        double high = fmin(b[1], y + 1) - fmax(a[1], y);
        const float *row = in->px + 4 * (size_t)nn_clampi(y, 0, in->h - 1) * (size_t)in->w;
        for (int x = (int)floor(a[0]); x < b[0]; x++) {
            double part = high * (fmin(b[0], x + 1) - fmax(a[0], x));
            const float *px = row + 4 * nn_clampi(x, 0, in->w - 1);
            for (int c = 0; c < 4; c++)
                sum[c] += part * (double)px[c];
            all += part;
        }
    }
    for (int c = 0; c < 4; c++)
        out[c] = (float)(sum[c] / all);
}

static void place_row(void *arg, int y)
{
    const struct placing *k = arg;
    double s = k->scale, top = k->top + y * s;
    float *out = k->out->px + 4 * (size_t)y * (size_t)k->out->w, at[2][PART];

    for (int x = 0; s > 1 && x < k->out->w; x++) {
        double a[2] = { k->left + x * s, top }, b[2] = { a[0] + s, top + s };
        mean_of(k->in, a, b, out + 4 * x);
    }
    for (int x = 0; s <= 1 && x < k->out->w; x += PART) {
        int n = k->out->w - x < PART ? k->out->w - x : PART;
        for (int i = 0; i < n; i++) {
            at[0][i] = (float)(k->left + (x + i + 0.5) * s - 0.5);
            at[1][i] = (float)(top + 0.5 * s - 0.5);
        }
        nn_pixels_sample(k->in, at[0], at[1], n, out + 4 * x);
    }
}

void nn_pixels_place(const struct nn_pixels *in, double left, double top, double scale,
                     struct nn_pixels *out, struct nn_pool *pool)
{
    struct placing k = { in, out, left, top, scale };

    nn_pool_run(pool, out->h, place_row, &k);
}
