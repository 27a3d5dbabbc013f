/*
 * A convolution by Winograd's way, block by block: as many squares as the cache
 * holds are transformed, multiplied and transformed back by one thread. Where there
 * are too few squares for blocks, the threads share each of the three steps.
 */
#include "runtime/engine/wino.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* Floats of a block; squares enough to load weights for; what keeps points off each other's
 * place in the cache. */
enum { BLOCK = 80 << 10, LEAST = 12, APART = 16, MAX_THREADS = 32 };

struct state {
    const struct nn_conv *c;
    const float *packed;
    int m, n, points;
    int64_t h, w, oh, ow;
    int64_t origin[2], pad[2];  /* square 0 begins at input row origin - pad */
    int64_t high, wide, all;    /* squares down, across, and of all pictures */
    int64_t block, columns, padded;
    const int64_t (*from)[2], (*to)[2], *shift;
    int32_t *xat, *yat;         /* of a block's squares in one point */
    float *zeros;               /* a pixel, and a bias for the products */
    float lo, hi;
    int shared, units;
    size_t room;                /* floats that a unit works in */
    atomic_llong next;          /* block that nobody has */
};

static int64_t in_step(const struct state *s)
{
    return s->block * s->c->cg + APART;
}

static int64_t out_step(const struct state *s)
{
    return s->block * s->padded + APART;
}

static float *products(const struct state *s, float *room)
{
    return room + s->points * in_step(s);
}

/* Squares first..last, which are the room's first - base and on. */
static void transform_in(const struct nn_task *t, const struct state *s, int64_t base,
                         int64_t first, int64_t last, float *room)
{
    const float *at[NN_WINO_MOST * NN_WINO_MOST];
    int64_t c = s->c->cg;

    for (int64_t i = first; i < last; i++) {
        const float *x = (const float *)t->in[0]->data + i / (s->high * s->wide) * s->h * s->w * c;
        int64_t y0 = i / s->wide % s->high * s->m + s->origin[0] - s->pad[0];
        int64_t x0 = i % s->wide * s->m + s->origin[1] - s->pad[1];
        for (int k = 0; k < s->points; k++) {
            int64_t iy = y0 + k / s->n, ix = x0 + k % s->n;
            int inside = iy >= 0 && iy < s->h && ix >= 0 && ix < s->w;
            at[k] = inside ? x + (iy * s->w + ix) * c : s->zeros;
        }
        s->c->simd->wino_in[s->n](at, room + (i - base) * c, c, in_step(s));
    }
}

/* Points first..last of `count` squares. */
static void multiply(const struct state *s, int64_t count, int first, int last, float *room)
{
    const struct nn_conv *c = s->c;
    int lanes = c->simd->lanes;
    int64_t off = 0, all = s->padded / lanes, v;
    struct nn_tile t = { .taps = 1, .run = c->cg, .off = &off, .xat = s->xat, .yat = s->yat,
                         .bias = s->zeros, .count = count, .lo = -INFINITY, .hi = INFINITY };

    for (int k = first; k < last; k++) {
        const float *w = s->packed + k * c->cg * s->padded;
        t.x = room + k * in_step(s);
        for (int64_t done = 0; done < all; done += v) {
            v = nn_columns(all - done);
            t.w = w + c->cg * done * lanes;
            t.y = products(s, room) + k * out_step(s) + done * lanes;
            t.width = (int)v * lanes;
            c->simd->tile[v](&t);
        }
    }
}

/* Where the outputs of square i go in a picture. */
static void place(const struct state *s, int64_t i, int phase, int64_t *at)
{
    const struct nn_conv *c = s->c;
    const struct nn_phase *ph = &c->phase[phase];
    int64_t b = i / (s->high * s->wide);
    int64_t y0 = i / s->wide % s->high * s->m + s->origin[0] - ph->dy[0];
    int64_t x0 = i % s->wide * s->m + s->origin[1] - ph->dx[0];

    for (int k = 0; k < s->m * s->m; k++) {
        int64_t y = y0 + k / s->m, x = x0 + k % s->m;
        int inside = y >= s->from[phase][0] && y < s->to[phase][0] &&
                     x >= s->from[phase][1] && x < s->to[phase][1];
        y = y * c->up[0] + ph->oy - s->shift[0];
        x = x * c->up[1] + ph->ox - s->shift[1];
        at[k] = inside ? ((b * s->oh + y) * s->ow + x) * c->cout : -1;
    }
}

static void transform_out(const struct nn_task *t, const struct state *s, int64_t base,
                          int64_t first, int64_t last, float *room)
{
    int64_t at[NN_WINO_MOST * NN_WINO_MOST];
    struct nn_wino w = { .step = out_step(s), .channels = s->c->cout, .bias = s->c->bias,
                         .slope = s->c->slope, .y = t->out->data, .at = at, .lo = s->lo,
                         .hi = s->hi, .res = t->residual ? t->residual->data : NULL };

    for (int64_t i = first; i < last; i++)
        for (int p = 0; p < s->c->phases; p++) {
            w.from = products(s, room) + (i - base) * s->padded + p * s->c->cout;
            place(s, i, p, at);
            s->c->simd->wino_out[s->m](&w);
        }
}

static void blocks(void *arg, int unit)
{
    struct nn_task *t = arg;
    struct state *s = t->state;
    float *room = (float *)t->memory + (size_t)unit * s->room;
    int64_t first;

    while ((first = atomic_fetch_add(&s->next, 1) * s->block) < s->all) {
        int64_t last = first + s->block < s->all ? first + s->block : s->all;
        transform_in(t, s, first, first, last, room);
        multiply(s, last - first, 0, s->points, room);
        transform_out(t, s, first, first, last, room);
    }
}

