/* Directions of a generator whose truth is known; regression, looks, and what tags show. */
#include "common/pool.h"
#include "tests/test.h"
#include "tests/toy_generator.h"
#include "trainer/latent.h"
#include "trainer/smooth.h"
#include "trainer/told.h"

static char dir[200];

static void regression(void)
{
    double x[12] = { 1, 0, 0, 1, 1, 1, 2, 1, -1, 3, 0, 0 }, y[6], w[2], constant;

    for (int i = 0; i < 6; i++)
        y[i] = 3 * x[2 * i] - 2 * x[2 * i + 1] + 5;
    CHECK(!nn_regress(x, y, 6, 2, 0, w, &constant, NULL));
    CHECK_NEAR(w[0], 3, 1e-9);
    CHECK_NEAR(w[1], -2, 1e-9);
    CHECK_NEAR(constant, 5, 1e-9);
    for (int i = 0; i < 6; i++)
        x[2 * i + 1] = 2 * x[2 * i];                    /* the second says what the first does */
    CHECK(nn_regress(x, y, 6, 2, 0, w, &constant, NULL) == -1);
    CHECK(!nn_regress(x, y, 6, 2, 1e-6, w, &constant, NULL));
}

static void fill(float *image, int size, float r, float g, float b, int from, int to)
{
    for (int i = from * size; i < to * size; i++) {
        image[i] = r;
        image[size * size + i] = g;
        image[2 * size * size + i] = b;
    }
}

static void looks(void)
{
    static float image[3 * 64];
    double v[NN_LOOKS];

    fill(image, 8, 1, 1, 1, 0, 8);
    nn_looks(image, 8, v);
    CHECK_NEAR(v[NN_LOOK_BRIGHTNESS], 1, 1e-6);
    for (int k = 1; k < NN_LOOKS; k++)
        CHECK_NEAR(v[k], 0, 1e-3);
    fill(image, 8, -1, -1, -1, 0, 4);                   /* black above pure red */
    fill(image, 8, 1, -1, -1, 4, 8);
    nn_looks(image, 8, v);
    CHECK_NEAR(v[NN_LOOK_BRIGHTNESS], 0.2126 / 2, 1e-6);
    CHECK_NEAR(v[NN_LOOK_CONTRAST], 0.2126 / 2, 1e-6);
    CHECK_NEAR(v[NN_LOOK_SATURATION], 0.5, 1e-6);
    CHECK_NEAR(v[NN_LOOK_WARMTH], 0.5, 1e-6);
    CHECK_NEAR(v[NN_LOOK_MAGENTA], 0.25, 1e-6);
    CHECK_NEAR(v[NN_LOOK_DETAIL], 0.2126 * 8 / 128, 1e-6);
    CHECK_NEAR(v[NN_LOOK_NEON], 0.5, 1e-6);             /* half glows, half is dark */
}

static const struct nn_latent_way *find(const struct nn_latent *l, const char *name)
{
    for (int i = 0; i < l->n; i++)
        if (!strcmp(l->way[i].name, name))
            return &l->way[i];
    return NULL;
}

