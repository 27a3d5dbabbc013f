/*
 * TensorFlow Lite models converted, run and compared with LiteRT 2.3 on noise of
 * nn_rng(7, input) in -1..1: small ones that tests/tflite_build.h makes, and MediaPipe's.
 *
 *   test_tflite DIR     writes the small ones into DIR (seeds for the fuzzer)
 */
#include "runtime/engine/engine.h"
#include "runtime/tflite/tflite.h"
#include "tests/test.h"
#include "tests/tflite_build.h"

enum { MAX_VALUES = 512 };

static const struct {
    const char *name, *tensors, *ops;
} cases[] = {
#include "tests/data/tflite_cases.def"
};

/* A case's outputs in order, one after the other. */
static const struct {
    const char *name;
    int n;
    float v[MAX_VALUES];
} outputs[] = {
#include "tests/data/tflite_outputs.def"
};

/* MediaPipe's: evenly spread values of an output, and the sum of all magnitudes. */
static const struct {
    const char *model, *output;
    int64_t count;
    double sum;
    int n;
    float v[64];
} models[] = {
#include "tests/data/tflite_models.def"
};

static int64_t count(const struct nn_value *v)
{
    int64_t n = 1;

    for (int i = 0; i < v->ndim; i++)
        n *= v->dim[i];
    return n;
}

/* The PLAIN place of value i of a 4-D N x C x H x W tensor. */
static int64_t plain(const struct nn_value *v, int64_t i)
{
    int64_t w = i % v->dim[3], h = i / v->dim[3] % v->dim[2];
    int64_t c = i / v->dim[3] / v->dim[2] % v->dim[1], n = i / v->dim[3] / v->dim[2] / v->dim[1];

    return ((n * v->dim[2] + h) * v->dim[3] + w) * v->dim[1] + c;
}

static void feed(const struct nn_tensor *t, int input, int nchw, struct nn_value *v)
{
    struct nn_rng r;

    *v = (struct nn_value){ .name = t->name, .type = t->type, .ndim = t->ndim };
    for (int k = 0; k < t->ndim; k++)
        v->dim[k] = t->dim[k] < 0 ? 1 : t->dim[k];
    int64_t n = count(v);
    float *noise = malloc((size_t)n * sizeof *noise), *x = malloc((size_t)n * sizeof *x);
    nn_rng_seed(&r, 7, (uint64_t)input);
    for (int64_t i = 0; i < n; i++)
        noise[i] = nn_rng_range(&r, -1, 1);
    for (int64_t i = 0; i < n; i++)
        x[i] = noise[nchw && v->ndim == 4 ? plain(v, i) : i];
    v->data = x;
    free(noise);
}

/* Runs a converted graph on noise; NULL and a failed check where it does not. */
static struct nn_engine *run(const struct nn_graph *g, int nchw)
{
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    struct nn_value in[4];

    CHECK_OK(e ? 0 : -1, &err);
    CHECK(g->nin <= 4);
    if (!e || g->nin > 4)
        return NULL;
    for (int i = 0; i < g->nin; i++)
        feed(&g->tensor[g->in[i]], i, nchw, &in[i]);
    CHECK_OK(nn_engine_run(e, in, g->nin, &err), &err);
    for (int i = 0; i < g->nin; i++)
        free(in[i].data);
    if (!err.code)
        return e;
    nn_engine_free(e);
    return NULL;
}

static double number(const struct nn_value *v, int64_t i)
{
    return v->type == NN_I32 ? ((const int32_t *)v->data)[i] : ((const float *)v->data)[i];
}

static void compare(const struct nn_graph *g, size_t c, size_t o, int nchw)
{
    struct nn_engine *e = run(g, nchw);
    int64_t at = 0;

    for (int k = 0; e && k < g->nout; k++) {
        const struct nn_value *v = nn_engine_output(e, k);
        int64_t n = count(v);
        double worst = 0;
        CHECK(at + n <= outputs[o].n);
        for (int64_t i = 0; i < n && at + n <= outputs[o].n; i++) {
            double want = outputs[o].v[at + (nchw && v->ndim == 4 ? plain(v, i) : i)];
            double d = fabs(number(v, i) - want) / (1 + fabs(want));
            worst = d <= worst ? worst : d;     /* NaN stays */
        }
        if (!(worst <= 2e-6))
            fprintf(stderr, "%s, output %d%s: off by %g\n", cases[c].name, k,
                    nchw ? ", nchw" : "", worst);
        CHECK(worst <= 2e-6);
        at += n;
    }
    CHECK(!e || at == outputs[o].n);
    nn_engine_free(e);
}

static void check_case(size_t c)
{
    static struct tb_model m;
    static struct tb b;
    size_t o = 0;

    while (o < sizeof outputs / sizeof *outputs && strcmp(outputs[o].name, cases[c].name))
        o++;
    CHECK(o < sizeof outputs / sizeof *outputs);
    tb_describe(&m, cases[c].tensors, cases[c].ops);
    tb_build(&b, &m);
    for (int nchw = 0; nchw < 2 && o < sizeof outputs / sizeof *outputs; nchw++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_tflite_parse(b.byte, b.size, cases[c].name, nchw, &err);
        CHECK_OK(g ? 0 : -1, &err);
        if (g)
            compare(g, c, o, nchw);
        nn_graph_free(g);
    }
}

