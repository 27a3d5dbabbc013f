/*
 * test_gan.c - generators as the runtime reads them, the walk through their space, and pictures
 * enlarged. `test_gan write FILE SIZE WIDTH` writes an untrained one for other tests.
 */
#include "runtime/gan/enlarge.h"
#include "runtime/gan/walk.h"
#include "tests/gan_build.h"
#include "tests/test.h"

enum { SIZE = 32, LATENT = 16 };

static char dir[256];

static const char *in_dir(const char *name)
{
    static char path[600];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* A direction called `name` along z's number `i`. */
static const char *direction_json(char *text, size_t size, const char *name, int i, int n)
{
    size_t at = (size_t)snprintf(text, size, "{\"%s\":{\"by\":\"look\",\"v\":[", name);

    for (int k = 0; k < n; k++)
        at += (size_t)snprintf(text + at, size - at, "%s%d", k ? "," : "", k == i);
    snprintf(text + at, size - at, "]}}");
    return text;
}

static struct nn_generator *made(const struct gan *o)
{
    struct nn_err err = { 0 };
    struct nn_generator *g = NULL;

    CHECK_OK(gan_write(in_dir("g.onnx"), o, &err), &err);
    CHECK((g = nn_generator_open(in_dir("g.onnx"), NULL, &err)) != NULL);
    if (!g)
        fprintf(stderr, "%s\n", err.msg);
    return g;
}

/* The picture is the model's, by way of IEC 61966-2-1. */
static void test_generator(void)
{
    char text[400];
    struct gan o = { .size = SIZE, .latent = LATENT, .width = 16, .seed = 1, .nconditions = 2,
                     .conditions = "[\"valence\",\"happy\"]",
                     .directions = direction_json(text, sizeof text, "sadness", 3, LATENT + 2) };
    struct nn_generator *g = made(&o);
    struct nn_err err = { 0 };
    float zc[LATENT + 2] = { 0.5f, -1, 2 }, rgb[3 * SIZE * SIZE];
    const struct nn_value *out;
    double worst = 0;

    if (!g)
        return;
    CHECK(g->size == SIZE && g->latent == LATENT && g->conditions == 2 && g->directions == 1);
    CHECK(!strcmp(g->condition[1], "happy") && nn_generator_condition(g, "joy") == 1);
    CHECK(nn_generator_direction(g, "sad") == 0 && nn_generator_direction(g, "fear") == -1);
    CHECK(g->direction[0].v[3] == 1 && g->direction[0].v[4] == 0 && g->mean[0] == 0);
    CHECK_OK(nn_generator_run(g, zc, rgb, &err), &err);
    out = nn_engine_output_named(g->engine, "image");
    for (int i = 0; i < 3 * SIZE * SIZE; i++) {
        double v = 0.5 + 0.5 * (double)((const float *)out->data)[i];
        double light = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
        worst = fmax(worst, fabs(light - (double)rgb[i]));
    }
    CHECK(worst < 1e-5);
    nn_generator_free(g);
}

/* What is no generator says so, with the file's name. */
static void test_refusals(void)
{
    static const struct { const char *key, *value, *says; } bad[] = {
        { "neonnoir.kind", NULL, "it is no generator" },
        { "neonnoir.kind", "emotion", "its neonnoir.kind is emotion" },
        { "neonnoir.size", "0", "neonnoir.size is \"0\"" },
        { "neonnoir.size", "16", "1 x 3 x 16 x 16" },
        { "neonnoir.latent", "1e9", "neonnoir.latent is" },
        { "neonnoir.latent", "17", "z (1 x 17)" },
        { "neonnoir.conditions", "[1]", "neonnoir.conditions is not" },
        { "neonnoir.conditions", "[\"happy\"]", "and c, its conditions" },
        { "neonnoir.conditions", "{", "is no JSON" },
        { "neonnoir.condition_mean", "[1]", "neonnoir.condition_mean is not" },
        { "neonnoir.directions", "{\"joy\":{\"v\":[1,2]}}", "\"joy\" is not 16 numbers" },
        { "neonnoir.directions", "[]", "neonnoir.directions is not" },
    };
    struct gan o = { .size = SIZE, .latent = LATENT, .width = 16, .seed = 1 };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct nn_err err = { 0 };
        struct nn_graph *g = gan_graph(&o, &err);
        CHECK(g != NULL);
        if (bad[i].value)
            nn_graph_set_meta(g, bad[i].key, bad[i].value);
        else
            nn_graph_drop_meta(g, bad[i].key);
        CHECK_OK(nn_onnx_write(g, in_dir("bad.onnx"), &err), &err);
        CHECK(!nn_generator_open(in_dir("bad.onnx"), NULL, &err));
        if (!strstr(err.msg, bad[i].says) || !strstr(err.msg, "bad.onnx"))
            fprintf(stderr, "%s: %s\n", bad[i].says, err.msg);
        CHECK(strstr(err.msg, bad[i].says) && strstr(err.msg, "bad.onnx"));
        nn_graph_free(g);
    }
}

