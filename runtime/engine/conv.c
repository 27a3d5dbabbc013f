/*
 * Convolution on NHWC pictures. Output rows are worked on in bands small enough
 * for the cache. A band's input is read where it lies when nothing is padded;
 * else its rows are copied with zeros around them, so that the inner loops
 * know neither borders nor layouts.
 */
#include "runtime/engine/wino.h"

#include <string.h>

enum { MAX_UNITS = 32, BAND = 48 << 10 };

/* Multiplications that are worth a second thread: some 2 us. */
static const double WORTH = 1e5;

/* What a plan adds to a phase: rows and columns i of (i * up + oy - shift) that exist. */
struct sized {
    int64_t from[2], to[2];
    int64_t taps, run, *off;
    int32_t *xat, *yat;         /* of a band's pixels, rows from the band's first */
};

struct state {
    const struct nn_conv *c;
    struct nn_tile tile;        /* what all tiles share */
    int64_t n, h, w, oh, ow;
    int64_t pad[2], shift[2];   /* of the input, of the output */
    int64_t low[2], high[2];    /* smallest and largest tap of all phases */
    int64_t left, width;        /* first input column of a band and how many */
    int64_t row[2];             /* first and last i of all phases */
    int64_t rows, bands, splits;
    int direct, planar;         /* input read in place; input is NCHW */
    int units;
    struct sized *phase;
    size_t room;                /* floats of a unit's band */
};

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Row `iy` of picture `b` with `width` pixels from column `left`, 0 outside. */
static void fill_row(const struct nn_task *t, const struct state *s, int64_t b, int64_t iy,
                     float *to)
{
    int64_t c = s->c->group * s->c->cg, x0 = max64(s->left, 0);
    int64_t x1 = min64(s->left + s->width, s->w);
    const float *x = t->in[0]->data;

    if (iy < 0 || iy >= s->h || x0 >= x1) {
        memset(to, 0, (size_t)(s->width * c) * sizeof *to);
        return;
    }
    memset(to, 0, (size_t)((x0 - s->left) * c) * sizeof *to);
    memset(to + (x1 - s->left) * c, 0, (size_t)((s->left + s->width - x1) * c) * sizeof *to);
    to += (x0 - s->left) * c;
    if (!s->planar) {
        memcpy(to, x + ((b * s->h + iy) * s->w + x0) * c, (size_t)((x1 - x0) * c) * sizeof *to);
        return;
    }
    x += (b * c * s->h + iy) * s->w + x0;
    if (c == 3) {
        const float *plane[] = { x, x + s->h * s->w, x + 2 * s->h * s->w };
        s->c->simd->row_mix(to, plane, x1 - x0);
        return;
    }
    for (int64_t ch = 0; ch < c; ch++)
        for (int64_t i = 0; i < x1 - x0; i++)
            to[i * c + ch] = x[ch * s->h * s->w + i];
}

/* Where input row (first * stride - pad + low) of a band starts. */
static const float *band_input(const struct nn_task *t, const struct state *s, int64_t b,
                               int64_t first, int64_t last, float *room)
{
    int64_t c = s->c->group * s->c->cg, iy = first * s->c->stride[0] - s->pad[0] + s->low[0];
    int64_t end = (last - 1) * s->c->stride[0] - s->pad[0] + s->high[0];

    if (t->before) {
        nn_depth_rows(t->before, b, first, last, room);
        return room;
    }
    if (s->direct)
        return (const float *)t->in[0]->data + ((b * s->h + iy) * s->w + s->left) * c;
    for (int64_t y = iy; y <= end; y++)
        fill_row(t, s, b, y, room + (y - iy) * s->width * c);
    return room;
}

/* Column sets `part` of `parts` of one phase and group, over a band's pixels. */
static void columns(const struct state *s, struct nn_tile *t, const struct nn_phase *ph,
                    int64_t g, int64_t part, int64_t parts)
{
    const struct nn_conv *c = s->c;
    int lanes = c->simd->lanes;
    int64_t all = nn_vectors(c->og, lanes), k = t->taps * t->run, done = 0, set = 0, v;
    int64_t sets = all / 2 + (all == 1);
    const float *packed = ph->packed + g * k * all * lanes;
    float *y = t->y;
    const float *res = t->res;

    for (; done < all; done += v, set++) {
        v = nn_columns(all - done);
        if (set < sets * part / parts || set >= sets * (part + 1) / parts)
            continue;
        int64_t channel = g * c->og + done * lanes;
        t->w = packed + k * done * lanes;
        t->bias = c->bias + (g * all + done) * lanes;
        t->slope = c->slope ? c->slope + (g * all + done) * lanes : NULL;
        t->width = (int)min64(v * lanes, c->og - done * lanes);
        t->y = y + channel;
        t->res = res ? res + channel : NULL;
        c->simd->tile[v](t);
    }
    t->y = y;
    t->res = res;
}