/* How often `op` stands in what a case becomes. */
static int nodes(const char *name, const char *op, int nchw)
{
    static struct tb_model m;
    static struct tb b;
    struct nn_graph *g = NULL;
    int n = 0;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        if (!strcmp(cases[c].name, name)) {
            tb_describe(&m, cases[c].tensors, cases[c].ops);
            tb_build(&b, &m);
            g = nn_tflite_parse(b.byte, b.size, name, nchw, NULL);
        }
    CHECK(g);
    for (int i = 0; g && i < g->nnode; i++)
        n += !op || !strcmp(g->node[i].op, op);
    nn_graph_free(g);
    return n;
}

/* Between N x C x H x W ends nothing is transposed that need not be. */
static void check_layouts(void)
{
    CHECK(nodes("conv_f16", NULL, 1) == 2);            /* Conv, Relu */
    CHECK(nodes("pad_conv", NULL, 1) == 2);            /* its own padding */
    CHECK(nodes("pad_same_conv", "Pad", 1) == 1);
    CHECK(nodes("mul_gate", "Transpose", 1) == 0);
    CHECK(nodes("pad_channels", "Transpose", 1) == 0);
    CHECK(nodes("concat", "Transpose", 1) == 0);
    CHECK(nodes("mean_both", "Transpose", 1) == 0);
    CHECK(nodes("mean_rows", "Transpose", 1) == 1);    /* what is left has another order */
    CHECK(nodes("reshape_1", "Transpose", 1) == 0);
    CHECK(nodes("transpose", "Transpose", 0) == 2);     /* 0312 of 0231 is nothing */
    CHECK(nodes("reshape", "Transpose", 1) == 1);
}

/* What convolutions work on has four dimensions; a Reshape may make more of it, whose
 * values then stand in TFLite's order. */
static void check_five(int nchw)
{
    static struct tb_model m;
    static struct tb b;
    struct nn_err err = { 0 };
    struct nn_value x;
    struct nn_graph *g;
    struct nn_engine *e;

    tb_describe(&m, "x 1x4x4x3; t 1x2x2x3; s 5 i32 =1,2,1,2,3; u 1x2x1x2x3; y 1x2x1x2x3",
                "MAX_POOL_2D x > t : 1,2,2,2,2; RESHAPE t s > u; NEG u > y");
    tb_build(&b, &m);
    g = nn_tflite_parse(b.byte, b.size, "five", nchw, &err);
    CHECK_OK(g ? 0 : -1, &err);
    e = g ? run(g, nchw) : NULL;
    if (e) {
        const struct nn_value *y = nn_engine_output(e, 0);
        feed(&g->tensor[g->in[0]], 0, 0, &x);
        CHECK(y->ndim == 5 && y->dim[1] == 2 && y->dim[2] == 1 && y->dim[3] == 2 && y->dim[4] == 3);
        for (int64_t i = 0; i < 12; i++) {      /* (row, column, channel) of t */
            int64_t at = i / 6 * 24 + i / 3 % 2 * 6 + i % 3;
            const float *p = (const float *)x.data + at;
            CHECK_NEAR(((const float *)y->data)[i], -fmax(fmax(p[0], p[3]), fmax(p[12], p[15])), 0);
        }
        free(x.data);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

static int check_model(const char *data, size_t k)
{
    char path[4096];
    struct nn_err err = { 0 };
    struct nn_graph *g;
    struct nn_engine *e;

    snprintf(path, sizeof path, "%s/models/mediapipe-tflite/%s", data, models[k].model);
    if (access(path, R_OK))
        return 0;
    g = nn_tflite_read(path, 0, &err);
    CHECK_OK(g ? 0 : -1, &err);
    e = g ? run(g, 0) : NULL;
    for (int i = 0, found = 0; e && i <= g->nout; i++) {
        const struct nn_value *v = nn_engine_output(e, i);
        double sum = 0;
        if (!v) {
            CHECK(found);
            break;
        }
        if (strcmp(v->name, models[k].output))
            continue;
        found = 1;
        CHECK(count(v) == models[k].count);
        for (int64_t j = 0; j < count(v); j++)
            sum += fabs(number(v, j));
        CHECK_NEAR(sum, models[k].sum, 1e-5 * models[k].sum);
        for (int j = 0; j < models[k].n; j++)
            CHECK_NEAR(number(v, j * models[k].count / models[k].n), models[k].v[j], 1e-3);
    }
    nn_engine_free(e);
    nn_graph_free(g);
    return 1;
}

static int write_cases(const char *dir)
{
    static struct tb_model m;
    static struct tb b;

    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.tflite", dir, cases[c].name);
        FILE *f = fopen(path, "wb");
        tb_describe(&m, cases[c].tensors, cases[c].ops);
        tb_build(&b, &m);
        if (!f || fwrite(b.byte, b.size, 1, f) != 1 || fclose(f))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *data = test_data();
    int found = 0;

    if (argc > 1)
        return write_cases(argv[1]);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        check_case(c);
    check_layouts();
    check_five(0);
    check_five(1);
    for (size_t k = 0; data && k < sizeof models / sizeof *models; k++)
        found += check_model(data, k);
    if (!found)
        SKIP("no test data");
    return test_done();
}
