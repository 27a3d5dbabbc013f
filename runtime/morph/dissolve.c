#include "runtime/morph/dissolve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/field.h"

enum { PART = 256, STEP = 8, BORDER = 24 };

struct weighing {
    struct nn_side *s;
    float hull[NN_SHAPE_HULL][2], soft;
    int n;
};

static void weigh_row(void *arg, int y)
{
    const struct weighing *k = arg;
    struct nn_pixels *p = &k->s->px;
    float *row = p->px + 4 * (size_t)y * (size_t)p->w;

    for (int x = 0; x < p->w; x++)
        row[4 * x + 3] = nn_shape_inside((const float (*)[2])k->hull, k->n, k->soft, (float)x,
                                         (float)y);
}

void nn_side_ready(struct nn_side *s, struct nn_pool *pool)
{
    struct weighing k = { .s = s };
    float middle[2];

    k.soft = 0.35f * nn_shape_eyes(&s->shape, middle);
    for (int forehead = 0; forehead < 2; forehead++) {      /* which may be under a fringe */
        k.n = nn_shape_hull(&s->shape, forehead, k.hull);
        nn_pool_run(pool, s->px.h, weigh_row, &k);
        if (!forehead)
            s->toned = !nn_tone_of(&s->px, &s->tone);
    }
}

void nn_side_release(struct nn_side *s)
{
    nn_pixels_release(&s->px);
}

int nn_dissolve_init(struct nn_dissolve *d, struct nn_pool *pool, struct nn_err *err)
{
    const struct nn_pixels *p = &d->side[0].px;

    d->pool = pool;
    if (p->w != d->side[1].px.w || p->h != d->side[1].px.h ||
        d->side[0].shape.count != d->side[1].shape.count)
        return nn_fail(err, NN_EARG, "a morph of pictures, or faces, that are not alike");
    for (int i = 0; i < 2; i++) {
        nn_side_ready(&d->side[i], pool);
        if (nn_warp_init(&d->warp[i], p->w, p->h, STEP, err))
            return -1;
    }
    return (d->spline = nn_spline_new(err)) ? 0 : -1;
}

void nn_dissolve_release(struct nn_dissolve *d)
{
    for (int i = 0; i < 2; i++) {
        nn_side_release(&d->side[i]);
        nn_warp_release(&d->warp[i]);
    }
    nn_spline_free(d->spline);
    memset(d, 0, sizeof *d);
}

/* ---- what lies between */

static int inside(const float at[2], float w, float h, float margin)
{
    return at[0] >= margin && at[1] >= margin && at[0] <= w - 1 - margin &&
           at[1] <= h - 1 - margin;
}

/* Points along the frame's edge, which stay. */
static int border(float w, float h, float (*at)[2])
{
    int n = 0, each = BORDER / 4;

    for (int i = 0; i < each; i++) {
        float a = (float)i / (float)each;
        const float edge[4][2] = { { a, 0 }, { 1, a }, { 1 - a, 1 }, { 0, 1 - a } };
        for (int k = 0; k < 4; k++, n++) {
            at[n][0] = edge[k][0] * (w - 1);
            at[n][1] = edge[k][1] * (h - 1);
        }
    }
    return n;
}

/* A point of the head that either picture does not show, or shows at its very edge, says nothing:
 * the edge stays where it is. Those of the face always count. */
static int choose(const struct nn_dissolve *d, float t, float (*mid)[2], float (*to)[2][2])
{
    const struct nn_shape *a = &d->side[0].shape, *b = &d->side[1].shape;
    float w = (float)d->side[0].px.w, h = (float)d->side[0].px.h, edge[BORDER][2];
    float margin = 0.02f * (w + h);
    int n = 0;

    for (int i = 0; i < a->count; i++) {
        if (i >= a->face && (!inside(a->at[i], w, h, margin) || !inside(b->at[i], w, h, margin)))
            continue;
        for (int c = 0; c < 2; c++) {
            to[n][0][c] = a->at[i][c];
            to[n][1][c] = b->at[i][c];
            mid[n][c] = a->at[i][c] + t * (b->at[i][c] - a->at[i][c]);
        }
        n++;
    }
    for (int i = border(w, h, edge); i-- > 0; n++)
        for (int c = 0; c < 2; c++)
            mid[n][c] = to[n][0][c] = to[n][1][c] = edge[i][c];
    return n;
}

struct pass {
    const struct nn_dissolve *d;
    struct nn_pixels *out;
    struct nn_tone_map map[2];
    float t;
};

static void dissolve_row(void *arg, int y)
{
    const struct pass *k = arg;
    const struct nn_dissolve *d = k->d;
    float at[2][PART], px[2][4 * PART];

    for (int x = 0; x < k->out->w; x += PART) {
        int n = k->out->w - x < PART ? k->out->w - x : PART;
        float *out = k->out->px + 4 * ((size_t)y * (size_t)k->out->w + (size_t)x);
        for (int s = 0; s < 2; s++) {
            nn_warp_row(&d->warp[s], y, x, n, at[0], at[1]);
            for (int i = 0; i < n; i++) {
                at[0][i] += (float)(x + i);
                at[1][i] += (float)y;
            }
            nn_pixels_sample(&d->side[s].px, at[0], at[1], n, px[s]);
            nn_tone_apply(&k->map[s], 1, px[s], n);
        }
        for (int i = 0; i < 4 * n; i++)
            out[i] = (1 - k->t) * px[0][i] + k->t * px[1][i];
    }
}

