/* What stands around the shim: folding, schedule, augmentation, metrics, settings. */
#include "export/fold.h"
#include "runtime/face/recognise.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"
#include "trainer/augment.h"
#include "trainer/fit.h"
#include "trainer/metrics.h"
#include "trainer/nets/nets.h"
#include "trainer/sched.h"
#include "trainer/settings.h"
#include "trainer/torch.h"
#include "trainer/votes.h"

enum { SIZE = 16, FLOATS = SIZE * SIZE, N = 6 };

static void eval(const struct nn_graph *g, const float *x, float *out)
{
    struct nn_torch_opts o = { .threads = 1 };
    struct nn_err err = { 0 };
    struct nn_torch *t = nn_torch_new(g, &o, &err);

    CHECK_OK(t ? nn_torch_eval(t, x, N, 0, out, &err) : -1, &err);
    nn_torch_free(t);
}

static int count_op(const struct nn_graph *g, const char *op)
{
    int n = 0;

    for (int i = 0; i < g->nnode; i++)
        n += !strcmp(g->node[i].op, op);
    return n;
}

static void folding_changes_nothing(void)
{
    struct nn_net_emotion net = { .size = SIZE, .width = 8, .blocks = { 2, 2, 2 },
                                  .dropout = 0.3, .seed = 11 };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_emotion(&net, &err), *f;
    float x[N * FLOATS], a[N * NN_EMOTIONS], b[N * NN_EMOTIONS];
    struct nn_rng rng;
    int folded;

    nn_rng_seed(&rng, 1, 1);
    for (int i = 0; i < N * FLOATS; i++)
        x[i] = nn_rng_normal(&rng);
    for (int i = 0; i < g->ntensor; i++) {      /* norms that do something */
        struct nn_tensor *t = &g->tensor[i];
        const char *dot = strrchr(t->name, '.');
        if (t->data && t->ndim == 1 && !strncmp(t->name, "norm", 4))
            for (int64_t k = 0; k < t->dim[0]; k++)
                ((float *)t->data)[k] = strcmp(dot, ".var") ? 0.7f + 0.3f * nn_rng_normal(&rng)
                                                            : nn_rng_range(&rng, 0.3f, 2);
    }
    nn_graph_set_meta(g, "key", "value");
    f = nn_fold(g, &folded, &err);
    CHECK_OK(f ? 0 : -1, &err);
    CHECK(folded == 15 && !count_op(f, "BatchNormalization") && !count_op(f, "Dropout"));
    CHECK(count_op(f, "Conv") == count_op(g, "Conv") && !strcmp(nn_graph_meta(f, "key"), "value"));
    eval(g, x, a);
    nn_graph_free(g);                           /* nothing of `f` may point into it */
    eval(f, x, b);
    for (int i = 0; i < N * NN_EMOTIONS; i++)
        CHECK_NEAR(a[i], b[i], 2e-4);
    nn_graph_free(f);
}

/* The player's valence and arousal are those of the votes that the engine counts. */
static void feelings(void)
{
    struct nn_net_emotion net = { .size = SIZE, .width = 8, .blocks = { 1, 0, 0 }, .votes = 1,
                                  .seed = 2 };
    uint8_t px[2 * FLOATS];
    struct nn_image img = { 2 * SIZE, SIZE, 1, px };
    struct nn_box half[2] = { { 0, 0, SIZE, SIZE }, { SIZE, 0, SIZE, SIZE } };
    float prob[2][NN_EMOTIONS], affect[2][2], place[NN_VOTES][2];
    char path[] = "/tmp/nn-affect-XXXXXX";
    int fd = mkstemp(path);
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_emotion(&net, &err);
    struct nn_recogniser *r;
    struct nn_engine *e;
    const float *votes;

    for (int i = 0; i < 2 * FLOATS; i++)
        px[i] = (uint8_t)(i * i * 31);
    nn_votes_places(place);
    CHECK_OK(nn_fit_describe(g, &nn_settings_default, &(struct nn_snapshot){ 0 }, &err), &err);
    CHECK_OK(nn_onnx_write(g, path, &err), &err);
    r = nn_recogniser_new(path, NULL, &err);
    e = nn_engine_load(path, NULL, &err);
    CHECK_OK(r && e ? nn_recognise(r, &img, half, 2, prob, affect, &err) : -1, &err);
    for (int i = 0; i < 2 && e; i++) {
        float x[FLOATS], sum = 0, mean[2] = { 0 };
        struct nn_value in = { .name = "face", .type = NN_F32, .ndim = 4, .data = x,
                               .dim = { 1, 1, SIZE, SIZE } };
        for (int k = 0; k < FLOATS; k++)
            x[k] = ((float)px[k / SIZE * 2 * SIZE + i * SIZE + k % SIZE] / 255 - .5f) / .25f;
        CHECK_OK(nn_engine_run(e, &in, 1, &err), &err);
        votes = nn_engine_output(e, 1)->data;
        for (int k = 0; k < NN_VOTES; k++) {
            sum += expf(votes[k]);
            mean[0] += expf(votes[k]) * place[k][0];
            mean[1] += expf(votes[k]) * place[k][1];
        }
        CHECK_NEAR(affect[i][0], mean[0] / sum, 1e-4);
        CHECK_NEAR(affect[i][1], mean[1] / sum, 1e-4);
    }
    nn_engine_free(e);
    nn_recogniser_free(r);
    nn_graph_free(g);
    close(fd);
    unlink(path);
}

