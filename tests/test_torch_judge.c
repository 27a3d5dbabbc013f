/* Judging: calibration and coverage by hand, temperatures, views, metadata put into a file. */
#include "common/fs.h"
#include "common/rng.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"
#include "trainer/figures.h"
#include "trainer/fit.h"
#include "trainer/settings.h"

static char dir[200];

/* An answer that gives `said` the probability `sure`, the others alike. */
static void put(struct nn_answers *a, int64_t i, int said, double sure, int label)
{
    for (int e = 0; e < NN_EMOTIONS; e++)
        a->logit[i][e] = log(e == said ? sure : (1 - sure) / (NN_EMOTIONS - 1));
    a->label[i] = (int8_t)label;
    a->half[i] = (int8_t)(i % 2);
    a->face[i] = i;
}

static void by_hand(void)
{
    struct nn_answers a;
    struct nn_reliability r;
    double wrong = 0.1 / 6, rest = 0.45 / 6;

    CHECK(!nn_answers_init(&a, 5, NULL));
    put(&a, 0, NN_HAPPY, 0.9, NN_HAPPY);
    put(&a, 1, NN_SAD, 0.9, NN_FEAR);
    for (int i = 2; i < 5; i++)
        put(&a, i, i, 0.55, i);
    nn_reliability_of(&a, (double[]){ 1, 1 }, &r);
    CHECK(r.n == 5 && r.bin[13].n == 2 && r.bin[8].n == 3 && r.bin[14].n == 0);
    CHECK_NEAR(r.bin[13].sure, 0.9, 1e-12);
    CHECK_NEAR(r.bin[13].right, 0.5, 1e-12);
    CHECK_NEAR(r.sure, (1.8 + 1.65) / 5, 1e-12);
    CHECK_NEAR(r.ece, (0.8 + 1.35) / 5, 1e-12);
    CHECK_NEAR(r.nll, -(log(0.9) + log(wrong) + 3 * log(0.55)) / 5, 1e-12);
    CHECK_NEAR(r.brier, (0.01 + 6 * wrong * wrong +
                         0.81 + (1 - wrong) * (1 - wrong) + 5 * wrong * wrong +
                         3 * (0.45 * 0.45 + 6 * rest * rest)) / 5, 1e-12);
    nn_answers_release(&a);
}

/* 8 of 10 right where it says 80 %, 3 of 10 where it says 30 %; all logits times `scale`. */
static void calibrated(struct nn_answers *a, double scale)
{
    CHECK(!nn_answers_init(a, 40, NULL));
    for (int i = 0; i < 40; i++) {
        int right = i / 2 % 10 < (i < 20 ? 8 : 3);
        put(a, i, i % NN_EMOTIONS, i < 20 ? 0.8 : 0.3,
            (i + (right ? 0 : 1 + i % (NN_EMOTIONS - 1))) % NN_EMOTIONS);
        for (int e = 0; e < NN_EMOTIONS; e++)
            a->logit[i][e] *= scale;
    }
}

static void temperatures(void)
{
    static const double scales[] = { 1, 0.5, 3, 12 };
    struct nn_answers a;
    struct nn_reliability r;
    struct nn_figures f;

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        double t;
        calibrated(&a, scales[i]);
        CHECK_NEAR(t = nn_temperature_fit(&a, -1), scales[i], 1e-6);
        nn_reliability_of(&a, (double[]){ t, t }, &r);
        CHECK_NEAR(r.ece, 0, 1e-6);
        CHECK(!nn_figures_of(&a, 1, &f, NULL));
        /* Even and odd answers are made alike. */
        CHECK_NEAR(f.half[0], scales[i], 1e-6);
        CHECK_NEAR(f.half[1], scales[i], 1e-6);
        CHECK_NEAR(f.unseen.ece, 0, 1e-6);
        CHECK((f.raw.ece < 1e-6) == (scales[i] == 1));
        CHECK_NEAR(f.stored.nll, f.raw.nll, 0);
        CHECK_NEAR(nn_confusion_accuracy(&f.confusion), 0.55, 1e-12);
        CHECK_NEAR(nn_figures_threshold(&f), 0.3, 1e-6);
        nn_answers_release(&a);
    }
    calibrated(&a, 4);
    for (int i = 0; i < 40; i++)
        a.half[i] = 1;
    CHECK(nn_temperature_fit(&a, 0) == 0);              /* nobody there */
    CHECK_NEAR(nn_temperature_fit(&a, 1), 4, 1e-6);
    CHECK(!nn_figures_of(&a, 4, &f, NULL) && f.half[0] == 0);
    CHECK_NEAR(f.stored.ece, 0, 1e-6);
    CHECK(f.kept.coverage == 0);
    CHECK_NEAR(f.unseen.nll, f.raw.nll, 0);             /* nothing learnt elsewhere: as it was */
    for (int i = 0; i < 40; i++)
        a.label[i] = (int8_t)(i % NN_EMOTIONS);
    CHECK(nn_temperature_fit(&a, -1) == 0);             /* all right: the colder the better */
    for (int i = 0; i < 40; i++)
        a.label[i] = (int8_t)((i + 1) % NN_EMOTIONS);
    CHECK(nn_temperature_fit(&a, -1) == 0);             /* all wrong */
    nn_answers_release(&a);
}

