/*
 * gan_build.h - untrained generators, by the contract of runtime/gan/generator.h: a linear layer,
 * then doublings and convolutions with seeded weights. They dream of colours, smoothly.
 */
#ifndef NN_TESTS_GAN_BUILD_H
#define NN_TESTS_GAN_BUILD_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/onnx/graph.h"
#include "runtime/onnx/onnx.h"

struct gan {
    int size, latent, width;    /* width: channels at 4 x 4; halved from 16 x 16 on */
    const char *conditions;     /* JSON array, or NULL */
    int nconditions;
    uint64_t seed;
    const char *directions;     /* JSON, or NULL */
};

static inline int gan_weights(struct nn_graph *g, struct nn_rng *r, const char *name, int n,
                              int ndim, const int64_t *dim, float scale)
{
    float *v = malloc((size_t)n * sizeof *v);
    int t;

    for (int i = 0; v && i < n; i++)
        v[i] = scale * nn_rng_normal(r);
    t = v ? nn_graph_const(g, name, NN_F32, ndim, dim, v) : -1;
    free(v);
    return t;
}

static inline int gan_conv(struct nn_graph *g, struct nn_rng *r, int x, int from, int to,
                           float gain)
{
    char name[32];
    int w, b;

    snprintf(name, sizeof name, "w%d", g->ntensor);
    w = gan_weights(g, r, name, to * from * 9, 4, (int64_t[]){ to, from, 3, 3 },
                    gain / sqrtf((float)from * 9));
    snprintf(name, sizeof name, "b%d", g->ntensor);
    b = gan_weights(g, r, name, to, 1, (int64_t[]){ to }, 0.2f);
    x = nn_graph_node(g, "Conv", 3, (int[]){ x, w, b }, to == 3 ? "mixed" : NULL);
    nn_graph_attr_ints(g, "kernel_shape", 2, (int64_t[]){ 3, 3 });
    nn_graph_attr_ints(g, "pads", 4, (int64_t[]){ 1, 1, 1, 1 });
    return x;
}

static inline int gan_relu(struct nn_graph *g, int x)
{
    x = nn_graph_node(g, "LeakyRelu", 1, &x, NULL);
    nn_graph_attr_float(g, "alpha", 0.2f);
    return x;
}

static inline int gan_double(struct nn_graph *g, int x)
{
    static const float scales[4] = { 1, 1, 2, 2 };
    char name[32];
    int s = nn_graph_find(g, "scales"), t;

    snprintf(name, sizeof name, "doubled%d", g->nnode);
    t = nn_graph_tensor(g, name, NN_UNDEFINED, -1, NULL);
    if (s < 0)
        s = nn_graph_const(g, "scales", NN_F32, 1, (int64_t[]){ 4 }, scales);
    if (x < 0 || s < 0 || t < 0 ||
        nn_graph_node_raw(g, "Resize", "", 3, (int[]){ x, -1, s }, 1, &t) < 0)
        return -1;
    return t;
}

static inline void gan_meta(struct nn_graph *g, const struct gan *o)
{
    char text[32];

    nn_graph_set_meta(g, "neonnoir.kind", "generator");
    snprintf(text, sizeof text, "%d", o->size);
    nn_graph_set_meta(g, "neonnoir.size", text);
    snprintf(text, sizeof text, "%d", o->latent);
    nn_graph_set_meta(g, "neonnoir.latent", text);
    if (o->conditions)
        nn_graph_set_meta(g, "neonnoir.conditions", o->conditions);
    if (o->directions)
        nn_graph_set_meta(g, "neonnoir.directions", o->directions);
}

/* A graph to be freed by the caller; NULL and `err`. */
static inline struct nn_graph *gan_graph(const struct gan *o, struct nn_err *err)
{
    struct nn_graph *g = nn_graph_new("generator", err);
    int all = o->latent + o->nconditions, ch = o->width, x, w;
    int64_t shape[4] = { 1, ch, 4, 4 };
    struct nn_rng r;

    if (!g)
        return NULL;
    g->opset = 17;
    nn_rng_seed(&r, o->seed, 1);
    x = nn_graph_input(g, "z", 2, (int64_t[]){ 1, o->latent });
    if (o->conditions) {
        int c = nn_graph_input(g, "c", 2, (int64_t[]){ 1, o->nconditions });
        x = nn_graph_node(g, "Concat", 2, (int[]){ x, c }, NULL);
        nn_graph_attr_int(g, "axis", 1);
    }
    w = gan_weights(g, &r, "fc", all * ch * 16, 2, (int64_t[]){ all, ch * 16 },
                    1 / sqrtf((float)o->latent));
    x = nn_graph_node(g, "MatMul", 2, (int[]){ x, w }, NULL);
    x = nn_graph_node(g, "Reshape", 2,
                      (int[]){ x, nn_graph_const(g, "shape", NN_I64, 1, (int64_t[]){ 4 }, shape) },
                      NULL);
    for (int side = 4; side < o->size; side *= 2) {
        int next = side >= 8 && ch > 16 ? ch / 2 : ch;
        x = gan_relu(g, gan_conv(g, &r, gan_double(g, x), ch, next, 1.3f));
        ch = next;
    }
    x = gan_conv(g, &r, x, ch, 3, 1.1f);
    nn_graph_output(g, nn_graph_node(g, "Tanh", 1, &x, "image"));
    gan_meta(g, o);
    if (nn_graph_finish(g, err) || nn_onnx_infer(g, err)) {
        nn_graph_free(g);
        return NULL;
    }
    return g;
}

static inline int gan_write(const char *path, const struct gan *o, struct nn_err *err)
{
    struct nn_graph *g = gan_graph(o, err);
    int ret = g ? nn_onnx_write(g, path, err) : -1;

    nn_graph_free(g);
    return ret;
}

#endif
