#include "trainer/nets/nets.h"

/* Channels of the stages, each of half the picture's edge. */
static const int STAGE[] = { 16, 32, 64, 96 };

static int conv(struct nn_net *n, int x, int cin, int cout, int stride)
{
    x = nn_net_conv(n, x, cin, cout, 3, stride);
    return nn_net_relu(n, nn_net_batchnorm(n, x, cout));
}

struct nn_graph *nn_net_eyes(int pictures, int changes, uint64_t seed, struct nn_err *err)
{
    struct nn_net n = { .g = nn_graph_new("eyes", err) };
    int mean[3], x, cin = 3;

    if (!n.g)
        return NULL;
    nn_rng_seed(&n.rng, seed, 0);
    x = nn_graph_input(n.g, "image", 4, (int64_t[]){ NN_DYNAMIC, 3, NN_EYES_SIZE, NN_EYES_SIZE });
    for (int s = 0; s < 4; s++) {
        x = conv(&n, x, cin, STAGE[s], 2);                  /* (B, 16, 64, 64) .. (B, 96, 8, 8) */
        if (s) {
            x = conv(&n, x, STAGE[s], STAGE[s], 1);
            mean[s - 1] = nn_graph_node(n.g, "GlobalAveragePool", 1, &x, NULL);
        }
        cin = STAGE[s];
    }
    x = nn_graph_node(n.g, "Concat", 3, mean, NULL);        /* (B, 192, 1, 1) */
    nn_graph_attr_int(n.g, "axis", 1);
    x = nn_net_batchnorm(&n, x, NN_EYES_FEATURES);
    x = nn_graph_node(n.g, "Flatten", 1, &x, pictures ? NULL : "features");
    if (pictures) {
        nn_graph_output(n.g, nn_net_linear(&n, x, NN_EYES_FEATURES, pictures, "picture"));
        nn_graph_output(n.g, nn_net_hidden(&n, x, NN_EYES_FEATURES, changes, "change"));
    } else {
        nn_graph_output(n.g, x);
    }
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
