/* Winograd's way against sums in double precision, on every instruction set of this machine. */
#include "common/pool.h"
#include "common/rng.h"
#include "runtime/engine/wino.h"
#include "tests/test.h"

/* A 3x3 convolution of stride 1, or (`up`) a 4x4 transposed one of stride 2, padded by `pad`. */
static const struct layer {
    int64_t n, cin, cout, h, w, pad;
    int up, slope, residual, m;
} layers[] = {
    { 1, 32, 32, 24, 24, 1, 0, 0, 0, 4 }, { 1, 16, 32, 9, 31, 1, 0, 1, 0, 4 },
    { 2, 48, 21, 13, 14, 0, 0, 0, 1, 4 }, { 1, 32, 3, 40, 23, 1, 0, 0, 0, 4 },
    { 1, 64, 64, 6, 6, 1, 0, 1, 1, 2 },   { 3, 128, 128, 4, 4, 2, 0, 0, 1, 2 },
    { 1, 64, 32, 20, 15, 1, 1, 1, 0, 3 }, { 1, 32, 3, 33, 32, 1, 1, 0, 0, 5 },
    { 2, 64, 64, 12, 12, 1, 1, 0, 1, 5 },   { 1, 32, 32, 12, 12, 0, 1, 1, 1, 5 },
};
enum { LAYERS = sizeof layers / sizeof *layers };

static float *noise(int64_t n, uint64_t seed)
{
    float *x = malloc((size_t)n * sizeof *x);
    struct nn_rng r;

    nn_rng_seed(&r, seed, 0);
    for (int64_t i = 0; i < n; i++)
        x[i] = nn_rng_range(&r, -1, 1);
    return x;
}

struct data {
    const struct layer *l;
    int64_t oh, ow;
    float *x, *w, *bias, *slope, *res, *y;
};

static double sum_at(const struct data *d, int64_t n, int64_t oy, int64_t ox, int64_t o)
{
    const struct layer *l = d->l;
    int64_t side = l->up ? 4 : 3, step = l->up ? 2 : 1;
    double sum = 0;

    for (int64_t k = 0; k < side * side; k++) {
        int64_t iy = l->up ? oy + l->pad - k / side : oy - l->pad + k / side;
        int64_t ix = l->up ? ox + l->pad - k % side : ox - l->pad + k % side;
        if (iy < 0 || ix < 0 || iy % step || ix % step || iy / step >= l->h || ix / step >= l->w)
            continue;
        for (int64_t i = 0; i < l->cin; i++)
            sum += (double)d->x[((n * l->h + iy / step) * l->w + ix / step) * l->cin + i] *
                   (double)d->w[(l->up ? i * l->cout + o : o * l->cin + i) * side * side + k];
    }
    return sum;
}

/* The largest error over the largest value. */
static double error_of(const struct data *d)
{
    const struct layer *l = d->l;
    double most = 0, largest = 0;

    for (int64_t at = 0; at < l->n * d->oh * d->ow * l->cout; at++) {
        int64_t o = at % l->cout, p = at / l->cout;
        double v = sum_at(d, p / d->ow / d->oh, p / d->ow % d->oh, p % d->ow, o) +
                   (double)d->bias[o] + (l->residual ? (double)d->res[at] : 0);
        if (l->slope && v < 0)
            v *= (double)d->slope[o];
        v = v < -1 ? -1 : v;
        most = fmax(most, fabs(v - (double)d->y[at]));
        largest = fmax(largest, fabs(v));
    }
    return most / largest;
}

/* The graph has the weights: to be freed after the convolution's last use. */
static struct nn_conv *pack(struct nn_arena *a, const struct nn_simd *s, const struct data *d,
                            const struct nn_fused *f, struct nn_graph **graph)
{
    const struct layer *l = d->l;
    struct nn_err err = { 0 };
    struct nn_graph *g = *graph = nn_graph_new("layer", &err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ l->n, l->cin, l->h, l->w });
    int64_t side = l->up ? 4 : 3;
    int w = nn_graph_const(g, "w", NN_F32, 4,
                           (int64_t[]){ l->up ? l->cin : l->cout, l->up ? l->cout : l->cin, side,
                                        side }, d->w);
    struct nn_conv *c;

    nn_graph_node(g, l->up ? "ConvTranspose" : "Conv", 2, (int[]){ x, w }, NULL);
    nn_graph_attr_ints(g, "strides", 2, l->up ? (int64_t[]){ 2, 2 } : (int64_t[]){ 1, 1 });
    c = l->up ? nn_conv_transposed(a, s, &g->node[0], &g->tensor[w], f)
              : nn_conv_new(a, s, &g->node[0], &g->tensor[w], f);
    return c;
}

