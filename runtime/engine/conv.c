/*
 * Convolution as a product of packed weights and columns gathered from the
 * input (implicit GEMM): pixels of all pictures of a batch form one row of
 * columns, cut into panels of 16; depthwise ones run plane by plane.
 */
#include <string.h>

#include "runtime/engine/kernel.h"

enum { MAX_UNITS = 32, MAX_PANELS = 16, CACHE = 256 << 10 };

struct conv {
    nn_tile *tile;
    void (*plane)(struct nn_task *t, const struct conv *c, int64_t plane);  /* depthwise */
    const float *bias;
    struct nn_window w;         /* 2-D */
    int64_t n, cin, h, wd, cout, oh, ow;
    int64_t group, cg, og;      /* channels in and out of a group */
    int64_t k;                  /* cg * kernel */
    int64_t pixels;             /* n * oh * ow */
    int64_t panels;             /* of 16 pixels, worked on together */
    int64_t blocks, splits;     /* jobs = group * blocks * splits (of output channels) */
    int units;
};

float *nn_conv_pack(struct nn_arena *a, const float *w, int64_t group, int64_t out, int64_t k)
{
    int64_t og = out / group, tiles = (og + NN_TILE_ROWS - 1) / NN_TILE_ROWS;
    float *p = nn_arena_array(a, (size_t)(group * tiles), (size_t)(k * NN_TILE_ROWS) * sizeof *p);

    for (int64_t g = 0; p && g < group; g++)
        for (int64_t o = 0; o < og; o++) {
            float *to = p + ((g * tiles + o / NN_TILE_ROWS) * k) * NN_TILE_ROWS + o % NN_TILE_ROWS;
            for (int64_t i = 0; i < k; i++)
                to[i * NN_TILE_ROWS] = w[(g * og + o) * k + i];
        }
    return p;
}

/* `count` values of one channel, from sums to what is stored at `y`; sum may be y. */
static inline __attribute__((always_inline))
void finish(const struct nn_fused *f, const float *sum, float bias, const float *residual, float *y,
            int64_t count)
{
    float lo = f->lo, hi = f->hi;

    if (residual)
        for (int64_t i = 0; i < count; i++)
            y[i] = sum[i] + bias + residual[i];
    else
        for (int64_t i = 0; i < count; i++)
            y[i] = sum[i] + bias;
    if (f->act == NN_ACT_CLIP)
        for (int64_t i = 0; i < count; i++)
            y[i] = y[i] < lo ? lo : y[i] > hi ? hi : y[i];
    else if (f->act == NN_ACT_LEAKY)
        for (int64_t i = 0; i < count; i++)
            y[i] = y[i] < 0 ? y[i] * lo : y[i];
}

/* One row of a panel for pixels that lie in one row of one picture. */
static void gather_run(const struct conv *c, const float *row, int64_t ix, int64_t count, float *to)
{
    int64_t s = c->w.stride[1];

    if (s == 1 && ix >= 0 && ix + count <= c->wd) {
        memcpy(to, row + ix, (size_t)count * sizeof *to);
        return;
    }
    for (int64_t i = 0; i < count; i++, ix += s)
        to[i] = ix >= 0 && ix < c->wd ? row[ix] : 0;
}

/* Columns of 16 pixels from `pixel`: k x 16. */
static void gather(const struct conv *c, const float *x, int64_t g, int64_t pixel, float *to)
{
    int64_t area = c->oh * c->ow, kh = c->w.kernel[0], kw = c->w.kernel[1];
    int64_t left = c->pixels - pixel, total = left < NN_TILE_COLS ? left : NN_TILE_COLS;

    if (total < NN_TILE_COLS)
        memset(to, 0, (size_t)(c->k * NN_TILE_COLS) * sizeof *to);
    for (int64_t done = 0, count; done < total; done += count) {
        int64_t p = pixel + done, oy = p % area / c->ow, ox = p % c->ow;
        const float *picture = x + (p / area * c->cin + g * c->cg) * c->h * c->wd;
        float *out = to + done;
        count = c->ow - ox < total - done ? c->ow - ox : total - done;
        for (int64_t ch = 0; ch < c->cg; ch++, picture += c->h * c->wd)
            for (int64_t ky = 0; ky < kh; ky++) {
                int64_t iy = oy * c->w.stride[0] + ky * c->w.dilation[0] - c->w.begin[0];
                int inside = iy >= 0 && iy < c->h;
                for (int64_t kx = 0; kx < kw; kx++, out += NN_TILE_COLS) {
                    int64_t ix = ox * c->w.stride[1] + kx * c->w.dilation[1] - c->w.begin[1];
                    if (inside)
                        gather_run(c, picture + iy * c->wd, ix, count, out);
                    else
                        memset(out, 0, (size_t)count * sizeof *out);
                }
            }
    }
}

