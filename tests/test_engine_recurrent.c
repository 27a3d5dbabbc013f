/*
 * LSTM and GRU with vectors against the reference, which runs where weights are no
 * constants; and RNN's activations against their formulas.
 */
#include "common/pool.h"
#include "common/rng.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"
#include "tests/test.h"

enum { INPUTS = 8 };

struct layer {
    const char *op, *direction;
    int64_t steps, batch, in, h;
    int swap, after;            /* layout, linear_before_reset */
    int bias, first;            /* B; initial states */
    int clip, peep, coupled, lengths;   /* what the reference keeps */
};

static const struct layer layers[] = {
    { "LSTM", "forward", 7, 1, 5, 9, 0, 0, 1, 0, 0, 0, 0, 0 },
    { "LSTM", "reverse", 6, 1, 3, 16, 0, 0, 0, 1, 0, 0, 0, 0 },
    { "LSTM", "bidirectional", 70, 1, 64, 40, 0, 0, 1, 1, 0, 0, 0, 0 },
    { "LSTM", "bidirectional", 5, 4, 6, 33, 0, 0, 1, 1, 0, 0, 0, 0 },
    { "LSTM", "bidirectional", 9, 5, 6, 8, 1, 0, 1, 1, 0, 0, 0, 0 },
    { "LSTM", "forward", 40, 1, 128, 130, 1, 0, 1, 0, 0, 0, 0, 0 },
    { "LSTM", "forward", 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0 },
    { "LSTM", "forward", 6, 2, 5, 9, 0, 0, 1, 1, 1, 0, 0, 0 },
    { "LSTM", "forward", 6, 2, 5, 9, 0, 0, 1, 1, 0, 1, 0, 0 },
    { "LSTM", "reverse", 6, 2, 5, 9, 0, 0, 1, 1, 0, 0, 1, 0 },
    { "LSTM", "bidirectional", 6, 2, 5, 9, 0, 0, 1, 1, 0, 0, 0, 1 },
    { "GRU", "forward", 7, 1, 5, 9, 0, 0, 1, 0, 0, 0, 0, 0 },
    { "GRU", "forward", 7, 1, 5, 9, 0, 1, 1, 1, 0, 0, 0, 0 },
    { "GRU", "reverse", 8, 3, 7, 24, 0, 0, 1, 1, 0, 0, 0, 0 },
    { "GRU", "reverse", 8, 3, 7, 24, 0, 1, 0, 1, 0, 0, 0, 0 },
    { "GRU", "bidirectional", 33, 1, 64, 65, 0, 1, 1, 1, 0, 0, 0, 0 },
    { "GRU", "bidirectional", 10, 2, 20, 17, 1, 0, 1, 1, 0, 0, 0, 0 },
    { "GRU", "bidirectional", 10, 6, 20, 17, 1, 1, 1, 1, 0, 0, 0, 0 },
    { "GRU", "forward", 6, 2, 5, 9, 0, 1, 1, 1, 1, 0, 0, 0 },
    { "GRU", "forward", 6, 2, 5, 9, 0, 0, 1, 1, 0, 0, 0, 1 },
};

struct operand {
    enum nn_dtype type;
    int ndim;
    int64_t dim[3];
    float *data;                /* or int32_t; NULL: absent */
};

static int64_t count(const struct operand *o)
{
    int64_t n = 1;

    for (int k = 0; k < o->ndim; k++)
        n *= o->dim[k];
    return n;
}

static void fill(const struct layer *l, struct operand *o)
{
    int64_t gates = *l->op == 'L' ? 4 : 3, ways = *l->direction == 'b' ? 2 : 1;
    int64_t a = l->swap ? l->batch : ways, b = l->swap ? ways : l->batch;
    const struct operand all[INPUTS] = {
        { NN_F32, 3, { l->swap ? l->batch : l->steps, l->swap ? l->steps : l->batch, l->in }, 0 },
        { NN_F32, 3, { ways, gates * l->h, l->in }, 0 },
        { NN_F32, 3, { ways, gates * l->h, l->h }, 0 },
        { NN_F32, 2, { ways, 2 * gates * l->h }, 0 }, { NN_I32, 1, { l->batch }, 0 },
        { NN_F32, 3, { a, b, l->h }, 0 }, { NN_F32, 3, { a, b, l->h }, 0 },
        { NN_F32, 2, { ways, 3 * l->h }, 0 },
    };
    const int there[INPUTS] = { 1, 1, 1, l->bias, l->lengths, l->first, l->first && gates == 4,
                                l->peep };
    struct nn_rng r;

    for (int k = 0; k < INPUTS; k++) {
        o[k] = all[k];
        nn_rng_seed(&r, (uint64_t)(l - layers), (uint64_t)k);
        o[k].data = there[k] ? malloc((size_t)count(&o[k]) * sizeof *o[k].data) : NULL;
        for (int64_t i = 0; there[k] && i < count(&o[k]); i++)
            if (k == 4)
                ((int32_t *)(void *)o[k].data)[i] = (int)nn_rng_below(&r, (uint32_t)l->steps + 1);
            else
                o[k].data[i] = nn_rng_range(&r, -1, 1) * (k == 2 ? 0.4f : 1);
    }
}

