/* A generator and a discriminator: it learns two colours by name, its penalties are those of the
 * formula, it resumes to the bit, and the engine draws what libtorch draws. */
#include <string.h>
#include <unistd.h>

#include "runtime/engine/engine.h"
#include "tests/test.h"
#include "trainer/nets/nets.h"
#include "trainer/torch.h"
#include "trainer/torch_gan.h"

enum { SIZE = 16, FLOATS = 3 * SIZE * SIZE, N = 8, Z = 8 };

static const struct nn_net_gan small = { .size = SIZE, .latent = Z, .conditions = 2, .width = 4,
                                         .widest = 16, .seed = 4 };
static float image[N * FLOATS], cond[N * 2], z[N * Z];

/* Pictures of class 0 are red, those of class 1 blue, darker or brighter. */
static void make_data(struct nn_rng *rng)
{
    for (int i = 0; i < N; i++) {
        int k = i % 2;
        float light = 0.2f * nn_rng_normal(rng);
        cond[2 * i] = (float)!k;
        cond[2 * i + 1] = (float)k;
        for (int j = 0; j < FLOATS; j++)
            image[i * FLOATS + j] = (j / (SIZE * SIZE) == 2 * k ? 0.5f : -0.7f) + light;
    }
    for (int i = 0; i < N * Z; i++)
        z[i] = nn_rng_normal(rng);
}

static struct nn_gan *make(const struct nn_gan_opts *o)
{
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_generator(&small, &err), *d = nn_net_discriminator(&small, &err);
    struct nn_gan *gan = g && d ? nn_gan_new(g, d, o, &err) : NULL;

    CHECK_OK(gan ? 0 : -1, &err);
    nn_graph_free(g);
    nn_graph_free(d);
    return gan;
}

static void run(struct nn_gan *gan, struct nn_rng *rng, int steps, struct nn_gan_step *s)
{
    struct nn_err err = { 0 };

    for (int i = 0; i < steps; i++) {
        make_data(rng);
        s->rate_g = s->rate_d = 0.002;
        CHECK_OK(nn_gan_train(gan, image, cond, N, s, &err), &err);
    }
}

/* The mean of a plane of pictures of class k. */
static double plane(const float *px, int k, int c)
{
    double sum = 0;

    for (int i = k; i < N; i += 2)
        for (int j = 0; j < SIZE * SIZE; j++)
            sum += px[i * FLOATS + c * SIZE * SIZE + j];
    return sum / (N / 2 * SIZE * SIZE);
}

static void learns(int hinge)
{
    struct nn_gan_opts o = { .seed = 7, .beta1 = 0, .beta2 = 0.99, .ema = 0.95, .hinge = hinge,
                             .gamma = 0.1, .every = 4, .modes = 0.01 };
    struct nn_gan *gan = make(&o);
    struct nn_gan_step s = { .augment = 0.2 };
    struct nn_err err = { 0 };
    struct nn_rng rng;
    float px[N * FLOATS];

    nn_rng_seed(&rng, 3, 0);
    run(gan, &rng, 160, &s);
    CHECK_OK(nn_gan_sample(gan, z, cond, N, 1, px, &err), &err);
    for (int k = 0; k < 2; k++) {
        CHECK(plane(px, k, 2 * k) > 0.2);
        CHECK(plane(px, k, 2 - 2 * k) < -0.4);
        CHECK(plane(px, k, 1) < -0.4);
    }
    nn_gan_free(gan);
}

static void resumes(void)
{
    struct nn_gan_opts o = { .seed = 7, .beta2 = 0.99, .ema = 0.9, .gamma = 1, .every = 2 };
    struct nn_gan *a = make(&o), *b = make(&o);
    struct nn_gan_step s = { .augment = 0.5 }, t = { .augment = 0.5 };
    struct nn_err err = { 0 };
    struct nn_rng rng, again;
    char path[] = "/tmp/nn-gan-XXXXXX", note[64];
    int fd = mkstemp(path);
    float x[N * FLOATS], y[N * FLOATS];

    nn_rng_seed(&rng, 3, 0);
    run(a, &rng, 3, &s);
    CHECK(s.penalty > 0 && s.sure >= -1 && s.sure <= 1);
    CHECK_OK(nn_gan_save(a, path, "step 3", &err), &err);
    again = rng;
    run(a, &rng, 3, &s);
    CHECK(s.penalty == -1);
    CHECK_OK(nn_gan_load(b, path, note, sizeof note, &err), &err);
    CHECK(!strcmp(note, "step 3"));
    run(b, &again, 3, &t);
    CHECK(!memcmp(&s, &t, sizeof s));
    CHECK_OK(nn_gan_sample(a, z, cond, N, 1, x, &err), &err);
    CHECK_OK(nn_gan_sample(b, z, cond, N, 1, y, &err), &err);
    CHECK(!memcmp(x, y, sizeof x));
    /* A loss that is no number changes nothing. */
    s.rate_g = s.rate_d = 1e-3;
    image[5] = NAN;
    CHECK(nn_gan_train(a, image, cond, N, &s, &err) && strstr(err.msg, "no longer a number"));
    make_data(&rng);
    make_data(&again);
    t = s;
    CHECK_OK(nn_gan_train(a, image, cond, N, &s, &err), &err);
    CHECK_OK(nn_gan_train(b, image, cond, N, &t, &err), &err);
    CHECK(s.loss_d == t.loss_d && s.loss_g == t.loss_g);
    nn_gan_free(a);
    nn_gan_free(b);
    close(fd);
    unlink(path);
}

