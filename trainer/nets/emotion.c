#include "common/emotion.h"
#include "trainer/nets/nets.h"
#include "trainer/votes.h"

enum { SQUEEZE = 8 };       /* channels that share one when they are weighed */

static int conv_norm(struct nn_net *n, int x, int cin, int cout, int kernel, int stride)
{
    return nn_net_batchnorm(n, nn_net_conv(n, x, cin, cout, kernel, stride), cout);
}

/* Channels times weights of 0..1 that come from all of their means. */
static int excite(struct nn_net *n, int x, int c)
{
    int few = c / SQUEEZE > 4 ? c / SQUEEZE : 4;
    int w = nn_graph_node(n->g, "GlobalAveragePool", 1, &x, NULL);

    w = nn_net_relu(n, nn_net_conv(n, w, c, few, 1, 1));
    w = nn_net_conv(n, w, few, c, 1, 1);
    w = nn_graph_node(n->g, "Sigmoid", 1, &w, NULL);
    return nn_graph_node(n->g, "Mul", 2, (int[]){ x, w }, NULL);
}

/* x + f(x), f two 3x3 convolutions; (B, c, h, w) in and out. */
static int residual(struct nn_net *n, int x, int c)
{
    int y = nn_net_relu(n, conv_norm(n, x, c, c, 3, 1));

    y = excite(n, conv_norm(n, y, c, c, 3, 1), c);
    return nn_net_relu(n, nn_graph_node(n->g, "Add", 2, (int[]){ y, x }, NULL));
}

/* Valence and arousal of the votes' shares: the mean of the classes' places. */
static int affect(struct nn_net *n, int votes)
{
    float at[NN_VOTES][2];
    int place, share;

    nn_votes_places(at);
    place = nn_graph_const(n->g, "affect.place", NN_F32, 2, (int64_t[]){ NN_VOTES, 2 }, at);
    share = nn_graph_node(n->g, "Softmax", 1, &votes, NULL);
    nn_graph_attr_int(n->g, "axis", 1);
    return nn_graph_node(n->g, "MatMul", 2, (int[]){ share, place }, "affect");
}

struct nn_graph *nn_net_emotion(const struct nn_net_emotion *o, struct nn_err *err)
{
    struct nn_net n = { .g = NULL };
    int c = o->width, x, votes;

    if (o->size < 16 || o->size % 8 || o->width < 4) {
        nn_fail(err, NN_EARG, "an emotion network needs a size of 16, 24, 32, ... and a width of 4 "
                "or more, not %d and %d", o->size, o->width);
        return NULL;
    }
    if (!(n.g = nn_graph_new("emotion", err)))
        return NULL;
    nn_rng_seed(&n.rng, o->seed, 0);
    x = nn_graph_input(n.g, "face", 4, (int64_t[]){ NN_DYNAMIC, 1, o->size, o->size });
    x = nn_net_relu(&n, conv_norm(&n, x, 1, c, 5, 2));              /* (B, w, S/2, S/2) */
    for (int stage = 0; stage < 3; stage++) {
        if (stage) {
            x = nn_net_relu(&n, conv_norm(&n, x, c, 2 * c, 3, 2));
            c *= 2;
        }
        for (int b = 0; b < o->blocks[stage]; b++)
            x = residual(&n, x, c);
    }
    x = nn_graph_node(n.g, "GlobalAveragePool", 1, &x, NULL);       /* (B, 4w, 1, 1) */
    x = nn_graph_node(n.g, "Flatten", 1, &x, NULL);
    if (o->dropout > 0) {
        float p = (float)o->dropout;
        int ratio = nn_graph_const(n.g, "dropout.ratio", NN_F32, 0, NULL, &p);
        x = nn_graph_node(n.g, "Dropout", 2, (int[]){ x, ratio }, NULL);
    }
    nn_graph_output(n.g, nn_net_linear(&n, x, c, NN_EMOTIONS, "classifier"));
    if (o->votes) {
        votes = nn_net_hidden(&n, x, c, NN_VOTES, "votes");
        nn_graph_output(n.g, votes);
        nn_graph_output(n.g, affect(&n, votes));
    }
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
