/* ONNX files: out and in again, and what bad bytes get. */
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/pb.h"
#include "tests/test.h"

/* Input -> Conv -> Relu -> Flatten -> Gemm, with an attribute of every kind. */
static struct nn_graph *small(struct nn_err *err)
{
    static const float w[2 * 1 * 3 * 3] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, -1 }, b[2] = { .5f, -.5f };
    static const float fc[3 * 32] = { 1, -2, .25f };
    struct nn_graph *g = nn_graph_new("small", err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ NN_DYNAMIC, 1, 4, 4 });
    int wt = nn_graph_const(g, "w", NN_F32, 4, (int64_t[]){ 2, 1, 3, 3 }, w);
    int bt = nn_graph_const(g, "b", NN_F32, 1, (int64_t[]){ 2 }, b);
    int ft = nn_graph_const(g, "fc", NN_F32, 2, (int64_t[]){ 3, 32 }, fc);

    x = nn_graph_node(g, "Conv", 3, (int[]){ x, wt, bt }, "conv");
    nn_graph_attr_ints(g, "pads", 4, (int64_t[]){ 1, 1, 1, 1 });
    x = nn_graph_node(g, "LeakyRelu", 1, &x, NULL);
    nn_graph_attr_float(g, "alpha", .125f);
    x = nn_graph_node(g, "Flatten", 1, &x, NULL);
    x = nn_graph_node(g, "Gemm", 2, (int[]){ x, ft }, "logits");
    nn_graph_attr_int(g, "transB", 1);
    nn_graph_output(g, x);
    nn_graph_set_meta(g, "neonnoir.task", "test");
    CHECK_OK(nn_graph_finish(g, err), err);
    return g;
}

static void round_trip(const void *bytes, size_t size)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_onnx_parse(bytes, size, "small.onnx", &err);
    struct nn_graph *c = g ? nn_graph_copy(g, &err) : NULL;
    size_t again = 0;
    void *out = c ? nn_onnx_format(c, &again, &err) : NULL;

    CHECK_OK(out ? 0 : -1, &err);
    CHECK(out && again == size && !memcmp(out, bytes, size));
    if (g) {
        const struct nn_node *gemm = &g->node[g->nnode - 1];
        CHECK(g->nnode == 4 && g->nin == 1 && g->nout == 1 && g->opset == 13);
        CHECK(nn_graph_meta(g, "neonnoir.task") && !nn_graph_meta(g, "none"));
        CHECK(nn_graph_find(g, "logits") == g->out[0] && nn_graph_find(g, "nothing") == -1);
        CHECK(!strcmp(gemm->op, "Gemm") && nn_attr_int(gemm, "transB", 0) == 1);
        CHECK(nn_attr_float(&g->node[1], "alpha", 0) == .125f);
        CHECK(g->tensor[nn_graph_find(g, "w")].trainable);
        CHECK(g->tensor[g->in[0]].dim[0] == NN_DYNAMIC);
    }
    free(out);
    nn_graph_free(c);
    nn_graph_free(g);
}

/* A file cut anywhere is an error with a message, or, between fields, less. */
static void truncation(const uint8_t *bytes, size_t size)
{
    int errors = 0;

    for (size_t n = 0; n < size; n++) {
        struct nn_err err = { 0 };
        uint8_t *cut = malloc(n + 1);       /* so that reading past the end is seen */
        memcpy(cut, bytes, n);
        struct nn_graph *g = nn_onnx_parse(cut, n, "cut.onnx", &err);
        if (!g) {
            errors++;
            CHECK(err.code && strstr(err.msg, "cut.onnx"));
        }
        nn_graph_free(g);
        free(cut);
    }
    CHECK(errors > (int)size - 60);         /* what follows the opset is metadata */
}

/* Every byte, changed to a few values: parsed or refused, never worse. */
static void corruption(const uint8_t *bytes, size_t size)
{
    static const uint8_t masks[] = { 1, 4, 7, 0x40, 0x80, 0xff };
    uint8_t *bad = malloc(size);

    for (size_t i = 0; i < size; i++)
        for (size_t m = 0; m < sizeof masks; m++) {
            struct nn_err err = { 0 };
            memcpy(bad, bytes, size);
            bad[i] ^= masks[m];
            struct nn_graph *g = nn_onnx_parse(bad, size, "bad.onnx", &err);
            CHECK(g || err.code);
            if (g)
                nn_onnx_infer(g, &err);
            if (g)
                nn_onnx_infer(g, &err);
            nn_graph_free(g);
        }
    free(bad);
}

/* A model by hand: what a case adds to an else valid file. */
static size_t begin_model(struct nn_pb_out *o)
{
    size_t at;

    nn_pb_put_int(o, 1, 8);
    at = nn_pb_begin(o, 8);
    nn_pb_put_int(o, 2, 13);
    nn_pb_end(o, at);
    return nn_pb_begin(o, 7);
}

static void put_node(struct nn_pb_out *o, const char *name, const char *in, const char *out)
{
    size_t at = nn_pb_begin(o, 1);

    nn_pb_put_text(o, 1, in);
    nn_pb_put_text(o, 2, out);
    nn_pb_put_text(o, 3, name);
    nn_pb_put_text(o, 4, "Relu");
    nn_pb_end(o, at);
}

