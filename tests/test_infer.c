/* Shape rules with hostile sizes: an error or an unknown shape, never a product that wraps. */
#include "runtime/onnx/graph.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

#define BIG ((int64_t)1 << 31)
#define MAX INT64_MAX
#define MIN INT64_MIN

struct shape {
    int ndim;
    int64_t dim[5];
};

/* One node: an input, a second one or a list of constants, an attribute. */
static const struct {
    const char *op;
    struct shape x, y;          /* y.ndim -1: there is none */
    int nlist;                  /* a constant list as the last input */
    int64_t list[4];
    const char *attr;
    int nattr;                  /* 0: one integer, attrs[0] */
    int64_t attrs[6];
} cases[] = {
    { "Relu", { 3, { BIG, BIG, BIG } }, { .ndim = -1 }, 0, { 0 }, NULL, 0, { 0 } },
    { "Relu", { 2, { MAX, 1 } }, { .ndim = -1 }, 0, { 0 }, NULL, 0, { 0 } },
    { "Relu", { 3, { 0, MAX, 2 } }, { .ndim = -1 }, 0, { 0 }, NULL, 0, { 0 } },
    { "Add", { 2, { BIG, 1 } }, { 2, { 1, BIG } }, 0, { 0 }, NULL, 0, { 0 } },
    { "Add", { 1, { 4 } }, { 2, { 4, 4 } }, 0, { 0 }, "axis", 0, { MAX } },
    { "Where", { 2, { BIG, 1 } }, { 2, { 1, BIG } }, 1, { 1 }, NULL, 0, { 0 } },
    { "MatMul", { 2, { BIG, 1 } }, { 2, { 1, BIG } }, 0, { 0 }, NULL, 0, { 0 } },
    { "Gemm", { 2, { BIG, 1 } }, { 2, { 1, BIG } }, 0, { 0 }, NULL, 0, { 0 } },
    { "Einsum", { 1, { BIG } }, { 1, { BIG } }, 0, { 0 }, NULL, 0, { 0 } },
    { "Concat", { 1, { BIG } }, { 1, { BIG } }, 0, { 0 }, "axis", 0, { 0 } },
    { "Expand", { 1, { 1 } }, { .ndim = -1 }, 3, { BIG, BIG, BIG }, NULL, 0, { 0 } },
    { "Expand", { 1, { 1 } }, { .ndim = -1 }, 1, { MIN + 1 }, NULL, 0, { 0 } },
    { "Expand", { 1, { 1 } }, { .ndim = -1 }, 3, { 0, MAX, MAX }, NULL, 0, { 0 } },
    { "Tile", { 2, { 4, 4 } }, { .ndim = -1 }, 2, { MAX, MAX }, NULL, 0, { 0 } },
    { "Tile", { 2, { 0, 4 } }, { .ndim = -1 }, 2, { MAX, MAX }, NULL, 0, { 0 } },
    { "Reshape", { 2, { 4, 4 } }, { .ndim = -1 }, 3, { BIG, BIG, 4 }, NULL, 0, { 0 } },
    { "Reshape", { 2, { 4, 4 } }, { .ndim = -1 }, 3, { MAX, MAX, -1 }, NULL, 0, { 0 } },
    { "Unsqueeze", { 1, { 4 } }, { .ndim = -1 }, 1, { MAX }, NULL, 0, { 0 } },
    { "Squeeze", { 1, { 1 } }, { .ndim = -1 }, 1, { MIN + 1 }, NULL, 0, { 0 } },
    { "ReduceSum", { 1, { 4 } }, { .ndim = -1 }, 1, { MAX }, NULL, 0, { 0 } },
    { "Pad", { 1, { 4 } }, { .ndim = -1 }, 2, { MAX, MAX }, NULL, 0, { 0 } },
    { "Pad", { 2, { 4, 4 } }, { .ndim = -1 }, 4, { BIG, BIG, BIG, BIG }, NULL, 0, { 0 } },
    { "Pad", { 1, { 4 } }, { .ndim = -1 }, 2, { MIN + 1, MIN + 1 }, NULL, 0, { 0 } },
    { "TopK", { 1, { 4 } }, { .ndim = -1 }, 1, { MAX }, NULL, 0, { 0 } },
    { "TopK", { 1, { 4 } }, { .ndim = -1 }, 1, { 1 }, "axis", 0, { MIN } },
    { "Split", { 1, { 4 } }, { .ndim = -1 }, 1, { MAX }, NULL, 0, { 0 } },
    { "Gather", { 2, { 1, BIG } }, { .ndim = -1 }, 2, { 0, 0 }, NULL, 0, { 0 } },
    { "Gather", { 2, { 1, 4 } }, { .ndim = -1 }, 1, { MAX }, NULL, 0, { 0 } },
    { "Gather", { 2, { 1, 4 } }, { .ndim = -1 }, 1, { 0 }, "axis", 0, { MAX } },
    { "GatherND", { 2, { BIG, 1 } }, { .ndim = -1 }, 1, { 0 }, "batch_dims", 0, { MAX } },
    { "Flatten", { 1, { 4 } }, { .ndim = -1 }, 0, { 0 }, "axis", 0, { MIN } },
    { "Transpose", { 2, { 4, 4 } }, { .ndim = -1 }, 0, { 0 }, "perm", 2, { MAX, MIN } },
    { "SpaceToDepth", { 4, { 1, 1, 4, 4 } }, { .ndim = -1 }, 0, { 0 }, "blocksize", 0, { MAX } },
    { "DepthToSpace", { 4, { 1, 1, 4, 4 } }, { .ndim = -1 }, 0, { 0 }, "blocksize", 0, { MIN } },
    { "DepthToSpace", { 4, { 1, 1 << 30, 1, 1 } }, { .ndim = -1 }, 0, { 0 }, "blocksize", 0,
      { 1 << 16 } },
    { "Conv", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1, 1, 1 } }, 0, { 0 }, "pads", 4,
      { MAX, MAX, MAX, MAX } },
    { "Conv", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1, 2, 2 } }, 0, { 0 }, "dilations", 2,
      { MAX, MAX } },
    { "Conv", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1, 2, 2 } }, 0, { 0 }, "strides", 2, { MIN, 0 } },
    { "Conv", { 4, { 1, 4, 4, 4 } }, { 4, { 4, 1, 1, 1 } }, 0, { 0 }, "group", 0, { MAX } },
    { "Conv", { 4, { 1 << 15, 1, 1 << 8, 1 << 7 } }, { 4, { 1 << 15, 1, 1, 1 } }, 0, { 0 }, NULL,
      0, { 0 } },
    { "ConvTranspose", { 4, { 1, 1, 1 << 15, 1 << 15 } }, { 4, { 1, 1, 2, 2 } }, 0, { 0 },
      "strides", 2, { 1 << 20, 1 << 20 } },
    { "ConvTranspose", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1 << 20, 1, 1 } }, 0, { 0 }, "group", 0,
      { MAX } },
    { "ConvTranspose", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1, 2, 2 } }, 0, { 0 }, "output_padding",
      2, { MAX, MAX } },
    { "ConvTranspose", { 4, { 1, 1, 4, 4 } }, { 4, { 1, 1, 2, 2 } }, 0, { 0 }, "output_shape", 2,
      { MAX, MAX } },
    { "MaxPool", { 4, { 1, 1, 4, 4 } }, { .ndim = -1 }, 0, { 0 }, "kernel_shape", 2,
      { MAX, MAX } },
    { "OneHot", { 1, { BIG } }, { 0, { 0 } }, 2, { 0, 1 }, NULL, 0, { 0 } },
    { "Det", { 2, { BIG, 4 } }, { .ndim = -1 }, 0, { 0 }, NULL, 0, { 0 } },
    { "Compress", { 1, { 4 } }, { 1, { 4 } }, 0, { 0 }, "axis", 0, { MAX } },
    { "Unique", { 1, { 4 } }, { .ndim = -1 }, 0, { 0 }, "axis", 0, { MIN } },
    { "CumSum", { 1, { 4 } }, { .ndim = -1 }, 1, { MIN + 1 }, NULL, 0, { 0 } },
};