static void coverage(void)
{
    static const struct { double sure; int right; } said[] = {
        { 0.7, 0 }, { 0.9, 1 }, { 0.6, 1 }, { 0.7, 1 }, { 0.8, 0 },
    };
    static const struct { int percent; double coverage, accuracy, threshold; } want[] = {
        { 1, 0.2, 1, 0.9 }, { 20, 0.2, 1, 0.9 }, { 21, 0.4, 0.5, 0.8 }, { 40, 0.4, 0.5, 0.8 },
        { 41, 0.8, 0.5, 0.7 }, { 60, 0.8, 0.5, 0.7 }, { 80, 0.8, 0.5, 0.7 }, { 81, 1, 0.6, 0.6 },
        { 100, 1, 0.6, 0.6 },
    };
    int64_t count[3] = { 0 };
    struct nn_coverage c;
    struct nn_answers a;

    CHECK(!nn_answers_init(&a, 5, NULL));
    for (int i = 0; i < 5; i++)
        put(&a, i, NN_SAD, said[i].sure, said[i].right ? NN_SAD : NN_HAPPY);
    CHECK(!nn_coverage_of(&a, -1, 1, &c, NULL) && c.n == 5);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct nn_cover *p = &c.point[want[i].percent - 1];
        CHECK_NEAR(p->coverage, want[i].coverage, 1e-12);
        CHECK_NEAR(p->accuracy, want[i].accuracy, 1e-12);
        CHECK_NEAR(p->threshold, want[i].threshold, 1e-12);
    }
    CHECK_NEAR(c.aurc, (0 + 0.5 + 0.5 + 0.5 + 0.4) / 5, 1e-12);
    nn_coverage_apply(&a, -1, 1, 0.75, count);
    CHECK(count[0] == 5 && count[1] == 2 && count[2] == 1);
    CHECK(!nn_coverage_of(&a, 1, 1, &c, NULL) && c.n == 2);     /* 0.9 and 0.7, both right */
    CHECK_NEAR(c.aurc, 0, 0);
    for (int i = 0; i < 5; i++)
        a.half[i] = 0;
    CHECK(!nn_coverage_of(&a, 1, 1, &c, NULL) && !c.n && c.point[99].coverage == 0);
    nn_answers_release(&a);
}

/* Half 0 is all right, half 1 all wrong, so neither has a temperature; each gets the threshold
 * of the other's surest 80 %. */
static void unseen(void)
{
    struct nn_figures f;
    struct nn_answers a;

    CHECK(!nn_answers_init(&a, 20, NULL));
    for (int i = 0; i < 20; i++) {
        int k = i / 2;
        put(&a, i, NN_SAD, i % 2 ? k < 5 ? 0.95 : 0.4 : k < 8 ? 0.9 : 0.5,
            i % 2 ? NN_HAPPY : NN_SAD);
    }
    CHECK(!nn_figures_of(&a, 1, &f, NULL) && f.half[0] == 0 && f.half[1] == 0);
    CHECK_NEAR(f.kept.coverage, 15 / 20.0, 1e-12);      /* from 0.4: all of half 0; from 0.9: 5 */
    CHECK_NEAR(f.kept.accuracy, 10 / 15.0, 1e-12);
    nn_answers_release(&a);
}