static double gap(const float *a, const float *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (double)(a[i] - b[i]) * (double)(a[i] - b[i]);
    return sqrt(sum / n);
}

/* On the sphere, smooth to the second derivative, and a loop closes to the bit. */
static void test_way(const struct nn_generator *g)
{
    struct nn_arena arena = { 0 };
    struct nn_err err = { 0 };
    struct nn_walk w, again;
    float a[LATENT], b[LATENT], z[3][LATENT], zero[LATENT] = { 0 };
    double fastest = 0, slowest = 1e9, bend = 0;

    CHECK_OK(nn_walk_init(&w, g, 7, 0, &arena, &err), &err);
    CHECK_OK(nn_walk_init(&again, g, 7, 5, &arena, &err), &err);
    for (int i = 0; i < 600; i++) {
        float *now = z[i % 3], *was = z[(i + 2) % 3], *before = z[(i + 1) % 3];
        nn_walk_way(&w, i * 0.02, 1, 1, now);
        CHECK_NEAR(gap(now, zero, LATENT), 1, 1e-5);
        if (i > 0) {
            fastest = fmax(fastest, gap(now, was, LATENT));
            slowest = fmin(slowest, gap(now, was, LATENT));
        }
        for (int k = 0; i > 1 && k < LATENT; k++)
            bend = fmax(bend, fabs((double)(now[k] - 2 * was[k] + before[k])));
    }
    CHECK(slowest > 0.001 && fastest < 0.06 && bend < 0.02);    /* of steps of a fiftieth point */
    nn_walk_way(&again, 5, 1, 1, a);
    nn_walk_way(&again, 0, 1, 1, b);
    CHECK(!memcmp(a, b, sizeof a));
    nn_walk_way(&again, 4.999999, 1, 1, a);
    CHECK(gap(a, b, LATENT) < 1e-4);
    nn_walk_way(&w, 3.3, 0, 1, a);      /* at home there is no way */
    nn_walk_way(&w, 9.1, 0, 1, b);
    CHECK(gap(a, b, LATENT) < 1e-5);
    nn_arena_release(&arena);
}

/* How far it goes in two seconds of a mood. */
static double gone(const struct nn_generator *g, const struct nn_mood *mood, float *end)
{
    const struct nn_gait gait = { 0.5f, 1, 1, 1, 1 };
    struct nn_arena arena = { 0 };
    struct nn_err err = { 0 };
    struct nn_walk w;
    double s;

    CHECK_OK(nn_walk_init(&w, g, 3, 0, &arena, &err), &err);
    for (int i = 0; i <= 48; i++) {
        nn_walk_step(&w, i ? 1 / 24.0 : 0, &gait, mood);
        nn_walk_at(&w, end);
    }
    CHECK(w.places == 49 && w.moved > 0);
    s = w.s;
    nn_arena_release(&arena);
    return s;
}

static void test_moods(const struct nn_generator *g)
{
    struct nn_mood calm = { .presence = 1 }, rage = calm, sorrow = calm;
    struct nn_mood twitch = calm, heart = calm;
    float a[LATENT], b[LATENT], zero[LATENT] = { 0 };
    double usual = gone(g, &calm, a);

    CHECK_NEAR(usual, 1, 1e-4);
    rage.emotion[NN_ANGRY] = 1;
    CHECK(gone(g, &rage, b) > 2 * usual && gap(b, zero, LATENT) > 1.1);
    sorrow.emotion[NN_SAD] = 1;
    CHECK(gone(g, &sorrow, b) < 0.5 * usual);
    CHECK(gone(g, &calm, b) == usual && !memcmp(a, b, sizeof a));
    heart.beat = 1;
    CHECK_NEAR(gone(g, &heart, b), usual, 1e-9);
    CHECK(gap(a, b, LATENT) > 0.02 && gap(a, b, LATENT) < 0.2);
    twitch.micro = 1;
    gone(g, &twitch, b);
    CHECK(gap(a, b, LATENT) < 1e-6);    /* one that was there from the start is no kick */
}