static double dot(const float *a, const float *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void plain_directions(struct nn_pool *pool)
{
    struct nn_latent_opts o = { .samples = 400, .seed = 1, .least = 0.1, .least_moves = 0.02 };
    const struct nn_latent_way *bright, *warm, *sad, *happy;
    struct nn_err err = { 0 };
    struct nn_sampler *g;
    struct nn_latent l;
    char path[300];

    snprintf(path, sizeof path, "%s/plain.onnx", dir);
    CHECK_OK(toy_generator(path, 1, &err), &err);
    CHECK((g = nn_sampler_new(path, pool, &err)) != NULL);
    CHECK_OK(nn_latent_find(g, &o, &l, &err), &err);
    CHECK(l.look[NN_LOOK_BRIGHTNESS].r2 > 0.999 && l.look[NN_LOOK_WARMTH].r2 > 0.999);
    CHECK(l.look[NN_LOOK_DETAIL].r2 < 0.1 && !l.look[NN_LOOK_DETAIL].kept);
    CHECK(strstr(l.refused, "detail") && !find(&l, "detail"));
    bright = find(&l, "brightness");
    warm = find(&l, "warmth");
    sad = find(&l, "sad");
    happy = find(&l, "happy");
    CHECK(bright && warm && sad && happy && find(&l, "valence"));
    /* Luma 0.1 z0 + 0.08 (0.2126 - 0.0722) z1: within 7 degrees of z0; warmth is z1 itself. One
     * of the two is what its look asks for, and the other is at a right angle to it. */
    if (bright && warm && sad && happy) {
        CHECK(bright->by_look && bright->v[0] > 1.97 && warm->v[1] > 1.97);
        CHECK_NEAR(dot(bright->v, bright->v, TOY_Z), 4, 1e-4);
        CHECK_NEAR(dot(bright->v, warm->v, TOY_Z), 0, 1e-5);
        CHECK(sad->v[0] < -0.5 && sad->v[1] < -0.5);    /* darker and bluer */
        CHECK(happy->v[0] > 0.5 && happy->v[1] > 0.5);
        CHECK_NEAR(dot(sad->v, sad->v, TOY_Z), 4, 1e-4);
        CHECK(bright->moves > 0.5);
    }
    nn_latent_release(&l);
    o.samples = 20;
    CHECK(nn_latent_find(g, &o, &l, &err) == -1 && err.code == NN_EUSAGE);
    nn_latent_release(&l);
    nn_sampler_free(g);
}

static void conditional_directions(struct nn_pool *pool)
{
    struct nn_latent_opts o = { .samples = 400, .seed = 1, .least = 0.1, .least_moves = 0.02 };
    const struct nn_latent_way *happy, *lamp, *sad;
    struct nn_err err = { 0 };
    struct nn_sampler *g;
    struct nn_latent l;
    char path[300], sheet[300], *text;

    snprintf(path, sizeof path, "%s/toy.onnx", dir);
    snprintf(sheet, sizeof sheet, "%s/sheet.png", dir);
    CHECK_OK(toy_generator(path, 0, &err), &err);
    CHECK((g = nn_sampler_new(path, pool, &err)) != NULL);
    CHECK_OK(nn_latent_find(g, &o, &l, &err), &err);
    happy = find(&l, "happy");
    lamp = find(&l, "tag/lamp");
    sad = find(&l, "sad");
    CHECK(happy && lamp && sad);
    if (happy && lamp && sad) {
        CHECK(!happy->by_look && !lamp->by_look && sad->by_look);
        CHECK_NEAR(happy->v[TOY_Z], 0.75, 1e-6);        /* from the mean to the whole of it */
        CHECK_NEAR(happy->v[TOY_Z + 1], 0, 0);
        CHECK_NEAR(lamp->v[TOY_Z + 1], 0.5, 1e-6);
        CHECK_NEAR(lamp->v[TOY_Z], 0, 0);
        CHECK_NEAR(dot(happy->v, happy->v, TOY_Z), 0, 0);
        CHECK_NEAR(dot(sad->v + TOY_Z, sad->v + TOY_Z, TOY_C), 0, 0);
    }
    CHECK_OK(nn_latent_sheet(&l, g, "toy", 1, sheet, &err), &err);
    CHECK(!access(sheet, R_OK));
    text = nn_latent_format(&l);
    CHECK(text && strstr(text, "\"happy\":{\"by\":\"condition\",\"v\":[0,0,0,0,0,0,0.75,0]}"));
    free(text);
    nn_latent_release(&l);

    /* Happy takes in half of the lamp; what it was made of stays as it is. */
    o.blend = (const char *const[]){ "happy=tag/lamp*0.5" };
    o.blends = 1;
    CHECK_OK(nn_latent_find(g, &o, &l, &err), &err);
    happy = find(&l, "happy");
    lamp = find(&l, "tag/lamp");
    CHECK(happy && lamp);
    if (happy && lamp) {
        CHECK_NEAR(happy->v[TOY_Z], 0.75, 1e-6);
        CHECK_NEAR(happy->v[TOY_Z + 1], 0.25, 1e-6);
        CHECK_NEAR(lamp->v[TOY_Z + 1], 0.5, 1e-6);
    }
    CHECK(nn_latent_blend(&l, "happy=tag/lamp*much", &err) && strstr(err.msg, "no strength"));
    CHECK(nn_latent_blend(&l, "happy=happy", &err) && err.code == NN_EUSAGE);
    CHECK(nn_latent_blend(&l, "joyful=tag/lamp", &err) && strstr(err.msg, "joyful"));
    CHECK(nn_latent_blend(&l, "happy", &err) && strstr(err.msg, "should be like"));
    nn_latent_release(&l);
    o.blends = 0;
    o.least_moves = 1e6;
    CHECK_OK(nn_latent_find(g, &o, &l, &err), &err);
    CHECK(!l.n && strstr(l.refused, "tag/lamp"));
    nn_latent_release(&l);
    nn_sampler_free(g);
    remove(sheet);
}

static void tags_told(struct nn_pool *pool)
{
    static struct nn_told t;
    struct nn_err err = { 0 };
    struct nn_sampler *g;
    char path[300];

    snprintf(path, sizeof path, "%s/toy.onnx", dir);
    CHECK((g = nn_sampler_new(path, pool, &err)) != NULL);
    CHECK_OK(nn_told(g, NULL, 60, 1, &t, &err), &err);
    CHECK(t.tags == 1 && !t.emotions && !strcmp(t.tag[0].name, "lamp"));
    CHECK(t.tag[0].auc > 0.85 || t.tag[0].auc < 0.15);  /* red is much of luma and all of warmth */
    CHECK(t.tag[0].with != t.tag[0].without);
    nn_sampler_free(g);
}

static void samples(struct nn_pool *pool)
{
    struct nn_err err = { 0 };
    struct nn_sampler *g;
    struct nn_pictures a, b;
    float c[TOY_C], ends[4] = { 1, 0, 0, 2 }, out[2];
    struct nn_rng rng;
    double lamps = 0;
    char path[300];

    snprintf(path, sizeof path, "%s/toy.onnx", dir);
    CHECK((g = nn_sampler_new(path, pool, &err)) != NULL);
    nn_pictures_init(&a, TOY_SIZE);
    nn_pictures_init(&b, TOY_SIZE);
    CHECK_OK(nn_sampler_pictures(g, 13, 5, NULL, &a, &err), &err);
    CHECK_OK(nn_sampler_pictures(g, 5, 5, NULL, &b, &err), &err);
    CHECK(a.n == 13 && b.n == 5);                       /* a picture depends on its number alone */
    CHECK(!memcmp(a.px, b.px, 5 * 3 * TOY_SIZE * TOY_SIZE));
    CHECK(memcmp(a.px, nn_pictures_px(&a, 1), 3 * TOY_SIZE * TOY_SIZE));
    nn_rng_seed(&rng, 1, 1);
    for (int i = 0; i < 400; i++) {
        nn_sampler_condition(g, &rng, c);
        CHECK(c[0] == 0.25f && (c[1] == 0 || c[1] == 1));
        lamps += c[1] / 400;
    }
    CHECK(lamps > 0.4 && lamps < 0.6);
    nn_slerp(ends, ends + 2, 2, 0.5, out);
    CHECK_NEAR(out[0], sqrt(0.5), 1e-6);
    CHECK_NEAR(out[1], 2 * sqrt(0.5), 1e-6);
    nn_pictures_release(&a);
    nn_pictures_release(&b);
    nn_sampler_free(g);
}

int main(void)
{
    struct nn_pool *pool = nn_pool_new(2, NULL);
    char path[300];

    test_scratch(dir, sizeof dir);
    regression();
    looks();
    plain_directions(pool);
    conditional_directions(pool);
    tags_told(pool);
    samples(pool);
    nn_pool_free(pool);
    snprintf(path, sizeof path, "%s/plain.onnx", dir);
    remove(path);
    snprintf(path, sizeof path, "%s/toy.onnx", dir);
    remove(path);
    rmdir(dir);
    return test_done();
}
