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
enum { SPAN = 8 };

struct pass {
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

/* Where pixels that moved lie: between two rows from column `left` on, with the weights of the
 * four around each. */
struct tap {
    const float *a, *b;
    int left;
    float u, v;
};

NN_INLINE struct tap tap_at(const float *in, int w, int h, float x, float y)
{
    float left = floorf(x);
    int j;

    y = nn_clampf(y, 0, (float)(h - 1));
    j = (int)y;
    in += (size_t)j * (size_t)w;
    return (struct tap){ in, j + 1 < h ? in + w : in, (int)left, x - left, y - (float)j };
}

/* One of its pixels; they lie one after the other, so a loop over them goes in vectors. */
NN_INLINE float tap_value(const struct tap *t, int i)
{
    const float *a = t->a + t->left + i, *b = t->b + t->left + i;
    float top = a[0] + t->u * (a[1] - a[0]), low = b[0] + t->u * (b[1] - b[0]);

    return top + t->v * (low - top);
}

/* The same where the frame ends; borders are repeated. */
static float tap_border(const struct tap *t, int w, int i)
{
    int l = nn_clampi(t->left + i, 0, w - 1), r = nn_clampi(t->left + i + 1, 0, w - 1);
    float top = t->a[l] + t->u * (t->a[r] - t->a[l]), low = t->b[l] + t->u * (t->b[r] - t->b[l]);

    return top + t->v * (low - top);
}

/* Row y of one colour, moved `wide` from the centre, three times, `smear` apart. How far it moves
 * hardly changes within SPAN pixels, which move together. */
NN_WIDE static void draw_line(const float *restrict in, float *restrict out, int w, int h, int y,
                              float wide, float smear)
{
    float cx = 0.5f * (float)w, cy = 0.5f * (float)h, far = 1 / (cx * cx + cy * cy);
    float dy = (float)y - cy;

    for (int x = 0; x < w; x += SPAN) {
        int n = w - x < SPAN ? w - x : SPAN;
        float dx = (float)x + 0.5f * (SPAN - 1) - cx, d = (dx * dx + dy * dy) * far * wide;
        struct tap t[3];
        int inside = n == SPAN;

        for (int k = 0; k < 3; k++) {
            float by = d * (1 + smear * (float)(k - 1));
            t[k] = tap_at(in, w, h, (float)x + dx * by, (float)y + dy * by);
            inside &= t[k].left >= 0 && t[k].left + SPAN < w;
        }
        if (inside)
            for (int i = 0; i < SPAN; i++)
                out[x + i] = (tap_value(&t[0], i) + tap_value(&t[1], i) + tap_value(&t[2], i)) *
                             (1.0f / 3);
        else
            for (int i = 0; i < n; i++)
                out[x + i] = (tap_border(&t[0], w, i) + tap_border(&t[1], w, i) +
                              tap_border(&t[2], w, i)) * (1.0f / 3);
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    int w = k->to->w, h = k->to->h;
    size_t at = (size_t)y * (size_t)w;
    float wide = 0.022f * k->p[AMOUNT] * k->p[FRINGE], smear = 0.7f * k->p[SMEAR];

    draw_line(k->from->plane[0], k->to->plane[0] + at, w, h, y, -wide, smear);
    memcpy(k->to->plane[1] + at, k->from->plane[1] + at, (size_t)w * sizeof(float));
    draw_line(k->from->plane[2], k->to->plane[2] + at, w, h, y, wide, smear);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct nn_frame before = *f;
    struct pass k = { sc, p, &before, spare };

    (void)state;
    nn_pool_run(sc->pool, f->h, draw_row, &k);
    *f = *spare;
    *spare = before;
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