/* Directions and conditions follow the face; a kick goes as it came. */
static void test_steering(void)
{
    enum { ALL = LATENT + 2 };
    char text[400];
    struct gan o = { .size = SIZE, .latent = LATENT, .width = 16, .seed = 1, .nconditions = 2,
                     .conditions = "[\"valence\",\"tag/neon\"]",
                     .directions = direction_json(text, sizeof text, "joy", 5, ALL) };
    const struct nn_gait gait = { 0, 1, 1, 1, 1 };
    struct nn_generator *g = made(&o);
    struct nn_mood mood = { .presence = 1, .valence = 0.5f };
    struct nn_arena arena = { 0 };
    struct nn_err err = { 0 };
    struct nn_walk w;
    float a[ALL], b[ALL];

    if (!g)
        return;
    CHECK_OK(nn_walk_init(&w, g, 3, 0, &arena, &err), &err);
    nn_walk_step(&w, 0, &gait, &mood);
    nn_walk_at(&w, a);
    CHECK_NEAR(a[LATENT], 0.5, 1e-6);
    mood.emotion[NN_HAPPY] = 1;
    for (int i = 0; i < 240; i++)
        nn_walk_step(&w, 1 / 24.0, &gait, &mood);
    nn_walk_at(&w, b);
    CHECK_NEAR((double)(b[5] - a[5]), 1, 1e-3);
    CHECK_NEAR((double)w.push, 1, 1e-3);
    b[5] = a[5];
    CHECK(gap(a, b, ALL) < 1e-6);
    mood.emotion[NN_HAPPY] = 0;
    mood.micro = 1;
    nn_walk_step(&w, 0.2, &gait, &mood);
    nn_walk_at(&w, b);
    b[5] = a[5];
    CHECK(w.kicks == 1 && gap(a, b, ALL) > 0.2);
    mood.micro = 0;
    for (int i = 0; i < 480; i++)
        nn_walk_step(&w, 1 / 24.0, &gait, &mood);
    nn_walk_at(&w, b);
    CHECK(gap(a, b, ALL) < 1e-3);
    nn_arena_release(&arena);
    nn_generator_free(g);
}

/* One light everywhere stays, a ramp stays one, nothing leaves the range, the square covers. */
static void test_enlarge(void)
{
    static const int sizes[][2] = { { 1, 1 }, { 3, 200 }, { 320, 180 }, { 7, 7 } };
    float rgb[3 * 16 * 16], row[320];

    for (int i = 0; i < 16 * 16; i++) {
        rgb[i] = 0.25f;
        rgb[256 + i] = (float)(i % 16) / 16;
        rgb[512 + i] = (float)((i % 16 + i / 16) % 2);
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct nn_arena arena = { 0 };
        struct nn_err err = { 0 };
        struct nn_enlarge e;
        int w = sizes[s][0], h = sizes[s][1];
        CHECK_OK(nn_enlarge_init(&e, 16, w, h, &arena, &err), &err);
        nn_enlarge_take(&e, rgb);
        for (int y = 0; y < h; y++) {
            nn_enlarge_row(&e, 0, y, row);
            for (int x = 0; x < w; x++)
                CHECK_NEAR((double)row[x], 0.25, 1e-6);
            nn_enlarge_row(&e, 1, y, row);
            for (int x = w / 4; w == 320 && x < 3 * w / 4; x++)
                CHECK_NEAR((double)row[x], ((x + 0.5) / 20 - 0.5) / 16, 1e-5);
            nn_enlarge_row(&e, 2, y, row);
            for (int x = 0; x < w; x++)
                CHECK(row[x] >= 0 && row[x] <= 1);
        }
        nn_arena_release(&arena);
    }
}

int main(int argc, char **argv)
{
    struct gan plain = { .size = SIZE, .latent = LATENT, .width = 16, .seed = 1 };
    struct nn_err err = { 0 };
    struct nn_generator *g;
    char path[300];

    if (argc == 5 && !strcmp(argv[1], "write")) {
        struct gan o = { .size = atoi(argv[3]), .latent = 64, .width = atoi(argv[4]), .seed = 1 };
        CHECK_OK(gan_write(argv[2], &o, &err), &err);
        return test_done();
    }
    CHECK(test_scratch(dir, sizeof dir) != NULL);
    test_generator();
    test_refusals();
    test_steering();
    test_enlarge();
    if ((g = made(&plain))) {
        test_way(g);
        test_moods(g);
    }
    nn_generator_free(g);
    remove(in_dir("g.onnx"));
    remove(in_dir("bad.onnx"));
    snprintf(path, sizeof path, "%s", dir);
    rmdir(path);
    return test_done();
}
