/*
 * fx_aberration.c - a lens that does not bring the colours together.
 *
 * Red is drawn a little larger than green, blue a little smaller, growing with
 * the square of the distance from the centre, and each is smeared along that
 * line, so that edges in the corners fray into colour.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, FRINGE, SMEAR };
enum { TAPS = 3 };

struct pass {
    const struct nn_scene *sc;
    const float *p;
    const struct nn_frame *from;
    struct nn_frame *to;
};

/* Between four pixels, borders repeated. */
static float sample(const float *v, int w, int h, float x, float y)
{
    float a, b;
    int i, j, k, l;

    x = nn_clampf(x, 0, (float)(w - 1));
    y = nn_clampf(y, 0, (float)(h - 1));
    i = (int)x;
    j = (int)y;
    k = i + 1 < w ? i + 1 : i;
    l = j + 1 < h ? j + 1 : j;
    x -= (float)i;
    a = v[(size_t)j * (size_t)w + (size_t)i] * (1 - x) + v[(size_t)j * (size_t)w + (size_t)k] * x;
    b = v[(size_t)l * (size_t)w + (size_t)i] * (1 - x) + v[(size_t)l * (size_t)w + (size_t)k] * x;
    return a + (y - (float)j) * (b - a);
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    int w = k->to->w, h = k->to->h;
    float cx = 0.5f * (float)w, cy = 0.5f * (float)h, far = 1 / (cx * cx + cy * cy);
    float wide = 0.022f * k->p[AMOUNT] * k->p[FRINGE], dy = (float)y - cy;

    for (int x = 0; x < w; x++) {
        float dx = (float)x - cx, d = (dx * dx + dy * dy) * far * wide;
        size_t at = (size_t)y * (size_t)w + (size_t)x;
        k->to->plane[1][at] = k->from->plane[1][at];
        for (int i = 0; i < 3; i += 2) {
            float sum = 0, side = i ? 1 : -1;
            for (int t = 0; t < TAPS; t++) {
                float f = 1 + side * d * (1 + k->p[SMEAR] * 0.7f * (float)(t - 1));
                sum += sample(k->from->plane[i], w, h, cx + dx * f, cy + dy * f);
            }
            k->to->plane[i][at] = sum * (1.0f / TAPS);
        }
    }
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
