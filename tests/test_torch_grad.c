/* The gradients of training, through every kind of layer, against differences of the loss. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "tests/test.h"
#include "trainer/nets/nets.h"
#include "trainer/torch.h"
#include "trainer/votes.h"

enum { N = 6, SIZE = 16, FLOATS = SIZE * SIZE, WIDTH = NN_EMOTIONS + NN_VOTES };

static float x[N * FLOATS], first[N * NN_EMOTIONS], votes[N * NN_VOTES], both[N * WIDTH];

static void make_data(void)
{
    struct nn_rng rng;

    nn_rng_seed(&rng, 7, 0);
    for (int i = 0; i < N * FLOATS; i++)
        x[i] = nn_rng_normal(&rng);
    for (int i = 0; i < N; i++) {
        float *v = votes + i * NN_VOTES;
        first[i * NN_EMOTIONS + i % NN_EMOTIONS] = 1;
        v[i % 3] = i == 4 ? 0 : .25f;       /* of face 4 nobody said anything */
        v[NN_CONTEMPT] = i == 4 ? 0 : .75f;
        memcpy(both + i * WIDTH, first + i * NN_EMOTIONS, NN_EMOTIONS * sizeof *both);
        memcpy(both + i * WIDTH + NN_EMOTIONS, v, NN_VOTES * sizeof *v);
    }
}

/* One step at `rate` from the graph's weights, which become those after it; the loss before it. */
static double step(struct nn_graph *g, const float *y, double second, double rate)
{
    struct nn_torch_opts o = { .threads = 2, .seed = 1, .second = second };
    struct nn_err err = { 0 };
    struct nn_torch *t = nn_torch_new(g, &o, &err);
    struct nn_step out = { 0 };

    CHECK_OK(t ? nn_torch_step_soft(t, x, y, N, rate, &out, &err) : -1, &err);
    if (t && rate > 0)
        CHECK_OK(nn_torch_store(t, 0, g, &err), &err);
    nn_torch_free(t);
    return out.loss;
}

static double slope(const struct nn_graph *g, int tensor, int64_t at)
{
    const float h = 2e-3f;
    struct nn_err err;
    double loss[2];

    for (int i = 0; i < 2; i++) {
        struct nn_graph *moved = nn_graph_copy(g, &err);
        ((float *)moved->tensor[tensor].data)[at] += i ? h : -h;
        loss[i] = step(moved, first, 0, 0);
        nn_graph_free(moved);
    }
    return (loss[1] - loss[0]) / (2 * (double)h);
}

static struct nn_graph *make(void)
{
    struct nn_net_emotion net = { .size = SIZE, .width = 16, .blocks = { 1, 2, 0 }, .votes = 1,
                                  .seed = 4 };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_emotion(&net, &err);

    CHECK_OK(g ? 0 : -1, &err);
    return g;
}

/* With a rate of 1 and nothing else a step takes the gradient off the weights. In every tensor
 * the weight with the steepest way down is looked at. */
static void gradients(void)
{
    struct nn_err err;
    struct nn_graph *g = make(), *after = nn_graph_copy(g, &err);

    step(after, first, 0, 1);
    for (int t = 0; t < g->ntensor; t++) {
        const float *a = g->tensor[t].data, *b = after->tensor[t].data;
        int64_t n = nn_tensor_elements(&g->tensor[t]), at = 0;
        double is, should;
        if (!g->tensor[t].trainable || strstr(g->tensor[t].name, "votes"))
            continue;
        for (int64_t i = 0; i < n; i++)
            if (fabsf(a[i] - b[i]) > fabsf(a[at] - b[at]))
                at = i;
        is = (double)a[at] - (double)b[at];
        should = slope(g, t, at);
        CHECK_NEAR(is, should, 0.05 * fabs(should) + 1e-3);
        CHECK(fabs(is) > 1e-5);
    }
    nn_graph_free(g);
    nn_graph_free(after);
}

/* The votes' gradient alone is that of a network whose only output are the votes. */
static void second(void)
{
    struct nn_err err;
    struct nn_graph *g = make(), *turned = nn_graph_copy(g, &err);
    float nothing[N * WIDTH];
    int swap = turned->out[0], different = 0;

    memcpy(nothing, both, sizeof nothing);
    for (int i = 0; i < N; i++)
        memset(nothing + i * WIDTH, 0, NN_EMOTIONS * sizeof *nothing);
    turned->out[0] = turned->out[1];
    turned->out[1] = swap;
    CHECK_NEAR(step(g, nothing, 0.5, 0.2), 0, 0);
    CHECK(step(turned, votes, 0, 0.1) > 1);
    for (int t = 0; t < g->ntensor; t++) {
        const float *a = g->tensor[t].data, *b = turned->tensor[t].data;
        for (int64_t i = 0; g->tensor[t].trainable && i < nn_tensor_elements(&g->tensor[t]); i++)
            different += !(fabsf(a[i] - b[i]) <= 1e-6f);
    }
    CHECK(different == 0);
    nn_graph_free(g);
    nn_graph_free(turned);
}

/* Running mean and variance come to be those of the batch: evaluation then agrees with training,
 * but for the variance's n / (n - 1). */
static void running(void)
{
    struct nn_torch_opts o = { .threads = 2, .seed = 1 };
    struct nn_err err = { 0 };
    struct nn_graph *g = make();
    struct nn_torch *t = nn_torch_new(g, &o, &err);
    struct nn_step out;
    float logits[N * NN_EMOTIONS];
    double loss = 0;

    for (int i = 0; i < 150; i++)
        CHECK_OK(nn_torch_step_soft(t, x, first, N, 0, &out, &err), &err);
    CHECK_OK(nn_torch_eval(t, x, N, 0, logits, &err), &err);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int k = 0; k < NN_EMOTIONS; k++)
            sum += exp((double)logits[i * NN_EMOTIONS + k]);
        loss += (log(sum) - (double)logits[i * NN_EMOTIONS + i % NN_EMOTIONS]) / N;
    }
    CHECK_NEAR(loss, out.loss, 0.03 * out.loss);
    nn_torch_free(t);
    nn_graph_free(g);
}

int main(void)
{
    struct nn_err err;

    nn_torch_setup(2, &err);
    make_data();
    gradients();
    second();
    running();
    return test_done();
}
