/* The engine: operators by hand, fast kernels against plain ones, plans, limits. */
#include "common/rng.h"
#include "common/pool.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

static float *noise(size_t n, uint64_t seed)
{
    float *x = malloc((n + 1) * sizeof *x);
    struct nn_rng r;

    nn_rng_seed(&r, seed, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = nn_rng_range(&r, -1, 1);
    return x;
}

/* One operator on a row of floats, with values worked out by hand. */
static const struct {
    const char *op;
    float alpha;            /* attribute, where not 0 */
    float x[4], y[4];
} unary[] = {
    { "Relu", 0, { -1, 0, 2, -3 }, { 0, 0, 2, 0 } },
    { "LeakyRelu", .1f, { -1, 0, 2, -3 }, { -.1f, 0, 2, -.3f } },
    { "Sigmoid", 0, { 0, 100, -100, 1 }, { .5f, 1, 0, .7310586f } },
    { "HardSigmoid", .2f, { 0, 10, -10, 1 }, { .5f, 1, 0, .7f } },
    { "HardSwish", 0, { 0, 3, -3, 1 }, { 0, 3, 0, .6666667f } },
    { "Tanh", 0, { 0, 100, -100, 1 }, { 0, 1, -1, .7615942f } },
    { "Exp", 0, { 0, 1, -1, 2 }, { 1, 2.7182818f, .36787944f, 7.389056f } },
    { "Abs", 0, { 0, 1, -1, -2 }, { 0, 1, 1, 2 } },
    { "Softmax", 0, { 1, 1, 1, 1 }, { .25f, .25f, .25f, .25f } },
    { "Mish", 0, { -1, 0, 2, -3 }, { -0.3034015f, 0, 1.943959f, -0.1456475f } },
    { "Gelu", 0, { -1, 0, 2, -3 }, { -0.1586553f, 0, 1.9545f, -0.004049694f } },
    { "Swish", 0, { -1, 0, 2, -3 }, { -0.2689414f, 0, 1.761594f, -0.1422776f } },
    { "Identity", 0, { 1, 2, 3, 4 }, { 1, 2, 3, 4 } },
};

static void unary_ops(void)
{
    for (size_t i = 0; i < sizeof unary / sizeof *unary; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new(unary[i].op, &err);
        int x = nn_graph_input(g, "x", 2, (int64_t[]){ 1, 4 });
        float data[4];
        nn_graph_output(g, nn_graph_node(g, unary[i].op, 1, &x, "y"));
        if (unary[i].alpha != 0)
            nn_graph_attr_float(g, "alpha", unary[i].alpha);
        memcpy(data, unary[i].x, sizeof data);
        struct nn_engine *e = nn_engine_new(g, NULL, &err);
        struct nn_value in = { "x", NN_F32, 2, { 1, 4 }, data };
        CHECK_OK(e ? 0 : -1, &err);
        if (e) {
            CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
            for (int k = 0; k < 4; k++)
                CHECK_NEAR(((float *)nn_engine_output(e, 0)->data)[k], unary[i].y[k], 1e-6);
        }
        nn_engine_free(e);
        nn_graph_free(g);
    }
}

/* Operators on int8, which wrap and have no cases of their own in opset 17. */
static const struct {
    const char *op;
    int8_t a[3], b[3], y[3];
} bytes[] = {
    { "Add", { 100, -100, 1 }, { 100, -100, 2 }, { -56, 56, 3 } },
    { "Mul", { 16, -3, 127 }, { 16, 5, 2 }, { 0, -15, -2 } },
    { "Div", { -128, 7, -7 }, { -1, 0, 2 }, { -128, 0, -3 } },
    { "BitwiseAnd", { 12, -1, 0 }, { 10, 5, 3 }, { 8, 5, 0 } },
    { "BitwiseOr", { 12, -1, 0 }, { 10, 5, 3 }, { 14, -1, 3 } },
    { "BitwiseXor", { 12, -1, 0 }, { 10, 5, 3 }, { 6, -6, 3 } },
    { "BitwiseNot", { 12, -1, 0 }, { 0 }, { -13, 0, -1 } },
};

static void byte_ops(void)
{
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new(bytes[i].op, &err);
        int x[2], nin = strcmp(bytes[i].op, "BitwiseNot") ? 2 : 1;
        int8_t a[3], b[3];
        for (int k = 0; k < nin; k++) {
            x[k] = nn_graph_tensor(g, k ? "b" : "a", NN_I8, 1, (int64_t[]){ 3 });
            nn_graph_input_add(g, x[k]);
        }
        nn_graph_output(g, nn_graph_node(g, bytes[i].op, nin, x, "y"));
        memcpy(a, bytes[i].a, sizeof a);
        memcpy(b, bytes[i].b, sizeof b);
        struct nn_engine *e = nn_engine_new(g, NULL, &err);
        struct nn_value in[2] = { { "a", NN_I8, 1, { 3 }, a }, { "b", NN_I8, 1, { 3 }, b } };
        CHECK_OK(e ? 0 : -1, &err);
        if (e) {
            CHECK_OK(nn_engine_run(e, in, nin, &err), &err);
            CHECK(!memcmp(nn_engine_output(e, 0)->data, bytes[i].y, sizeof a));
        }
        nn_engine_free(e);
        nn_graph_free(g);
    }
}