/* 8 x 8 grey to 7 logits, each another mixture of the pixels; with a Softmax or not. */
static struct nn_graph *mixture(int softmax)
{
    struct nn_graph *g = nn_graph_new("mixture", NULL);
    struct nn_rng rng;
    float w[64 * NN_EMOTIONS];
    int x, in[2];

    nn_rng_seed(&rng, 5, 0);
    for (int i = 0; i < 64 * NN_EMOTIONS; i++)
        w[i] = nn_rng_normal(&rng);
    x = nn_graph_input(g, "face", 4, (int64_t[]){ NN_DYNAMIC, 1, 8, 8 });
    x = nn_graph_node(g, "Flatten", 1, &x, "row");
    in[0] = x;
    in[1] = nn_graph_const(g, "w", NN_F32, 2, (int64_t[]){ 64, NN_EMOTIONS }, w);
    x = nn_graph_node(g, "MatMul", 2, in, "logits");
    if (softmax)
        x = nn_graph_node(g, "Softmax", 1, &x, "shares");
    nn_graph_output(g, x);
    CHECK(!nn_graph_finish(g, NULL));
    return g;
}

static void faces(struct nn_faces *f, int n)
{
    struct nn_image img;
    struct nn_rng rng;

    nn_faces_init(f, 8, 8, 1);
    CHECK(!nn_image_init(&img, 8, 8, 1, NULL));
    nn_rng_seed(&rng, 7, 0);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 64; k++)
            img.px[k] = (uint8_t)nn_rng_below(&rng, 256);
        CHECK(!nn_faces_add(f, &img, i % NN_EMOTIONS, i % 5 == 0, NULL));
    }
    nn_image_release(&img);
}

static struct nn_recogniser *load(const struct nn_graph *g, const char *temperature,
                                  char path[NN_PATH], struct nn_err *err)
{
    const struct nn_meta meta = { "neonnoir.temperature", temperature };

    CHECK(!nn_path(path, NULL, "%s/m.onnx", dir) && !nn_onnx_write(g, path, NULL));
    if (temperature)
        CHECK_OK(nn_onnx_annotate(path, &meta, 1, err), err);
    return nn_recogniser_new(path, NULL, err);
}

static void mirror(struct nn_faces *f)
{
    for (int64_t i = 0; i < f->n * 8; i++)
        for (int x = 0; x < 4; x++) {
            uint8_t *row = f->px + 8 * i, was = row[x];
            row[x] = row[7 - x];
            row[7 - x] = was;
        }
}

/* The largest difference between the probabilities of two sets of answers. */
static double apart(const struct nn_answers *a, const struct nn_answers *b)
{
    double most = 0, p[NN_EMOTIONS], q[NN_EMOTIONS];

    CHECK(a->n == b->n && a->n);
    for (int64_t i = 0; i < a->n; i++) {
        nn_answers_softmax(a->logit[i], 1, p);
        nn_answers_softmax(b->logit[i], 1, q);
        for (int e = 0; e < NN_EMOTIONS; e++)
            most = fmax(most, fabs(p[e] - q[e]));
    }
    return most;
}

