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


struct pass {
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

/* Between four pixels, borders repeated. */
NN_INLINE float sample(const float *v, int w, int h, float x, float y)
{
    float a, b;
    int i, j, at, right, down;

    x = nn_clampf(x, 0, (float)(w - 1));
    y = nn_clampf(y, 0, (float)(h - 1));
    i = (int)x;
    j = (int)y;
    right = i + 1 < w;
    down = j + 1 < h ? w : 0;
    at = j * w + i;
    x -= (float)i;
    a = v[at] * (1 - x) + v[at + right] * x;
    b = v[at + down] * (1 - x) + v[at + down + right] * x;
    return a + (y - (float)j) * (b - a);
}

/* Row y of one colour, moved `side` wide from the centre, three times, `smear` apart. */
NN_WIDE static void draw_line(const float *restrict in, float *restrict out, int w, int h, int y,
                              float wide, float smear)
{
    float cx = 0.5f * (float)w, cy = 0.5f * (float)h, far = 1 / (cx * cx + cy * cy);
    float dy = (float)y - cy;

    for (int x = 0; x < w; x++) {
        float dx = (float)x - cx, d = (dx * dx + dy * dy) * far * wide;
        float f = 1 + d * (1 - smear), g = 1 + d, k = 1 + d * (1 + smear);

        out[x] = (sample(in, w, h, cx + dx * f, cy + dy * f) +
                  sample(in, w, h, cx + dx * g, cy + dy * g) +
                  sample(in, w, h, cx + dx * k, cy + dy * k)) * (1.0f / 3);
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