struct layer {
    int64_t n, cin, h, w, cout, group, kernel, stride, dilation, pad;
};

static const struct layer layers[] = {
    { 1, 1, 5, 5, 1, 1, 3, 1, 1, 1 },    { 2, 3, 17, 13, 8, 1, 3, 2, 1, 1 },
    { 1, 16, 9, 9, 7, 1, 1, 1, 1, 0 },   { 3, 8, 7, 6, 8, 8, 3, 1, 1, 1 },
    { 1, 8, 12, 11, 8, 8, 3, 2, 1, 1 },  { 2, 6, 9, 9, 12, 6, 5, 2, 1, 2 },
    { 1, 12, 10, 10, 18, 3, 3, 1, 2, 2 }, { 2, 4, 1, 1, 5, 1, 3, 1, 1, 1 },
    { 1, 4, 3, 2, 4, 4, 3, 3, 1, 1 },    { 4, 32, 3, 3, 40, 1, 3, 1, 1, 1 },
};

/* The definition, in double. */
static double conv_at(const struct layer *l, const float *x, const float *w, int64_t n, int64_t o,
                      int64_t oy, int64_t ox)
{
    int64_t cg = l->cin / l->group, first = o / (l->cout / l->group) * cg;
    double sum = 0;

    for (int64_t c = 0; c < cg; c++)
        for (int64_t ky = 0; ky < l->kernel; ky++)
            for (int64_t kx = 0; kx < l->kernel; kx++) {
                int64_t iy = oy * l->stride + ky * l->dilation - l->pad;
                int64_t ix = ox * l->stride + kx * l->dilation - l->pad;
                if (iy >= 0 && iy < l->h && ix >= 0 && ix < l->w)
                    sum += (double)x[((n * l->cin + first + c) * l->h + iy) * l->w + ix] *
                           (double)w[((o * cg + c) * l->kernel + ky) * l->kernel + kx];
            }
    return sum;
}

static int64_t out_size(const struct layer *l, int64_t size)
{
    return (size + 2 * l->pad - l->dilation * (l->kernel - 1) - 1) / l->stride + 1;
}

/* Conv, then if wanted BatchNorm, a sum with its own input and Relu6. With
 * `apart` every stage is a graph output too, which forbids fusing. */
static struct nn_graph *conv_graph(const struct layer *l, const float *w, int norm, int apart)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("conv", &err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ NN_DYNAMIC, l->cin, l->h, l->w }), y, p[4];
    int wt = nn_graph_const(g, "w", NN_F32, 4,
                            (int64_t[]){ l->cout, l->cin / l->group, l->kernel, l->kernel }, w);

    y = nn_graph_node(g, "Conv", 2, (int[]){ x, wt }, "conv");
    nn_graph_attr_int(g, "group", l->group);
    nn_graph_attr_ints(g, "strides", 2, (int64_t[]){ l->stride, l->stride });
    nn_graph_attr_ints(g, "dilations", 2, (int64_t[]){ l->dilation, l->dilation });
    nn_graph_attr_ints(g, "pads", 4, (int64_t[]){ l->pad, l->pad, l->pad, l->pad });
    if (norm) {
        float *v = noise((size_t)l->cout, 5);
        for (int k = 0; k < 4; k++) {
            for (int64_t i = 0; k == 3 && i < l->cout; i++)
                v[i] = v[i] * v[i] + .5f;
            p[k] = nn_graph_const(g, (const char *[]){ "s", "b", "m", "v" }[k], NN_F32, 1,
                                  &l->cout, v);
        }
        free(v);
        if (apart)
            nn_graph_output(g, y);
        y = nn_graph_node(g, "BatchNormalization", 5, (int[]){ y, p[0], p[1], p[2], p[3] }, "bn");
        int limit[3] = { 0, nn_graph_const(g, "lo", NN_F32, 0, NULL, &(float){ 0 }),
                         nn_graph_const(g, "hi", NN_F32, 0, NULL, &(float){ 6 }) };
        if (apart)
            nn_graph_output(g, y);
        if (out_size(l, l->h) == l->h && out_size(l, l->w) == l->w && l->cin == l->cout)
            y = nn_graph_node(g, "Add", 2, (int[]){ x, y }, "sum");
        if (apart)
            nn_graph_output(g, y);
        limit[0] = y;
        y = nn_graph_node(g, "Clip", 3, limit, "relu6");
    }
    nn_graph_output(g, y);
    CHECK_OK(nn_graph_finish(g, &err), &err);
    return g;
}