/* Of a linear judge the gradient is its weights. */
static void penalises(void)
{
    struct nn_gan_opts o = { .seed = 7, .beta2 = 0.99, .gamma = 50, .every = 1 };
    struct nn_net_gan plain = small;
    struct nn_err err = { 0 };
    struct nn_net n = { .g = nn_graph_new("linear", &err) };
    struct nn_graph *g;
    struct nn_gan *gan;
    struct nn_gan_step s = { .rate_g = 1e-4, .rate_d = 1e-3 };
    double want = 0, first;
    int x;

    plain.conditions = 0;
    g = nn_net_generator(&plain, &err);
    nn_rng_seed(&n.rng, 1, 0);
    x = nn_graph_input(n.g, "image", 4, (int64_t[]){ NN_DYNAMIC, 3, SIZE, SIZE });
    x = nn_graph_node(n.g, "Flatten", 1, &x, NULL);
    nn_graph_output(n.g, nn_net_matmul(&n, x, FLOATS, 1, "judge"));
    CHECK_OK(nn_graph_finish(n.g, &err), &err);
    x = nn_graph_find(n.g, "judge.weight");
    for (int i = 0; i < FLOATS; i++) {
        float w = ((float *)n.g->tensor[x].data)[i];
        want += w * w;
    }
    CHECK_OK((gan = nn_gan_new(g, n.g, &o, &err)) ? 0 : -1, &err);
    CHECK_OK(nn_gan_train(gan, image, NULL, N, &s, &err), &err);
    CHECK_NEAR(s.penalty / want, 1, 1e-4);
    first = s.penalty;
    for (int i = 0; i < 40; i++)        /* gamma is large: what is left is a small gradient */
        CHECK_OK(nn_gan_train(gan, image, NULL, N, &s, &err), &err);
    CHECK(s.penalty < 0.5 * first);
    nn_gan_free(gan);
    nn_graph_free(g);
    nn_graph_free(n.g);
}

static void draws(void)
{
    struct nn_gan_opts o = { .seed = 7, .beta2 = 0.99, .ema = 0.9, .every = 1 };
    struct nn_net_gan net = { .size = 128, .latent = Z, .conditions = 2, .width = 8, .widest = 16 };
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_generator(&net, &err), *d = nn_net_discriminator(&net, &err);
    struct nn_gan *gan = nn_gan_new(g, d, &o, &err);
    struct nn_engine *e = nn_engine_new(g, NULL, &err);
    static float px[2 * 3 * 128 * 128];
    struct nn_value in[2] = {
        { .name = "z", .type = NN_F32, .ndim = 2, .data = z, .dim = { 2, Z } },
        { .name = "c", .type = NN_F32, .ndim = 2, .data = cond, .dim = { 2, 2 } },
    };
    const struct nn_value *out;
    double worst = 0, most = 0;

    CHECK_OK(gan && e ? 0 : -1, &err);
    CHECK_OK(nn_gan_sample(gan, z, cond, 2, 0, px, &err), &err);
    CHECK_OK(nn_engine_run(e, in, 2, &err), &err);
    out = nn_engine_output_named(e, "image");
    CHECK(out && out->ndim == 4 && out->dim[0] == 2 && out->dim[1] == 3 && out->dim[3] == 128);
    for (size_t i = 0; out && i < sizeof px / sizeof *px; i++) {
        worst = fmax(worst, fabs((double)px[i] - ((const float *)out->data)[i]));
        most = fmax(most, fabs((double)px[i]));
    }
    CHECK(worst < 1e-4 && most > 0.1);
    nn_engine_free(e);
    nn_gan_free(gan);
    nn_graph_free(g);
    nn_graph_free(d);
}

static void refuses(void)
{
    struct nn_gan_opts o = { .every = 1 };
    struct nn_net_gan odd = small, other = small;
    struct nn_err err = { 0 };
    struct nn_graph *g = nn_net_generator(&small, &err), *d;

    odd.size = 48;
    CHECK(!nn_net_generator(&odd, &err) && strstr(err.msg, "not 48"));
    other.conditions = 3;
    d = nn_net_discriminator(&other, &err);
    CHECK(!nn_gan_new(g, d, &o, &err) && strstr(err.msg, "different conditions"));
    CHECK(!nn_gan_new(d, g, &o, &err) && strstr(err.msg, "is no generator"));
    nn_graph_free(g);
    nn_graph_free(d);
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_rng rng;

    CHECK_OK(nn_torch_setup(1, &err), &err);
    nn_rng_seed(&rng, 1, 0);
    make_data(&rng);
    refuses();
    penalises();
    resumes();
    draws();
    learns(0);
    learns(1);
    return test_done();
}
