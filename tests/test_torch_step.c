/* The shim: it learns, it resumes to the bit, its exceptions stay inside. */
#include "runtime/onnx/graph.h"
#include "tests/test.h"
#include "trainer/nets/nets.h"
#include "trainer/safetensors.h"
#include "trainer/torch.h"

enum { N = 14, SIZE = 16, FLOATS = SIZE * SIZE, CLASSES = 7 };

static float x[N * FLOATS];
static int64_t label[N];

/* Class k is a bright row at height 2k: easy to tell apart. */
static void make_data(void)
{
    struct nn_rng rng;

    nn_rng_seed(&rng, 5, 0);
    for (int i = 0; i < N; i++) {
        label[i] = i % CLASSES;
        for (int k = 0; k < FLOATS; k++)
            x[i * FLOATS + k] = 0.1f * nn_rng_normal(&rng) +
                                (k / SIZE / 2 == label[i] ? 1.0f : 0.0f);
    }
}

static struct nn_torch *make(struct nn_err *err)
{
    struct nn_net_emotion net = { .size = SIZE, .width = 8, .blocks = { 1, 1, 1 },
                                  .dropout = 0.2, .seed = 3 };
    struct nn_torch_opts o = { .threads = 1, .seed = 9, .momentum = 0.9, .weight_decay = 1e-4,
                               .label_smoothing = 0.05, .ema = 0.9 };
    struct nn_graph *g = nn_net_emotion(&net, err);
    struct nn_torch *t = g ? nn_torch_new(g, &o, err) : NULL;

    nn_graph_free(g);
    return t;
}

static void steps(struct nn_torch *t, int n, struct nn_step *out)
{
    struct nn_err err = { 0 };

    for (int i = 0; i < n; i++)
        CHECK_OK(nn_torch_step(t, x, label, N, 0.05, out, &err), &err);
}

static void learns(void)
{
    struct nn_err err = { 0 };
    struct nn_torch *t = make(&err);
    struct nn_step first, last;

    CHECK_OK(t ? 0 : -1, &err);
    CHECK(nn_torch_in_floats(t) == FLOATS && nn_torch_out_floats(t) == CLASSES);
    steps(t, 1, &first);
    steps(t, 60, &last);
    CHECK(last.loss < 0.6 * first.loss && last.correct == N);
    nn_torch_free(t);
}

static void resumes_to_the_bit(const char *dir)
{
    struct nn_err err = { 0 };
    struct nn_torch *whole = make(&err), *half = make(&err), *rest = make(&err);
    float a[N * CLASSES], b[N * CLASSES];
    struct nn_step out;
    char path[300], note[16];

    snprintf(path, sizeof path, "%s/last.safetensors", dir);
    steps(whole, 10, &out);
    steps(half, 5, &out);
    CHECK_OK(nn_torch_save(half, path, "half way", &err), &err);
    CHECK_OK(nn_torch_load(rest, path, note, sizeof note, &err), &err);
    CHECK(!strcmp(note, "half way"));
    steps(rest, 5, &out);
    for (int average = 0; average < 2; average++) {
        CHECK_OK(nn_torch_eval(whole, x, N, average, a, &err), &err);
        CHECK_OK(nn_torch_eval(rest, x, N, average, b, &err), &err);
        CHECK(!memcmp(a, b, sizeof a));
    }
    CHECK_OK(nn_torch_eval(half, x, N, 0, b, &err), &err);
    CHECK(memcmp(a, b, sizeof a));
    nn_torch_free(whole);
    nn_torch_free(half);
    nn_torch_free(rest);
}

/* A checkpoint cut anywhere is refused and changes nothing. */
static void refuses_broken_checkpoints(const char *dir)
{
    struct nn_err err = { 0 };
    struct nn_torch *t = make(&err);
    float a[N * CLASSES], b[N * CLASSES];
    char from[300], to[300], note[16];
    static char bytes[1 << 20];
    size_t n;
    FILE *f;

    snprintf(from, sizeof from, "%s/last.safetensors", dir);
    snprintf(to, sizeof to, "%s/cut.safetensors", dir);
    f = fopen(from, "rb");
    n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    CHECK_OK(nn_torch_eval(t, x, N, 0, a, &err), &err);
    for (size_t cut = 0; cut < n; cut += n / 37 + 1) {
        f = fopen(to, "wb");
        fwrite(bytes, 1, cut, f);
        fclose(f);
        memset(&err, 0, sizeof err);
        CHECK(nn_torch_load(t, to, note, sizeof note, &err) == -1 && err.code == NN_EFORMAT);
    }
    CHECK_OK(nn_torch_eval(t, x, N, 0, b, &err), &err);
    CHECK(!memcmp(a, b, sizeof a));
    nn_torch_free(t);
}

static void keeps_exceptions_inside(void)
{
    struct nn_err err = { 0 };

    CHECK(nn_torch_provoke(0, &err) == -1 && err.code == NN_EMEM);
    for (int kind = 1; kind < 4; kind++)
        CHECK(nn_torch_provoke(kind, &err) == -1 && err.code == NN_ETORCH);
}

static void leaves_weights_when_the_loss_is_no_number(void)
{
    struct nn_err err = { 0 };
    struct nn_torch *t = make(&err);
    float a[N * CLASSES], b[N * CLASSES], bad[N * FLOATS];
    struct nn_step out;

    memcpy(bad, x, sizeof bad);
    bad[7] = NAN;
    CHECK_OK(nn_torch_eval(t, x, N, 0, a, &err), &err);
    CHECK(nn_torch_step(t, bad, label, N, 0.05, &out, &err) == -1 && err.code == NN_ETORCH);
    CHECK_OK(nn_torch_eval(t, x, N, 0, b, &err), &err);
    CHECK(!memcmp(a, b, sizeof a));
    nn_torch_free(t);
}

static void refuses_unknown_operators(void)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_graph_new("odd", &err);
    struct nn_torch_opts o = { .threads = 1 };
    int in = nn_graph_input(g, "x", 2, (int64_t[]){ NN_DYNAMIC, 3 });

    nn_graph_output(g, nn_graph_node(g, "Frobnicate", 1, &in, "y"));
    CHECK_OK(nn_graph_finish(g, &err), &err);
    CHECK(!nn_torch_new(g, &o, &err) && strstr(err.msg, "Frobnicate"));
    nn_graph_free(g);
}

int main(void)
{
    struct nn_err err = { 0 };
    char dir[200], path[300];

    make_data();
    CHECK_OK(nn_torch_setup(1, &err), &err);
    CHECK(test_scratch(dir, sizeof dir));
    learns();
    resumes_to_the_bit(dir);
    refuses_broken_checkpoints(dir);
    keeps_exceptions_inside();
    leaves_weights_when_the_loss_is_no_number();
    refuses_unknown_operators();
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s.safetensors", dir, i ? "cut" : "last");
        unlink(path);
    }
    rmdir(dir);
    return test_done();
}
