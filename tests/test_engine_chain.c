/* Value by value, task after task: one pass, the same values as by hand. */
#include "common/pool.h"
#include "common/rng.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

enum { C = 3, H = 20, W = 41, N = C * H * W };

static const float scale[C] = { .5f, -2, 3 };

/* y = sigmoid(x * scale[channel] + x) and y * x - 1.5; with `cut`, something stands between. */
static struct nn_graph *make(int cut)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("chain", &err);
    int x = nn_graph_input(g, "x", 4, (int64_t[]){ 1, C, H, W });
    int s = nn_graph_const(g, "s", NN_F32, 3, (int64_t[]){ C, 1, 1 }, scale);
    int k = nn_graph_const(g, "k", NN_F32, 0, NULL, &(float){ 1.5f });
    int y = nn_graph_node(g, "Mul", 2, (int[]){ x, s }, "scaled");

    y = nn_graph_node(g, "Add", 2, (int[]){ y, x }, "added");
    y = nn_graph_node(g, "Sigmoid", 1, &y, "bent");
    nn_graph_output(g, y);
    if (cut) {
        y = nn_graph_node(g, "Transpose", 1, &y, "turned");
        nn_graph_attr_ints(g, "perm", 4, (int64_t[]){ 0, 1, 3, 2 });
        y = nn_graph_node(g, "Transpose", 1, &y, "back");
        nn_graph_attr_ints(g, "perm", 4, (int64_t[]){ 0, 1, 3, 2 });
    }
    y = nn_graph_node(g, "Mul", 2, (int[]){ y, x }, "product");
    nn_graph_output(g, nn_graph_node(g, "Sub", 2, (int[]){ y, k }, "less"));
    CHECK_OK(nn_graph_finish(g, &err), &err);
    return g;
}

static double node_ms(const struct nn_engine *e, const char *wanted)
{
    const char *name;

    for (int i = 0; nn_engine_node(e, i, &name); i++)
        if (!strcmp(name, wanted))
            return nn_engine_node_ms(e, i);
    return -1;
}

static void check(int cut, struct nn_pool *pool, float *out)
{
    struct nn_err err = { 0 };
    struct nn_engine_opts opts = { .pool = pool, .profile = 1 };
    struct nn_graph *g = make(cut);
    struct nn_engine *e = nn_engine_new(g, &opts, &err);
    static float x[N];
    struct nn_value in = { "x", NN_F32, 4, { 1, C, H, W }, x };
    struct nn_rng r;
    int wrong = 0;

    nn_rng_seed(&r, 7, 0);
    for (int i = 0; i < N; i++)
        x[i] = nn_rng_range(&r, -3, 3);
    CHECK_OK(e ? 0 : -1, &err);
    for (int k = 0; e && k < 2; k++)
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
    for (int i = 0; e && i < N; i++) {
        double a = (double)x[i], s = 1 / (1 + exp(-(a * (double)scale[i / (H * W)] + a)));
        wrong += !(fabs((double)((float *)nn_engine_output(e, 0)->data)[i] - s) < 1e-6);
        wrong += !(fabs((double)((float *)nn_engine_output(e, 1)->data)[i] - (s * a - 1.5)) < 2e-6);
    }
    CHECK(wrong == 0);
    if (e) {
        memcpy(out, nn_engine_output(e, 1)->data, N * sizeof *out);
        /* Time is that of a chain's last node. */
        CHECK(node_ms(e, "scaled") == 0 && node_ms(e, "added") == 0 && node_ms(e, "product") == 0);
        CHECK(node_ms(e, "less") > 0 && (cut ? node_ms(e, "bent") > 0 : node_ms(e, "bent") == 0));
    }
    nn_engine_free(e);
    nn_graph_free(g);
}

int main(void)
{
    static float whole[N], cut[N], shared[N];
    struct nn_err err;
    struct nn_pool *pool = nn_pool_new(3, &err);

    check(0, NULL, whole);
    check(1, NULL, cut);
    check(0, pool, shared);
    CHECK(!memcmp(whole, cut, sizeof whole) && !memcmp(whole, shared, sizeof whole));
    nn_pool_free(pool);
    return test_done();
}
