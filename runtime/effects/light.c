#include "runtime/effects/light.h"

#include <string.h>

struct pass {
    struct nn_light *l;
    const struct nn_frame *f;
};

static float step_of(int h)
{
    return nn_maxf((float)(h / 45), 1);
}

size_t nn_light_size(int w, int h)
{
    struct nn_grid g;

    nn_grid_size(&g, w, h, step_of(h));
    return 4 * (size_t)g.w * (size_t)g.h * sizeof(float);
}

void nn_light_init(struct nn_light *l, int w, int h, void *memory)
{
    float *at = memory;

    for (int i = 0; i < 3; i++) {
        nn_grid_size(&l->c[i], w, h, step_of(h));
        l->c[i].v = at + (size_t)i * (size_t)l->c[i].w * (size_t)l->c[i].h;
    }
    l->spare = at + 3 * (size_t)l->c[0].w * (size_t)l->c[0].h;
}

/* The sums of n columns of pixels, from rows y0 to y1, of light that no lamp may exceed. */
NN_WIDE static void add_columns(const float *restrict v, int w, int rows, int n,
                                float *restrict sum)
{
    for (int x = 0; x < n; x++)
        sum[x] = 0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < n; x++)
            sum[x] += nn_minf(v[(size_t)y * (size_t)w + (size_t)x], 4);
}

/* Grid row j: the mean of the pixels around each point, as far as half a step. */
static void gather_row(void *arg, int j)
{
    enum { PIECE = 512 };
    struct pass *k = arg;
    int step = (int)k->l->c[0].step, w = k->f->w, h = k->f->h;
    int y0 = nn_clampi(j * step - step / 2, 0, h - 1);
    int y1 = nn_clampi(j * step + (step + 1) / 2, y0 + 1, h);
    float column[PIECE];

    for (int n = 0; n < 3; n++) {
        const struct nn_grid *g = &k->l->c[n];
        float *out = g->v + (size_t)j * (size_t)g->w, sum = 0;
        int i = 0, from = 0;
        for (int x = 0; x < w; x++) {
            if (x % PIECE == 0)
                add_columns(k->f->plane[n] + (size_t)y0 * (size_t)w + x, w, y1 - y0,
                            w - x < PIECE ? w - x : PIECE, column);
            if (x == i * step + (step + 1) / 2) {
                out[i++] = sum / (float)((x - from) * (y1 - y0));
                sum = 0;
                from = x;
            }
            sum += column[x % PIECE];
        }
        for (out[i] = sum / (float)((w - from) * (y1 - y0)); i + 1 < g->w; i++)
            out[i + 1] = out[i];
    }
}

/* [1 2 1] along lines of n values that lie `stride` apart; borders repeated. */
static void soften(const float *in, float *out, int n, int stride)
{
    for (int i = 0; i < n; i++) {
        int a = i ? i - 1 : 0, b = i + 1 < n ? i + 1 : i;
        out[i * stride] = 0.25f * in[a * stride] + 0.5f * in[i * stride] + 0.25f * in[b * stride];
    }
}

void nn_light_spread(struct nn_light *l, int blurs)
{
    for (int n = 0; n < 3 * blurs; n++) {
        struct nn_grid *g = &l->c[n % 3];
        for (int j = 0; j < g->h; j++)
            soften(g->v + j * g->w, l->spare + j * g->w, g->w, 1);
        for (int i = 0; i < g->w; i++)
            soften(l->spare + i, g->v + i, g->h, g->w);
    }
}

void nn_light_build(struct nn_light *l, const struct nn_frame *f, int blurs, struct nn_pool *pool)
{
    struct pass k = { l, f };

    nn_pool_run(pool, l->c[0].h, gather_row, &k);
    nn_light_spread(l, blurs);
}