/* Stores a tile's sums: its pixels may belong to several pictures. */
static void scatter(const struct nn_task *t, const struct conv *c, const float *sum,
                    int64_t channel, int64_t rows, int64_t pixel)
{
    const float *res = t->residual ? t->residual->data : NULL;
    int64_t area = c->oh * c->ow, left = c->pixels - pixel;
    int64_t total = left < NN_TILE_COLS ? left : NN_TILE_COLS;
    float *y = t->out->data;

    for (int64_t done = 0, count; done < total; done += count) {
        int64_t p = pixel + done, in = p % area;
        count = area - in < total - done ? area - in : total - done;
        for (int64_t r = 0; r < rows; r++) {
            int64_t at = (p / area * c->cout + channel + r) * area + in;
            finish(t->fused, sum + r * NN_TILE_COLS + done, c->bias ? c->bias[channel + r] : 0,
                   res ? res + at : NULL, y + at, count);
        }
    }
}

static void do_job(struct nn_task *t, const struct conv *c, int64_t job, float *columns)
{
    int64_t split = job % c->splits, block = job / c->splits % c->blocks;
    int64_t g = job / c->splits / c->blocks, first = block * c->panels * NN_TILE_COLS;
    int64_t tiles = (c->og + NN_TILE_ROWS - 1) / NN_TILE_ROWS;
    const float *w = t->fused->packed + g * tiles * c->k * NN_TILE_ROWS;
    float sum[NN_TILE_ROWS * NN_TILE_COLS];
    int64_t n = 0;

    for (int64_t p = first; n < c->panels && p < c->pixels; p += NN_TILE_COLS, n++)
        gather(c, t->in[0]->data, g, p, columns + n * c->k * NN_TILE_COLS);
    for (int64_t i = tiles * split / c->splits; i < tiles * (split + 1) / c->splits; i++) {
        int64_t o = i * NN_TILE_ROWS, rows = c->og - o < NN_TILE_ROWS ? c->og - o : NN_TILE_ROWS;
        for (int64_t p = 0; p < n; p++) {
            c->tile(c->k, w + i * c->k * NN_TILE_ROWS, columns + p * c->k * NN_TILE_COLS, sum);
            scatter(t, c, sum, g * c->og + o, rows, first + p * NN_TILE_COLS);
        }
    }
}

static void unit(void *arg, int i)
{
    struct nn_task *t = arg;
    const struct conv *c = t->state;
    float *columns = (float *)t->memory + (size_t)i * (size_t)(c->panels * c->k * NN_TILE_COLS);

    for (int64_t job = i; job < c->group * c->blocks * c->splits; job += c->units)
        do_job(t, c, job, columns);
}

static void run_product(struct nn_task *t)
{
    const struct conv *c = t->state;

    nn_pool_run(t->pool, c->units, unit, t);
}

/* Adds tap `off` of one input row to the output row's pixels lo..hi that see it. */
static inline __attribute__((always_inline))
void add_tap(const struct conv *c, const float *row, float tap, int64_t off, int64_t lo, int64_t hi,
             float *sum)
{
    int64_t s = c->w.stride[1], first = off < 0 ? (-off + s - 1) / s : 0;
    int64_t last = c->wd - off <= 0 ? 0 : (c->wd - off + s - 1) / s;

    first = first < lo ? lo : first;
    last = last > hi ? hi : last;
    for (int64_t i = first; i < last; i++)
        sum[i] += tap * row[i * s + off];
}

/* One input row, three neighbouring taps at once where all of them are inside. */
static inline __attribute__((always_inline))
void add_row(const struct conv *c, const float *row, const float *w, float *sum)
{
    int64_t s = c->w.stride[1], b = c->w.begin[1], kw = c->w.kernel[1], lo = (b + s - 1) / s;
    int64_t hi = c->wd - 3 + b < 0 ? 0 : (c->wd - 3 + b) / s + 1;

    hi = hi > c->ow ? c->ow : hi;
    if (kw != 3 || c->w.dilation[1] != 1 || s > 2 || lo >= hi)
        lo = hi = 0;
    for (int64_t kx = 0; kx < kw; kx++) {
        add_tap(c, row, w[kx], kx * c->w.dilation[1] - b, 0, lo, sum);
        add_tap(c, row, w[kx], kx * c->w.dilation[1] - b, hi, c->ow, sum);
    }
    row -= b;
    if (s == 1)
        for (int64_t i = lo; i < hi; i++)
            sum[i] += w[0] * row[i] + w[1] * row[i + 1] + w[2] * row[i + 2];
    else
        for (int64_t i = lo; i < hi; i++)
            sum[i] += w[0] * row[2 * i] + w[1] * row[2 * i + 1] + w[2] * row[2 * i + 2];
}