static void views(void)
{
    struct nn_answers plain, other, flip[2], ten[2];
    struct nn_graph *g = mixture(0);
    struct nn_err err = { 0 };
    struct nn_recogniser *r;
    struct nn_faces f;
    char path[NN_PATH];
    enum nn_tta tta;

    CHECK(!nn_tta_find("flip", &tta, NULL) && tta == NN_TTA_FLIP && nn_tta_views(tta) == 2);
    CHECK(!nn_tta_find(NULL, &tta, NULL) && tta == NN_TTA_NONE && nn_tta_views(tta) == 1);
    CHECK(nn_tta_find("five", &tta, &err) && err.code == NN_EUSAGE);
    r = load(g, NULL, path, &err);
    faces(&f, 150);         /* more than two batches */
    CHECK_OK(nn_answers_ask(&plain, r, &f, NN_TTA_NONE, &err), &err);
    CHECK_OK(nn_answers_ask(&flip[0], r, &f, NN_TTA_FLIP, &err), &err);
    CHECK_OK(nn_answers_ask(&ten[0], r, &f, NN_TTA_TEN, &err), &err);
    mirror(&f);
    CHECK_OK(nn_answers_ask(&other, r, &f, NN_TTA_NONE, &err), &err);
    CHECK_OK(nn_answers_ask(&flip[1], r, &f, NN_TTA_FLIP, &err), &err);
    CHECK_OK(nn_answers_ask(&ten[1], r, &f, NN_TTA_TEN, &err), &err);
    CHECK(apart(&plain, &other) > 0.3);             /* the network minds, the views do not */
    CHECK(apart(&flip[0], &flip[1]) < 1e-5);
    CHECK(apart(&ten[0], &ten[1]) < 1e-5);
    CHECK(apart(&flip[0], &ten[0]) > 0.01);
    for (int64_t i = 0; i < f.n; i++)               /* the mean of the logits */
        for (int e = 0; e < NN_EMOTIONS; e++)
            plain.logit[i][e] = (plain.logit[i][e] + other.logit[i][e]) / 2;
    CHECK(apart(&plain, &flip[0]) < 1e-6);
    nn_answers_release(&plain);
    nn_answers_release(&other);
    for (int i = 0; i < 2; i++) {
        nn_answers_release(&flip[i]);
        nn_answers_release(&ten[i]);
    }
    nn_faces_release(&f);
    nn_recogniser_free(r);
    nn_graph_free(g);
}

static void halves(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = mixture(0);
    char path[NN_PATH];
    struct nn_recogniser *r = load(g, NULL, path, &err);
    struct nn_answers a, clean;
    struct nn_faces f;
    int64_t ones = 0;

    faces(&f, 600);
    for (int i = 0; i < 300; i++)       /* every picture twice */
        memcpy(f.px + 64 * (i + 300), f.px + 64 * i, 64);
    CHECK_OK(nn_answers_ask(&a, r, &f, NN_TTA_NONE, &err), &err);
    for (int i = 0; i < 300; i++) {
        CHECK(a.half[i] == a.half[i + 300]);
        ones += a.half[i];
    }
    CHECK(ones > 120 && ones < 180);
    CHECK(!nn_answers_clean(&clean, &a, &f, NULL) && clean.n == 480);
    CHECK(clean.face[0] == 1 && clean.label[3] == 4 && clean.face[4] == 6);
    CHECK(clean.logit[4][2] == a.logit[6][2] && clean.half[4] == a.half[6]);
    nn_answers_release(&a);
    nn_answers_release(&clean);
    nn_faces_release(&f);
    nn_recogniser_free(r);
    nn_graph_free(g);
}

/* A temperature in the file: the runtime's softmax of the divided logits, here as there. */
static void stored(int softmax)
{
    static const char *const broken[] = { "", "warm", "0", "-1", "1,5", "nan", "inf", "2 " };
    struct nn_graph *g = mixture(softmax);
    struct nn_answers a, b;
    struct nn_recogniser *r, *warm;
    struct nn_err err = { 0 };
    struct nn_faces f;
    char path[NN_PATH];

    faces(&f, 70);
    r = load(g, NULL, path, &err);
    warm = load(g, "2.5", path, &err);
    CHECK(r && nn_recogniser_temperature(r) == 1);
    CHECK(warm && nn_recogniser_temperature(warm) == 2.5f);
    CHECK_OK(nn_answers_ask(&a, r, &f, NN_TTA_NONE, &err), &err);
    CHECK_OK(nn_answers_ask(&b, warm, &f, NN_TTA_NONE, &err), &err);
    CHECK(apart(&a, &b) < 1e-5);        /* answers are without it */
    for (int64_t i = 0; i < f.n; i++) {
        const struct nn_image img = { 8, 8, 1, (uint8_t *)nn_faces_px(&f, i) }, *ptr = &img;
        float said[1][NN_EMOTIONS];
        double want[NN_EMOTIONS];
        CHECK_OK(nn_recognise_crops(warm, &ptr, 1, said, &err), &err);
        nn_answers_softmax(a.logit[i], 2.5, want);
        for (int e = 0; e < NN_EMOTIONS; e++)
            CHECK_NEAR((double)said[0][e], want[e], 1e-5);
    }
    nn_answers_release(&a);
    nn_answers_release(&b);
    nn_recogniser_free(r);
    nn_recogniser_free(warm);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        CHECK(!load(g, broken[i], path, &err) && err.code == NN_EFORMAT);
        CHECK(strstr(err.msg, "neonnoir.temperature") && strstr(err.msg, "m.onnx"));
    }
    nn_faces_release(&f);
    nn_graph_free(g);
}

