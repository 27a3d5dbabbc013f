/* QuantizeLinear and DequantizeLinear, alone and as the pairs that int8 models consist of. */
#include "runtime/engine/engine.h"
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
    q = scalars(g, nn_graph_input(g, "x", 2, (int64_t[]){ 2, N / 2 }), "QuantizeLinear", type, scale,
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
    test_refusals();
    return test_done();
}
