/* .cube files: what the specification allows, what it does not, and what a look does. */
#include "runtime/effects/chain.h"
#include "runtime/effects/cube.h"
#include "tests/test.h"

#define TINY "0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n"

static const struct {
    const char *text, *error;   /* part of the message; NULL: it is fine */
} cases[] = {
    { "LUT_3D_SIZE 2\n" TINY, NULL },
    { "\xef\xbb\xbf# a comment\r\nTITLE \"Look\"\r\n\r\nLUT_3D_SIZE 2\r\n" TINY, NULL },
    { "LUT_1D_SIZE 2\nDOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 2 2 2\n0 0 0\n# between\n1 1e0 +1.0", NULL },
    { "LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0.0 1.0\n" TINY, NULL },
    { "", "x:0: neither" },
    { "LUT_3D_SIZE 2\n", "x:1: no table" },
    { "0 0 0\n", "x:1: neither LUT_1D_SIZE nor LUT_3D_SIZE before the table" },
    { "LUT_3D_SIZE 1\n" TINY, "x:1: LUT_3D_SIZE is 2 to 129" },
    { "LUT_3D_SIZE 2.5\n" TINY, "x:1: LUT_3D_SIZE is 2 to 129" },
    { "LUT_3D_SIZE 130\n" TINY, "x:1: LUT_3D_SIZE is 2 to 129" },
    { "LUT_3D_SIZE 129\n" TINY, "too short for a table of 2146689" },
    { "LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n" TINY, "x:2: a second table size" },
    { "LUT_3D_SIZE 2\n" TINY "0 0 0\n", "x:10: more than the 8 entries" },
    { "LUT_3D_SIZE 2\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n           0 0 0\n",
      "x:8: ends after 7 of 8" },
    { "LUT_3D_SIZE 2\n\n0 0\n" TINY, "x:3: 3 numbers expected, \"0 0\" found" },
    { "LUT_3D_SIZE 2\n0 0 0 0\n" TINY, "x:2: more than 3 numbers" },
    { "LUT_3D_SIZE 2\n0 0 nan\n" TINY, "x:2: 3 numbers expected" },
    { "LUT_3D_SIZE 2\n0 0 0x1\n" TINY, "x:2: " },
    { "LUT_3D_SIZE 2\n0 0 1e99\n" TINY, "x:2: 3 numbers expected" },
    { "LUT_3D_SIZE 2\nDOMAIN_MIN 0 0 1\n" TINY, "the domain's end 1 is not above its start 1" },
    { "TITLE Look\n", "x:1: TITLE wants its text in quotes" },
    { "LUT_4D_SIZE 2\n", "x:1: \"LUT_4D_SIZE\" is no keyword" },
};

static void look(const struct nn_cube *c, const float in[3], float out[3])
{
    memcpy(out, in, 3 * sizeof *out);
    nn_cube_look(c, (float *const[]){ &out[0], &out[1], &out[2] }, 1);
}

static int parse(const char *text, struct nn_cube *c, struct nn_err *err)
{
    return nn_cube_parse(text, strlen(text), "x", c, err);
}

static void test_cases(void)
{
    char line[400];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        struct nn_cube c;
        int got = parse(cases[i].text, &c, &err);
        CHECK((got == 0) == !cases[i].error);
        if (cases[i].error && !strstr(err.msg, cases[i].error)) {
            fprintf(stderr, "case %zu: %s\n", i, err.msg);
            CHECK(!"the message");
        }
        nn_cube_release(&c);
    }
    struct nn_err err = { 0 };
    struct nn_cube c;
    memset(line, '1', sizeof line);
    line[sizeof line - 1] = 0;
    CHECK(parse(line, &c, &err) && strstr(err.msg, "x:1: a line of more than 250 bytes"));
    CHECK(nn_cube_parse("LUT_3D_\0SIZE", 12, "x", &c, &err) && strstr(err.msg, "x:1: not text"));
    CHECK(nn_cube_read("/nonexistent.cube", &c, &err) < 0);
}

/* A table that keeps colours keeps them between its entries too; one of an affine map is that
 * map anywhere; red changes fastest; outside the domain its ends count. */
