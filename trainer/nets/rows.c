#include "trainer/nets/nets.h"

/* (x - mean) * scale, by constants that broadcast over the batch and over time. */
static int normalise(struct nn_net *n, int x, const struct nn_net_rows *o)
{
    int64_t dim[4] = { 1, o->channels, 1, 1 };
    int ndim = o->length > 1 ? 4 : 2;
    int mean = nn_graph_const(n->g, "input.mean", NN_F32, ndim, dim, o->mean);
    int scale = nn_graph_const(n->g, "input.scale", NN_F32, ndim, dim, o->scale);

    x = nn_graph_node(n->g, "Sub", 2, (int[]){ x, mean }, NULL);
    return nn_graph_node(n->g, "Mul", 2, (int[]){ x, scale }, NULL);
}

static int features(struct nn_net *n, int x, const struct nn_net_rows *o, int *out)
{
    x = nn_net_relu(n, nn_net_hidden(n, x, o->channels, o->width, "hidden1"));
    x = nn_net_relu(n, nn_net_hidden(n, x, o->width, o->width / 2, "hidden2"));
    *out = o->width / 2;
    return x;
}

static int over_time(struct nn_net *n, int x, const struct nn_net_rows *o, int *out)
{
    int cin = o->channels, length = o->length;

    for (int layer = 0; layer < 3; layer++) {
        int c = layer ? 2 * o->width : o->width;
        x = nn_net_conv_time(n, x, cin, c, 5, 2);
        x = nn_net_relu(n, nn_net_batchnorm(n, x, c));
        length = (length + 1) / 2;
        cin = c;
    }
    *out = cin * length;
    return nn_graph_node(n->g, "Flatten", 1, &x, NULL);
}

struct nn_graph *nn_net_rows(const struct nn_net_rows *o, struct nn_err *err)
{
    struct nn_net n = { .g = NULL };
    float p = (float)o->dropout;
    int x, count, ratio;

    if (o->channels < 1 || o->length < 1 || o->width < 2 || o->classes < 2) {
        nn_fail(err, NN_EARG, "a network for rows of %d x %d, width %d, %d classes", o->channels,
                o->length, o->width, o->classes);
        return NULL;
    }
    if (!(n.g = nn_graph_new(o->name, err)))
        return NULL;
    nn_rng_seed(&n.rng, o->seed, 0);
    x = nn_graph_input(n.g, o->input, o->length > 1 ? 4 : 2,
                       (int64_t[]){ NN_DYNAMIC, o->channels, 1, o->length });
    x = normalise(&n, x, o);
    x = o->length > 1 ? over_time(&n, x, o, &count) : features(&n, x, o, &count);
    if (p > 0) {
        ratio = nn_graph_const(n.g, "dropout.ratio", NN_F32, 0, NULL, &p);
        x = nn_graph_node(n.g, "Dropout", 2, (int[]){ x, ratio }, NULL);
    }
    nn_graph_output(n.g, nn_net_linear(&n, x, count, o->classes, "classifier"));
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
