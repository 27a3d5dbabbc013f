/* What visualize paints: the right kernel, the right colour, a sleeve of the right size. */
#include "export/plates.h"
#include "export/ring.h"
#include "tests/test.h"

static const uint8_t *pixel(const struct nn_plate *p, int x, int y)
{
    return p->img.px + 3 * (y * p->img.w + x);
}

static int is(const uint8_t *px, int r, int g, int b)
{
    return px[0] == r && px[1] == g && px[2] == b;
}

/* Zero is dark, above it magenta, below it cyan, the largest nearly white. */
static void test_colours(void)
{
    uint8_t zero[3], up[3], down[3], top[3];

    nn_neon_diverging(0, zero);
    nn_neon_diverging(.65f, up);
    nn_neon_diverging(-.65f, down);
    nn_neon_diverging(1, top);
    CHECK(zero[0] < 40 && zero[1] < 40 && zero[2] < 40);
    CHECK(is(up, 255, 45, 149));
    CHECK(is(down, 45, 226, 230));
    CHECK(top[0] > 200 && top[1] > 200 && top[2] > 200);
    nn_neon_glow(NAN, zero);
    CHECK(is(zero, 13, 15, 26));
}

/* One Conv whose weights are `w`. */
static struct nn_graph *model(const char *op, int in, int ndim, const int64_t *dim, const float *w)
{
    struct nn_graph *g = nn_graph_new("m", NULL);
    int x[2];

    x[0] = nn_graph_input(g, "x", 4, (int64_t[]){ 1, in, 8, 8 });
    x[1] = nn_graph_const(g, "w", NN_F32, ndim, dim, w);
    nn_graph_output(g, nn_graph_node(g, op, 2, x, "y"));
    return g;
}

/* Each kernel is scaled by its own largest value; mean over inputs; colours as they are. */
static void test_kernels(void)
{
    static const float grey[] = { 0, .65f, -.65f, 1,   0, -130, 0, 200 };
    static const float colour[] = { 1, -1, 0, .5f,   -1, 1, 0, 0,   0, 0, 0, -1 };
    struct nn_graph *g = model("Conv", 1, 4, (int64_t[]){ 2, 1, 2, 2 }, grey);
    struct nn_err err = { 0 };
    struct nn_plates p;
    uint8_t want[3];

    CHECK_OK(nn_plates_kernels(&p, g, nn_plates_layer(g, NULL, &err), &err), &err);
    CHECK(p.n == 2 && p.plate[0].img.w == 2 && p.plate[0].img.h == 2);
    CHECK(is(pixel(&p.plate[0], 1, 0), 255, 45, 149));
    CHECK(is(pixel(&p.plate[0], 0, 1), 45, 226, 230));
    nn_neon_diverging(-.65f, want);
    CHECK(is(pixel(&p.plate[1], 1, 0), want[0], want[1], want[2]));
    CHECK_NEAR(p.plate[1].strength, sqrt((130. * 130 + 200. * 200) / 4), 1e-3);
    nn_plates_release(&p);
    nn_graph_free(g);

    g = model("Conv", 2, 4, (int64_t[]){ 1, 2, 2, 2 }, grey);       /* the mean of both */
    CHECK_OK(nn_plates_kernels(&p, g, 0, &err), &err);
    nn_neon_diverging((float)(-64.675 / 100.5), want);
    CHECK(is(pixel(&p.plate[0], 1, 0), want[0], want[1], want[2]));
    nn_plates_release(&p);
    nn_graph_free(g);

    g = model("Conv", 3, 4, (int64_t[]){ 1, 3, 2, 2 }, colour);
    CHECK_OK(nn_plates_kernels(&p, g, 0, &err), &err);
    CHECK(is(pixel(&p.plate[0], 0, 0), 255, 0, 128));
    CHECK(is(pixel(&p.plate[0], 1, 0), 0, 255, 128));
    CHECK(is(pixel(&p.plate[0], 1, 1), 191, 128, 0));
    nn_plates_release(&p);
    nn_graph_free(g);

    /* in x out: output 1 of input 0 is weights 4..7 */
    g = model("ConvTranspose", 1, 4, (int64_t[]){ 1, 2, 2, 2 }, grey);
    CHECK_OK(nn_plates_kernels(&p, g, 0, &err), &err);
    nn_neon_diverging(-.65f, want);
    CHECK(p.n == 2 && is(pixel(&p.plate[1], 1, 0), want[0], want[1], want[2]));
    nn_plates_release(&p);
    nn_graph_free(g);
}