static void part_in(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct state *s = t->state;

    transform_in(t, s, 0, s->all * i / s->units, s->all * (i + 1) / s->units, t->memory);
}

static void part_multiply(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct state *s = t->state;

    multiply(s, s->all, s->points * i / s->units, s->points * (i + 1) / s->units, t->memory);
}

static void part_out(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct state *s = t->state;

    transform_out(t, s, 0, s->all * i / s->units, s->all * (i + 1) / s->units, t->memory);
}

static void run(struct nn_task *t)
{
    struct state *s = t->state;

    if (s->shared) {
        nn_pool_run(t->pool, s->units, part_in, t);
        nn_pool_run(t->pool, s->units, part_multiply, t);
        nn_pool_run(t->pool, s->units, part_out, t);
        return;
    }
    atomic_store(&s->next, 0);
    nn_pool_run(t->pool, s->units, blocks, t);
}

/* Squares of m x m that cover all phases' outputs of a picture. */
static void cover(struct state *s, const struct nn_wino_sizes *z, int m, int side)
{
    s->m = m;
    s->n = m + side - 1;
    s->points = s->n * s->n;
    for (int a = 0; a < 2; a++) {
        int64_t first = INT64_MAX, last = INT64_MIN, *count = a ? &s->wide : &s->high;
        for (int p = 0; p < s->c->phases; p++) {
            int64_t tap = a ? s->c->phase[p].dx[0] : s->c->phase[p].dy[0];
            first = first < z->from[p][a] + tap ? first : z->from[p][a] + tap;
            last = last > z->to[p][a] + tap ? last : z->to[p][a] + tap;
        }
        s->origin[a] = first;
        *count = (last - first + m - 1) / m;
    }
    s->all = s->high * s->wide;
}

/* Time in multiplications of a vector kernel at its best: transforms cost about eight of
 * these for each value, weights about four when they come from afar. */
static double winograd_cost(const struct state *s)
{
    double in = (double)s->c->cg, out = (double)s->columns, padded = (double)s->padded;

    return s->points * ((double)s->all * (in * padded + 8 * (in + out)) + 4 * in * padded);
}

static double plain_cost(const struct state *s, const struct nn_wino_sizes *z, int side)
{
    int lanes = s->c->simd->lanes;
    double pixels = 0, weights = side * side * (double)s->c->cg;

    weights *= (double)(nn_vectors(s->c->cout, lanes) * lanes);
    for (int p = 0; p < s->c->phases; p++)
        pixels += (double)(z->to[p][0] - z->from[p][0]) *
                  (double)(z->to[p][1] - z->from[p][1]);
    return weights * (pixels + 4 * s->c->phases);
}

/* The better of the two sizes, or 0. The number of pictures has no say, so that a batch
 * comes out as its pictures do. */
static int choose(struct state *s, const struct nn_wino_sizes *z, int side)
{
    double best = plain_cost(s, z, side);
    int m = 0;

    for (int i = 0; i < 2; i++) {
        int size = (i ? 7 : 5) - side;
        cover(s, z, size, side);
        if (winograd_cost(s) < best) {
            best = winograd_cost(s);
            m = size;
        }
    }
    if (m)
        cover(s, z, m, side);
    s->all *= z->n;
    return m;
}

/* Blocks for the cache, of equal size, and some for each thread. */
static void cut(struct nn_task *t, struct state *s)
{
    int64_t threads = nn_pool_threads(t->pool);
    int64_t each = s->points * (s->c->cg + s->padded), count;

    threads = threads < MAX_THREADS ? threads : MAX_THREADS;
    s->block = BLOCK / each > LEAST ? BLOCK / each / LEAST * LEAST : LEAST;
    count = (s->all + s->block - 1) / s->block;
    s->shared = threads > 1 && count < 2 * threads;
    if (s->shared || count == 1) {
        s->block = s->all;
    } else {
        count = (count + threads - 1) / threads * threads;
        s->block = (s->all + count - 1) / count;
    }
    s->units = s->shared ? (int)(2 * threads) : (int)threads;
    s->room = (size_t)(s->points * (in_step(s) + out_step(s)));
    t->scratch = (s->shared ? 1 : (size_t)s->units) * s->room * sizeof(float);
}

int nn_wino_prepare(struct nn_task *t, struct nn_conv *c, const struct nn_wino_sizes *z)
{
    struct state *s = nn_arena_alloc(t->arena, sizeof *s);
    const struct nn_wino_weights *w;
    int side = nn_wino_side(c);
    int64_t zeros = c->cg > 3 * c->simd->lanes ? c->cg : 3 * c->simd->lanes;

    if (!s)
        return -1;
    *s = (struct state){ .c = c, .h = z->h, .w = z->w, .oh = z->oh, .ow = z->ow,
                         .pad = { z->pad[0], z->pad[1] }, .columns = c->phases * c->cout,
                         .from = z->from, .to = z->to, .shift = z->shift,
                         .lo = t->fused->lo, .hi = t->fused->hi };
    s->padded = nn_vectors(s->columns, c->simd->lanes) * c->simd->lanes;
    if (!side || !choose(s, z, side))
        return 0;
    cut(t, s);
    s->zeros = nn_arena_array(t->arena, (size_t)zeros, sizeof *s->zeros);
    s->xat = nn_arena_array(t->arena, (size_t)s->block, 2 * sizeof *s->xat);
    w = s->zeros && s->xat ? nn_wino_pack(c, s->m) : NULL;
    if (!w)
        return -1;
    s->packed = w->packed;
    s->yat = s->xat + s->block;
    for (int64_t i = 0; i < s->block; i++) {
        s->xat[i] = (int32_t)(i * c->cg);
        s->yat[i] = (int32_t)(i * s->padded);
    }
    t->state = s;
    t->run = run;
    return 1;
}
