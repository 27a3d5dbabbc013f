#include <math.h>

#include "trainer/nets/gan.h"

enum { LAST = 4 };      /* edge of the last picture */

int nn_net_gan_channels(const struct nn_net_gan *o, int size)
{
    int c = o->width * 64 / size;

    return c < 8 ? 8 : c > o->widest ? o->widest : c;
}

int nn_net_gan_check(const struct nn_net_gan *o, struct nn_err *err)
{
    int two = o->size > 0 && !(o->size & (o->size - 1));

    if (!two || o->size < 16 || o->size > 512)
        return nn_fail(err, NN_EARG, "pictures of a GAN are 16, 32, 64, 128, 256 or 512 wide, not "
                       "%d", o->size);
    if (o->latent < 1 || o->latent > 4096 || o->conditions < 0 || o->conditions > 4096 ||
        o->width < 4 || o->widest < o->width || o->widest > 2048)
        return nn_fail(err, NN_EARG, "no GAN has %d latent numbers, %d conditions and %d to %d "
                       "channels", o->latent, o->conditions, o->width, o->widest);
    return 0;
}

static int leaky(struct nn_net *n, int x)
{
    int y = nn_graph_node(n->g, "LeakyRelu", 1, &x, NULL);

    nn_graph_attr_float(n->g, "alpha", 0.2f);
    return y;
}

static int halve(struct nn_net *n, int x)
{
    int y = nn_graph_node(n->g, "AveragePool", 1, &x, NULL);

    nn_graph_attr_ints(n->g, "kernel_shape", 2, (int64_t[]){ 2, 2 });
    nn_graph_attr_ints(n->g, "strides", 2, (int64_t[]){ 2, 2 });
    return y;
}

/* (B, cin, s, s) to (B, cout, s / 2, s / 2); `half` is the square root of 1 / 2, which keeps the
 * variance of a sum. */
static int shrink(struct nn_net *n, int x, int cin, int cout, int half)
{
    int skip = nn_net_conv(n, halve(n, x), cin, cout, 1, 1);

    x = leaky(n, nn_net_conv(n, x, cin, cin, 3, 1));
    x = leaky(n, nn_net_conv(n, halve(n, x), cin, cout, 3, 1));
    x = nn_graph_node(n->g, "Add", 2, (int[]){ x, skip }, NULL);
    return nn_graph_node(n->g, "Mul", 2, (int[]){ x, half }, NULL);
}

/* How well features (B, f) and condition go together: (B, 1). */
static int fitting(struct nn_net *n, int x, int f, int conditions)
{
    int c = nn_graph_input(n->g, "c", 2, (int64_t[]){ NN_DYNAMIC, conditions });

    c = nn_net_matmul(n, c, conditions, f, "embed");
    x = nn_graph_node(n->g, "Mul", 2, (int[]){ x, c }, NULL);
    x = nn_graph_node(n->g, "ReduceMean", 1, &x, NULL);
    nn_graph_attr_ints(n->g, "axes", 1, (int64_t[]){ 1 });
    return x;
}

struct nn_graph *nn_net_discriminator(const struct nn_net_gan *o, struct nn_err *err)
{
    struct nn_net n = { .g = NULL };
    int x, y, half, patch = -1, c = nn_net_gan_channels(o, o->size);
    float value = (float)sqrt(0.5);

    if (nn_net_gan_check(o, err) || !(n.g = nn_graph_new("discriminator", err)))
        return NULL;
    nn_rng_seed(&n.rng, o->seed, 1);
    x = nn_graph_input(n.g, "image", 4, (int64_t[]){ NN_DYNAMIC, 3, o->size, o->size });
    half = nn_graph_const(n.g, "half", NN_F32, 0, NULL, &value);
    x = leaky(&n, nn_net_conv(&n, x, 3, c, 3, 1));
    for (int size = o->size; size > LAST; size /= 2) {
        int to = nn_net_gan_channels(o, size / 2);
        x = shrink(&n, x, c, to, half);
        c = to;
        if (size / 2 == o->size / 8)
            patch = nn_net_conv(&n, x, c, 1, 1, 1);
    }
    x = leaky(&n, nn_net_conv(&n, x, c, c, 3, 1));
    x = nn_graph_node(n.g, "Flatten", 1, &x, NULL);
    x = leaky(&n, nn_net_hidden(&n, x, c * LAST * LAST, c, "features"));
    y = nn_net_hidden(&n, x, c, 1, "verdict");
    if (o->conditions > 0)
        y = nn_graph_node(n.g, "Add", 2, (int[]){ y, fitting(&n, x, c, o->conditions) }, NULL);
    nn_graph_output(n.g, nn_graph_node(n.g, "Identity", 1, &y, "logit"));
    if (patch >= 0 && o->size > 32)
        nn_graph_output(n.g, nn_graph_node(n.g, "Identity", 1, &patch, "patch"));
    if (nn_graph_finish(n.g, err)) {
        nn_graph_free(n.g);
        return NULL;
    }
    return n.g;
}
