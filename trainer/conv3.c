#include "trainer/conv3.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/wino.h"

/* Floats of a block, for the cache; squares that make reading weights worth while; what keeps
 * points off each other's place in the cache. */
enum { BLOCK = 96 << 10, LEAST = 24, APART = 16 };
/* Input channels whose weights are turned at once; threads that have sums of their own. */
enum { FEW = 16, MOST_UNITS = 16 };

struct job {
    const struct nn_conv3 *c;
    const struct nn_simd *simd;
    const float *x;             /* pictures */
    const float *other;         /* gradients of the outputs */
    float *y;
    float *u;                   /* points of the weights: transformed, or their gradient a unit */
    const float *weight;
    int back;                   /* x is a gradient of outputs, y of inputs */
    struct nn_wino_kernel kernel;
    int m, n, points;
    int64_t high, wide, all, block;
    int64_t in_step, out_step;
    float *zeros, *room;
    size_t each;                /* floats of a unit's room */
    int32_t *xat, *yat;
    atomic_llong next;
};

static double cost(const struct nn_conv3 *c, int m)
{
    double high = (double)((c->h + m - 1) / m), wide = (double)((c->w + m - 1) / m);
    double in = (double)c->cin, out = (double)c->cout;

    return (m + 2) * (m + 2) * high * wide * (in * out + 8 * (in + out));
}

int nn_conv3_fits(const struct nn_conv3 *c)
{
    int lanes = nn_simd_choose()->lanes;

    return c->cin % lanes == 0 && c->cout % lanes == 0 && c->cin >= 16 && c->cout >= 16 &&
           c->h > 1 && c->w > 1;
}

static int begin(struct job *j, const struct nn_conv3 *c)
{
    int64_t each, longest = c->cin > c->cout ? c->cin : c->cout;

    j->c = c;
    j->simd = nn_simd_choose();
    j->m = cost(c, 4) < cost(c, 2) ? 4 : 2;
    j->n = j->m + 2;
    j->points = j->n * j->n;
    j->high = (c->h + j->m - 1) / j->m;
    j->wide = (c->w + j->m - 1) / j->m;
    j->all = c->n * j->high * j->wide;
    each = j->points * (c->cin + c->cout);
    j->block = BLOCK / each > LEAST ? BLOCK / each / 12 * 12 : LEAST;
    j->in_step = j->block * c->cin + APART;
    j->out_step = j->block * c->cout + APART;
    j->each = (size_t)(j->points * (j->in_step + j->out_step));
    j->zeros = calloc((size_t)longest, sizeof *j->zeros);
    j->room = malloc((size_t)c->units * j->each * sizeof *j->room);
    j->xat = malloc((size_t)j->block * 2 * sizeof *j->xat);
    j->yat = j->xat ? j->xat + j->block : NULL;
    for (int64_t i = 0; j->xat && i < j->block; i++) {
        j->xat[i] = (int32_t)(i * c->cin);
        j->yat[i] = (int32_t)(i * c->cout);
    }
    j->kernel = (struct nn_wino_kernel){ .simd = j->simd, .side = 3, .n = j->n, .phases = 1,
                                         .cin = c->cin, .cout = c->cout };
    nn_wino_g(j->n, 3, j->kernel.g);
    return j->zeros && j->room && j->xat && j->u ? 0 : -1;
}

static int end(struct job *j, int ret)
{
    free(j->zeros);
    free(j->room);
    free(j->xat);
    free(j->u);
    return ret;
}

/* The side x side pixels from (y0, x0) on of the picture that square i is of. */
static void pixels(const struct job *j, const float *x, int64_t channels, int64_t i, int side,
                   int before, const float **at)
{
    const struct nn_conv3 *c = j->c;
    int64_t y0 = i / j->wide % j->high * j->m - before, x0 = i % j->wide * j->m - before;

    x += i / (j->high * j->wide) * c->h * c->w * channels;
    for (int k = 0; k < side * side; k++) {
        int64_t iy = y0 + k / side, ix = x0 + k % side;
        int inside = iy >= 0 && iy < c->h && ix >= 0 && ix < c->w;
        at[k] = inside ? x + (iy * c->w + ix) * channels : j->zeros;
    }
}

