#include "tests/bench/models.h"

#include <math.h>
#include <stdio.h>

#include "common/rng.h"

/* A network being built: x is the last tensor, of c channels. */
struct net {
    struct nn_graph *g;
    struct nn_rng rng;
    int x, c;
};

static int constant(struct net *n, enum nn_dtype type, int ndim, const int64_t *dim,
                    const void *data)
{
    char name[32];

    snprintf(name, sizeof name, "c%d", n->g->ntensor);
    return nn_graph_const(n->g, name, type, ndim, dim, data);
}

static int noise(struct net *n, int ndim, const int64_t *dim, double mean, double dev)
{
    int t = constant(n, NN_F32, ndim, dim, NULL);
    int64_t count = t < 0 ? 0 : nn_tensor_elements(&n->g->tensor[t]);

    for (int64_t i = 0; i < count; i++)
        ((float *)n->g->tensor[t].data)[i] = (float)(mean + dev * nn_rng_normal(&n->rng));
    return t;
}

static int unary(struct net *n, const char *op)
{
    return n->x = nn_graph_node(n->g, op, 1, &n->x, NULL);
}

static void square(struct net *n, int64_t k, int64_t stride, int64_t pad)
{
    nn_graph_attr_ints(n->g, "kernel_shape", 2, (int64_t[]){ k, k });
    nn_graph_attr_ints(n->g, "strides", 2, (int64_t[]){ stride, stride });
    nn_graph_attr_ints(n->g, "pads", 4, (int64_t[]){ pad, pad, pad, pad });
}

/* `bias` is off where a norm follows, as exporters have it. */
static void conv(struct net *n, int64_t out, int64_t k, int64_t stride, int64_t pad, int64_t group,
                 int bias)
{
    int64_t in = n->c / group;
    int w = noise(n, 4, (int64_t[]){ out, in, k, k }, 0, sqrt(2.0 / (double)(in * k * k)));
    int b = bias ? noise(n, 1, &out, 0, 0.05) : -1;

    n->x = nn_graph_node(n->g, "Conv", bias ? 3 : 2, (int[]){ n->x, w, b }, NULL);
    square(n, k, stride, pad);
    nn_graph_attr_int(n->g, "group", group);
    n->c = (int)out;
}

/* Twice the size: 4x4, stride 2, so that four taps make a pixel. */
static void up_conv(struct net *n, int64_t out, int64_t stride, int64_t pad)
{
    int w = noise(n, 4, (int64_t[]){ n->c, out, 4, 4 }, 0, sqrt(2.0 / (4.0 * n->c)));

    n->x = nn_graph_node(n->g, "ConvTranspose", 2, (int[]){ n->x, w }, NULL);
    square(n, 4, stride, pad);
    n->c = (int)out;
}

static void norm(struct net *n)
{
    int64_t c = n->c;
    int in[5] = { n->x, noise(n, 1, &c, 1, 0.1), noise(n, 1, &c, 0, 0.1), noise(n, 1, &c, 0, 0.1),
                  noise(n, 1, &c, 1, 0.05) };

    n->x = nn_graph_node(n->g, "BatchNormalization", 5, in, NULL);
}

static void add(struct net *n, int other)
{
    n->x = nn_graph_node(n->g, "Add", 2, (int[]){ n->x, other }, NULL);
}

static void dense(struct net *n, int64_t out)
{
    int w = noise(n, 2, (int64_t[]){ out, n->c }, 0, sqrt(1.0 / n->c));
    int b = noise(n, 1, &out, 0, 0.05);

    n->x = nn_graph_node(n->g, "Gemm", 3, (int[]){ n->x, w, b }, NULL);
    nn_graph_attr_int(n->g, "transB", 1);
    n->c = (int)out;
}

static int start(struct net *n, const char *name, int ndim, const int64_t *dim, struct nn_err *err)
{
    *n = (struct net){ .g = nn_graph_new(name, err), .c = (int)dim[1] };
    if (!n->g)
        return -1;
    nn_rng_seed(&n->rng, 1, 1);
    n->x = nn_graph_input(n->g, "x", ndim, dim);
    return 0;
}

static struct nn_graph *finish(struct net *n, struct nn_err *err)
{
    nn_graph_output(n->g, n->x);
    if (!nn_graph_finish(n->g, err))
        return n->g;
    nn_graph_free(n->g);
    return NULL;
}

static void separable(struct net *n, int out)
{
    conv(n, n->c, 3, 1, 1, n->c, 0);
    conv(n, out, 1, 1, 0, 1, 0);
    norm(n);
}