/* Weights are constants, or inputs like the rest. */
static struct nn_graph *build(const struct layer *l, const struct operand *o, int constant)
{
    static const char *const names[INPUTS] = { "X", "W", "R", "B", "len", "h0", "c0", "P" };
    struct nn_graph *g = nn_graph_new("net", NULL);
    int in[INPUTS], out[3], n = 0;

    for (int k = 0; k < INPUTS; k++) {
        int fixed = constant && (k == 1 || k == 2 || k == 3 || k == 7);
        in[k] = !o[k].data ? -1
              : fixed ? nn_graph_const(g, names[k], o[k].type, o[k].ndim, o[k].dim, o[k].data)
              : nn_graph_input(g, names[k], o[k].ndim, o[k].dim);
        if (o[k].data && !fixed)
            g->tensor[in[k]].type = o[k].type;
        n = in[k] >= 0 ? k + 1 : n;
    }
    for (int k = 0; k < 3; k++)
        out[k] = nn_graph_tensor(g, k ? k > 1 ? "c" : "h" : "y", NN_UNDEFINED, -1, NULL);
    nn_graph_node_raw(g, l->op, l->op, n, in, *l->op == 'L' ? 3 : 2, out);
    struct nn_attr *a = nn_graph_attr_add(g, "direction");
    a->kind = NN_ATTR_STRING;
    a->s = l->direction;
    nn_graph_attr_int(g, "hidden_size", l->h);
    nn_graph_attr_int(g, "layout", l->swap);
    if (*l->op == 'G')
        nn_graph_attr_int(g, "linear_before_reset", l->after);
    if (l->clip)
        nn_graph_attr_float(g, "clip", .3f);
    if (l->coupled)
        nn_graph_attr_int(g, "input_forget", 1);
    for (int k = 0; k < (*l->op == 'L' ? 3 : 2); k++)
        nn_graph_output(g, out[k]);
    return g;
}

static struct nn_engine *run(const struct layer *l, const struct operand *o, int constant,
                             struct nn_pool *pool)
{
    static const char *const names[INPUTS] = { "X", "W", "R", "B", "len", "h0", "c0", "P" };
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_graph *g = build(l, o, constant);
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_new(g, &opts, &err);
    struct nn_value v[INPUTS];
    int n = 0;

    for (int k = 0; k < INPUTS; k++)
        if (o[k].data && !(constant && (k == 1 || k == 2 || k == 3 || k == 7))) {
            v[n] = (struct nn_value){ names[k], o[k].type, o[k].ndim, { 0 }, o[k].data };
            memcpy(v[n++].dim, o[k].dim, sizeof o[k].dim);
        }
    CHECK_OK(e ? nn_engine_run(e, v, n, &err) : -1, &err);
    if (e && !err.code)     /* the second time finds what the first left */
        CHECK_OK(nn_engine_run(e, v, n, &err), &err);
    nn_graph_free(g);
    return e;
}

static double apart(const struct nn_value *a, const struct nn_value *b)
{
    int64_t n = 1;
    double worst = 0;

    for (int k = 0; k < a->ndim; k++) {
        CHECK(a->dim[k] == b->dim[k]);
        n *= a->dim[k];
    }
    for (int64_t i = 0; i < n; i++) {
        double d = fabs((double)((const float *)a->data)[i] - (double)((const float *)b->data)[i]);
        worst = d <= worst ? worst : d;
    }
    return worst;
}

