/* QuantizeLinear and DequantizeLinear, alone and as the pairs that int8 models consist of. */
#include "runtime/engine/engine.h"
#include "runtime/engine/simd/simd.h"
#include "runtime/onnx/graph.h"
#include "tests/test.h"

enum { N = 4096 };

static float random_value(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (float)((double)*seed / 4294967296.0 * 8 - 4);
}

/* q = saturate(round half to even(x / scale) + zero), by the specification's words. */
static int quantised(float x, float scale, int zero, int lo, int hi)
{
    double q = nearbyint((double)(x / scale)) + zero;

    return (int)(q < lo ? lo : q > hi ? hi : q);
}

static int scalars(struct nn_graph *g, int x, const char *op, int type, float scale, int zero,
                   const char *name)
{
    uint8_t z = (uint8_t)zero;
    char s[32], t[32];
    int in[3] = { x };

    snprintf(s, sizeof s, "%s.s", name);
    snprintf(t, sizeof t, "%s.z", name);
    in[1] = nn_graph_const(g, s, NN_F32, 0, NULL, &scale);
    in[2] = nn_graph_const(g, t, (enum nn_dtype)type, 0, NULL, &z);
    return nn_graph_node(g, op, 3, in, name);
}

/* A pair, its integers an output as well or not: the floats must be the same bits. */
static void test_pair(int type, float scale, int zero, int show)
{
    int lo = type == NN_U8 ? 0 : -128, hi = type == NN_U8 ? 255 : 127, q, y;
    struct nn_graph *g = nn_graph_new("pair", NULL);
    struct nn_err err = { 0 };
    static float x[N];
    struct nn_value in = { "x", NN_F32, 2, { 2, N / 2 }, x };
    struct nn_engine *e;
    unsigned seed = 7;

    for (int i = 0; i < N; i++)
        x[i] = i < 600 ? scale * .5f * (float)(i - 300) : random_value(&seed);
    q = scalars(g, nn_graph_input(g, "x", 2, (int64_t[]){ 2, N / 2 }), "QuantizeLinear", type,
                scale,
                zero, "q");
    y = scalars(g, q, "DequantizeLinear", type, scale, zero, "y");
    nn_graph_output(g, y);
    if (show)
        nn_graph_output(g, q);
    CHECK_OK(nn_graph_finish(g, &err), &err);
    e = nn_engine_new(g, NULL, &err);
    CHECK(e != NULL);
    if (e && !nn_engine_run(e, &in, 1, &err)) {
        const float *out = nn_engine_output(e, 0)->data;
        const void *ints = show ? nn_engine_output(e, 1)->data : NULL;
        int wrong = 0;
        for (int i = 0; i < N; i++) {
            int want = quantised(x[i], scale, zero, lo, hi);
            wrong += out[i] != (float)(want - zero) * scale;
            if (ints)
                wrong += want != (type == NN_U8 ? ((const uint8_t *)ints)[i]
                                                : ((const int8_t *)ints)[i]);
        }
        CHECK(wrong == 0);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Weights with a scale for each output channel, behind DequantizeLinear, and a pair in
 * front: the same answer as a float convolution of the same numbers. */
static void test_conv(void)
{
    static const float scale[3] = { .5f, .25f, 2 };
    int8_t w[3 * 2 * 9];
    float floats[3 * 2 * 9], x[2 * 64], rounded[2 * 64];
    struct nn_err err = { 0 };
    struct nn_engine *e[2];
    unsigned seed = 3;

    for (int i = 0; i < 54; i++) {
        w[i] = (int8_t)(random_value(&seed) * 31);
        floats[i] = w[i] * scale[i / 18];
    }
    for (int i = 0; i < 128; i++) {
        x[i] = random_value(&seed);
        rounded[i] = (float)(quantised(x[i], .03125f, 128, 0, 255) - 128) * .03125f;
    }
    for (int k = 0; k < 2; k++) {
        struct nn_graph *g = nn_graph_new("conv", NULL);
        int in[3];
        in[0] = nn_graph_input(g, "x", 4, (int64_t[]){ 1, 2, 8, 8 });
        if (k) {
            int d[3];
            in[0] = scalars(g, in[0], "QuantizeLinear", NN_U8, .03125f, 128, "xq");
            in[0] = scalars(g, in[0], "DequantizeLinear", NN_U8, .03125f, 128, "xd");
            d[0] = nn_graph_const(g, "wq", NN_I8, 4, (int64_t[]){ 3, 2, 3, 3 }, w);
            d[1] = nn_graph_const(g, "ws", NN_F32, 1, (int64_t[]){ 3 }, scale);
            d[2] = nn_graph_const(g, "wz", NN_I8, 1, (int64_t[]){ 3 }, NULL);
            in[1] = nn_graph_node(g, "DequantizeLinear", 3, d, "w");
            nn_graph_attr_int(g, "axis", 0);
        } else {
            in[1] = nn_graph_const(g, "w", NN_F32, 4, (int64_t[]){ 3, 2, 3, 3 }, floats);
        }
        nn_graph_output(g, nn_graph_node(g, "Conv", 2, in, "y"));
        nn_graph_attr_ints(g, "pads", 4, (int64_t[]){ 1, 1, 1, 1 });
        CHECK_OK(nn_graph_finish(g, &err), &err);
        e[k] = nn_engine_new(g, NULL, &err);
        CHECK(e[k] != NULL);
        nn_graph_free(g);
    }
    if (e[0] && e[1]) {
        struct nn_value a = { "x", NN_F32, 4, { 1, 2, 8, 8 }, rounded };
        struct nn_value b = { "x", NN_F32, 4, { 1, 2, 8, 8 }, x };
        CHECK_OK(nn_engine_run(e[0], &a, 1, &err), &err);
        CHECK_OK(nn_engine_run(e[1], &b, 1, &err), &err);
        CHECK(!memcmp(nn_engine_output(e[0], 0)->data, nn_engine_output(e[1], 0)->data,
                      3 * 64 * sizeof(float)));
    }
    nn_engine_free(e[0]);
    nn_engine_free(e[1]);
}

/* One convolution between pairs. */
struct shape {
    int n, cin, h, w, cout, kh, kw, stride, dilation, pad, type, relu, shared, rounded;
};

/* x -> pair -> Conv (int8 weights of seven bits, int32 bias) [-> Relu] [-> pair], and
 * where `shared` the rounded input is an output as well. */
static struct nn_graph *whole_graph(const struct shape *s, const int8_t *w, const int32_t *bias,
                                    const float *scale, const float *bias_scale)
{
    int64_t cout = s->cout, p = s->pad, st = s->stride, d = s->dilation;
    struct nn_graph *g = nn_graph_new("whole", NULL);
    int in[3], q[3], y, x, zero = s->type == NN_U8 ? 100 : -20;

    x = nn_graph_input(g, "x", 4, (int64_t[]){ NN_DYNAMIC, s->cin, s->h, s->w });
    x = scalars(g, x, "QuantizeLinear", s->type, .03125f, zero, "xq");
    in[0] = x = scalars(g, x, "DequantizeLinear", s->type, .03125f, zero, "xd");
    q[0] = nn_graph_const(g, "w8", NN_I8, 4, (int64_t[]){ cout, s->cin, s->kh, s->kw }, w);
    q[1] = nn_graph_const(g, "ws", NN_F32, 1, &cout, scale);
    q[2] = nn_graph_const(g, "wz", NN_I8, 1, &cout, NULL);
    in[1] = nn_graph_node(g, "DequantizeLinear", 3, q, "w");
    nn_graph_attr_int(g, "axis", 0);
    q[0] = nn_graph_const(g, "b32", NN_I32, 1, &cout, bias);
    q[1] = nn_graph_const(g, "bs", NN_F32, 1, &cout, bias_scale);
    in[2] = nn_graph_node(g, "DequantizeLinear", 2, q, "b");
    nn_graph_attr_int(g, "axis", 0);
    y = nn_graph_node(g, "Conv", 3, in, "c");
    nn_graph_attr_ints(g, "pads", 4, (int64_t[]){ p, p, p, p });
    nn_graph_attr_ints(g, "strides", 2, (int64_t[]){ st, st });
    nn_graph_attr_ints(g, "dilations", 2, (int64_t[]){ d, d });
    if (s->relu)
        y = nn_graph_node(g, "Relu", 1, &y, "r");
    if (s->rounded) {
        y = scalars(g, y, "QuantizeLinear", NN_U8, .5f, 128, "yq");
        y = scalars(g, y, "DequantizeLinear", NN_U8, .5f, 128, "yd");
    }
    nn_graph_output(g, nn_graph_node(g, "Neg", 1, &y, "y"));
    if (s->shared)
        nn_graph_output(g, x);
    return g;
}

/* Runs `g` with the kernels of one instruction set. Free the values. */
static float *run_with(const char *isa, const struct nn_graph *g, const struct shape *s, float *x,
                       int threads, int64_t *count)
{
    struct nn_value in = { "x", NN_F32, 4, { s->n, s->cin, s->h, s->w }, x };
    struct nn_engine_opts opts = { .threads = threads };
    struct nn_engine *e;
    struct nn_err err = { 0 };
    float *y = NULL;

    setenv("NEONNOIR_ISA", isa, 1);
    e = nn_engine_new(g, &opts, &err);
    if (!e || nn_engine_run(e, &in, 1, &err)) {
        fprintf(stderr, "%s: %s\n", isa, err.msg);
    } else {
        const struct nn_value *out = nn_engine_output(e, 0);
        *count = out->dim[0] * out->dim[1] * out->dim[2] * out->dim[3];
        if ((y = malloc((size_t)*count * sizeof *y)))
            memcpy(y, out->data, (size_t)*count * sizeof *y);
    }
    nn_engine_free(e);
    unsetenv("NEONNOIR_ISA");
    return y;
}

/* Integer kernels against the float kernels of a set that has none. */
static void test_whole(const struct shape *s)
{
    int64_t nx = (int64_t)s->n * s->cin * s->h * s->w;
    int64_t nw = (int64_t)s->cout * s->cin * s->kh * s->kw;
    float *x = malloc((size_t)nx * sizeof *x), *scale = malloc((size_t)s->cout * sizeof *scale);
    float *bias_scale = malloc((size_t)s->cout * sizeof *scale), *y[3] = { 0 }, top = 0;
    int8_t *w = malloc((size_t)nw);
    int32_t *bias = malloc((size_t)s->cout * sizeof *bias);
    int64_t count[3] = { 0, -1, -2 }, off = 0;
    unsigned seed = 11;
    struct nn_graph *g;

    for (int64_t i = 0; i < nx; i++)
        x[i] = random_value(&seed);
    for (int64_t i = 0; i < nw; i++)
        w[i] = (int8_t)(random_value(&seed) * 15.9f);
    for (int i = 0; i < s->cout; i++) {
        scale[i] = .001f * (float)(1 + i % 7);
        bias_scale[i] = scale[i] * .03125f;
        bias[i] = (int32_t)(random_value(&seed) * 1e4f);
    }
    g = whole_graph(s, w, bias, scale, bias_scale);
    y[0] = run_with("sse2", g, s, x, 1, &count[0]);
    y[1] = run_with("avx2", g, s, x, 1, &count[1]);
    y[2] = run_with("avx2", g, s, x, 2, &count[2]);
    CHECK(y[0] && y[1] && y[2] && count[0] == count[1] && count[0] == count[2]);
    if (y[0] && y[1] && y[2] && count[0] == count[1] && count[0] == count[2]) {
        for (int64_t i = 0; i < count[0]; i++)
            top = fabsf(y[0][i]) > top ? fabsf(y[0][i]) : top;
        for (int64_t i = 0; i < count[0]; i++) {
            float d = fabsf(y[0][i] - y[1][i]);
            if (s->rounded)         /* a float sum may fall on the other side of a tie */
                off += d > .5f ? 1000000 : d > 0;
            else
                off += d > 2e-6f * top;
        }
        CHECK(top > 1 && off <= (s->rounded ? count[0] / 500 : 0));
        CHECK(!memcmp(y[1], y[2], (size_t)count[0] * sizeof(float)));
    }
    nn_graph_free(g);
    free(x);
    free(w);
    free(scale);
    free(bias_scale);
    free(bias);
    for (int i = 0; i < 3; i++)
        free(y[i]);
}

static const struct shape shapes[] = {
    { 1, 32, 24, 24, 32, 3, 3, 1, 1, 1, NN_U8, 1, 0, 0 },
    { 2, 16, 9, 7, 48, 3, 3, 2, 1, 1, NN_U8, 0, 0, 1 },
    { 1, 7, 11, 13, 20, 3, 3, 1, 2, 2, NN_U8, 1, 1, 0 },
    { 1, 5, 6, 5, 17, 5, 5, 1, 1, 2, NN_I8, 0, 0, 0 },
    { 3, 64, 5, 5, 64, 1, 1, 1, 1, 0, NN_I8, 1, 0, 1 },
    { 1, 3, 40, 40, 32, 5, 5, 2, 1, 2, NN_U8, 1, 1, 1 },
    { 1, 33, 4, 4, 40, 1, 1, 2, 1, 0, NN_U8, 0, 0, 0 },
    { 1, 40, 3, 3, 36, 3, 3, 1, 1, 0, NN_U8, 0, 1, 1 },
    { 1, 36, 2, 3, 32, 3, 3, 3, 1, 4, NN_U8, 1, 0, 0 },
};

/* What cannot be is refused with its reason. */
static void test_refusals(void)
{
    struct nn_graph *g = nn_graph_new("bad", NULL);
    struct nn_err err = { 0 };
    int in[3];

    in[0] = nn_graph_input(g, "x", 2, (int64_t[]){ 2, 4 });
    in[1] = nn_graph_const(g, "s", NN_F32, 1, (int64_t[]){ 3 }, (float[]){ 1, 1, 1 });
    in[2] = nn_graph_const(g, "z", NN_U8, 1, (int64_t[]){ 3 }, NULL);
    nn_graph_output(g, nn_graph_node(g, "QuantizeLinear", 3, in, "y"));
    CHECK(!nn_engine_new(g, NULL, &err) && strstr(err.msg, "each index of its axis"));
    nn_graph_free(g);
}

int main(void)
{
    for (int show = 0; show < 2; show++) {
        test_pair(NN_U8, .03125f, 128, show);
        test_pair(NN_U8, .017f, 0, show);
        test_pair(NN_I8, .03f, 0, show);
        test_pair(NN_U8, .013f, 77, show);
    }
    test_conv();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (nn_simd_find("avx2") && nn_simd_find("avx2")->tile8)
            test_whole(&shapes[i]);
    test_refusals();
    return test_done();
}