struct nn_graph *nn_bench_xception(struct nn_err *err)
{
    struct net n;

    if (start(&n, "mini-Xception", 4, (int64_t[]){ 1, 1, 48, 48 }, err))
        return NULL;
    for (int i = 0; i < 2; i++) {
        conv(&n, 8, 3, 1, 0, 1, 0);
        norm(&n);
        unary(&n, "Relu");
    }
    for (int out = 16; out <= 128; out *= 2) {
        struct net side = n;
        conv(&side, out, 1, 2, 0, 1, 0);
        norm(&side);
        n.rng = side.rng;
        separable(&n, out);
        unary(&n, "Relu");
        separable(&n, out);
        unary(&n, "MaxPool");
        square(&n, 3, 2, 1);
        add(&n, side.x);
    }
    conv(&n, 7, 3, 1, 1, 1, 1);
    unary(&n, "GlobalAveragePool");
    unary(&n, "Flatten");
    unary(&n, "Softmax");
    return finish(&n, err);
}

static void clip6(struct net *n)
{
    static const float lo = 0, hi = 6;
    int a = constant(n, NN_F32, 0, NULL, &lo);
    int b = constant(n, NN_F32, 0, NULL, &hi);

    n->x = nn_graph_node(n->g, "Clip", 3, (int[]){ n->x, a, b }, NULL);
}

static void inverted(struct net *n, int expand, int out, int stride)
{
    int before = n->x, in = n->c;

    if (expand > 1) {
        conv(n, in * expand, 1, 1, 0, 1, 0);
        norm(n);
        clip6(n);
    }
    conv(n, n->c, 3, stride, 1, n->c, 0);
    norm(n);
    clip6(n);
    conv(n, out, 1, 1, 0, 1, 0);
    norm(n);
    if (stride == 1 && in == out)
        add(n, before);
}

struct nn_graph *nn_bench_mobilenet(struct nn_err *err)
{
    static const struct {
        int expand, out, times, stride;
    } row[] = {     /* the paper's table 2, half as wide in multiples of 8 */
        { 1, 8, 1, 1 }, { 6, 16, 2, 2 }, { 6, 16, 3, 2 }, { 6, 32, 4, 2 }, { 6, 48, 3, 1 },
        { 6, 80, 3, 2 }, { 6, 160, 1, 1 },
    };
    struct net n;

    if (start(&n, "MobileNetV2", 4, (int64_t[]){ 1, 3, 112, 112 }, err))
        return NULL;
    conv(&n, 16, 3, 2, 1, 1, 0);
    norm(&n);
    clip6(&n);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int k = 0; k < row[i].times; k++)
            inverted(&n, row[i].expand, row[i].out, k ? 1 : row[i].stride);
    conv(&n, 640, 1, 1, 0, 1, 0);
    norm(&n);
    clip6(&n);
    unary(&n, "GlobalAveragePool");
    unary(&n, "Flatten");
    dense(&n, 7);
    return finish(&n, err);
}

static void residual(struct net *n, int out, int stride)
{
    struct net side = *n;

    if (stride > 1) {
        conv(&side, out, 1, stride, 0, 1, 0);
        norm(&side);
        n->rng = side.rng;
    }
    conv(n, out, 3, stride, 1, 1, 0);
    norm(n);
    unary(n, "Relu");
    conv(n, out, 3, 1, 1, 1, 0);
    norm(n);
    add(n, side.x);
    unary(n, "Relu");
}

struct nn_graph *nn_bench_resnet(struct nn_err *err)
{
    struct net n;

    if (start(&n, "ResNet-18", 4, (int64_t[]){ 1, 3, 112, 112 }, err))
        return NULL;
    conv(&n, 32, 3, 2, 1, 1, 0);
    norm(&n);
    unary(&n, "Relu");
    for (int out = 32; out <= 256; out *= 2) {
        residual(&n, out, out > 32 ? 2 : 1);
        residual(&n, out, 1);
    }
    unary(&n, "GlobalAveragePool");
    unary(&n, "Flatten");
    dense(&n, 7);
    return finish(&n, err);
}

struct nn_graph *nn_bench_dcgan(struct nn_err *err)
{
    struct net n;

    if (start(&n, "DCGAN", 4, (int64_t[]){ 1, 100, 1, 1 }, err))
        return NULL;
    up_conv(&n, 512, 1, 0);
    for (int out = 256; out >= 32; out /= 2) {
        norm(&n);
        unary(&n, "Relu");
        up_conv(&n, out, 2, 1);
    }
    norm(&n);
    unary(&n, "Relu");
    up_conv(&n, 3, 2, 1);
    unary(&n, "Tanh");
    return finish(&n, err);
}