static void refused(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new(cases[i].op, &err);
        int in[3], nin = 0;
        in[nin++] = nn_graph_input(g, "x", cases[i].x.ndim, cases[i].x.dim);
        if (cases[i].y.ndim >= 0)
            in[nin++] = nn_graph_input(g, "y", cases[i].y.ndim, cases[i].y.dim);
        if (cases[i].nlist)
            in[nin++] = nn_graph_const(g, "list", NN_I64, 1, (int64_t[]){ cases[i].nlist },
                                       cases[i].list);
        nn_graph_output(g, nn_graph_node(g, cases[i].op, nin, in, "z"));
        if (cases[i].attr && cases[i].nattr)
            nn_graph_attr_ints(g, cases[i].attr, cases[i].nattr, cases[i].attrs);
        else if (cases[i].attr)
            nn_graph_attr_int(g, cases[i].attr, cases[i].attrs[0]);
        CHECK_OK(nn_graph_finish(g, &err), &err);
        /* the other choice is not to know */
        CHECK(nn_onnx_infer(g, &err) || nn_tensor_elements(&g->tensor[g->out[0]]) < 0);
        nn_graph_free(g);
    }
}

/* Values carried along stay themselves or become unknown. */
static void wraps(void)
{
    static const struct {
        const char *op;
        int64_t a, b;
    } sums[] = { { "Add", MAX, MAX }, { "Sub", MIN, MAX }, { "Mul", MAX, MAX },
                 { "Div", MIN, -1 }, { "Div", 1, 0 }, { "Mod", MIN, -1 }, { "Mod", 1, 0 } };

    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new("sum", &err);
        int x = nn_graph_input(g, "x", 1, (int64_t[]){ 1 });
        int a = nn_graph_const(g, "a", NN_I64, 1, (int64_t[]){ 1 }, &sums[i].a);
        int b = nn_graph_const(g, "b", NN_I64, 1, (int64_t[]){ 1 }, &sums[i].b);
        int sum = nn_graph_node(g, sums[i].op, 2, (int[]){ a, b }, "sum");
        nn_graph_output(g, nn_graph_node(g, "Expand", 2, (int[]){ x, sum }, "y"));
        CHECK_OK(nn_graph_finish(g, &err), &err);
        CHECK_OK(nn_onnx_infer(g, &err), &err);
        CHECK(nn_tensor_elements(&g->tensor[g->out[0]]) < 0);
        nn_graph_free(g);
    }
}

