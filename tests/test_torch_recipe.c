/* What recipes ask for: schedules, optimisers, losses and mixed batches, against values by hand. */
#include "tests/test.h"
#include "trainer/settings.h"
#include "trainer/torch.h"

enum { N = 4, IN = 3, CLASSES = 3 };

static const float x[N * IN] = { 1, 0, 2, -1, 1, 0, .5f, .5f, -2, 0, 3, 1 };
static const int64_t label[N] = { 0, 1, 2, 1 };
static const float first[CLASSES * IN] = { .1f, -.2f, .3f, .4f, .5f, -.6f, -.7f, .8f, .9f };

static struct nn_torch *make(const struct nn_torch_opts *o, struct nn_graph **g)
{
    struct nn_err err = { 0 };
    int in[2];
    struct nn_torch *t;

    *g = nn_graph_new("line", &err);
    in[0] = nn_graph_input(*g, "x", 2, (int64_t[]){ NN_DYNAMIC, IN });
    in[1] = nn_graph_const(*g, "w", NN_F32, 2, (int64_t[]){ CLASSES, IN }, first);
    (*g)->tensor[in[1]].trainable = 1;
    nn_graph_output(*g, nn_graph_node(*g, "Gemm", 2, in, "y"));
    nn_graph_attr_int(*g, "transB", 1);
    CHECK_OK(nn_graph_finish(*g, &err), &err);
    t = nn_torch_new(*g, o, &err);
    CHECK_OK(t ? 0 : -1, &err);
    return t;
}

/* log p of class k for sample i with the first weights. */
static double log_p(int i, int k)
{
    double z[CLASSES] = { 0 }, sum = 0;

    for (int c = 0; c < CLASSES; c++) {
        for (int j = 0; j < IN; j++)
            z[c] += (double)first[c * IN + j] * (double)x[i * IN + j];
        sum += exp(z[c]);
    }
    return z[k] - log(sum);
}

static void losses(void)
{
    static const float weight[CLASSES] = { .5f, 2, 1 };
    struct nn_torch_opts o[] = {
        { .threads = 1 }, { .threads = 1, .label_smoothing = .3 }, { .threads = 1, .focal = 2 },
        { .threads = 1, .class_weight = weight, .label_smoothing = .3, .focal = 1 },
    };
    struct nn_err err = { 0 };

    for (size_t k = 0; k < sizeof o / sizeof *o; k++) {
        struct nn_graph *g;
        struct nn_torch *t = make(&o[k], &g);
        struct nn_step out;
        double want = 0;
        for (int i = 0; i < N; i++)
            for (int c = 0; c < CLASSES; c++) {
                double q = (label[i] == c) * (1 - o[k].label_smoothing) +
                           o[k].label_smoothing / CLASSES;
                q *= o[k].class_weight ? (double)weight[c] : 1;
                want -= q * pow(1 - exp(log_p(i, c)), o[k].focal) * log_p(i, c) / N;
            }
        CHECK_OK(nn_torch_step(t, x, label, N, 0, &out, &err), &err);
        CHECK_NEAR(out.loss, want, 1e-6);
        nn_torch_free(t);
        nn_graph_free(g);
    }
}

/* What one step adds to the weights. */
static double change(const struct nn_torch_opts *o, double lr, float *by, double *norm)
{
    struct nn_err err = { 0 };
    struct nn_graph *g;
    struct nn_torch *t = make(o, &g);
    struct nn_step out;
    double sum = 0;
    int w = nn_graph_find(g, "w");

    CHECK_OK(nn_torch_step(t, x, label, N, lr, &out, &err), &err);
    CHECK_OK(nn_torch_store(t, 0, g, &err), &err);
    for (int i = 0; i < CLASSES * IN; i++) {
        by[i] = ((float *)g->tensor[w].data)[i] - first[i];
        sum += (double)by[i] * (double)by[i];
    }
    *norm = out.grad_norm;
    nn_torch_free(t);
    nn_graph_free(g);
    return sqrt(sum);
}

static void optimisers(void)
{
    struct nn_torch_opts sgd = { .threads = 1 }, clipped = { .threads = 1, .clip = .01 };
    struct nn_torch_opts adam = { .threads = 1, .adamw = 1, .momentum = .9, .beta2 = .999 };
    float a[CLASSES * IN], b[CLASSES * IN];
    double norm;

    CHECK_NEAR(change(&sgd, .1, a, &norm), .1 * norm, 1e-6);
    CHECK(norm > .1);
    CHECK_NEAR(change(&clipped, .1, b, &norm), .1 * .01, 1e-6);
    CHECK(norm > .1);           /* as it was before clipping */
    for (int i = 0; i < CLASSES * IN; i++)
        CHECK_NEAR(b[i] * norm / .01, a[i], 1e-5);
    change(&adam, .1, b, &norm);
    for (int i = 0; i < CLASSES * IN; i++)      /* the first step is as long for all weights */
        CHECK_NEAR(b[i], a[i] > 0 ? .1 : -.1, 1e-5);
    adam.weight_decay = .5;
    change(&adam, .1, b, &norm);
    for (int i = 0; i < CLASSES * IN; i++)
        CHECK_NEAR(b[i], (a[i] > 0 ? .1 : -.1) - .1 * .5 * (double)first[i], 1e-5);
}