static void annotated(void)
{
    const struct nn_meta first[] = { { "b", "1" }, { "neonnoir.temperature", "1.25" } };
    const struct nn_meta second[] = { { "neonnoir.temperature", "0.5" } };
    struct nn_graph *g = mixture(0), *back;
    struct nn_err err = { 0 };
    char path[NN_PATH], *was, *is;
    size_t n, m;

    nn_graph_set_meta(g, "a", "kept");
    nn_graph_set_meta(g, "b", "old");
    CHECK(!nn_path(path, NULL, "%s/a.onnx", dir) && !nn_onnx_write(g, path, NULL));
    CHECK_OK(nn_onnx_annotate(path, first, 2, &err), &err);
    CHECK_OK(nn_onnx_annotate(path, second, 1, &err), &err);
    CHECK_OK((back = nn_onnx_read(path, &err)) ? 0 : -1, &err);
    if (!back)
        return;
    CHECK(back->nmeta == 3);
    CHECK(!strcmp(nn_graph_meta(back, "a"), "kept") && !strcmp(nn_graph_meta(back, "b"), "1"));
    CHECK(!strcmp(nn_graph_meta(back, "neonnoir.temperature"), "0.5"));
    /* Without the entries both are the same file. */
    nn_graph_drop_meta(back, "neonnoir.temperature");
    nn_graph_drop_meta(back, "none");
    nn_graph_drop_meta(back, "b");
    nn_graph_drop_meta(g, "b");
    CHECK(back->nmeta == 1);
    was = nn_onnx_format(g, &n, NULL);
    is = nn_onnx_format(back, &m, NULL);
    CHECK(was && is && n == m && !memcmp(was, is, n));
    free(is);
    /* And the file itself is the old one with more behind it. */
    CHECK((is = nn_file_read(path, 1 << 20, &m, &err)) && m > n && !memcmp(was, is, n));
    free(was);
    free(is);
    CHECK(!nn_file_write(path, "no model", 8, NULL));
    CHECK(nn_onnx_annotate(path, second, 1, &err) && strstr(err.msg, "a.onnx"));
    CHECK((is = nn_file_read(path, 100, &m, &err)) && m == 8);
    free(is);
    nn_graph_free(back);
    nn_graph_free(g);
}

/* Training goes on from a model: what that one said of its certainty goes. */
static void forgotten(void)
{
    struct nn_snapshot snap = { .hash = "abc", .licence = "CC0" };
    struct nn_settings s = { .normal = { 0.5, 0.25 } };
    struct nn_graph *g = mixture(0);

    nn_graph_set_meta(g, "neonnoir.temperature", "2");
    nn_graph_set_meta(g, "neonnoir.abstain", "0.5");
    CHECK(!nn_fit_describe(g, &s, &snap, NULL));
    CHECK(!nn_graph_meta(g, "neonnoir.temperature") && !nn_graph_meta(g, "neonnoir.abstain"));
    CHECK(!strcmp(nn_graph_meta(g, "neonnoir.snapshot"), "abc"));
    nn_graph_free(g);
}

int main(void)
{
    char path[NN_PATH];

    CHECK(test_scratch(dir, sizeof dir) != NULL);
    by_hand();
    temperatures();
    coverage();
    unseen();
    views();
    halves();
    stored(0);
    stored(1);
    annotated();
    forgotten();
    for (int i = 0; i < 2; i++)
        if (!nn_path(path, NULL, "%s/%s", dir, i ? "a.onnx" : "m.onnx"))
            unlink(path);
    rmdir(dir);
    return test_done();
}