static inline __attribute__((always_inline))
void depth_body(struct nn_task *t, const struct conv *c, int64_t plane)
{
    const float *res = t->residual ? t->residual->data : NULL;
    int64_t o = plane % c->cout, in = plane / c->cout * c->cin + o / c->og;
    const float *x = (const float *)t->in[0]->data + in * c->h * c->wd;
    const float *w = (t->fused->weight ? t->fused->weight : (const float *)t->in[1]->data) +
                     o * c->w.kernel[0] * c->w.kernel[1];

    for (int64_t oy = 0; oy < c->oh; oy++) {
        int64_t at = (plane * c->oh + oy) * c->ow;
        float *y = (float *)t->out->data + at;
        memset(y, 0, (size_t)c->ow * sizeof *y);
        for (int64_t ky = 0; ky < c->w.kernel[0]; ky++) {
            int64_t iy = oy * c->w.stride[0] + ky * c->w.dilation[0] - c->w.begin[0];
            if (iy >= 0 && iy < c->h)
                add_row(c, x + iy * c->wd, w + ky * c->w.kernel[1], y);
        }
        finish(t->fused, y, c->bias ? c->bias[o] : 0, res ? res + at : NULL, y, c->ow);
    }
}

/* The same source for wider vectors: the bits stay those of the plain one. */
#if defined(__x86_64__)
__attribute__((target("avx2")))
static void depth_avx2(struct nn_task *t, const struct conv *c, int64_t plane)
{
    depth_body(t, c, plane);
}
#endif

static void depth_plain(struct nn_task *t, const struct conv *c, int64_t plane)
{
    depth_body(t, c, plane);
}

static void depth_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct conv *c = t->state;

    for (int64_t plane = from; plane < to; plane++)
        c->plane(t, c, plane);
}

static void run_depthwise(struct nn_task *t)
{
    const struct conv *c = t->state;

    nn_task_rows(t, c->n * c->cout, c->oh * c->ow * c->k, depth_planes);
}

/* How the product is cut into jobs; nothing here changes any result's bits. */
static void cut(struct nn_task *t, struct conv *c)
{
    int64_t all = (c->pixels + NN_TILE_COLS - 1) / NN_TILE_COLS, threads = nn_pool_threads(t->pool);
    int64_t jobs;

    c->panels = CACHE / (c->k * NN_TILE_COLS * (int64_t)sizeof(float));
    c->panels = c->panels < 1 ? 1 : c->panels > MAX_PANELS ? MAX_PANELS : c->panels;
    while (c->panels > 1 && (all + c->panels - 1) / c->panels < 2 * threads)
        c->panels /= 2;
    c->blocks = (all + c->panels - 1) / c->panels;
    c->splits = c->blocks * c->group < threads && c->og >= 4 * NN_TILE_ROWS ? 2 * threads : 1;
    if (c->splits > (c->og + NN_TILE_ROWS - 1) / NN_TILE_ROWS)
        c->splits = (c->og + NN_TILE_ROWS - 1) / NN_TILE_ROWS;
    jobs = c->group * c->blocks * c->splits;
    c->units = (int)(threads == 1 ? 1 : 2 * threads < MAX_UNITS ? 2 * threads : MAX_UNITS);
    if ((double)c->pixels * (double)c->cout * (double)c->k < 1e5)
        c->units = 1;
    if (c->units > jobs)
        c->units = (int)jobs;
    t->scratch = (size_t)c->units * (size_t)(c->panels * c->k * NN_TILE_COLS) * sizeof(float);
}

const char *prepare_conv(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *w = t->in[1];
    struct conv *c;
    int64_t size[2] = { 1, x->dim[x->ndim - 1] };

    if (x->type != NN_F32 || w->type != NN_F32 || x->ndim > 4)
        return "only 1-D and 2-D convolutions of float32 are supported";
    if (x->ndim != 4 || !t->fused->packed)
        return nn_ref_conv(t);
    if (!(c = t->state = nn_arena_alloc(t->arena, sizeof *c)))
        return "out of memory";
    size[0] = x->dim[2];
    nn_window_init(&c->w, t->node, 2, size, w->dim + 2);
    c->tile = nn_tile_choose();
    c->bias = t->fused->bias ? t->fused->bias : t->nin > 2 && t->in[2] ? t->in[2]->data : NULL;
    c->n = x->dim[0];
    c->cin = x->dim[1];
    c->h = size[0];
    c->wd = size[1];
    c->cout = w->dim[0];
    c->oh = t->out->dim[2];
    c->ow = t->out->dim[3];
    c->group = nn_attr_int(t->node, "group", 1);
    c->cg = w->dim[1];
    c->og = c->cout / c->group;
    c->k = c->cg * c->w.kernel[0] * c->w.kernel[1];
    c->pixels = c->n * c->oh * c->ow;
    if (c->cg == 1 && c->group > 1) {
        c->plane = depth_plain;
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            c->plane = depth_avx2;
#endif
        t->run = run_depthwise;
        return NULL;
    }
    cut(t, c);
    t->run = run_product;
    return NULL;
}
