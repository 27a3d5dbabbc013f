/* Looks: Oklab, transport between known distributions, and what a table must keep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/rng.h"
#include "runtime/look/look.h"
#include "runtime/look/oklab.h"
#include "tests/test.h"

/* Published beside the formulas: XYZ's white has L 1; and sRGB's red, as CSS Color 4 has it. */
static void oklab(void)
{
    double white[3], red[3], back[3];

    nn_oklab_of((double[3]){ 1, 1, 1 }, white);
    CHECK_NEAR(white[0], 1, 1e-4);
    CHECK_NEAR(white[1], 0, 1e-4);
    CHECK_NEAR(white[2], 0, 1e-4);
    nn_oklab_of((double[3]){ 1, 0, 0 }, red);
    CHECK_NEAR(red[0], 0.62796, 1e-4);
    CHECK_NEAR(red[1], 0.22486, 1e-4);
    CHECK_NEAR(red[2], 0.12585, 1e-4);
    nn_oklab_of((double[3]){ 0.2, 0.7, 0.05 }, back);
    nn_oklab_rgb(back, back);
    CHECK_NEAR(back[0], 0.2, 1e-5);
    CHECK_NEAR(back[1], 0.7, 1e-5);
    CHECK_NEAR(back[2], 0.05, 1e-5);
    CHECK_NEAR(nn_srgb_code(nn_srgb_light(0.5)), 0.5, 1e-9);
}

/* Normal around a middle, each part with a deviation of its own. */
static void throw_colours(struct nn_colours *c, const double mean[3], const double deviation[3],
                          uint64_t seed)
{
    struct nn_rng r;

    nn_rng_seed(&r, seed, 0);
    c->lab = malloc(NN_LOOK_SAMPLES * sizeof *c->lab);
    CHECK(c->lab != NULL);
    for (int i = 0; c->lab && i < NN_LOOK_SAMPLES; i++)
        for (int k = 0; k < 3; k++)
            c->lab[i][k] = mean[k] + deviation[k] * (double)nn_rng_normal(&r);
}

static void transport(void)
{
    static const double from[3] = { 0.5, 0, 0 }, wide[3] = { 0.1, 0.05, 0.05 };
    static const double to[3] = { 0.4, 0.06, -0.03 }, narrow[3] = { 0.05, 0.02, 0.08 };
    struct nn_colours a, b;
    struct nn_err err = { 0 };

    throw_colours(&a, from, wide, 1);
    throw_colours(&b, to, narrow, 2);
    CHECK(nn_colours_distance(&a, &b, 1) > 0.06);
    CHECK_OK(nn_colours_transport(&a, &b, 3, &err), &err);
    CHECK(nn_colours_distance(&a, &b, 1) < 0.003);
    for (int k = 0; k < 3; k++) {
        double mean = 0, square = 0;
        for (int i = 0; i < NN_LOOK_SAMPLES; i++) {
            mean += a.lab[i][k] / NN_LOOK_SAMPLES;
            square += a.lab[i][k] * a.lab[i][k] / NN_LOOK_SAMPLES;
        }
        CHECK_NEAR(mean, to[k], 0.002);
        CHECK_NEAR(sqrt(square - mean * mean), narrow[k], 0.003);
    }
    nn_colours_release(&a);
    nn_colours_release(&b);
}

/* A look of a warm, dark film: what the table must do, and must keep. */
static void table(void)
{
    static const double warm[3] = { 0.35, 0.03, 0.06 }, wide[3] = { 0.12, 0.02, 0.02 };
    struct nn_grade_opts o = { .strength = 0.8, .smooth = 0.1, .lightness = 0.6, .size = 17,
                               .seed = 1 };
    struct nn_grade_figures f;
    struct nn_colours from, to, same;
    struct nn_err err = { 0 };
    struct nn_cube c, back;
    char path[] = "/tmp/test_look_XXXXXX";
    int middle = 8 + 17 * (8 + 17 * 8), fd = mkstemp(path);
    double before;

    CHECK_OK(nn_colours_ordinary(&from, 1, &err), &err);
    throw_colours(&to, warm, wide, 5);
    CHECK_OK(nn_grade_learn(&from, &to, &o, &c, &f, &err), &err);
    CHECK(c.entry[middle][0] > c.entry[middle][2] + 0.05f);     /* middle grey is warm */
    CHECK(c.entry[middle][1] < 0.5f);                           /* and darker */
    for (int k = 0; k < 3; k++)
        CHECK(c.entry[0][k] == 0 && c.entry[17 * 17 * 17 - 1][k] == 1);
    CHECK(f.slope > 0.1 && f.mean > 0.02 && f.stretch < 10);
    for (int i = 0; i < 17 * 17 * 17; i++)
        for (int k = 0; k < 3; k++)
            CHECK(c.entry[i][k] >= 0 && c.entry[i][k] <= 1);
    before = nn_colours_distance(&from, &to, 1);
    nn_colours_grade(&from, &c);
    CHECK(nn_colours_distance(&from, &to, 1) < 0.6 * before);

    snprintf(c.title, sizeof c.title, "warm");
    CHECK_OK(nn_cube_write(&c, path, &err), &err);
    CHECK_OK(nn_cube_read(path, &back, &err), &err);
    CHECK(back.size == 17 && !strcmp(back.title, "warm"));
    for (int k = 0; k < 3; k++)
        CHECK_NEAR(back.entry[middle][k], c.entry[middle][k], 1e-5);
    nn_cube_release(&back);
    nn_cube_release(&c);

    /* Ordinary footage has an ordinary look. */
    CHECK_OK(nn_colours_ordinary(&same, 2, &err), &err);
    nn_colours_release(&from);
    CHECK_OK(nn_colours_ordinary(&from, 3, &err), &err);
    CHECK_OK(nn_grade_learn(&from, &same, &o, &c, &f, &err), &err);
    CHECK(f.mean < 0.006);
    nn_cube_release(&c);
    nn_colours_release(&from);
    nn_colours_release(&same);
    nn_colours_release(&to);
    close(fd);
    remove(path);
}

int main(void)
{
    oklab();
    transport();
    table();
    return test_done();
}