/* Runs the layer; returns whether Winograd's way was taken. */
static int run(const struct nn_simd *s, const struct data *d, struct nn_pool *pool, int *m)
{
    const struct layer *l = d->l;
    struct nn_arena a = { 0 };
    struct nn_fused f = { .residual = -1, .lo = -1, .hi = INFINITY, .bias = d->bias,
                          .slope = l->slope ? d->slope : NULL };
    struct nn_tensor in = { .ndim = 4, .data = d->x }, out = { .ndim = 4, .data = d->y };
    struct nn_tensor res = { .ndim = 4, .data = d->res }, *ins[] = { &in };
    struct nn_task t = { .in = ins, .out = &out, .residual = l->residual ? &res : NULL,
                         .fused = &f, .simd = s, .pool = pool, .arena = &a };
    struct nn_graph *g;
    struct nn_conv *c = pack(&a, s, d, &f, &g);
    int64_t from[4][2], to[4][2];
    struct nn_wino_sizes z = { l->n, l->h, l->w, d->oh, d->ow, { 0, 0 }, { 0, 0 },
                               (const int64_t (*)[2])from, (const int64_t (*)[2])to };
    int taken;

    memset(d->y, 0xff, (size_t)(l->n * d->oh * d->ow * l->cout) * sizeof *d->y);
    for (int k = 0; k < 2; k++)
        (l->up ? z.shift : z.pad)[k] = l->pad;
    for (int i = 0; i < c->phases; i++)
        for (int k = 0; k < 2; k++) {
            int64_t o = k ? c->phase[i].ox : c->phase[i].oy, lack = z.shift[k] - o;
            int64_t size = k ? d->ow : d->oh;
            from[i][k] = l->up ? (lack + 1) / 2 : 0;
            to[i][k] = l->up ? (size + lack + 1) / 2 : size;
        }
    taken = nn_wino_prepare(&t, c, &z);
    *m = c->wino ? c->wino->m : 0;
    if (taken == 1) {
        t.memory = malloc(t.scratch);
        t.run(&t);
        t.run(&t);      /* leaves nothing behind */
        free(t.memory);
    }
    nn_graph_free(g);
    nn_arena_release(&a);
    return taken;
}

static void check(const struct nn_simd *s, const struct layer *l, struct nn_pool *pool)
{
    int64_t extra = 2 * l->pad - (l->up ? 4 : 3);
    struct data d = { .l = l, .oh = l->up ? 2 * l->h - 2 * l->pad + 2 : l->h + extra + 1,
                      .ow = l->up ? 2 * l->w - 2 * l->pad + 2 : l->w + extra + 1 };
    int64_t n = l->n * d.oh * d.ow * l->cout;
    float *alone = malloc((size_t)n * sizeof *alone);
    int m, wide;

    d.x = noise(l->n * l->h * l->w * l->cin, 1);
    d.w = noise(l->cin * l->cout * (l->up ? 16 : 9), 2);
    d.bias = noise(l->cout, 3);
    d.slope = noise(l->cout, 4);
    d.res = noise(n, 5);
    d.y = malloc((size_t)n * sizeof *d.y);
    if (run(s, &d, NULL, &m) == 1) {
        double error = error_of(&d);
        CHECK(error < 4e-6);
        if (s->lanes == 8)
            CHECK(m == l->m);
        memcpy(alone, d.y, (size_t)n * sizeof *alone);
        CHECK(run(s, &d, pool, &wide) == 1 && wide == m);
        CHECK(!memcmp(alone, d.y, (size_t)n * sizeof *alone));  /* bits, at any thread count */
    } else {
        CHECK(s->lanes > l->cin);       /* nothing else keeps these layers from it */
    }
    float *all[] = { d.x, d.w, d.bias, d.slope, d.res, d.y, alone };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        free(all[k]);
}

/* Strides, groups and channels that do not fill vectors go the plain way. */
static void refusals(const struct nn_simd *s)
{
    struct layer l = { 1, 12 + s->lanes / 2, 8, 9, 9, 1, 0, 0, 0, 0 };
    struct data d = { .l = &l, .w = noise(l.cin * l.cout * 9, 1) };
    struct nn_fused f = { .residual = -1 };
    struct nn_arena a = { 0 };
    struct nn_graph *g;
    struct nn_conv *c = pack(&a, s, &d, &f, &g);

    CHECK(l.cin % s->lanes ? nn_wino_side(c) == 0 : nn_wino_side(c) == 3);
    c->cg = 16;
    CHECK(nn_wino_side(c) == 3);
    c->stride[1] = 2;
    CHECK(nn_wino_side(c) == 0);
    nn_graph_free(g);
    nn_arena_release(&a);
    free(d.w);
}

int main(void)
{
    struct nn_err err;
    struct nn_pool *pool = nn_pool_new(3, &err);

    for (int i = 0; nn_simd_name(i); i++) {
        const struct nn_simd *s = nn_simd_find(nn_simd_name(i));
        for (int k = 0; s && k < LAYERS; k++)
            check(s, &layers[k], pool);
        if (s)
            refusals(s);
    }
    nn_pool_free(pool);
    return test_done();
}