static void schedules(void)
{
    struct nn_sched s = { NN_SCHED_STEP, 1, .1, .1 };

    CHECK_NEAR(nn_sched_rate(&s, 4, 100), .45, 1e-9);
    CHECK_NEAR(nn_sched_rate(&s, 20, 100), 1, 1e-9);
    CHECK_NEAR(nn_sched_rate(&s, 50, 100), .1, 1e-9);
    CHECK_NEAR(nn_sched_rate(&s, 99, 100), .01, 1e-9);
    s.kind = NN_SCHED_PLATEAU;
    CHECK_NEAR(nn_sched_rate(&s, 99, 100), 1, 1e-9);
}

/* Pictures of one value each: what is mixed can be read off them. */
static void mixes(void)
{
    enum { BATCH = 6, SIDE = 10, PX = SIDE * SIDE, KINDS = 6 };
    static const struct nn_mix mix[] = { { .mixup = .4, .share = 1 }, { .cutmix = 1, .share = 1 } };
    float px[BATCH * PX], target[BATCH * KINDS], again[BATCH * KINDS];
    int changed = 0;

    for (int step = 0; step < 40; step++) {
        for (int i = 0; i < BATCH * PX; i++)
            px[i] = (float)(i / PX);
        for (int i = 0; i < BATCH * KINDS; i++)
            target[i] = i / KINDS == i % KINDS;
        nn_mix_batch(&mix[step % 2], 3, step, px, BATCH, 1, SIDE, SIDE, target, KINDS);
        for (int i = 0; i < BATCH; i++) {
            double mean = 0, sum = 0, expected = 0;
            for (int k = 0; k < PX; k++)
                mean += (double)px[i * PX + k] / PX;
            for (int k = 0; k < KINDS; k++) {
                sum += (double)target[i * KINDS + k];
                expected += k * (double)target[i * KINDS + k];
            }
            CHECK_NEAR(sum, 1, 1e-6);
            CHECK_NEAR(mean, expected, 1e-4);   /* the target has the pixels' shares */
            changed += target[i * KINDS + i] < .999f;
        }
        memcpy(again, target, sizeof again);
        for (int i = 0; i < BATCH * KINDS; i++)
            target[i] = i / KINDS == i % KINDS;
        nn_mix_batch(&mix[step % 2], 3, step, px, BATCH, 1, SIDE, SIDE, target, KINDS);
        CHECK(!memcmp(again, target, sizeof again));    /* of seed and step alone */
    }
    CHECK(changed > 100);
    memset(target, 0, sizeof target);
    target[0] = 1;
    nn_mix_batch(&(struct nn_mix){ .mixup = 1 }, 3, 0, px, BATCH, 1, SIDE, SIDE, target, KINDS);
    CHECK(target[0] == 1);      /* no share of the batches: never */
}

static void recipes(void)
{
    static const struct { const char *text, *says; } bad[] = {
        { "[1]", "no JSON object" }, { "{\"epoch\": 3}", "no setting is called" },
        { "{\"epochs\": 0}", "whole number from 1" }, { "{\"epochs\": 2.5}", "whole number" },
        { "{\"rate\": \"fast\"}", "number from" }, { "{\"optimiser\": \"lion\"}", "sgd, adamw" },
    };
    struct nn_settings s = nn_settings_default, before = s;
    struct nn_err err = { 0 };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(nn_settings_from_json(&s, bad[i].text, "r.json", &err) == -1);
        CHECK(strstr(err.msg, bad[i].says) && strstr(err.msg, "r.json"));
        CHECK(!memcmp(&s, &before, sizeof s));
    }
    CHECK_OK(nn_settings_from_json(&s, "{\"about\": \"x\", \"optimiser\": \"adamw\", "
                                   "\"schedule\": \"step\", \"mix.cutmix\": 1}", "r.json", &err),
             &err);
    CHECK(s.adamw == 1 && s.schedule == NN_SCHED_STEP && s.mix.cutmix == 1);
}

int main(void)
{
    struct nn_err err;

    nn_torch_setup(1, &err);
    losses();
    optimisers();
    schedules();
    mixes();
    recipes();
    return test_done();
}