int nn_dissolve_at(struct nn_dissolve *d, float t, struct nn_pixels *out, struct nn_err *err)
{
    float mid[NN_SPLINE_POINTS][2], to[NN_SPLINE_POINTS][2][2], one[NN_SPLINE_POINTS][2];
    struct pass k = { .d = d, .out = out, .t = t };
    struct nn_tone tone;
    int n;

    if (t <= 0 || t >= 1) {
        memcpy(out->px, d->side[t >= 1].px.px,
               4 * (size_t)out->w * (size_t)out->h * sizeof *out->px);
        return 0;
    }
    n = choose(d, t, mid, to);
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < n; i++)
            memcpy(one[i], to[i][s], sizeof one[i]);
        if (nn_warp_fit(&d->warp[s], d->spline, (const float (*)[2])mid,
                        (const float (*)[2])one, n, d->pool, err))
            return -1;
    }
    if (d->side[0].toned && d->side[1].toned) {
        nn_tone_mix(&d->side[0].tone, &d->side[1].tone, t, &tone);
        for (int s = 0; s < 2; s++)
            nn_tone_between(&d->side[s].tone, &tone, &k.map[s]);
    }
    nn_pool_run(d->pool, out->h, dissolve_row, &k);
    return 0;
}

/* ---- where the pictures are cut */

/* A face's size: the eyes' distance, or what the mouth's says of it when the head is turned. */
static double size_of(const struct nn_shape *s, float middle[2])
{
    float eyes = nn_shape_eyes(s, middle);
    float mouth[2] = { 0.5f * (s->five[3][0] + s->five[4][0]) - middle[0],
                       0.5f * (s->five[3][1] + s->five[4][1]) - middle[1] };

    return (double)fmaxf(eyes, hypotf(mouth[0], mouth[1]) / 1.155f);
}

static double clamp(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

int nn_cut_faces(const struct nn_shape shape[2], const struct nn_image img[2], int *w, int *h,
                 struct nn_cut cut[2], struct nn_err *err)
{
    double size[2], lo[2] = { -1e9, -1e9 }, hi[2] = { 1e9, 1e9 }, wide, high, x, y;
    float mid[2][2];

    for (int i = 0; i < 2; i++) {       /* both pictures beside their faces, the common part */
        const double side[2] = { img[i].w, img[i].h };
        size[i] = size_of(&shape[i], mid[i]);
        for (int c = 0; c < 2; c++) {
            lo[c] = fmax(lo[c], -((double)mid[i][c] + 0.5) / size[i]);
            hi[c] = fmin(hi[c], (side[c] - 0.5 - (double)mid[i][c]) / size[i]);
        }
    }
    wide = hi[0] - lo[0];
    high = hi[1] - lo[1];
    if (wide * size[0] < 16 || high * size[0] < 16)
        return nn_fail(err, NN_EUSAGE, "the two faces have no surroundings in common; --whole "
                       "takes the pictures as they are");
    if (*w) {
        double k = fmin(wide / *w, high / *h);
        wide = k * *w;
        high = k * *h;
    } else {
        *w = (int)(wide * size[0] + 0.01) & ~1;
        *h = (int)(high * size[0] + 0.01) & ~1;
        wide = *w / size[0];
        high = *h / size[0];
    }
    x = clamp(-0.5 * wide, lo[0], hi[0] - wide);
    y = clamp(0.5 - 0.5 * high, lo[1], hi[1] - high);
    for (int i = 0; i < 2; i++) {
        cut[i].scale = wide * size[i] / *w;
        cut[i].left = (double)mid[i][0] + 0.5 + x * size[i];
        cut[i].top = (double)mid[i][1] + 0.5 + y * size[i];
        if (fabs(cut[i].scale - 1) < 1e-6) {    /* whole pixels stay what they are */
            cut[i].scale = 1;
            cut[i].left = clamp(floor(cut[i].left + 0.5), 0, img[i].w - *w);
            cut[i].top = clamp(floor(cut[i].top + 0.5), 0, img[i].h - *h);
        }
    }
    return 0;
}

void nn_cut_whole(const struct nn_image img[2], int *w, int *h, struct nn_cut cut[2])
{
    if (!*w) {
        *w = img[0].w;
        *h = img[0].h;
    }
    for (int i = 0; i < 2; i++) {
        cut[i].scale = fmin((double)img[i].w / *w, (double)img[i].h / *h);
        cut[i].left = 0.5 * (img[i].w - cut[i].scale * *w);
        cut[i].top = 0.5 * (img[i].h - cut[i].scale * *h);
    }
}
