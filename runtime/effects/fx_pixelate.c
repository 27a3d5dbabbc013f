/*
 * fx_pixelate.c - a mosaic whose cells follow the light: coarse in the dark, fine where
 * something shines or has detail; or coarsest on the face, which then nobody knows.
 *
 * Four grids, each twice as coarse as the one below. A cell breaks into its four by degrees,
 * never at once, so that nothing pops while the picture moves: its colour goes from its own
 * to theirs, and the joints between them open. Cells are means of light, as out of focus.
 */
#include <math.h>
#include <string.h>

#include "runtime/effects/field.h"
#include "runtime/effects/oval.h"

enum { AMOUNT, SIZE, DETAIL, FACE, JOINT };
enum { LEVELS = 4, FINEST = 2 };        /* pixels: of the smallest cell there may be */

struct grid {
    int cell, w, h;         /* pixels; cells */
    float *mean[3];
    float *open;            /* how far a cell has broken out of its parent, 0..1 */
};

struct mosaic {
    struct grid grid[LEVELS];       /* 0 the finest */
    float *profile[LEVELS];         /* joints across the frame: 1 in the middle of one */
    float *rows[LEVELS];            /* and down */
    float memory[];
};

struct pass {
    struct mosaic *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f, *mask;
};

static size_t cells(int side, int cell)
{
    return (size_t)((side + cell - 1) / cell);
}

static size_t state_size(int w, int h)
{
    size_t n = 0;

    for (int l = 0; l < LEVELS; l++)
        n += 4 * cells(w, FINEST << l) * cells(h, FINEST << l) + (size_t)w + (size_t)h;
    return sizeof(struct mosaic) + n * sizeof(float);
}

/* How much of a joint lies at pixel i of cells of `cell` pixels: soft lines, half on each side. */
static float joint(int i, int cell, float width)
{
    float at = (float)(i % cell) + 0.5f, d = at < (float)cell - at ? at : (float)cell - at;

    return width > 0.1f ? 1 - nn_smooth(0.35f * width, width, d) : 0;
}

static void lay_out(struct mosaic *s, const struct nn_scene *sc, const float *p)
{
    float coarse = p[SIZE] * sc->unit * (0.35f + 0.65f * p[AMOUNT]);
    int cell = (int)(coarse / (1 << (LEVELS - 1)) + 0.5f);
    float *m = s->memory;

    cell = cell < FINEST ? FINEST : cell;
    for (int l = 0; l < LEVELS; l++) {
        struct grid *g = &s->grid[l];
        *g = (struct grid){ .cell = cell << l, .w = (int)cells(sc->w, cell << l),
                            .h = (int)cells(sc->h, cell << l) };
        for (int i = 0; i < 3; i++, m += (size_t)g->w * (size_t)g->h)
            g->mean[i] = m;
        g->open = m;
        m += (size_t)g->w * (size_t)g->h;
        s->profile[l] = m;
        m += sc->w;
        s->rows[l] = m;
        m += sc->h;
        float width = p[JOINT] * (1.1f * sc->unit + 0.035f * (float)g->cell);
        for (int x = 0; x < sc->w; x++)
            s->profile[l][x] = joint(x, g->cell, width);
        for (int y = 0; y < sc->h; y++)
            s->rows[l][y] = joint(y, g->cell, width);
    }
}

/* A row of the finest cells: means of the frame's pixels. */
static void mean_row(void *arg, int cy)
{
    struct pass *k = arg;
    struct grid *g = &k->s->grid[0];
    int w = k->f->w, y0 = cy * g->cell, y1 = y0 + g->cell < k->f->h ? y0 + g->cell : k->f->h;

    for (int i = 0; i < 3; i++)
        for (int cx = 0; cx < g->w; cx++) {
            int x0 = cx * g->cell, x1 = x0 + g->cell < w ? x0 + g->cell : w;
            float sum = 0;
            for (int y = y0; y < y1; y++) {
                const float *in = k->f->plane[i] + (size_t)y * (size_t)w;
                for (int x = x0; x < x1; x++)
                    sum += in[x];
            }
            g->mean[i][cy * g->w + cx] = sum / (float)((x1 - x0) * (y1 - y0));
        }
}

static float seen(const struct grid *g, int at)
{
    float l = 0.25f * g->mean[0][at] + 0.6f * g->mean[1][at] + 0.15f * g->mean[2][at];

    return sqrtf(l > 0 ? l : 0);
}

