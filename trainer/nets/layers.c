#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trainer/nets/nets.h"

/* A named weight of normal noise with standard deviation sqrt(2 / fan_in). */
static int weight(struct nn_net *n, const char *layer, int ndim, const int64_t *dim, int64_t fan_in)
{
    double dev = sqrt(2.0 / (double)fan_in);
    char name[64];
    int64_t count = 1;
    int t;

    snprintf(name, sizeof name, "%s.weight", layer);
    if ((t = nn_graph_const(n->g, name, NN_F32, ndim, dim, NULL)) < 0)
        return -1;
    for (int i = 0; i < ndim; i++)
        count *= dim[i];
    for (int64_t i = 0; i < count; i++)
        ((float *)n->g->tensor[t].data)[i] = (float)dev * nn_rng_normal(&n->rng);
    n->g->tensor[t].trainable = 1;
    return t;
}

static int vector(struct nn_net *n, const char *layer, const char *what, int length, float value,
                  int trainable)
{
    char name[64];
    int t;

    snprintf(name, sizeof name, "%s.%s", layer, what);
    if ((t = nn_graph_const(n->g, name, NN_F32, 1, (int64_t[]){ length }, NULL)) < 0)
        return -1;
    for (int i = 0; i < length; i++)
        ((float *)n->g->tensor[t].data)[i] = value;
    n->g->tensor[t].trainable = trainable;
    return t;
}

static int conv(struct nn_net *n, int x, int cin, int cout, int64_t k, int64_t s, int64_t pad)
{
    char name[32];
    int w, y;

    snprintf(name, sizeof name, "conv%d", ++n->count);
    w = weight(n, name, 4, (int64_t[]){ cout, cin, k, k }, (int64_t)cin * k * k);
    y = nn_graph_node(n->g, "Conv", 2, (int[]){ x, w }, name);
    nn_graph_attr_ints(n->g, "kernel_shape", 2, (int64_t[]){ k, k });
    nn_graph_attr_ints(n->g, "strides", 2, (int64_t[]){ s, s });
    nn_graph_attr_ints(n->g, "pads", 4, (int64_t[]){ pad, pad, pad, pad });
    return y;
}

int nn_net_conv(struct nn_net *n, int x, int cin, int cout, int kernel, int stride)
{
    return conv(n, x, cin, cout, kernel, stride, kernel / 2);
}

int nn_net_conv_valid(struct nn_net *n, int x, int cin, int cout, int kernel)
{
    return conv(n, x, cin, cout, kernel, 1, 0);
}

int nn_net_batchnorm(struct nn_net *n, int x, int channels)
{
    char name[32];
    int y, in[5] = { x };

    snprintf(name, sizeof name, "norm%d", ++n->count);
    in[1] = vector(n, name, "scale", channels, 1, 1);
    in[2] = vector(n, name, "bias", channels, 0, 1);
    in[3] = vector(n, name, "mean", channels, 0, 0);
    in[4] = vector(n, name, "var", channels, 1, 0);
    y = nn_graph_node(n->g, "BatchNormalization", 5, in, name);
    nn_graph_attr_float(n->g, "epsilon", 1e-5f);
    nn_graph_attr_float(n->g, "momentum", 0.9f);
    return y;
}

int nn_net_relu(struct nn_net *n, int x)
{
    return nn_graph_node(n->g, "Relu", 1, &x, NULL);
}

int nn_net_conv_time(struct nn_net *n, int x, int cin, int cout, int kernel, int stride)
{
    int64_t pad = kernel / 2, k = kernel;
    char name[32];
    int w, y;

    snprintf(name, sizeof name, "conv%d", ++n->count);
    w = weight(n, name, 4, (int64_t[]){ cout, cin, 1, k }, (int64_t)cin * k);
    y = nn_graph_node(n->g, "Conv", 2, (int[]){ x, w }, name);
    nn_graph_attr_ints(n->g, "kernel_shape", 2, (int64_t[]){ 1, k });
    nn_graph_attr_ints(n->g, "strides", 2, (int64_t[]){ 1, stride });
    nn_graph_attr_ints(n->g, "pads", 4, (int64_t[]){ 0, pad, 0, pad });
    return y;
}

static int gemm(struct nn_net *n, int x, int in, int out, const char *name, const char *to)
{
    int w = weight(n, name, 2, (int64_t[]){ out, in }, in);
    int b = vector(n, name, "bias", out, 0, 1);
    int y = nn_graph_node(n->g, "Gemm", 3, (int[]){ x, w, b }, to);

    nn_graph_attr_int(n->g, "transB", 1);
    return y;
}

int nn_net_linear(struct nn_net *n, int x, int in, int out, const char *name)
{
    return gemm(n, x, in, out, name, "logits");
}

int nn_net_hidden(struct nn_net *n, int x, int in, int out, const char *name)
{
    return gemm(n, x, in, out, name, name);
}

int nn_net_matmul(struct nn_net *n, int x, int in, int out, const char *name)
{
    int w = weight(n, name, 2, (int64_t[]){ in, out }, in);

    return nn_graph_node(n->g, "MatMul", 2, (int[]){ x, w }, name);
}
