/*
 * fx_aberration.c - a lens that does not bring the colours together.
 *
 * Red is drawn a little larger than green, blue a little smaller, growing with
 * the square of the distance from the centre, and each is smeared along that
 * line, so that edges in the corners fray into colour.
 */
#include <string.h>

#include "runtime/effects/field.h"

enum { AMOUNT, FRINGE, SMEAR };
enum { SPAN = 16, PART = 32 };      /* pixels of a span, spans at a time */

struct pass {
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

/* Where pixels that moved lie: between columns `left` and left + 1, u of the way at a span's first
 * pixel and `more` at each further one, and between the rows that begin at a and b, v of it. */
struct taps {
    int left[PART];
    int32_t a[PART], b[PART];
    float u[PART], v[PART], more[PART];
};

/* Those of n spans of pixels from column x0 on, dy below the centre: they move from there by
 * `wide` times what is 1 in the corners. */
NN_INLINE void find(struct taps *t, float wide, int x0, int n, int w, int h, float dy)
{
    float cx = 0.5f * (float)w, cy = 0.5f * (float)h, last = (float)(h - 1);
    float far = wide / (cx * cx + cy * cy);

    for (int i = 0; i < n; i++) {
        float x = (float)(x0 + i * SPAN), dx = x - cx, mid = dx + 0.5f * (SPAN - 1);
        float slope = (3 * mid * mid + dy * dy) * far;
        float at = mid + mid * (mid * mid + dy * dy) * far - slope * (0.5f * (SPAN - 1)) +
                   cx - 0.5f * (SPAN - 1), left = floorf(at);
        float to = nn_clampf(cy + dy + dy * (mid * mid + dy * dy) * far, 0, last);
        int j = (int)to, jj = j < h - 1 ? j + 1 : j;
        t->left[i] = (int)left;
        t->u[i] = at - left;
        t->more[i] = slope;
        t->v[i] = to - (float)j;
        t->a[i] = j * w;
        t->b[i] = jj * w;
    }
}

/* One of a span's pixels; they lie one after the other, so a loop over them goes in vectors. */
NN_INLINE float tap(const float *a, const float *b, float u, float v)
{
    float left = a[0] + v * (b[0] - a[0]), right = a[1] + v * (b[1] - a[1]);

    return left + u * (right - left);
}

/* A row from column `left` on, as long as a span and one; where it ends, its border is repeated
 * into `line`. */
NN_INLINE const float *from(const float *row, int left, int w, float line[SPAN + 1])
{
    if (left >= 0 && left + SPAN < w)
        return row + left;
    for (int i = 0; i <= SPAN; i++)
        line[i] = row[nn_clampi(left + i, 0, w - 1)];
    return line;
}

/* Span s, from three places at once. */
NN_INLINE void draw_span(const struct taps t[3], int s, const float *const a[3],
                         const float *const b[3], float *restrict out)
{
    for (int i = 0; i < SPAN; i++) {
        float k = (float)i;
        out[i] = (tap(a[0] + i, b[0] + i, t[0].u[s] + k * t[0].more[s], t[0].v[s]) +
                  tap(a[1] + i, b[1] + i, t[1].u[s] + k * t[1].more[s], t[1].v[s]) +
                  tap(a[2] + i, b[2] + i, t[2].u[s] + k * t[2].more[s], t[2].v[s])) * (1.0f / 3);
    }
}

/* Part of row y of one colour, moved `wide` from the centre, three times, `smear` apart. How far
 * it moves hardly bends within SPAN pixels. */
NN_WIDE static void draw_part(const float *restrict in, float *restrict out, int x0, int n, int w,
                              int h, int y, float wide, float smear)
{
    float edge[6][SPAN + 1], line[SPAN];
    struct taps t[3];

    for (int k = 0; k < 3; k++)
        find(&t[k], wide * (1 + smear * (float)(k - 1)), x0, (n + SPAN - 1) / SPAN, w, h,
             (float)y - 0.5f * (float)h);
    for (int s = 0; s * SPAN < n; s++) {
        const float *a[3], *b[3];
        for (int k = 0; k < 3; k++) {
            a[k] = from(in + t[k].a[s], t[k].left[s], w, edge[2 * k]);
            b[k] = from(in + t[k].b[s], t[k].left[s], w, edge[2 * k + 1]);
        }
        if (n - s * SPAN >= SPAN) {
            draw_span(t, s, a, b, out + s * SPAN);
            continue;
        }
        draw_span(t, s, a, b, line);
        memcpy(out + s * SPAN, line, (size_t)(n - s * SPAN) * sizeof *line);
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    int w = k->to->w, h = k->to->h;
    size_t at = (size_t)y * (size_t)w;
    float wide = 0.022f * k->p[AMOUNT] * k->p[FRINGE], smear = 0.7f * k->p[SMEAR];

    for (int x = 0; x < w; x += PART * SPAN) {
        int n = w - x < PART * SPAN ? w - x : PART * SPAN;
        draw_part(k->from->plane[0], k->to->plane[0] + at + x, x, n, w, h, y, -wide, smear);
        draw_part(k->from->plane[2], k->to->plane[2] + at + x, x, n, w, h, y, wide, smear);
    }
}

/* Green stays where it is. */
static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct nn_frame before = *f;
    struct pass k = { sc, p, &before, spare };

    (void)state;
    nn_pool_run(sc->pool, f->h, draw_row, &k);
    for (int i = 0; i < 3; i += 2) {
        f->plane[i] = spare->plane[i];
        spare->plane[i] = before.plane[i];
    }
}

const struct nn_effect_type fx_aberration = {
    .name = "aberration",
    .brief = "the colours of an old lens part towards the corners",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.6f, "how bad the lens is" },
        { "fringe", 0, 1, 0.6f, "how far red and blue part" },
        { "smear", 0, 1, 0.6f, "how far they fray" },
    },
    .render = render,
};