/* Level l from the one below, and how far the children break out of each parent. */
static void join(struct pass *k, int l)
{
    struct grid *g = &k->s->grid[l], *fine = &k->s->grid[l - 1];
    struct nn_oval face = nn_oval_of(k->sc, 1.35f);

    for (int cy = 0; cy < g->h; cy++)
        for (int cx = 0; cx < g->w; cx++) {
            float sum[3] = { 0 }, lo = 1e9f, hi = 0, n = 0, on, level, out;
            for (int j = 0; j < 4; j++) {
                int fx = 2 * cx + (j & 1), fy = 2 * cy + (j >> 1), at = fy * fine->w + fx;
                if (fx >= fine->w || fy >= fine->h)
                    continue;
                for (int i = 0; i < 3; i++)
                    sum[i] += fine->mean[i][at];
                lo = nn_minf(lo, seen(fine, at));
                hi = nn_maxf(hi, seen(fine, at));
                n++;
            }
            for (int i = 0; i < 3; i++)
                g->mean[i][cy * g->w + cx] = sum[i] / n;
            on = k->p[FACE] * nn_oval_at(&face, ((float)cx + 0.5f) * (float)g->cell,
                                         ((float)cy + 0.5f) * (float)g->cell, 0.4f);
            level = seen(g, cy * g->w + cx);
            out = (hi - lo) * 4.5f + 0.30f * level + (float)l * 0.09f;
            out = nn_smooth(0.25f, 0.62f, out * (0.45f + 1.1f * k->p[DETAIL])) * (1 - on);
            for (int j = 0; j < 4; j++) {
                int fx = 2 * cx + (j & 1), fy = 2 * cy + (j >> 1);
                if (fx < fine->w && fy < fine->h)
                    fine->open[fy * fine->w + fx] = out;
            }
        }
}

/* From coarse to fine: a cell that has not broken out shows its parent. */
static void part(struct mosaic *s)
{
    struct grid *top = &s->grid[LEVELS - 1];

    for (int i = 0; i < top->w * top->h; i++)
        top->open[i] = 1;
    for (int l = LEVELS - 2; l >= 0; l--) {
        struct grid *g = &s->grid[l], *up = &s->grid[l + 1];
        for (int cy = 0; cy < g->h; cy++)
            for (int cx = 0; cx < g->w; cx++) {
                int at = cy * g->w + cx, over = cy / 2 * up->w + cx / 2;
                g->open[at] *= up->open[over];
                for (int i = 0; i < 3; i++)
                    g->mean[i][at] = up->mean[i][over] +
                                     g->open[at] * (g->mean[i][at] - up->mean[i][over]);
            }
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    struct mosaic *s = k->s;
    const struct grid *g = &s->grid[0];
    struct nn_oval face = nn_oval_of(k->sc, 1.35f);
    float mix = nn_smooth(0, 0.25f, k->p[AMOUNT]), only = k->p[FACE];
    size_t row = (size_t)y * (size_t)k->f->w;
    float *const out[3] = { k->f->plane[0] + row, k->f->plane[1] + row, k->f->plane[2] + row };
    float *mask = k->mask->plane[0] + row;

    for (int x = 0; x < k->f->w; x++)
        mask[x] = mix;
    for (int x = 0; x < k->f->w && only > 0; x++)
        mask[x] *= 1 - only + only * nn_oval_at(&face, (float)x, (float)y, 0.25f);

    for (int cx = 0; cx < g->w; cx++) {
        int x0 = cx * g->cell, x1 = x0 + g->cell < k->f->w ? x0 + g->cell : k->f->w;
        int at = y / g->cell * g->w + cx;
        float open[LEVELS], c[3] = { g->mean[0][at], g->mean[1][at], g->mean[2][at] };
        for (int l = 0; l < LEVELS; l++)
            open[l] = s->grid[l].open[(y / s->grid[l].cell) * s->grid[l].w + x0 / s->grid[l].cell];
        for (int x = x0; x < x1; x++) {
            float line = 0;
            for (int l = 0; l < LEVELS; l++)
                line = nn_maxf(line, open[l] * nn_maxf(s->profile[l][x], s->rows[l][y]));
            line = 1.06f - 0.80f * line;
            for (int i = 0; i < 3; i++)
                out[i][x] += mask[x] * (c[i] * line - out[i][x]);
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { .s = state, .sc = sc, .p = p, .f = f, .mask = spare };

    lay_out(k.s, sc, p);
    nn_pool_run(sc->pool, k.s->grid[0].h, mean_row, &k);
    for (int l = 1; l < LEVELS; l++)
        join(&k, l);
    part(k.s);
    nn_pool_run(sc->pool, f->h, draw_row, &k);
}

const struct nn_effect_type fx_pixelate = {
    .name = "pixelate",
    .brief = "a mosaic, coarse in the dark and fine in the light; or the face alone, hidden",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.7f, "how coarse, and how far from the picture" },
        { "size", 16, 240, 112, "of the coarsest cells, 720ths of the frame's height" },
        { "detail", 0, 1, 0.5f, "how readily cells break up in light and detail" },
        { "face", 0, 1, 0, "from the whole picture to the face alone, in its coarsest cells" },
        { "joint", 0, 1, 0.5f, "width of the dark joints" },
    },
    .state_size = state_size,
    .render = render,
};
