#include "runtime/morph/swap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/field.h"

enum { LEVELS = 8, BANDS = 6, PART = 256, STEP = 4 };

static const float INSET = 0.93f;       /* of the face's outline: the seam lies on its skin */

struct nn_swap {
    struct nn_side side[LEVELS];        /* the picture, and halves of it */
    int levels;
    struct nn_spline *spline;
    struct nn_pool *pool;
};

struct nn_swap *nn_swap_new(const struct nn_image *img, const struct nn_shape *shape,
                            struct nn_pool *pool, struct nn_err *err)
{
    struct nn_swap *s = calloc(1, sizeof *s);

    if (!s) {
        nn_fail_mem(err, "a face");
        return NULL;
    }
    s->pool = pool;
    s->side[0].shape = *shape;
    if (!(s->spline = nn_spline_new(err)) || nn_pixels_init(&s->side[0].px, img->w, img->h, err))
        goto fail;
    nn_pixels_load(&s->side[0].px, img, pool);
    for (s->levels = 1; s->levels < LEVELS; s->levels++) {
        struct nn_side *last = &s->side[s->levels - 1], *next = last + 1;
        if (last->px.w < 32 || last->px.h < 32)
            break;
        if (nn_pixels_half(&last->px, &next->px, err))
            goto fail;
        next->shape = last->shape;
        nn_shape_place(&next->shape, 0, 0, 2);
    }
    for (int i = 0; i < s->levels; i++)
        nn_side_ready(&s->side[i], pool);
    return s;
fail:
    nn_swap_free(s);
    return NULL;
}

void nn_swap_free(struct nn_swap *s)
{
    if (!s)
        return;
    for (int i = 0; i < LEVELS; i++)
        nn_side_release(&s->side[i]);
    nn_spline_free(s->spline);
    free(s);
}

/* The part of the frame that is worked on. */
struct part {
    const struct nn_side *from;
    struct nn_side under;
    struct nn_pixels over;
    struct nn_warp warp;
    struct nn_bands *bands;
    struct nn_tone_map map;
    float hull[NN_SHAPE_HULL][2], eyes, amount;
    int n;
};

static int measure(struct part *p, const struct nn_shape *at, const struct nn_pixels *frame,
                   int box[4])
{
    float middle[2], lo[2] = { 1e9f, 1e9f }, hi[2] = { -1e9f, -1e9f }, centre[2];

    p->eyes = nn_shape_eyes(at, middle);
    p->n = nn_shape_hull(at, 0, p->hull);
    for (int i = 0; i < p->n; i++)
        for (int c = 0; c < 2; c++) {
            lo[c] = fminf(lo[c], p->hull[i][c]);
            hi[c] = fmaxf(hi[c], p->hull[i][c]);
        }
    for (int c = 0; c < 2; c++) {
        const float side = (float)(c ? frame->h : frame->w);
        centre[c] = 0.5f * (lo[c] + hi[c]);
        box[c] = (int)nn_clampf(lo[c] - 0.5f * p->eyes, 0, side - 1);
        box[2 + c] = (int)nn_clampf(hi[c] + 0.5f * p->eyes, 0, side) - box[c];
    }
    for (int i = 0; i < p->n; i++)
        for (int c = 0; c < 2; c++)
            p->hull[i][c] = centre[c] + INSET * (p->hull[i][c] - centre[c]) - (float)box[c];
    return box[2] >= 8 && box[3] >= 8 && p->n >= 3 && p->eyes >= 4;
}