static void test_values(void)
{
    struct nn_err err = { 0 };
    struct nn_cube c;
    float out[3];

    CHECK_OK(parse("LUT_3D_SIZE 2\n" TINY, &c, &err), &err);
    for (int i = 0; i < 1000; i++) {
        float in[3] = { (float)(i % 10) / 9, (float)(i / 10 % 10) / 9, (float)(i / 100) / 9 };
        look(&c, in, out);
        for (int k = 0; k < 3; k++)
            CHECK_NEAR(out[k], in[k], 1e-6);
    }
    look(&c, (float[]){ -3, 0.5f, 9 }, out);
    CHECK_NEAR(out[0], 0, 1e-6);
    CHECK_NEAR(out[1], 0.5, 1e-6);
    CHECK_NEAR(out[2], 1, 1e-6);
    nn_cube_release(&c);

    /* Only the corner of red and blue is lit: tetrahedra give the smaller of the two parts,
     * less what green takes, where a trilinear mean would give their product. */
    CHECK_OK(parse("LUT_3D_SIZE 2\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n0 0 0\n1 0 0\n0 0 0\n0 0 0\n", &c,
                   &err), &err);
    look(&c, (float[]){ 0.8f, 0.1f, 0.5f }, out);
    CHECK_NEAR(out[0], 0.4, 1e-6);
    look(&c, (float[]){ 0.2f, 0.5f, 0.9f }, out);
    CHECK_NEAR(out[0], 0, 1e-6);
    nn_cube_release(&c);

    CHECK_OK(parse("LUT_1D_SIZE 3\nDOMAIN_MIN 0 0 -1\nDOMAIN_MAX 2 1 1\n0 0 0\n.5 .1 .2\n1 1 1\n",
                   &c, &err), &err);
    look(&c, (float[]){ 0.5f, 0.75f, 0 }, out);
    CHECK_NEAR(out[0], 0.25, 1e-6);
    CHECK_NEAR(out[1], 0.55, 1e-6);
    CHECK_NEAR(out[2], 0.2, 1e-6);
    nn_cube_release(&c);
}

/* The looks that ship are what their comments say. */
static void test_noir(void)
{
    struct nn_err err = { 0 };
    struct nn_cube c;
    int wrong = 0;

    CHECK_OK(nn_cube_read("runtime/patches/looks/noir.cube", &c, &err), &err);
    CHECK(!strcmp(c.title, "Noir") && c.size == 17);
    for (int i = 0; c.entry && i < 17 * 17 * 17; i++) {
        float r = (float)(i % 17) / 16, g = (float)(i / 17 % 17) / 16, b = (float)(i / 289) / 16;
        float l = 0.30f * r + 0.59f * g + 0.11f * b;
        float s = l + 0.55f * (3 * l * l - 2 * l * l * l - l), d = 4 * l * (1 - l) * (1 - l);
        float h = 4 * l * l * (1 - l), want = s + 0.14f * (b - l) + 0.034f * d - 0.020f * h;
        want = want < 0 ? 0 : want > 1 ? 1 : want;
        wrong += fabsf(c.entry[i][2] - want) > 6e-5f;
    }
    CHECK(wrong == 0);
    nn_cube_release(&c);
    CHECK_OK(nn_cube_read("runtime/patches/looks/neon.cube", &c, &err), &err);
    nn_cube_release(&c);
}

/* Through the chain, a table that changes nothing keeps all 256 values of a byte, and light
 * is looked up as it is displayed: one that gives 0.5 gives the byte 128. */
static void test_effect(void)
{
    static const char *const keep = "LUT_3D_SIZE 2\n" TINY;
    static const char *const grey = "LUT_1D_SIZE 2\n.5 .5 .5\n.5 .5 .5\n";
    char path[64];
    const struct nn_effect_type *fx = nn_effect_find("lut");

    snprintf(path, sizeof path, "/tmp/nn_cube_%d.cube", (int)getpid());
    for (int round = 0; round < 2; round++) {
        struct nn_err err = { 0 };
        struct nn_slot slot = { fx, path };
        struct nn_image img = { 0 };
        FILE *f = fopen(path, "w");
        int wrong = 0;
        CHECK(f != NULL);
        if (!f)
            return;
        CHECK(fputs(round ? grey : keep, f) >= 0);
        fclose(f);
        struct nn_chain *c = nn_chain_new(&slot, 1, 256, 1, 1, NULL, &err);
        CHECK(c && !nn_image_init(&img, 256, 1, 3, &err));
        for (int i = 0; i < 768; i++)
            img.px[i] = (uint8_t)(i / 3);
        nn_chain_run(c, &img, 0);
        for (int i = 0; i < 768; i++)
            wrong += img.px[i] != (round ? 128 : i / 3);
        CHECK(wrong == 0);
        nn_image_release(&img);
        nn_chain_free(c);
    }
    unlink(path);

    struct nn_err err = { 0 };
    CHECK(!nn_chain_new(&(struct nn_slot){ fx, NULL }, 1, 8, 8, 1, NULL, &err));
    CHECK(strstr(err.msg, "lut needs a \"file\""));
    CHECK(!nn_chain_new(&(struct nn_slot){ fx, "LICENSE" }, 1, 8, 8, 1, NULL, &err));
    CHECK(strstr(err.msg, "LICENSE:1: "));
}

int main(void)
{
    test_cases();
    test_values();
    test_noir();
    test_effect();
    return test_done();
}