static void do_job(struct nn_task *task, const struct state *s, int64_t job, float *room)
{
    const struct nn_conv *c = s->c;
    int64_t part = job % s->splits, b = job / s->splits / s->bands;
    int64_t band = job / s->splits % s->bands, all = s->row[1] - s->row[0];
    int64_t first = s->row[0] + all * band / s->bands;
    int64_t last = s->row[0] + all * (band + 1) / s->bands;
    int64_t at = ((b * s->oh + first * c->up[0]) * s->ow) * c->cout;
    const float *x = band_input(task, s, b, first, last, room);
    struct nn_tile t = s->tile;

    for (int i = 0; i < c->phases; i++) {
        const struct sized *p = &s->phase[i];
        int64_t from = max64(first, p->from[0]), to = min64(last, p->to[0]);
        int64_t wide = p->to[1] - p->from[1];
        t.taps = p->taps;
        t.run = p->run;
        t.off = p->off;
        t.xat = p->xat + (from - first) * wide;
        t.yat = p->yat + (from - first) * wide;
        t.count = (to - from) * wide;
        t.y = (float *)task->out->data + at;
        t.res = task->residual ? (const float *)task->residual->data + at : NULL;
        for (int64_t g = 0; t.count > 0 && g < c->group; g++) {
            t.x = x + g * c->cg;
            columns(s, &t, &c->phase[i], g, part, s->splits);
        }
    }
}

static void unit(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct state *s = t->state;
    float *room = (float *)t->memory + (size_t)i * s->room;

    for (int64_t job = i; job < s->n * s->bands * s->splits; job += s->units)
        do_job(t, s, job, room);
}

static void run(struct nn_task *t)
{
    const struct state *s = t->state;

    nn_pool_run(t->pool, s->units, unit, t);
}

/* Rows and columns that a phase makes, and how far all phases reach. */
static void measure(struct state *s)
{
    const struct nn_conv *c = s->c;
    int64_t out[2] = { s->oh, s->ow }, col[2] = { INT64_MAX, 0 };

    s->row[0] = s->low[0] = s->low[1] = INT64_MAX;
    s->row[1] = 0;
    s->high[0] = s->high[1] = INT64_MIN;
    for (int i = 0; i < c->phases; i++) {
        const struct nn_phase *ph = &c->phase[i];
        struct sized *p = &s->phase[i];
        for (int a = 0; a < 2; a++) {
            int64_t o = a ? ph->ox : ph->oy, lack = s->shift[a] - o;
            p->from[a] = lack <= 0 ? 0 : (lack + c->up[a] - 1) / c->up[a];
            p->to[a] = (out[a] + lack + c->up[a] - 1) / c->up[a];
        }
        s->row[0] = min64(s->row[0], p->from[0]);
        s->row[1] = max64(s->row[1], p->to[0]);
        col[0] = min64(col[0], p->from[1]);
        col[1] = max64(col[1], p->to[1]);
        for (int k = 0; k < ph->taps; k++) {
            s->low[0] = min64(s->low[0], ph->dy[k]);
            s->high[0] = max64(s->high[0], ph->dy[k]);
            s->low[1] = min64(s->low[1], ph->dx[k]);
            s->high[1] = max64(s->high[1], ph->dx[k]);
        }
    }
    s->left = col[0] * c->stride[1] - s->pad[1] + s->low[1];
    s->width = (col[1] - 1) * c->stride[1] - s->pad[1] + s->high[1] + 1 - s->left;
    s->direct = !s->planar && s->left >= 0 && s->left + s->width <= s->w &&
                s->row[0] * c->stride[0] - s->pad[0] + s->low[0] >= 0 &&
                (s->row[1] - 1) * c->stride[0] - s->pad[0] + s->high[0] < s->h;
}