static void transform_in(const struct job *j, int64_t first, int64_t count, float *room)
{
    const float *at[NN_WINO_MOST * NN_WINO_MOST];

    for (int64_t i = 0; i < count; i++) {
        pixels(j, j->x, j->c->cin, first + i, j->n, 1, at);
        j->simd->wino_in[j->n](at, room + i * j->c->cin, j->c->cin, j->in_step);
    }
}

static void multiply(const struct job *j, int64_t count, const float *from, float *to)
{
    int64_t off = 0, lanes = j->simd->lanes, all = j->c->cout / lanes, v;
    struct nn_tile t = { .taps = 1, .run = j->c->cin, .off = &off, .xat = j->xat, .yat = j->yat,
                         .bias = j->zeros, .count = count, .lo = -INFINITY, .hi = INFINITY };

    for (int k = 0; k < j->points; k++) {
        const float *w = j->u + k * j->c->cin * j->c->cout;
        t.x = from + k * j->in_step;
        for (int64_t done = 0; done < all; done += v) {
            v = nn_columns(all - done);
            t.w = w + j->c->cin * done * lanes;
            t.y = to + k * j->out_step + done * lanes;
            t.width = (int)(v * lanes);
            j->simd->tile[v](&t);
        }
    }
}

static void transform_out(const struct job *j, int64_t first, int64_t count, const float *from)
{
    const struct nn_conv3 *c = j->c;
    int64_t at[NN_WINO_MOST * NN_WINO_MOST];
    struct nn_wino w = { .step = j->out_step, .channels = c->cout, .bias = j->zeros, .y = j->y,
                         .at = at, .lo = -INFINITY, .hi = INFINITY };

    for (int64_t i = first; i < first + count; i++) {
        int64_t y0 = i / j->wide % j->high * j->m, x0 = i % j->wide * j->m;
        for (int k = 0; k < j->m * j->m; k++) {
            int64_t y = y0 + k / j->m, x = x0 + k % j->m;
            y += i / (j->high * j->wide) * c->h;
            at[k] = y0 + k / j->m < c->h && x < c->w ? (y * c->w + x) * c->cout : -1;
        }
        w.from = from + (i - first) * c->cout;
        j->simd->wino_out[j->m](&w);
    }
}

/* The weights of FEW input channels, whose rows do not lie in memory as such. */
static void turn(const struct job *j, int64_t first, int64_t count, float *to)
{
    int64_t in = j->c->cin, out = j->c->cout;

    for (int64_t o = 0; o < out; o++)
        for (int64_t t = 0; t < 9; t++)
            for (int64_t i = 0; i < count; i++)
                to[(t * FEW + i) * out + o] = j->weight[(o * 9 + t) * in + first + i];
}

static void part_weights(void *arg, int unit)
{
    const struct job *j = arg;
    int64_t in = j->c->cin, out = j->c->cout;
    float *rows = j->room + (size_t)unit * j->each, *room = rows + 9 * FEW * out;

    for (int64_t first = unit * FEW; first < in; first += j->c->units * FEW) {
        int64_t count = in - first < FEW ? in - first : FEW;
        if (!j->back)
            turn(j, first, count, rows);
        for (int64_t i = 0; i < count; i++)
            if (j->back)        /* the last tap first: rows and columns turned about */
                nn_wino_transform(&j->kernel, first + i, j->weight + ((first + i) * 9 + 8) * out,
                                  -out, room, j->u);
            else
                nn_wino_transform(&j->kernel, first + i, rows + i * out, FEW * out, room, j->u);
    }
}

static void part_run(void *arg, int unit)
{
    struct job *j = arg;
    float *in = j->room + (size_t)unit * j->each, *out = in + j->points * j->in_step;
    int64_t first;

    while ((first = atomic_fetch_add(&j->next, 1) * j->block) < j->all) {
        int64_t count = j->all - first < j->block ? j->all - first : j->block;
        transform_in(j, first, count, in);
        multiply(j, count, in, out);
        transform_out(j, first, count, out);
    }
}

