#include "common/emotion.h"
#include "trainer/nets/nets.h"

static int conv_norm(struct nn_net *n, int x, int cin, int cout, int kernel, int stride)
{
    return nn_net_batchnorm(n, nn_net_conv(n, x, cin, cout, kernel, stride), cout);
}

/* x + f(x), f two 3x3 convolutions; (B, c, h, w) in and out. */
static int residual(struct nn_net *n, int x, int c)
{
    int y = nn_net_relu(n, conv_norm(n, x, c, c, 3, 1));

    y = conv_norm(n, y, c, c, 3, 1);
    return nn_net_relu(n, nn_graph_node(n->g, "Add", 2, (int[]){ y, x }, NULL));
}

struct nn_graph *nn_net_emotion(const struct nn_net_emotion *o, struct nn_err *err)
{
    struct nn_net n = { .g = NULL };
    int c = o->width, cin = (o->width + 1) / 2, x;

    if (o->size < 16 || o->size % 8 || o->width < 4 || o->blocks < 0) {
        nn_fail(err, NN_EARG, "an emotion network needs a size of 16, 24, 32, ... and a width of 4 "
                "or more, not %d and %d", o->size, o->width);
        return NULL;
    }
    if (!(n.g = nn_graph_new("emotion", err)))
        return NULL;
    nn_rng_seed(&n.rng, o->seed, 0);
    x = nn_graph_input(n.g, "face", 4, (int64_t[]){ NN_DYNAMIC, 1, o->size, o->size });
    x = nn_net_relu(&n, conv_norm(&n, x, 1, cin, 3, 1));            /* (B, w/2, S, S) */
    for (int stage = 0; stage < 3; stage++, cin = c, c *= 2) {
        x = nn_net_relu(&n, conv_norm(&n, x, cin, c, 3, 2));        /* halves the picture */
        for (int b = 0; b < o->blocks; b++)
            x = residual(&n, x, c);
    }
    x = nn_graph_node(n.g, "GlobalAveragePool", 1, &x, NULL);       /* (B, 4w, 1, 1) */
    x = nn_graph_node(n.g, "Flatten", 1, &x, NULL);
    if (o->dropout > 0) {
        float p = (float)o->dropout;
        int ratio = nn_graph_const(n.g, "dropout.ratio", NN_F32, 0, NULL, &p);
        x = nn_graph_node(n.g, "Dropout", 2, (int[]){ x, ratio }, NULL);
    }
    nn_graph_output(n.g, nn_net_linear(&n, x, cin, NN_EMOTIONS, "classifier"));
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