static void against_reference(struct nn_pool *two)
{
    int other = 0;              /* bits than the reference's: it is another kernel */

    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        struct operand o[INPUTS];
        struct nn_engine *fast, *plain, *wide;
        const struct nn_value *v;
        fill(&layers[i], o);
        fast = run(&layers[i], o, 1, NULL);
        plain = run(&layers[i], o, 0, NULL);
        wide = run(&layers[i], o, 1, two);
        for (int k = 0; fast && plain && wide && (v = nn_engine_output(fast, k)); k++) {
            double d = apart(v, nn_engine_output(plain, k));
            if (!(d <= 2e-5))
                fprintf(stderr, "layer %zu, output %d: off by %g\n", i, k, d);
            CHECK(d <= 2e-5);
            other += d > 0;
            CHECK(apart(v, nn_engine_output(wide, k)) == 0);    /* bits, at any thread count */
        }
        nn_engine_free(fast);
        nn_engine_free(plain);
        nn_engine_free(wide);
        for (int k = 0; k < INPUTS; k++)
            free(o[k].data);
    }
    CHECK(other > 10);
}

/* One step of RNN from zero: y = f(x) for W = 1. */
static const struct {
    const char *name;
    float alpha, beta;          /* NAN: not given */
    double y[4];                /* of -2, -0.25, 0.5, 3 */
} functions[] = {
    { "Affine", 2, .5f, { -3.5, 0, 1.5, 6.5 } },
    { "Affine", NAN, NAN, { -2, -.25, .5, 3 } },
    { "Elu", 2, NAN, { -1.7293294335, -.4423984339, .5, 3 } },
    { "Elu", NAN, NAN, { -.8646647168, -.2211992169, .5, 3 } },
    { "HardSigmoid", .4f, .3f, { 0, .2, .5, 1 } },
    { "HardSigmoid", NAN, NAN, { .1, .45, .6, 1 } },
    { "LeakyRelu", .1f, NAN, { -.2, -.025, .5, 3 } },
    { "LeakyRelu", NAN, NAN, { -.02, -.0025, .5, 3 } },
    { "Relu", NAN, NAN, { 0, 0, .5, 3 } },
    { "ScaledTanh", 2, .5f, { -1.5231883119, -.2487060012, .4898373177, 1.8102965080 } },
    { "Sigmoid", NAN, NAN, { .1192029220, .4378234991, .6224593312, .9525741268 } },
    { "Softplus", NAN, NAN, { .1269280110, .5759394198, .9740769842, 3.0485873516 } },
    { "Softsign", NAN, NAN, { -.6666666667, -.2, .3333333333, .75 } },
    { "Tanh", NAN, NAN, { -.9640275801, -.2449186624, .4621171573, .9950547537 } },
    { "ThresholdedRelu", .5f, NAN, { 0, 0, 0, 3 } },
    { "ThresholdedRelu", NAN, NAN, { 0, 0, 0, 3 } },
};

static void activations(void)
{
    static const int64_t one[3] = { 1, 1, 1 };
    static float x[4] = { -2, -.25f, .5f, 3 }, w = 1, r = 0;

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = nn_graph_new("rnn", NULL);
        int in[3] = { nn_graph_input(g, "X", 3, (int64_t[]){ 1, 4, 1 }),
                      nn_graph_const(g, "W", NN_F32, 3, one, &w),
                      nn_graph_const(g, "R", NN_F32, 3, one, &r) };
        int y = nn_graph_node(g, "RNN", 3, in, "y");
        const char *name = functions[i].name;
        float numbers[2] = { functions[i].alpha, functions[i].beta };
        struct nn_attr *a = nn_graph_attr_add(g, "activations");
        a->kind = NN_ATTR_STRINGS;
        a->count = 1;
        a->strings = &name;
        for (int k = 0; k < 2; k++)
            if (!isnan(numbers[k])) {
                a = nn_graph_attr_add(g, k ? "activation_beta" : "activation_alpha");
                a->kind = NN_ATTR_FLOATS;
                a->count = 1;
                a->floats = &numbers[k];
            }
        nn_graph_output(g, y);
        struct nn_engine *e = nn_engine_new(g, NULL, &err);
        struct nn_value v = { "X", NN_F32, 3, { 1, 4, 1 }, x };
        CHECK_OK(e ? nn_engine_run(e, &v, 1, &err) : -1, &err);
        for (int k = 0; e && !err.code && k < 4; k++)
            CHECK_NEAR(((float *)nn_engine_output(e, 0)->data)[k], functions[i].y[k], 1e-6);
        nn_engine_free(e);
        nn_graph_free(g);
    }
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *two = nn_pool_new(2, &err);

    CHECK_OK(two ? 0 : -1, &err);
    against_reference(two);
    activations();
    nn_pool_free(two);
    return test_done();
}
