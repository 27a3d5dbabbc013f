#include <stdio.h>

#include "trainer/nets/gan.h"

enum { FIRST = 4, EMBED = 32 };     /* the first picture's edge; numbers a condition becomes */

static int upsample(struct nn_net *n, int x)
{
    char name[32];
    int scale, t;

    snprintf(name, sizeof name, "up%d", ++n->count);
    t = nn_graph_tensor(n->g, name, NN_UNDEFINED, -1, NULL);
    snprintf(name, sizeof name, "up%d.scales", n->count);
    scale = nn_graph_const(n->g, name, NN_F32, 1, (int64_t[]){ 4 }, (float[]){ 1, 1, 2, 2 });
    if (x < 0 || t < 0 || scale < 0)
        return -1;
    nn_graph_node_raw(n->g, "Resize", "", 3, (int[]){ x, -1, scale }, 1, &t);
    return t;
}

/* Weights of 0..1 for a larger picture's c channels, from a small picture x of cx channels and an
 * edge of `size`: what is in it decides which of them speak (arXiv 2101.04775, 3.1). */
static int excite(struct nn_net *n, int x, int cx, int size, int c)
{
    int64_t k = size / FIRST;
    int y = x;

    if (k > 1) {
        y = nn_graph_node(n->g, "AveragePool", 1, &x, NULL);
        nn_graph_attr_ints(n->g, "kernel_shape", 2, (int64_t[]){ k, k });
        nn_graph_attr_ints(n->g, "strides", 2, (int64_t[]){ k, k });
    }
    y = nn_net_relu(n, nn_net_conv_valid(n, y, cx, c, FIRST));
    y = nn_net_conv(n, y, c, c, 1, 1);
    return nn_graph_node(n->g, "Sigmoid", 1, &y, NULL);
}

/* (B, Z) and (B, C) to (B, c, 4, 4). */
static int begin(struct nn_net *n, const struct nn_net_gan *o, int c)
{
    int x = nn_graph_input(n->g, "z", 2, (int64_t[]){ NN_DYNAMIC, o->latent }), in = o->latent;
    int shape;

    if (o->conditions > 0) {
        int more = nn_graph_input(n->g, "c", 2, (int64_t[]){ NN_DYNAMIC, o->conditions });
        more = nn_net_matmul(n, more, o->conditions, EMBED, "embed");
        x = nn_graph_node(n->g, "Concat", 2, (int[]){ x, more }, NULL);
        nn_graph_attr_int(n->g, "axis", 1);
        in += EMBED;
    }
    x = nn_net_matmul(n, x, in, c * FIRST * FIRST, "first");
    shape = nn_graph_const(n->g, "first.shape", NN_I64, 1, (int64_t[]){ 4 },
                           (int64_t[]){ -1, c, FIRST, FIRST });
    x = nn_graph_node(n->g, "Reshape", 2, (int[]){ x, shape }, NULL);
    return nn_net_relu(n, nn_net_batchnorm(n, x, c));
}

struct nn_graph *nn_net_generator(const struct nn_net_gan *o, struct nn_err *err)
{
    struct nn_net n = { .g = NULL };
    int at[16], wide[16], x, c = nn_net_gan_channels(o, FIRST), stage = 0;

    if (nn_net_gan_check(o, err) || !(n.g = nn_graph_new("generator", err)))
        return NULL;
    nn_rng_seed(&n.rng, o->seed, 0);
    at[0] = x = begin(&n, o, c);
    wide[0] = c;
    for (int size = 2 * FIRST; size <= o->size; size *= 2) {
        int to = nn_net_gan_channels(o, size);
        x = nn_net_conv(&n, upsample(&n, x), c, to, 3, 1);
        x = nn_net_relu(&n, nn_net_batchnorm(&n, x, to));
        c = to;
        stage++;
        if (stage >= 5) {       /* 8 x 8 for 128 x 128, 16 x 16 for 256 x 256, ... */
            int from = stage - 4;
            x = nn_graph_node(n.g, "Mul", 2, (int[]){ x, excite(&n, at[from], wide[from],
                                                                FIRST << from, c) }, NULL);
        }
        at[stage] = x;
        wide[stage] = c;
    }
    x = nn_net_conv(&n, x, c, 3, 3, 1);
    nn_graph_output(n.g, nn_graph_node(n.g, "Tanh", 1, &x, "image"));
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
