/* int8 models: ranges, scales, what is rounded, and opsets brought up to 13. */
#include "export/opset.h"
#include "export/quantise.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

static void test_ranges(void)
{
    double bin[2000] = { 0 };
    struct nn_range r;

    for (int i = 0; i < 1000; i++)
        bin[1000 + i] = i < 100 ? 1e4 : 0;      /* all within 0..1 of -10..10 but one */
    bin[1999] = 1;
    r = nn_range_choose(NN_RANGE_MINMAX, -10, 10, bin, 2000);
    CHECK(r.lo == -10 && r.hi == 10);
    r = nn_range_choose(NN_RANGE_PERCENTILE, -10, 10, bin, 2000);
    CHECK_NEAR(r.lo, 0, .02);
    CHECK_NEAR(r.hi, 1, .02);
    r = nn_range_choose(NN_RANGE_MSE, -10, 10, bin, 2000);
    CHECK(r.hi < 9 && r.hi >= 1);
    for (int i = 0; i < 2000; i++)
        bin[i] = 1;                             /* nothing to gain by clipping */
    r = nn_range_choose(NN_RANGE_MSE, 2, 10, bin, 2000);
    CHECK(r.lo == 0 && r.hi > 9.5f);            /* zero always has a value of its own */
}

/* x -> Conv -> Relu -> MaxPool -> Conv -> y */
static struct nn_graph *model(const float *w, const float *b)
{
    struct nn_graph *g = nn_graph_new("m", NULL);
    int in[3], t;

    in[0] = nn_graph_input(g, "x", 4, (int64_t[]){ 1, 1, 4, 4 });
    in[1] = nn_graph_const(g, "w", NN_F32, 4, (int64_t[]){ 2, 1, 1, 1 }, w);
    in[2] = nn_graph_const(g, "b", NN_F32, 1, (int64_t[]){ 2 }, b);
    t = nn_graph_node(g, "Conv", 3, in, "c");
    t = nn_graph_node(g, "Relu", 1, &t, "r");
    in[0] = nn_graph_node(g, "MaxPool", 1, &t, "p");
    nn_graph_attr_ints(g, "kernel_shape", 2, (int64_t[]){ 2, 2 });
    in[1] = nn_graph_const(g, "v", NN_F32, 4, (int64_t[]){ 1, 2, 1, 1 }, (float[]){ 1, 1 });
    nn_graph_output(g, nn_graph_node(g, "Conv", 2, in, "y"));
    return g;
}

static void test_graph(void)
{
    static const float w[2] = { .5f, -4 }, b[2] = { 1, 3e9f };
    struct nn_graph *g = model(w, b), *small = NULL;
    struct nn_quantise q = { 0 };
    struct nn_err err = { 0 };
    int t;

    CHECK_OK(nn_onnx_infer(g, &err), &err);
    CHECK_OK(nn_quantise_choose(&q, g, 7, &err), &err);
    CHECK(q.layers == 2 && q.n == 3);           /* x, r and p; c is inside, y the answer */
    CHECK(q.n == 3 && q.like[2] == 1);          /* what MaxPool hands on has r's scale */
    q.range[0] = (struct nn_range){ -2, 2 };
    q.range[1] = (struct nn_range){ 0, 6 };
    small = nn_quantise_graph(&q, g, &err);
    CHECK(small != NULL);
    if (small) {
        const float *sx = small->tensor[nn_graph_find(small, "x.scale")].data;
        const uint8_t *zx = small->tensor[nn_graph_find(small, "x.zero")].data;
        CHECK(*zx == 128 && *sx * 127 >= 2 && *sx * 127 < 2.01f);
        t = nn_graph_find(small, "c.weight.i8");
        CHECK(t >= 0 && ((int8_t *)small->tensor[t].data)[0] == 63);
        t = nn_graph_find(small, "c.bias.i32");
        CHECK(t >= 0 && abs(((int32_t *)small->tensor[t].data)[1]) <= 1 << 30);
        CHECK(nn_graph_find(small, "p.rounded") >= 0 && nn_graph_find(small, "y.rounded") < 0);
        CHECK_OK(nn_onnx_infer(small, &err), &err);
    }
    nn_quantise_release(&q);
    nn_graph_free(small);
    nn_graph_free(g);

    g = nn_graph_new("bare", NULL);
    t = nn_graph_input(g, "x", 2, (int64_t[]){ 1, 4 });
    nn_graph_output(g, nn_graph_node(g, "Relu", 1, &t, "y"));
    CHECK(nn_quantise_choose(&q, g, 7, &err) < 0 && strstr(err.msg, "nothing to make int8 of"));
    nn_quantise_release(&q);
    nn_graph_free(g);
}

static void test_opset(void)
{
    struct nn_graph *g = nn_graph_new("old", NULL);
    struct nn_err err = { 0 };
    int t = nn_graph_input(g, "x", 2, (int64_t[]){ 1, 4 });

    g->opset = 9;
    t = nn_graph_node(g, "Clip", 1, &t, "c");
    nn_graph_attr_float(g, "max", 6);
    t = nn_graph_node(g, "Softmax", 1, &t, "s");
    t = nn_graph_node(g, "Unsqueeze", 1, &t, "u");
    nn_graph_attr_ints(g, "axes", 1, (int64_t[]){ 0 });
    nn_graph_output(g, t);
    CHECK_OK(nn_onnx_infer(g, &err), &err);
    CHECK_OK(nn_opset_raise(g, &err), &err);
    CHECK(g->opset == 13 && g->node[0].nin == 3 && g->node[0].in[1] == -1 && !g->node[0].nattr);
    CHECK(*(float *)g->tensor[g->node[0].in[2]].data == 6);
    CHECK(nn_attr_int(&g->node[1], "axis", 7) == 1);
    CHECK(g->node[2].nin == 2 && *(int64_t *)g->tensor[g->node[2].in[1]].data == 0);
    CHECK_OK(nn_onnx_infer(g, &err), &err);
    CHECK(g->tensor[t].ndim == 3);
    g->opset = 9;
    g->node[1].op = "Upsample";
    CHECK(nn_opset_raise(g, &err) < 0 && strstr(err.msg, "cannot be brought to opset 13"));
    nn_graph_free(g);
}

int main(void)
{
    test_ranges();
    test_graph();
    test_opset();
    return test_done();
}
