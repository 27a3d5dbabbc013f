#include "runtime/face/mask_edge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float EPS = 2e-3f;     /* contrasts below its root (0.045) are no edges */
static const float LOW = 0.3f, HIGH = 0.7f;     /* what is nearly sure is sure */
enum { ROWS = 16 };                 /* of the picture in one piece of work */

struct nn_mask_edge {
    int w, h, full_w, full_h, radius;
    float *store, *a, *b, *mean[4], *tmp;       /* w x h each */
    int *left;                      /* of a pixel's column: the field left of it, */
    float *part;                    /* and how far it is to the next, 0..1 */
    /* While drawing. */
    const struct nn_image *img;
    uint8_t *out;
    float top;
};

struct nn_mask_edge *nn_mask_edge_new(int w, int h, int full_w, int full_h, struct nn_err *err)
{
    struct nn_mask_edge *e = calloc(1, sizeof *e);
    size_t n = (size_t)w * (size_t)h;

    if (!e || !(e->store = calloc(7 * n, sizeof *e->store)) ||
        !(e->left = calloc((size_t)full_w, sizeof *e->left)) ||
        !(e->part = calloc((size_t)full_w, sizeof *e->part))) {
        nn_fail_mem(err, "mask");
        nn_mask_edge_free(e);
        return NULL;
    }
    e->w = w;
    e->h = h;
    e->full_w = full_w;
    e->full_h = full_h;
    e->radius = (w > h ? w : h) / 40;
    e->radius = e->radius < 1 ? 1 : e->radius;
    e->a = e->store;
    e->b = e->a + n;
    e->tmp = e->b + n;
    for (int i = 0; i < 4; i++)
        e->mean[i] = e->tmp + (size_t)(i + 1) * n;
    for (int x = 0; x < full_w; x++) {
        float g = ((float)x + 0.5f) * (float)w / (float)full_w - 0.5f;
        g = fmaxf(0, fminf((float)(w - 1), g));
        e->left[x] = (int)g < w - 1 ? (int)g : w > 1 ? w - 2 : 0;
        e->part[x] = w > 1 ? g - (float)e->left[x] : 0;
    }
    return e;
}

void nn_mask_edge_free(struct nn_mask_edge *e)
{
    if (!e)
        return;
    free(e->store);
    free(e->left);
    free(e->part);
    free(e);
}

/* Means of windows of 2 r + 1 along a line of n values `step` apart; smaller at its ends. */
static void line_means(const float *in, int n, int step, int r, float *out)
{
    float sum = 0;
    int count = 0;

    for (int i = -r; i < n; i++) {
        if (i + r < n) {
            sum += in[(i + r) * step];
            count++;
        }
        if (i - r - 1 >= 0) {
            sum -= in[(i - r - 1) * step];
            count--;
        }
        if (i >= 0)
            out[i * step] = sum / (float)count;
    }
}

static void means(struct nn_mask_edge *e, const float *in, float *out)
{
    for (int y = 0; y < e->h; y++)
        line_means(in + y * e->w, e->w, 1, e->radius, e->tmp + y * e->w);
    for (int x = 0; x < e->w; x++)
        line_means(e->tmp + x, e->h, e->w, e->radius, out + x);
}

/* The guided filter's line p = a grey + b about each field, its coefficients averaged. */
static void fit(struct nn_mask_edge *e, const float *p, const float *grey)
{
    int n = e->w * e->h;

    means(e, grey, e->mean[0]);
    means(e, p, e->mean[1]);
    for (int i = 0; i < n; i++) {
        e->a[i] = grey[i] * p[i];
        e->b[i] = grey[i] * grey[i];
    }
    means(e, e->a, e->mean[2]);
    means(e, e->b, e->mean[3]);
    for (int i = 0; i < n; i++) {
        float mi = e->mean[0][i], mp = e->mean[1][i];
        float a = (e->mean[2][i] - mi * mp) / (fmaxf(0, e->mean[3][i] - mi * mi) + EPS);
        e->a[i] = a;
        e->b[i] = mp - a * mi;
    }
    means(e, e->a, e->mean[0]);
    means(e, e->b, e->mean[1]);
}

static void draw_rows(void *arg, int piece)
{
    const struct nn_mask_edge *e = arg;
    int last = (piece + 1) * ROWS < e->full_h ? (piece + 1) * ROWS : e->full_h;

    for (int y = piece * ROWS; y < last; y++) {
        float g = ((float)y + 0.5f) * (float)e->h / (float)e->full_h - 0.5f, fy;
        int y0, y1;
        g = fmaxf(0, fminf((float)(e->h - 1), g));
        y0 = (int)g;
        y1 = y0 + 1 < e->h ? y0 + 1 : y0;
        fy = g - (float)y0;
        const float *a0 = e->mean[0] + y0 * e->w, *a1 = e->mean[0] + y1 * e->w;
        const float *b0 = e->mean[1] + y0 * e->w, *b1 = e->mean[1] + y1 * e->w;
        const uint8_t *px = e->img->px + (size_t)y * (size_t)e->full_w * 3;
        uint8_t *out = e->out + (size_t)y * (size_t)e->full_w;
        int next = e->w > 1;
        for (int x = 0; x < e->full_w; x++, px += 3) {
            int l = e->left[x], r = l + next;
            float fx = e->part[x];
            float al = a0[l] + fy * (a1[l] - a0[l]), ar = a0[r] + fy * (a1[r] - a0[r]);
            float bl = b0[l] + fy * (b1[l] - b0[l]), br = b0[r] + fy * (b1[r] - b0[r]);
            float grey = (.299f * (float)px[0] + .587f * (float)px[1] + .114f * (float)px[2]) / 255;
            float q = (al + fx * (ar - al)) * grey + bl + fx * (br - bl);
            q = (q - LOW) / (HIGH - LOW);
            q = q < 0 ? 0 : q > 1 ? 1 : q;
            out[x] = (uint8_t)(e->top * q * q * (3 - 2 * q) + 0.5f);
        }
    }
}

void nn_mask_edge_draw(struct nn_mask_edge *e, const float *p, const float *grey,
                       const struct nn_image *img, float top, struct nn_pool *pool, uint8_t *out)
{
    fit(e, p, grey);
    e->img = img;
    e->out = out;
    e->top = top;
    nn_pool_run(pool, (e->full_h + ROWS - 1) / ROWS, draw_rows, e);
}