/* Output `last` (from the end: 1) of one run, copied. */
static float *run(const struct nn_graph *g, const struct layer *l, int64_t n, const float *x,
                  struct nn_pool *pool, size_t *count)
{
    struct nn_err err = { 0 };
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_engine *e = nn_engine_new(g, &opts, &err);
    struct nn_value in = { "x", NN_F32, 4, { n, l->cin, l->h, l->w }, (void *)x };
    const struct nn_value *out;
    float *y = NULL;

    CHECK_OK(e ? nn_engine_run(e, &in, 1, &err) : -1, &err);
    if (e && !err.code) {
        out = nn_engine_output(e, g->nout - 1);
        *count = (size_t)(out->dim[0] * out->dim[1] * out->dim[2] * out->dim[3]);
        y = malloc(*count * sizeof *y);
        memcpy(y, out->data, *count * sizeof *y);
    }
    nn_engine_free(e);
    return y;
}

static void convolutions(struct nn_pool *pool)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        const struct layer *l = &layers[i];
        size_t nx = (size_t)(l->n * l->cin * l->h * l->w), ny = 0, n1 = 0, n2 = 0, wrong = 0;
        float *x = noise(nx, i), *w = noise((size_t)(l->cout * l->cin * 25), i + 100);
        struct nn_graph *plain = conv_graph(l, w, 0, 0), *fused = conv_graph(l, w, 1, 0);
        struct nn_graph *apart = conv_graph(l, w, 1, 1);
        int64_t oh = out_size(l, l->h), ow = out_size(l, l->w);
        float *y = run(plain, l, l->n, x, NULL, &ny), *two = run(plain, l, l->n, x, pool, &ny);

        CHECK((int64_t)ny == l->n * l->cout * oh * ow);
        for (size_t k = 0; y && k < ny; k++) {
            int64_t at = (int64_t)k;
            double want = conv_at(l, x, w, at / (l->cout * oh * ow), at / (oh * ow) % l->cout,
                                  at / ow % oh, at % ow);
            wrong += !(fabs(y[k] - want) < 1e-4);
        }
        CHECK(wrong == 0);
        CHECK(y && two && !memcmp(y, two, ny * sizeof *y));     /* bits, at any thread count */
        float *one = run(plain, l, 1, x, NULL, &n1);
        CHECK(one && y && n1 * (size_t)l->n == ny && !memcmp(one, y, n1 * sizeof *y));
        float *a = run(fused, l, l->n, x, pool, &n1), *b = run(apart, l, l->n, x, NULL, &n2);
        CHECK(a && b && n1 == n2);
        for (size_t k = wrong = 0; a && b && k < n1; k++)
            wrong += !(fabsf(a[k] - b[k]) < 1e-5f * (1 + fabsf(b[k])));
        CHECK(wrong == 0);
        float *all[] = { one, y, two, a, b, x, w };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            free(all[k]);
        nn_graph_free(plain);
        nn_graph_free(fused);
        nn_graph_free(apart);
    }
}