/* Quantised weights are shown as what they stand for. */
static void test_dequantised(void)
{
    static const int8_t q[] = { 10, 75, -55, 110 };
    struct nn_graph *g = nn_graph_new("m", NULL);
    struct nn_err err = { 0 };
    struct nn_plates p;
    int x[2], d[3];

    x[0] = nn_graph_input(g, "x", 4, (int64_t[]){ 1, 1, 8, 8 });
    d[0] = nn_graph_const(g, "q", NN_I8, 4, (int64_t[]){ 1, 1, 2, 2 }, q);
    d[1] = nn_graph_const(g, "s", NN_F32, 0, NULL, &(float){ .01f });
    d[2] = nn_graph_const(g, "z", NN_I8, 0, NULL, &(int8_t){ 10 });
    x[1] = nn_graph_node(g, "DequantizeLinear", 3, d, "w");
    nn_graph_output(g, nn_graph_node(g, "Conv", 2, x, "y"));
    CHECK_OK(nn_plates_kernels(&p, g, nn_plates_layer(g, "y", &err), &err), &err);
    CHECK(is(pixel(&p.plate[0], 0, 0), 20, 22, 36));
    CHECK(is(pixel(&p.plate[0], 1, 0), 255, 45, 149));
    CHECK(is(pixel(&p.plate[0], 0, 1), 45, 226, 230));
    nn_plates_release(&p);
    nn_graph_free(g);
}

static void test_maps(void)
{
    float v[] = { 0, 0, 1, 0,   0, 3, 3, 0,   2, 2, 2, 2 };
    struct nn_value value = { "y", NN_F32, 4, { 1, 3, 2, 2 }, v };
    struct nn_err err = { 0 };
    struct nn_plates p;

    CHECK_OK(nn_plates_maps(&p, &value, &err), &err);
    CHECK(p.n == 3 && p.plate[0].index == 1 && p.plate[1].index == 2 && p.plate[2].index == 0);
    CHECK(is(pixel(&p.plate[0], 1, 0), 255, 244, 214) && is(pixel(&p.plate[0], 0, 0), 13, 15, 26));
    nn_plates_release(&p);
    v[3] = NAN;
    CHECK(nn_plates_maps(&p, &value, &err) < 0 && strstr(err.msg, "no numbers"));
}

/* Rolled up, the edges are as long as the cup is round there. */
static void test_ring(void)
{
    static const struct nn_sleeve cups[] = { { 86, 69.5, 62 }, { 120, 50, 90 }, { 80, 80, 95 } };
    const double pi = 3.14159265358979;

    for (size_t i = 0; i < sizeof cups / sizeof *cups; i++) {
        const struct nn_sleeve *c = &cups[i];
        struct nn_ring r;
        double x[2], y[2];
        nn_ring_init(&r, c);
        CHECK_NEAR(2 * r.half * r.inner, pi * c->bottom, .05);
        CHECK_NEAR(2 * r.half * (r.inner + r.slant), pi * c->top, .1);
        CHECK_NEAR(r.slant, hypot(c->height, (c->top - c->bottom) / 2), 1e-3);
        nn_ring_point(&r, 0, 0, &x[0], &y[0]);
        nn_ring_point(&r, 0, r.slant, &x[1], &y[1]);
        CHECK_NEAR(y[0] - y[1], r.slant, 1e-6);
        for (int k = 0; k < 2; k++) {
            nn_ring_point(&r, k ? r.half + r.tab : -r.half, r.slant, &x[k], &y[k]);
            CHECK(x[k] > 5 && x[k] < r.page_w - 5 && y[k] > 5 && y[k] < r.page_h - 40);
        }
    }
}

int main(void)
{
    test_colours();
    test_kernels();
    test_dequantised();
    test_maps();
    test_ring();
    return test_done();
}