static void the_schedule(void)
{
    double last = 1;

    struct nn_sched s = { NN_SCHED_COSINE, 0.1, 0.2, 0 }, flat = { NN_SCHED_COSINE, 0.1, 0, 0 };

    CHECK_NEAR(nn_sched_rate(&s, 0, 1000), 0.1 * 0.0005 / 0.2, 1e-9);
    CHECK_NEAR(nn_sched_rate(&s, 200, 1000), 0.1, 1e-4);
    for (int i = 200; i < 1000; i++) {
        double r = nn_sched_rate(&s, i, 1000);
        CHECK(r < last && r > 0);
        last = r;
    }
    CHECK(last < 1e-6);
    CHECK_NEAR(nn_sched_rate(&flat, 0, 10), 0.1, 0.001);
}

static void augmentation(void)
{
    struct nn_normal norm = { 0.5, 0.25 };
    struct nn_augment none = { 0 }, flip = { .flip = 1 }, all = nn_settings_default.augment;
    uint8_t px[FLOATS];
    float plain[FLOATS], out[FLOATS], again[FLOATS];
    struct nn_rng rng;

    for (int i = 0; i < FLOATS; i++)
        px[i] = (uint8_t)i;
    nn_input_plain(px, SIZE, SIZE, 1, &norm, plain);
    CHECK_NEAR(plain[0], -2, 1e-6);
    CHECK_NEAR(plain[255], 2, 1e-6);
    nn_rng_seed(&rng, 3, 1);
    nn_input_augmented(px, SIZE, SIZE, 1, &norm, &none, &rng, out);
    for (int i = 0; i < FLOATS; i++)
        CHECK_NEAR(out[i], plain[i], 1e-4);
    nn_input_augmented(px, SIZE, SIZE, 1, &norm, &flip, &rng, out);
    for (int i = 0; i < FLOATS; i++)
        CHECK_NEAR(out[i], plain[i / SIZE * SIZE + SIZE - 1 - i % SIZE], 1e-4);
    all.shear = 20;
    all.ops = 2;
    nn_rng_seed(&rng, 4, 1);
    nn_input_augmented(px, SIZE, SIZE, 1, &norm, &all, &rng, out);
    nn_rng_seed(&rng, 4, 1);
    nn_input_augmented(px, SIZE, SIZE, 1, &norm, &all, &rng, again);
    CHECK(!memcmp(out, again, sizeof out) && memcmp(out, plain, sizeof out));
}

/* Every change of the greys, often: within 0..1, none without strength, all of them seen. */
static void greys(void)
{
    struct nn_augment strong = { .ops = 1, .magnitude = 1 }, none = { .ops = 3 },
                      many = { .ops = 6, .magnitude = 1 };
    float v[FLOATS], before[FLOATS];
    struct nn_rng rng;
    int outside = 0, same = 0;

    for (int round = 0; round < 300; round++) {
        nn_rng_seed(&rng, 9, (uint64_t)round);
        for (int i = 0; i < FLOATS; i++)
            v[i] = before[i] = nn_rng_float(&rng);
        v[0] = before[0] = 1;
        v[1] = before[1] = 0;
        nn_augment_greys(&strong, &rng, SIZE, SIZE, v);
        for (int i = 0; i < FLOATS; i++)
            outside += !(v[i] >= 0 && v[i] <= 1);
        same += !memcmp(v, before, sizeof v);
        memcpy(v, before, sizeof v);
        nn_augment_greys(&many, &rng, SIZE, SIZE, v);
        for (int i = 0; i < FLOATS; i++)
            outside += !(v[i] >= 0 && v[i] <= 1);
        memcpy(v, before, sizeof v);
        nn_augment_greys(&none, &rng, SIZE, SIZE, v);
        for (int i = 0; i < FLOATS; i++)
            CHECK_NEAR(v[i], before[i], 0.01);      /* posterised to 64 steps at most */
    }
    CHECK(!outside && same < 10);
}

static void metrics(void)
{
    struct nn_confusion m = { 0 };
    float score[NN_EMOTIONS] = { 0 };

    CHECK(nn_confusion_accuracy(&m) == 0 && nn_confusion_macro_f1(&m) == 0);
    score[NN_HAPPY] = 1;
    nn_confusion_add(&m, NN_HAPPY, score);
    nn_confusion_add(&m, NN_HAPPY, score);
    nn_confusion_add(&m, NN_SAD, score);
    CHECK_NEAR(nn_confusion_accuracy(&m), 2.0 / 3, 1e-12);
    CHECK_NEAR(nn_confusion_precision(&m, NN_HAPPY), 2.0 / 3, 1e-12);
    CHECK_NEAR(nn_confusion_f1(&m, NN_HAPPY), 0.8, 1e-12);
    CHECK_NEAR(nn_confusion_macro_f1(&m), 0.4, 1e-12);      /* happy 0.8, sad 0 */
}

static void settings_survive_json(void)
{
    struct nn_settings s = nn_settings_default, t = { 0 };
    cJSON *j;
    char *text;

    s.rate = 0.0123456789012345;
    s.augment.erase = 0.37;
    j = nn_settings_to_json(&s);
    text = cJSON_Print(j);
    CHECK(!nn_settings_from_json(&t, text, "text", NULL) && !memcmp(&s, &t, sizeof s));
    CHECK(!nn_settings_from_json(&t, "{\"epochs\": 3}", "text", NULL) && t.epochs == 3);
    cJSON_free(text);
    cJSON_Delete(j);
}

int main(void)
{
    struct nn_err err = { 0 };

    CHECK_OK(nn_torch_setup(1, &err), &err);
    folding_changes_nothing();
    feelings();
    the_schedule();
    augmentation();
    greys();
    metrics();
    settings_survive_json();
    return test_done();
}