/* (3 x 2)(2 x 2) + row, by hand; then as batches of MatMul. */
static void products(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("gemm", &err);
    int x = nn_graph_input(g, "x", 2, (int64_t[]){ NN_DYNAMIC, 2 });
    int w = nn_graph_const(g, "w", NN_F32, 2, (int64_t[]){ 2, 2 }, (float[]){ 1, 2, 3, 4 });
    int b = nn_graph_const(g, "b", NN_F32, 1, (int64_t[]){ 2 }, (float[]){ 10, 20 });
    int y = nn_graph_node(g, "Gemm", 3, (int[]){ x, w, b }, "y");
    static const float want[6] = { 11, 23, 12, 24, 13, 27 };
    float data[6] = { 1, 0, 0, 1, 1, 1 };

    nn_graph_attr_int(g, "transB", 1);
    nn_graph_output(g, y);
    nn_graph_output(g, nn_graph_node(g, "MatMul", 2, (int[]){ x, w }, "m"));
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    struct nn_value in = { "x", NN_F32, 2, { 3, 2 }, data };
    CHECK_OK(e ? nn_engine_run(e, &in, 1, &err) : -1, &err);
    for (int i = 0; e && i < 6; i++) {
        static const float product[6] = { 1, 2, 3, 4, 4, 6 };
        CHECK_NEAR(((float *)nn_engine_output(e, 0)->data)[i], want[i], 0);
        CHECK_NEAR(((float *)nn_engine_output(e, 1)->data)[i], product[i], 0);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Inputs that do not fit, a memory limit, and nodes that cannot run. */
static void count_lacks(void *arg, const struct nn_node *n, const char *reason)
{
    CHECK(!strcmp(n->op, "NoSuchThing") && strstr(reason, "not supported"));
    ++*(int *)arg;
}

/* Times are kept when asked for, and only then. */
static void profiles(void)
{
    const struct layer l = { 1, 3, 64, 64, 64, 1, 3, 1, 1, 1 };
    float *w = noise(64 * 27, 1), *x = noise(3 * 64 * 64, 2);
    struct nn_graph *g = conv_graph(&l, w, 0, 0);
    struct nn_value in = { "x", NN_F32, 4, { 1, 3, 64, 64 }, x };
    struct nn_err err = { 0 };

    for (int keep = 0; keep < 2; keep++) {
        struct nn_engine_opts opts = { .profile = keep };
        struct nn_engine *e = nn_engine_new(g, &opts, &err);
        double ms = 0;
        CHECK_OK(e ? nn_engine_run(e, &in, 1, &err) : -1, &err);
        for (int i = 0; e && i < nn_engine_graph(e)->nnode; i++)
            ms += nn_engine_node_ms(e, i);
        CHECK((ms > 0) == keep);
        nn_engine_free(e);
    }
    nn_graph_free(g);
    free(w);
    free(x);
}

static void refusals(void)
{
    const struct layer l = { 1, 3, 64, 64, 64, 1, 3, 1, 1, 1 };
    float *w = noise(64 * 27, 1), *x = noise(3 * 64 * 64, 2);
    struct nn_graph *g = conv_graph(&l, w, 0, 0);
    struct nn_engine_opts small = { .max_memory = 1 << 18 };
    struct nn_err err = { 0 };
    int told = 0;

    CHECK(!nn_engine_new(g, &small, &err) && err.code == NN_EMEM);
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    struct nn_value in = { "x", NN_F32, 4, { 1, 3, 64, 63 }, x };
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "1x3x64x63"));
    in.dim[3] = 64;
    in.name = "y";
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "no input 'y'"));
    in.name = "x";
    in.type = NN_I64;
    CHECK(nn_engine_run(e, &in, 1, &err) && strstr(err.msg, "int64"));
    CHECK(nn_engine_run(e, NULL, 0, &err) && strstr(err.msg, "missing"));
    in.type = NN_F32;
    for (int n = 0; n < 20; n++)        /* more shapes than plans are kept */
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
    nn_engine_free(e);

    nn_graph_node(g, "NoSuchThing", 1, &g->out[0], "end");
    CHECK(nn_engine_lacks(g, count_lacks, &told) == 1 && told == 1);
    CHECK(!nn_engine_new(g, NULL, &err) && strstr(err.msg, "NoSuchThing"));
    nn_graph_free(g);
    free(w);
    free(x);
}

/* Many batch sizes on one engine: plans come and go, results stay. */
static void plans(void)
{
    const struct layer l = { 12, 4, 6, 6, 5, 1, 3, 1, 1, 1 };
    float *w = noise(5 * 4 * 9, 1), *x = noise(12 * 4 * 36, 2);
    struct nn_graph *g = conv_graph(&l, w, 0, 0);
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    float first[5 * 36];

    CHECK_OK(e ? 0 : -1, &err);
    for (int64_t n = 1, round = 0; e && round < 30; round++, n = n % 12 + 1) {
        struct nn_value in = { "x", NN_F32, 4, { n, 4, 6, 6 }, x };
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
        CHECK(nn_engine_output(e, 0)->dim[0] == n);
        if (!round)
            memcpy(first, nn_engine_output(e, 0)->data, sizeof first);
        CHECK(!memcmp(first, nn_engine_output(e, 0)->data, sizeof first));
    }
    nn_engine_free(e);
    nn_graph_free(g);
    free(w);
    free(x);
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *two = nn_pool_new(2, &err);

    unary_ops();
    byte_ops();
    convolutions(two);
    products();
    profiles();
    refusals();
    plans();
    nn_pool_free(two);
    return test_done();
}
