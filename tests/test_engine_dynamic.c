/* Shapes that values decide, and shapes that nobody knows before they are computed. */
#include "common/progress.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"
#include "tests/test.h"

static int input(struct nn_graph *g, const char *name, enum nn_dtype type, int ndim,
                 const int64_t *dim)
{
    int t = nn_graph_tensor(g, name, type, ndim, dim);

    nn_graph_input_add(g, t);
    return t;
}

static int list(struct nn_graph *g, const char *name, int n, const int64_t *v)
{
    return nn_graph_const(g, name, NN_I64, 1, (int64_t[]){ n }, v);
}

static struct nn_engine *load(const struct nn_graph *g, size_t memory)
{
    struct nn_engine_opts opts = { .max_memory = memory };
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_new(g, &opts, &err);

    CHECK_OK(e ? 0 : -1, &err);
    return e;
}

/* Relu(Reshape(x, shape)): the plan's memory is the same for each, the shape is not. */
static void targets(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("targets", &err);
    int x = nn_graph_input(g, "x", 2, (int64_t[]){ 4, 6 });
    int s = input(g, "shape", NN_I64, 1, (int64_t[]){ 2 });
    float data[24];
    size_t most = 0;

    nn_graph_output(g, nn_graph_node(g, "Relu", 1, (int[]){
                           nn_graph_node(g, "Reshape", 2, (int[]){ x, s }, NULL) }, "y"));
    struct nn_engine *e = load(g, 0);
    for (int i = 0; i < 24; i++)
        data[i] = (float)(i - 3);
    for (int round = 0; e && round < 60; round++) {
        static const int64_t rows[] = { 1, 2, 3, 4, 6, 8, 12, 24, -1, 3 };
        int64_t want[2] = { rows[round % 10], round % 10 == 8 ? 5 : -1 };
        struct nn_value in[2] = { { "x", NN_F32, 2, { 4, 6 }, data },
                                  { "shape", NN_I64, 1, { 2 }, want } };
        const struct nn_value *y = nn_engine_output(e, 0);
        if (round % 10 == 8) {          /* 24 is no multiple of 5; the engine lives on */
            CHECK(nn_engine_run(e, in, 2, &err) && strstr(err.msg, "Reshape"));
            continue;
        }
        CHECK_OK(nn_engine_run(e, in, 2, &err), &err);
        CHECK(y->ndim == 2 && y->dim[0] == want[0] && y->dim[1] == 24 / want[0]);
        for (int i = 0; i < 24; i++)
            CHECK(((float *)y->data)[i] == (i < 3 ? 0 : data[i]));
        if (round == 30)
            most = nn_engine_memory(e);
        CHECK(round < 30 || nn_engine_memory(e) <= most + (most >> 1));
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* The same values decide when they come through arithmetic that only running can follow. */
static void computed(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("computed", &err);
    int x = input(g, "x", NN_I64, 1, (int64_t[]){ 5 }), k = list(g, "k", 1, (int64_t[]){ 0 });
    int most = nn_graph_node(g, "ReduceMax", 1, &x, "most");
    nn_graph_attr_int(g, "keepdims", 1);
    int zero = nn_graph_const(g, "zero", NN_I64, 0, NULL, &(int64_t){ 0 });
    int one = nn_graph_const(g, "one", NN_I64, 0, NULL, &(int64_t){ 1 });
    int flat = nn_graph_node(g, "Squeeze", 2, (int[]){ most, k }, "flat");
    int range = nn_graph_node(g, "Range", 3, (int[]){ zero, flat, one }, "range");
    int tiled = nn_graph_node(g, "Tile", 2, (int[]){ range, most }, "tiled");
    nn_graph_output(g, nn_graph_node(g, "Add", 2, (int[]){ tiled, one }, "y"));
    nn_graph_output(g, most);
    struct nn_engine *e = load(g, 0);
    for (int64_t n = 0; e && n < 12; n++) {
        int64_t v[5] = { 0, n, 0, n - 1, -9 };
        struct nn_value in = { "x", NN_I64, 1, { 5 }, v };
        const struct nn_value *y = nn_engine_output(e, 0);
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
        CHECK(y->ndim == 1 && y->dim[0] == n * n);
        for (int64_t i = 0; i < n * n; i++)
            CHECK(((int64_t *)y->data)[i] == i % n + 1);
        CHECK(*(int64_t *)nn_engine_output(e, 1)->data == n);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* A picture enlarged to 1.5 times its size, the way exporters write it, is one stage and
 * known at load; with scales from outside it is planned for each. */
static void enlarged(int given)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("enlarged", &err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ 1, 1, 4, 6 }), in[4] = { x, -1, -1, -1 };
    int out = nn_graph_tensor(g, "y", NN_UNDEFINED, -1, NULL);
    float data[24], scales[4] = { 1, 1, 1.5f, 1.5f };

    if (given) {
        in[2] = input(g, "scales", NN_F32, 1, (int64_t[]){ 4 });
        nn_graph_node_raw(g, "Resize", "resize", 3, in, 1, &out);
    } else {
        int by = nn_graph_const(g, "by", NN_F32, 1, (int64_t[]){ 4 }, scales);
        int shape = nn_graph_node(g, "Shape", 1, &x, "shape");
        int real = nn_graph_node(g, "Cast", 1, &shape, "real");
        nn_graph_attr_int(g, "to", NN_F32);
        int more = nn_graph_node(g, "Mul", 2, (int[]){ real, by }, "more");
        int whole = nn_graph_node(g, "Floor", 1, &more, "whole");
        in[3] = nn_graph_node(g, "Cast", 1, &whole, "sizes");
        nn_graph_attr_int(g, "to", NN_I64);
        nn_graph_node_raw(g, "Resize", "resize", 4, in, 1, &out);
    }
    nn_graph_output(g, out);
    struct nn_engine *e = load(g, 0);
    for (int i = 0; i < 24; i++)
        data[i] = (float)i;
    for (int round = 0; e && round < 6; round++) {
        int64_t h = given ? 4 * (round / 2 + 1) : 6, w = given ? 6 * (round / 2 + 1) : 9;
        scales[2] = scales[3] = (float)(round / 2 + 1);
        struct nn_value v[2] = { { "x", NN_F32, 4, { 1, 1, 4, 6 }, data },
                                 { "scales", NN_F32, 1, { 4 }, scales } };
        const struct nn_value *y = nn_engine_output(e, 0);
        CHECK_OK(nn_engine_run(e, v, 1 + given, &err), &err);
        CHECK(y->dim[2] == h && y->dim[3] == w);
        CHECK(((float *)y->data)[h * w - 1] == 23);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Where x > 0, by NonZero; those values gathered, and as many ones by their number. */
static struct nn_graph *positives(int64_t n)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("positives", &err);
    int x = nn_graph_input(g, "x", 1, (int64_t[]){ n });
    float none = 0, one = 1;
    int zero = nn_graph_const(g, "zero", NN_F32, 0, NULL, &none);
    int ones = nn_graph_const(g, "ones", NN_F32, 1, (int64_t[]){ 1 }, &one);
    int over = nn_graph_node(g, "Greater", 2, (int[]){ x, zero }, "over");
    int at = nn_graph_node(g, "NonZero", 1, &over, "at");
    int row = nn_graph_node(g, "Squeeze", 2, (int[]){ at, list(g, "k", 1, (int64_t[]){ 0 }) },
                            "row");
    int some = nn_graph_node(g, "Gather", 2, (int[]){ x, row }, "some");
    int shape = nn_graph_node(g, "Shape", 1, &some, "shape");
    int many = nn_graph_node(g, "Expand", 2, (int[]){ ones, shape }, "many");
    nn_graph_output(g, nn_graph_node(g, "Add", 2, (int[]){ some, many }, "y"));
    nn_graph_output(g, at);
    return g;
}

static void found(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = positives(100);
    struct nn_engine *e = load(g, 0);
    float x[100];

    for (int round = 0; e && round < 101; round++) {
        int64_t count = 0, want[100] = { 0 };
        for (int i = 0; i < 100; i++) {
            x[i] = (i * 37 + round) % 101 < round ? (float)(i + 1) : -(float)i;
            if (x[i] > 0)
                want[count++] = i;
        }
        struct nn_value in = { "x", NN_F32, 1, { 100 }, x };
        const struct nn_value *y = nn_engine_output(e, 0), *at = nn_engine_output(e, 1);
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
        CHECK(y->ndim == 1 && y->dim[0] == count && at->dim[0] == 1 && at->dim[1] == count);
        for (int64_t i = 0; i < count; i++) {
            CHECK(((float *)y->data)[i] == (float)want[i] + 2);
            CHECK(((int64_t *)at->data)[i] == want[i]);
        }
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Behind unknown shapes weights are weights still: a convolution of however many pictures
 * Compress lets through, its weights computed from constants. */
static void packed(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("packed", &err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ 3, 2, 5, 5 });
    int keep = input(g, "keep", NN_BOOL, 1, (int64_t[]){ 3 });
    float w[8 * 2 * 9], half = .5f, data[150];

    for (int i = 0; i < 8 * 2 * 9; i++)
        w[i] = (float)(i % 7 - 3);
    for (int i = 0; i < 150; i++)
        data[i] = (float)(i % 11 - 5);
    int wt = nn_graph_const(g, "w", NN_F32, 4, (int64_t[]){ 8, 2, 3, 3 }, w);
    int h = nn_graph_const(g, "half", NN_F32, 0, NULL, &half);
    int scaled = nn_graph_node(g, "Mul", 2, (int[]){ wt, h }, "scaled");
    int some = nn_graph_node(g, "Compress", 2, (int[]){ x, keep }, "some");
    nn_graph_attr_int(g, "axis", 0);
    nn_graph_output(g, nn_graph_node(g, "Conv", 2, (int[]){ some, scaled }, "y"));
    struct nn_engine *e = load(g, 0);
    for (int set = 7; e && set >= 0; set--) {
        uint8_t bits[3] = { set & 1, set >> 1 & 1, set >> 2 & 1 };
        struct nn_value in[2] = { { "keep", NN_BOOL, 1, { 3 }, bits },
                                  { "x", NN_F32, 4, { 3, 2, 5, 5 }, data } };
        const struct nn_value *y = nn_engine_output(e, 0);
        int64_t n = 0;
        CHECK_OK(nn_engine_run(e, in, 2, &err), &err);
        for (int b = 0; b < 3; b++) {
            if (!bits[b])
                continue;
            for (int o = 0; o < 8; o++) {       /* the first value of each plane */
                float sum = 0;
                for (int i = 0; i < 18; i++)
                    sum += w[o * 18 + i] / 2 * data[b * 50 + i / 9 * 25 + i % 9 / 3 * 5 + i % 3];
                CHECK_NEAR(((float *)y->data)[(n * 8 + o) * 9], sum, 1e-4);
            }
            n++;
        }
        CHECK(y->dim[0] == n && y->dim[1] == 8);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* What values ask for is bounded like everything else. */
static void limits(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("limits", &err);
    int x = nn_graph_input(g, "x", 1, (int64_t[]){ 1 });
    int s = input(g, "shape", NN_I64, 1, (int64_t[]){ NN_DYNAMIC });
    int64_t want[70] = { 1000, 1000 };
    float one = 1;

    nn_graph_output(g, nn_graph_node(g, "Expand", 2, (int[]){ x, s }, "y"));
    struct nn_engine *e = load(g, 1 << 20);
    struct nn_value in[2] = { { "x", NN_F32, 1, { 1 }, &one },
                              { "shape", NN_I64, 1, { 2 }, want } };
    CHECK(e && nn_engine_run(e, in, 2, &err) && err.code == NN_EMEM);
    want[0] = INT64_MAX;
    CHECK(e && nn_engine_run(e, in, 2, &err) && strstr(err.msg, "2^31"));
    want[0] = -1;
    CHECK(e && nn_engine_run(e, in, 2, &err) && strstr(err.msg, "negative"));
    in[1].dim[0] = 70;
    CHECK(e && nn_engine_run(e, in, 2, &err) && err.code == NN_EUNSUPPORTED);
    in[1].dim[0] = 2;
    for (int64_t n = 1; e && n < 200; n++) {    /* 2 to 400 kB: all kept plans fit */
        want[0] = n * 5;
        want[1] = 100;
        CHECK_OK(nn_engine_run(e, in, 2, &err), &err);
        CHECK(((float *)nn_engine_output(e, 0)->data)[n * 500 - 1] == 1);
        CHECK(nn_engine_memory(e) < (1 << 20) + (1 << 17));
    }
    nn_engine_free(e);
    nn_graph_free(g);

    g = positives(100000);              /* what NonZero may find takes 800 kB */
    e = load(g, 2 << 20);
    nn_engine_free(e);
    struct nn_engine_opts small = { .max_memory = 1 << 19 };
    CHECK(!nn_engine_new(g, &small, &err) && err.code == NN_EMEM);
    nn_graph_free(g);
}

static void keep_reason(void *arg, const struct nn_node *n, const char *reason)
{
    snprintf(arg, 100, "%s: %s", n->op, reason);
}

/* Behind a shape nobody knows yet, operators are named all the same. */
static void named(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = positives(4);
    char told[100] = "";

    CHECK(nn_engine_lacks(g, keep_reason, told) == 0);
    nn_graph_node(g, "NoSuchThing", 1, &g->out[0], "end");
    CHECK(nn_engine_lacks(g, keep_reason, told) == 1 && strstr(told, "NoSuchThing"));
    CHECK(!nn_engine_new(g, NULL, &err) && strstr(err.msg, "NoSuchThing"));
    nn_graph_free(g);
}

/* As many cuts as one likes, but not more than are told of. */
static void chain(int n)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("chain", &err);
    int at = nn_graph_input(g, "x", 1, (int64_t[]){ 3 });
    int64_t k = 0, v;
    float x[3] = { 1, 0, 2 };

    at = nn_graph_node(g, "NonZero", 1, &at, NULL);     /* 0 2 */
    for (int i = 1; i < n; i++)                         /* 1, then 0, then nothing */
        at = nn_graph_node(g, "NonZero", 1, (int[]){ nn_graph_node(g, "Squeeze", 2, (int[]){
                               at, list(g, "k", 1, &k) }, NULL) }, NULL);
    nn_graph_output(g, at);
    for (int i = 0, seen = 0; i < g->ntensor; i++)      /* each constant has its own name */
        if (!strcmp(g->tensor[i].name, "k")) {
            char *name = nn_arena_alloc(&g->arena, 20);
            snprintf(name, 20, "k%d", seen++);
            g->tensor[i].name = name;
        }
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    struct nn_value in = { "x", NN_F32, 1, { 3 }, x };
    CHECK((e != NULL) == (n <= 256));
    CHECK(e || (err.code == NN_EUNSUPPORTED && strstr(err.msg, "255")));
    if (e) {
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
        const struct nn_value *y = nn_engine_output(e, 0);
        v = n == 1 ? 2 : n == 2 ? 1 : 0;
        CHECK(y->dim[0] == 1 && y->dim[1] == (n == 1 ? 2 : n < 4));
        CHECK(n > 3 || ((int64_t *)y->data)[n == 1] == v);
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

/* Small files that would take minutes: loading does not run them to get warm. */
static const struct {
    const char *op, *attr;
    int nattr, nin;
    int64_t attrs[2];
    int ndim[3];
    int64_t dim[3][4];
} heavy[] = {
    { "MaxPool", "kernel_shape", 2, 1, { 900, 900 }, { 4 }, { { 1, 1, 1800, 1800 } } },
    { "MatMul", NULL, 0, 2, { 0 }, { 3, 3 }, { { 40, 1000, 1000 }, { 1, 1000, 1000 } } },
    { "TopK", "k", 0, 1, { 200000 }, { 1 }, { { 400000 } } },
    { "Det", NULL, 0, 1, { 0 }, { 2 }, { { 3000, 3000 } } },
    { "Conv", NULL, 0, 2, { 0 }, { 3, 3 }, { { 1, 300, 3000 }, { 300, 300, 1000 } } },
    { "GRU", "hidden_size", 0, 3, { 500 }, { 3, 3, 3 },
      { { 4000, 1, 500 }, { 1, 1500, 500 }, { 1, 1500, 500 } } },
};

static void cold(void)
{
    for (size_t i = 0; i < sizeof heavy / sizeof *heavy; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new(heavy[i].op, &err);
        static const char *const names[] = { "a", "b", "c" };
        int in[3], out[2];
        for (int k = 0; k < heavy[i].nin; k++)
            in[k] = nn_graph_input(g, names[k], heavy[i].ndim[k], heavy[i].dim[k]);
        for (int k = 0; k < 2; k++)
            out[k] = nn_graph_tensor(g, k ? "z" : "y", NN_UNDEFINED, -1, NULL);
        nn_graph_node_raw(g, heavy[i].op, "", heavy[i].nin, in, strcmp(heavy[i].op, "TopK") ? 1 : 2,
                          out);
        if (heavy[i].nattr)
            nn_graph_attr_ints(g, heavy[i].attr, heavy[i].nattr, heavy[i].attrs);
        else if (heavy[i].attr)
            nn_graph_attr_int(g, heavy[i].attr, heavy[i].attrs[0]);
        nn_graph_output(g, out[0]);
        double start = nn_now();
        nn_engine_free(load(g, 0));
        CHECK(nn_now() - start < 4);    /* milliseconds, but machines are busy */
        nn_graph_free(g);
    }
}

int main(void)
{
    chain(1);
    chain(2);
    chain(3);
    chain(4);
    chain(200);
    chain(256);
    chain(257);
    cold();
    targets();
    computed();
    enlarged(0);
    enlarged(1);
    found();
    packed();
    limits();
    named();
    return test_done();
}