static int run(const struct nn_conv3 *c, const float *x, const float *weight, float *y, int back)
{
    struct job j = { .x = x, .weight = weight, .y = y, .back = back };

    j.u = malloc((size_t)(36 * c->cin * c->cout) * sizeof *j.u);
    if (begin(&j, c))
        return end(&j, -1);
    c->each(c->units, part_weights, &j);
    c->each(c->units, part_run, &j);
    return end(&j, 0);
}

int nn_conv3_run(const struct nn_conv3 *c, const float *x, const float *weight, float *y)
{
    return run(c, x, weight, y, 0);
}

int nn_conv3_back(const struct nn_conv3 *c, const float *dy, const float *weight, float *dx)
{
    struct nn_conv3 turned = *c;

    turned.cin = c->cout;
    turned.cout = c->cin;
    return run(&turned, dy, weight, dx, 1);
}

/* A unit has its own blocks and its own sums, so that the order of additions is given. */
static void part_gradient(void *arg, int unit)
{
    struct job *j = arg;
    const struct nn_conv3 *c = j->c;
    const float *at[NN_WINO_MOST * NN_WINO_MOST];
    int64_t blocks = (j->all + j->block - 1) / j->block, sums = c->cin * c->cout;
    float *in = j->room + (size_t)unit * j->each, *out = in + j->points * j->in_step;
    float *u = j->u + unit * j->points * sums;

    memset(u, 0, (size_t)(j->points * sums) * sizeof *u);
    for (int64_t b = blocks * unit / c->units; b < blocks * (unit + 1) / c->units; b++) {
        int64_t first = b * j->block, count = j->all - first;
        count = count < j->block ? count : j->block;
        transform_in(j, first, count, in);
        for (int64_t i = 0; i < count; i++) {
            pixels(j, j->other, c->cout, first + i, j->m, 0, at);
            j->simd->wino_back[j->m](at, out + i * c->cout, c->cout, j->out_step);
        }
        for (int k = 0; k < j->points; k++)
            j->simd->gram(out + k * j->out_step, c->cout, in + k * j->in_step, c->cin, count,
                          u + k * sums);
    }
}

/* G^T u G of the sums of all units, a share of the output channels each: points of a column
 * first, all units' at once. */
static void part_back(void *arg, int unit)
{
    const struct job *j = arg;
    const struct nn_conv3 *c = j->c;
    float *half = j->room + (size_t)unit * j->each;     /* 3 x n rows: a block holds more */
    const float *row[NN_WINO_MOST * MOST_UNITS];
    float g[NN_WINO_MOST * MOST_UNITS];
    int n = j->n;

    for (int64_t o = unit; o < c->cout; o += c->units) {
        for (int t = 0; t < 3 * n; t++) {
            for (int k = 0; k < n * c->units; k++) {
                row[k] = j->u + ((int64_t)(k / n * j->points + k % n * n + t % n) * c->cout + o) *
                                c->cin;
                g[k] = j->kernel.g[k % n][t / n];
            }
            j->simd->row_blend(half + t * c->cin, row, g, n * c->units, c->cin);
        }
        for (int t = 0; t < 9; t++) {
            for (int k = 0; k < n; k++) {
                row[k] = half + (t / 3 * n + k) * c->cin;
                g[k] = j->kernel.g[k][t % 3];
            }
            j->simd->row_blend(j->y + (o * 9 + t) * c->cin, row, g, n, c->cin);
        }
    }
}

int nn_conv3_weights(const struct nn_conv3 *c, const float *x, const float *dy, float *dw)
{
    struct nn_conv3 few = *c;
    struct job j = { .x = x, .other = dy, .y = dw };

    few.units = c->units < MOST_UNITS ? c->units : MOST_UNITS;
    j.u = malloc((size_t)few.units * (size_t)(36 * c->cin * c->cout) * sizeof *j.u);
    if (begin(&j, &few))
        return end(&j, -1);
    c->each(few.units, part_gradient, &j);
    c->each(few.units, part_back, &j);
    return end(&j, 0);
}