/* Cuts the rows into bands of equal size, and bands of few into column sets. Results do not
 * depend on it. */
static void cut(struct nn_task *t, struct state *s)
{
    const struct nn_conv *c = s->c;
    int64_t channels = c->group * c->cg, all = s->row[1] - s->row[0];
    int64_t threads = nn_pool_threads(t->pool), vectors = nn_vectors(c->og, c->simd->lanes);
    int64_t a_row = c->stride[0] * (s->direct ? s->w : s->width) * channels * 4;
    double work = (double)all * (double)s->width * (double)s->c->phases;

    for (int i = 0; i < c->phases; i++)
        work += (double)(s->oh * s->ow / c->phases) * (double)(c->phase[i].taps * c->cg * c->cout);
    if (t->before)
        work += (double)(s->oh * s->ow) * (double)(9 * c->cg);
    work *= (double)s->n;
    s->rows = max64(1, BAND / max64(1, a_row));
    if (s->rows * s->ow < 96)
        s->rows = (96 + s->ow - 1) / s->ow;
    s->bands = (all + s->rows - 1) / s->rows;
    if (threads > 1 && work > WORTH) {      /* as many for each thread, of 24 pixels at least */
        int64_t most = max64(1, min64(all, all * s->ow / 24));
        s->bands = min64(most, max64(2 * threads, s->bands + threads - 1));
        s->bands -= s->bands > threads ? s->bands % threads : 0;
    }
    s->rows = (all + s->bands - 1) / s->bands;
    s->splits = 1;
    if (threads > 1 && work > WORTH && s->n * s->bands < threads)
        s->splits = min64(2 * threads, max64(1, vectors / 2));
    s->units = threads == 1 || work < WORTH ? 1 : (int)min64(2 * threads, MAX_UNITS);
    s->units = (int)min64(s->units, s->n * s->bands * s->splits);
    s->room = s->direct && !t->before ? 0
            : (size_t)(((s->rows - 1) * c->stride[0] + s->high[0] - s->low[0] + 1) * s->width *
                       channels + 16);
    t->scratch = (size_t)s->units * s->room * sizeof(float);
}

/* Taps that follow each other in memory become one run. */
static int place_taps(struct nn_task *t, const struct state *s, const struct nn_phase *ph,
                      struct sized *p)
{
    int64_t channels = s->c->group * s->c->cg, wide = s->direct ? s->w : s->width, same = 1;

    while (same < ph->taps && s->c->group == 1 && ph->dy[same] == ph->dy[0] &&
           ph->dx[same] == ph->dx[0] + same)
        same++;
    for (int k = 0; k < ph->taps; k++)
        if (ph->taps % same || ph->dy[k] != ph->dy[k / same * same] ||
            ph->dx[k] != ph->dx[k / same * same] + k % same)
            same = 1;
    p->taps = ph->taps / same;
    p->run = same * s->c->cg;
    if (!(p->off = nn_arena_array(t->arena, (size_t)p->taps, sizeof *p->off)))
        return -1;
    for (int64_t k = 0; k < p->taps; k++)
        p->off[k] = ((ph->dy[k * same] - s->low[0]) * wide + ph->dx[k * same] - s->low[1]) *
                    channels;
    return 0;
}

static int place_pixels(struct nn_task *t, const struct state *s, const struct nn_phase *ph,
                        struct sized *p)
{
    const struct nn_conv *c = s->c;
    int64_t cols = p->to[1] - p->from[1], channels = c->group * c->cg, n = 0;
    int64_t wide = s->direct ? s->w : s->width;

    if (cols <= 0)
        return 0;
    p->xat = nn_arena_array(t->arena, (size_t)(s->rows * cols), 2 * sizeof *p->xat);
    if (!p->xat)
        return -1;
    p->yat = p->xat + s->rows * cols;
    for (int64_t i = 0; i < s->rows; i++)
        for (int64_t j = p->from[1]; j < p->to[1]; j++, n++) {
            int64_t x = j * c->stride[1] - s->pad[1] + s->low[1] - s->left;
            int64_t oy = i * c->up[0] + ph->oy - s->shift[0];
            int64_t ox = j * c->up[1] + ph->ox - s->shift[1];
            p->xat[n] = (int32_t)((i * c->stride[0] * wide + x) * channels);
            p->yat[n] = (int32_t)((oy * s->ow + ox) * c->cout);
        }
    return 0;
}