static void over_row(void *arg, int y)
{
    struct part *p = arg;
    const float *under = p->under.px.px + 4 * (size_t)y * (size_t)p->over.w;
    float *out = p->over.px + 4 * (size_t)y * (size_t)p->over.w, at[2][PART];
    const float (*hull)[2] = (const float (*)[2])p->hull;

    for (int x = 0; x < p->over.w; x += PART) {
        int n = p->over.w - x < PART ? p->over.w - x : PART;
        nn_warp_row(&p->warp, y, x, n, at[0], at[1]);
        for (int i = 0; i < n; i++) {
            at[0][i] += (float)(x + i);
            at[1][i] += (float)y;
        }
        nn_pixels_sample(&p->from->px, at[0], at[1], n, out + 4 * x);
        for (int i = x; i < x + n; i++)
            out[4 * i + 3] = 1;
        nn_tone_apply(&p->map, 1, out + 4 * x, n);
        for (int i = x; i < x + n; i++) {       /* far from the face is nothing to learn from */
            float wide = nn_shape_inside(hull, p->n, 0.7f * p->eyes, (float)i, (float)y);
            for (int c = 0; c < 3; c++)
                out[4 * i + c] = under[4 * i + c] + wide * (out[4 * i + c] - under[4 * i + c]);
            out[4 * i + 3] = p->amount * nn_shape_inside(hull, p->n, 0.22f * p->eyes, (float)i,
                                                         (float)y);
        }
    }
}

static void copy(const struct nn_pixels *frame, const int box[4], const struct nn_pixels *part,
                 int back)
{
    for (int y = 0; y < box[3]; y++) {
        float *a = frame->px + 4 * ((size_t)(box[1] + y) * (size_t)frame->w + (size_t)box[0]);
        float *b = part->px + 4 * (size_t)y * (size_t)box[2];
        memcpy(back ? a : b, back ? b : a, 4 * (size_t)box[2] * sizeof *a);
    }
}

static int lay(struct nn_swap *s, struct part *p, const struct nn_shape *at,
               struct nn_pixels *frame, const int box[4], struct nn_err *err)
{
    float middle[2];
    int level = 0;

    p->under.shape = *at;
    nn_shape_place(&p->under.shape, box[0], box[1], 1);
    while (level + 1 < s->levels &&
           nn_shape_eyes(&s->side[level + 1].shape, middle) >= p->eyes)
        level++;
    p->from = &s->side[level];
    if (nn_pixels_init(&p->under.px, box[2], box[3], err) ||
        nn_pixels_init(&p->over, box[2], box[3], err) ||
        nn_warp_init(&p->warp, box[2], box[3], STEP, err) ||
        !(p->bands = nn_bands_new(box[2], box[3], BANDS, err)))
        return -1;
    copy(frame, box, &p->under.px, 0);
    nn_side_ready(&p->under, s->pool);
    if (p->under.toned && p->from->toned)
        nn_tone_between(&p->from->tone, &p->under.tone, &p->map);
    /* The head's points hold the outline; those of the shoulders are far away. */
    if (nn_warp_fit(&p->warp, s->spline, (const float (*)[2])p->under.shape.at,
                    (const float (*)[2])p->from->shape.at, at->count - 5, s->pool, err))
        return -1;
    nn_pool_run(s->pool, box[3], over_row, p);
    nn_bands_blend(p->bands, &p->under.px, &p->over, s->pool);
    copy(frame, box, &p->under.px, 1);
    return 0;
}

int nn_swap_at(struct nn_swap *s, const struct nn_shape *at, float amount,
               struct nn_pixels *frame, struct nn_err *err)
{
    struct part *p;
    int box[4], ret = 0;

    if (at->count != s->side[0].shape.count)
        return nn_fail(err, NN_EARG, "a face of %d points for one of %d", s->side[0].shape.count,
                       at->count);
    if (amount <= 0)
        return 0;
    if (!(p = calloc(1, sizeof *p)))
        return nn_fail_mem(err, "a face");
    p->amount = amount < 1 ? amount : 1;
    if (measure(p, at, frame, box))
        ret = lay(s, p, at, frame, box, err);
    nn_pixels_release(&p->under.px);
    nn_pixels_release(&p->over);
    nn_warp_release(&p->warp);
    nn_bands_free(p->bands);
    free(p);
    return ret;
}