/* As PyTorch writes nn.Upsample(scale_factor=2): opset 13, both middle inputs empty. */
static void twice(struct net *n)
{
    static const struct { const char *name, *value; } how[] = {
        { "mode", "nearest" }, { "coordinate_transformation_mode", "asymmetric" },
        { "nearest_mode", "floor" },
    };
    int s = constant(n, NN_F32, 1, (int64_t[]){ 4 }, (float[]){ 1, 1, 2, 2 });
    char name[32];

    snprintf(name, sizeof name, "Resize_%d", n->g->nnode);
    int out = nn_graph_tensor(n->g, name, NN_UNDEFINED, -1, NULL);

    nn_graph_node_raw(n->g, "Resize", name, 3, (int[]){ n->x, -1, s }, 1, &out);
    n->x = out;
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        struct nn_attr *a = nn_graph_attr_add(n->g, how[i].name);
        if (a) {
            a->kind = NN_ATTR_STRING;
            a->s = how[i].value;        /* static: outlives the graph */
        }
    }
}

static void leaky(struct net *n)
{
    unary(n, "LeakyRelu");
    nn_graph_attr_float(n->g, "alpha", 0.2f);
}

struct nn_graph *nn_bench_upsample(struct nn_err *err)
{
    static const int width[] = { 256, 128, 64, 32, 32 };
    struct net n;
    int shape;

    if (start(&n, "upsample generator", 2, (int64_t[]){ 1, 100 }, err))
        return NULL;
    dense(&n, 512 * 4 * 4);
    shape = constant(&n, NN_I64, 1, (int64_t[]){ 4 }, (int64_t[]){ 1, 512, 4, 4 });
    n.x = nn_graph_node(n.g, "Reshape", 2, (int[]){ n.x, shape }, NULL);
    n.c = 512;
    leaky(&n);
    for (size_t i = 0; i < sizeof width / sizeof *width; i++) {
        twice(&n);
        conv(&n, width[i], 3, 1, 1, 1, 1);
        leaky(&n);
    }
    conv(&n, 3, 3, 1, 1, 1, 1);
    unary(&n, "Tanh");
    return finish(&n, err);
}

static struct nn_graph *recurrent(const char *op, int64_t gates, struct nn_err *err)
{
    enum { STEPS = 64, IN = 64, H = 128 };
    struct net n;
    int in[4];

    if (start(&n, op, 3, (int64_t[]){ STEPS, 1, IN }, err))
        return NULL;
    in[0] = n.x;
    in[1] = noise(&n, 3, (int64_t[]){ 1, gates * H, IN }, 0, sqrt(1.0 / IN));
    in[2] = noise(&n, 3, (int64_t[]){ 1, gates * H, H }, 0, sqrt(1.0 / H));
    in[3] = noise(&n, 2, (int64_t[]){ 1, 2 * gates * H }, 0, 0.1);
    n.x = nn_graph_node(n.g, op, 4, in, NULL);
    nn_graph_attr_int(n.g, "hidden_size", H);
    if (gates == 3)
        nn_graph_attr_int(n.g, "linear_before_reset", 1);
    return finish(&n, err);
}

struct nn_graph *nn_bench_lstm(struct nn_err *err)
{
    return recurrent("LSTM", 4, err);
}

struct nn_graph *nn_bench_gru(struct nn_err *err)
{
    return recurrent("GRU", 3, err);
}

/* What is left of normalising, gating and blending when no convolution takes it along. */
struct nn_graph *nn_bench_chain(struct nn_err *err)
{
    struct net n;
    int first, scale, shift;

    if (start(&n, "chain", 4, (int64_t[]){ 1, 16, 320, 320 }, err))
        return NULL;
    first = n.x;
    scale = constant(&n, NN_F32, 0, NULL, &(float){ 1.1f });
    shift = constant(&n, NN_F32, 0, NULL, &(float){ 0.2f });
    n.x = nn_graph_node(n.g, "Mul", 2, (int[]){ n.x, scale }, NULL);
    n.x = nn_graph_node(n.g, "Add", 2, (int[]){ n.x, shift }, NULL);
    unary(&n, "Relu");
    n.x = nn_graph_node(n.g, "Mul", 2, (int[]){ n.x, first }, NULL);
    n.x = nn_graph_node(n.g, "Sub", 2, (int[]){ n.x, shift }, NULL);
    unary(&n, "Abs");
    return finish(&n, err);
}