static void put_tensor(struct nn_pb_out *o, const char *name, int ndim, const int64_t *dim,
                       size_t bytes)
{
    static const uint8_t zeros[64];
    size_t at = nn_pb_begin(o, 5);

    for (int i = 0; i < ndim; i++)
        nn_pb_put_int(o, 1, dim[i]);
    nn_pb_put_int(o, 2, NN_F32);
    nn_pb_put_text(o, 8, name);
    nn_pb_put_bytes(o, 9, zeros, bytes);
    nn_pb_end(o, at);
}

static void put_output(struct nn_pb_out *o, const char *name)
{
    size_t at = nn_pb_begin(o, 12);

    nn_pb_put_text(o, 1, name);
    nn_pb_end(o, at);
}

static void cycle(struct nn_pb_out *o)
{
    put_node(o, "one", "b", "a");
    put_node(o, "two", "a", "b");
    put_output(o, "b");
}

static void missing(struct nn_pb_out *o)
{
    put_node(o, "one", "conv1.weight", "a");
    put_output(o, "a");
}

static void twice(struct nn_pb_out *o)
{
    put_tensor(o, "w", 1, (int64_t[]){ 2 }, 8);
    put_tensor(o, "w", 1, (int64_t[]){ 2 }, 8);
    put_output(o, "w");
}

static void made_twice(struct nn_pb_out *o)
{
    put_tensor(o, "w", 1, (int64_t[]){ 2 }, 8);
    put_node(o, "one", "w", "a");
    put_node(o, "two", "w", "a");
    put_output(o, "a");
}

static void huge(struct nn_pb_out *o)
{
    put_tensor(o, "w", 2, (int64_t[]){ 1 << 20, 1 << 20 }, 8);
    put_output(o, "w");
}

static void negative(struct nn_pb_out *o)
{
    put_tensor(o, "w", 1, (int64_t[]){ -2 }, 8);
    put_output(o, "w");
}

static void short_weight(struct nn_pb_out *o)
{
    put_tensor(o, "w", 1, (int64_t[]){ 3 }, 8);
    put_output(o, "w");
}

static void wire(struct nn_pb_out *o)
{
    nn_pb_put_int(o, 5, 3);
    put_output(o, "w");
}

static void external(struct nn_pb_out *o)
{
    size_t at = nn_pb_begin(o, 5);

    nn_pb_put_int(o, 2, NN_F32);
    nn_pb_put_text(o, 8, "big");
    nn_pb_put_int(o, 14, 1);
    nn_pb_end(o, at);
}

static void sub_graph(struct nn_pb_out *o)
{
    size_t node = nn_pb_begin(o, 1), attr;

    nn_pb_put_text(o, 2, "y");
    nn_pb_put_text(o, 4, "If");
    attr = nn_pb_begin(o, 5);
    nn_pb_put_text(o, 1, "then_branch");
    nn_pb_put_bytes(o, 6, "", 0);
    nn_pb_put_int(o, 20, 5);
    nn_pb_end(o, attr);
    nn_pb_end(o, node);
}

static const struct {
    void (*make)(struct nn_pb_out *o);
    const char *says;
} refused[] = {
    { cycle, "cycle through node" },
    { missing, "'conv1.weight' is missing" },
    { twice, "two weights are called 'w'" },
    { made_twice, "'a' is made twice" },
    { huge, "impossible shape 1048576x1048576" },
    { negative, "impossible shape" },
    { short_weight, "8 bytes of 12" },
    { wire, "wire type 0" },
    { external, "'big' keeps its data in another file" },
    { sub_graph, "'then_branch' is a sub-graph" },
};

static void bad_models(void)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct nn_err err = { 0 };
        struct nn_pb_out o = { 0 };
        size_t at = begin_model(&o);
        refused[i].make(&o);
        nn_pb_end(&o, at);
        struct nn_graph *g = nn_onnx_parse(o.data, o.size, "bad.onnx", &err);
        CHECK(!g);
        CHECK(strstr(err.msg, refused[i].says));
        if (!strstr(err.msg, refused[i].says))
            fprintf(stderr, "got: %s\n", err.msg);
        nn_graph_free(g);
        free(o.data);
    }
}

/* Nodes in the wrong order are sorted, not refused. */
static void sorting(void)
{
    struct nn_err err = { 0 };
    struct nn_pb_out o = { 0 };
    size_t at = begin_model(&o);

    put_node(&o, "three", "b", "c");
    put_node(&o, "one", "w", "a");
    put_node(&o, "two", "a", "b");
    put_tensor(&o, "w", 1, (int64_t[]){ 2 }, 8);
    put_output(&o, "c");
    nn_pb_end(&o, at);
    struct nn_graph *g = nn_onnx_parse(o.data, o.size, "order.onnx", &err);
    CHECK_OK(g ? 0 : -1, &err);
    if (g)
        CHECK(!strcmp(g->node[0].name, "one") && !strcmp(g->node[2].name, "three"));
    nn_graph_free(g);
    free(o.data);
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = small(&err);
    size_t size = 0;
    uint8_t *bytes = nn_onnx_format(g, &size, &err);

    CHECK_OK(bytes ? 0 : -1, &err);
    round_trip(bytes, size);
    truncation(bytes, size);
    corruption(bytes, size);
    bad_models();
    sorting();
    CHECK(nn_graph_node(g, "Relu", 1, (int[]){ -1 }, NULL) == -1 && nn_graph_finish(g, &err));
    free(bytes);
    nn_graph_free(g);
    return test_done();
}
