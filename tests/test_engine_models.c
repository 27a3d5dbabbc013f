/*
 * Models of others (NEONNOIR_TESTDATA) against ONNX Runtime 1.32: for noise of
 * nn_rng(7, input) in -1..1, the sum of each output's magnitudes and its first
 * and middle value. Unknown sizes are 64, unknown batches 2.
 */
#include "common/rng.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"
#include "tests/test.h"

static const struct {
    const char *model;
    struct {
        double sum, first, middle;
    } out[12];
} cases[] = {
#include "tests/engine_models.def"
};

static int feed(const struct nn_tensor *t, int i, struct nn_value *v)
{
    struct nn_rng r;
    int64_t n = 1;

    *v = (struct nn_value){ .name = t->name, .type = NN_F32, .ndim = t->ndim };
    for (int k = 0; k < t->ndim; k++)
        n *= v->dim[k] = t->dim[k] >= 0 ? t->dim[k] : k ? 64 : 2;
    float *x = v->data = malloc((size_t)n * sizeof *x);
    nn_rng_seed(&r, 7, (uint64_t)i);
    for (int64_t k = 0; k < n; k++)
        x[k] = nn_rng_range(&r, -1, 1);
    return t->type == NN_F32;
}

static double at(const struct nn_value *v, int64_t i)
{
    return v->type == NN_I64 ? (double)((const int64_t *)v->data)[i]
                             : (double)((const float *)v->data)[i];
}

static void check(const char *path, size_t c)
{
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_load(path, NULL, &err);
    struct nn_value in[2] = { { 0 } };

    CHECK_OK(e ? 0 : -1, &err);
    if (!e)
        return;
    const struct nn_graph *g = nn_engine_graph(e);
    CHECK(nn_engine_lacks(g, NULL, NULL) == 0);
    for (int i = 0; i < g->nin && i < 2; i++)
        CHECK(feed(&g->tensor[g->in[i]], i, &in[i]));
    CHECK_OK(nn_engine_run(e, in, g->nin, &err), &err);
    for (int i = 0; i < g->nout && !err.code; i++) {
        const struct nn_value *o = nn_engine_output(e, i);
        int64_t n = 1;
        double sum = 0, scale;
        for (int k = 0; k < o->ndim; k++)
            n *= o->dim[k];
        for (int64_t k = 0; k < n; k++)
            sum += fabs(at(o, k));
        /* ONNX Runtime's own Sigmoid is off by up to 1.3e-7 near 0. */
        scale = 1e-4 * cases[c].out[i].sum / (double)n + 3e-7;
        CHECK_NEAR(sum, cases[c].out[i].sum, scale * (double)n);
        CHECK_NEAR(at(o, 0), cases[c].out[i].first, scale + 1e-4 * fabs(cases[c].out[i].first));
        CHECK_NEAR(at(o, n / 2), cases[c].out[i].middle,
                   scale + 1e-4 * fabs(cases[c].out[i].middle));
    }
    nn_engine_free(e);
    free(in[0].data);
    free(in[1].data);
}

int main(void)
{
    const char *data = test_data();
    char path[4096];

    if (!data)
        SKIP("no test data");
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        snprintf(path, sizeof path, "%s/models/%s", data, cases[c].model);
        check(path, c);
    }
    return test_done();
}