/* May `rows` rows of the input and of the output be counted in 32 bits? */
static int is_small(const struct state *s, int64_t rows)
{
    const struct nn_conv *c = s->c;
    double in = (double)(s->width > s->w ? s->width : s->w) * (double)(c->group * c->cg);
    double out = (double)c->up[0] * (double)s->ow * (double)c->cout;
    double reach = (double)c->stride[0] * (double)rows + (double)(s->high[0] - s->low[0]);

    return reach * in < 2e9 && (double)rows * out < 2e9;
}

static const char *place(struct nn_task *t, struct state *s)
{
    const struct nn_conv *c = s->c;

    if (!is_small(s, s->rows))
        return "a row of it is too large";
    for (int i = 0; i < c->phases; i++)
        if (place_taps(t, s, &c->phase[i], &s->phase[i]) ||
            place_pixels(t, s, &c->phase[i], &s->phase[i]))
            return "out of memory";
    return NULL;
}

/* Winograd's way, where that is faster: as nn_wino_prepare(). */
static int transforms(struct nn_task *t, struct nn_conv *c, const struct state *s)
{
    struct nn_wino_sizes *z = nn_arena_alloc(t->arena, sizeof *z);
    int64_t (*edge)[2] = nn_arena_array(t->arena, (size_t)c->phases, 2 * sizeof *edge);

    if (!z || !edge)
        return -1;
    *z = (struct nn_wino_sizes){ .n = s->n, .h = s->h, .w = s->w, .oh = s->oh, .ow = s->ow,
                                 .pad = { s->pad[0], s->pad[1] },
                                 .shift = { s->shift[0], s->shift[1] },
                                 .from = edge, .to = edge + c->phases };
    for (int i = 0; i < c->phases; i++) {
        memcpy(edge[i], s->phase[i].from, sizeof *edge);
        memcpy(edge[i + c->phases], s->phase[i].to, sizeof *edge);
    }
    return nn_wino_prepare(t, c, z);
}

const char *prepare_nhwc_conv(struct nn_task *t)
{
    struct nn_conv *c = t->upsampled ? t->fused->upsampled : t->fused->conv;
    const struct nn_tensor *x = t->in[0];
    int transposed = nn_op_is(t, "ConvTranspose");
    struct state *s;
    struct nn_window w;
    int64_t size[2];

    if (!c || x->ndim != 4 || !t->nhwc)
        return "not a convolution of pictures";
    if (!(s = t->state = nn_arena_alloc(t->arena, sizeof *s)) ||
        !(s->phase = nn_arena_array(t->arena, (size_t)c->phases, sizeof *s->phase)))
        return "out of memory";
    s->c = c;
    s->planar = t->planar;
    s->n = x->dim[0];
    s->h = size[0] = x->dim[s->planar ? 2 : 1];
    s->w = size[1] = x->dim[s->planar ? 3 : 2];
    s->oh = t->out->dim[1];
    s->ow = t->out->dim[2];
    if (transposed)
        nn_window_transposed(&w, t->node, 2, size, c->kernel);
    else if (!t->upsampled)
        nn_window_init(&w, t->node, 2, size, c->kernel);
    if (!t->upsampled)
        memcpy(transposed ? s->shift : s->pad, w.begin, sizeof s->pad);
    if (nn_conv_pointwise(c) && !s->planar && !t->before && s->oh == s->h && s->ow == s->w) {
        s->h = s->oh = s->n * s->h * s->w;      /* one long column of pixels */
        s->n = s->w = s->ow = 1;
    }
    s->tile.lo = t->fused->lo;
    s->tile.hi = t->fused->hi;
    t->run = run;
    if (nn_count(t->out) == 0) {
        s->n = 0;
        return NULL;
    }
    measure(s);
    if (!s->planar && !t->before && nn_wino_side(c)) {
        int done = transforms(t, c, s);
        if (done)
            return done > 0 ? NULL : "out of memory";
    }
    if (!is_small(s, 1))
        return "a row of it is too large";
    if (nn_conv_pack(c))
        return "out of memory";
    cut(t, s);
    return place(t, s);
}