static int64_t length_of_range(int64_t from, int64_t to, int64_t by)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("range", &err);
    int in[3] = { nn_graph_const(g, "from", NN_I64, 0, NULL, &from),
                  nn_graph_const(g, "to", NN_I64, 0, NULL, &to),
                  nn_graph_const(g, "by", NN_I64, 0, NULL, &by) };
    int64_t n = -2;

    nn_graph_output(g, nn_graph_node(g, "Range", 3, in, "y"));
    CHECK_OK(nn_graph_finish(g, &err), &err);
    if (!nn_onnx_infer(g, &err))
        n = nn_tensor_elements(&g->tensor[g->out[0]]);
    nn_graph_free(g);
    return n;
}

static void ranges(void)
{
    CHECK(length_of_range(0, MAX, 1) == -2);
    CHECK(length_of_range(MIN + 1, MAX, 1) == -2);
    CHECK(length_of_range(1, 4, 0) == -2);
    CHECK(length_of_range(MIN + 1, MAX, MAX) == 2);
    CHECK(length_of_range(MAX, 0, MIN + 1) == 1);
    CHECK(length_of_range(4, 1, 1) == 0);
    CHECK(length_of_range(1, 4, 2) == 2);
}

int main(void)
{
    refused();
    wraps();
    ranges();
    return test_done();
}
