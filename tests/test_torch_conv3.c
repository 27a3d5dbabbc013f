/* 3x3 convolutions of training, and their gradients, against sums in double precision. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "tests/test.h"
#include "trainer/conv3.h"

static void each(int units, void (*part)(void *arg, int unit), void *arg)
{
    for (int i = units; i-- > 0;)       /* no order may matter */
        part(arg, i);
}

static float *noise(int64_t n, struct nn_rng *rng)
{
    float *x = malloc((size_t)n * sizeof *x);

    for (int64_t i = 0; i < n; i++)
        x[i] = nn_rng_normal(rng);
    return x;
}

/* y += w x, dw += dy x, dx += dy w: each product of two with its place in the third. */
static void plain(const struct nn_conv3 *c, const float *x, const float *w, const float *dy,
                  double *y, double *dw, double *dx)
{
    int64_t pixels = c->n * c->h * c->w;

    for (int64_t p = 0; p < pixels; p++)
        for (int t = 0; t < 9; t++) {
            int64_t iy = p / c->w % c->h + t / 3 - 1, ix = p % c->w + t % 3 - 1;
            int64_t from = (p + (t / 3 - 1) * c->w + t % 3 - 1) * c->cin;
            if (iy < 0 || iy >= c->h || ix < 0 || ix >= c->w)
                continue;
            for (int64_t i = 0; i < c->cin; i++)
                for (int64_t o = 0; o < c->cout; o++) {
                    int64_t at = (o * 9 + t) * c->cin + i;
                    y[p * c->cout + o] += (double)x[from + i] * w[at];
                    dw[at] += (double)x[from + i] * dy[p * c->cout + o];
                    dx[from + i] += (double)w[at] * dy[p * c->cout + o];
                }
        }
}

/* The largest difference in parts of the largest value. */
static double apart(const float *is, const double *should, int64_t n)
{
    double most = 0, diff = 0;

    for (int64_t i = 0; i < n; i++) {
        most = fmax(most, fabs(should[i]));
        diff = fmax(diff, fabs(is[i] - should[i]));
    }
    return diff / most;
}

static void one(int64_t n, int64_t h, int64_t w, int64_t cin, int64_t cout, int units)
{
    struct nn_conv3 c = { n, h, w, cin, cout, units, each };
    struct nn_rng rng;
    int64_t pixels = n * h * w, weights = 9 * cin * cout;
    double *y = calloc((size_t)(pixels * cout), sizeof *y);
    double *dw = calloc((size_t)weights, sizeof *dw);
    double *dx = calloc((size_t)(pixels * cin), sizeof *dx);
    float *x, *k, *dy, *is, *back;

    nn_rng_seed(&rng, 3, (uint64_t)(h + cin));
    x = noise(pixels * cin, &rng);
    k = noise(weights, &rng);
    dy = noise(pixels * cout, &rng);
    is = noise(pixels * cout, &rng);
    back = noise(weights, &rng);
    plain(&c, x, k, dy, y, dw, dx);
    CHECK(nn_conv3_fits(&c));
    CHECK(!nn_conv3_run(&c, x, k, is));
    CHECK(apart(is, y, pixels * cout) < 2e-5);
    CHECK(!nn_conv3_weights(&c, x, dy, back));
    CHECK(apart(back, dw, weights) < 2e-5);
    CHECK(!nn_conv3_back(&c, dy, k, x));
    CHECK(apart(x, dx, pixels * cin) < 2e-5);
    free(x);
    free(k);
    free(dy);
    free(is);
    free(back);
    free(y);
    free(dw);
    free(dx);
}

int main(void)
{
    struct nn_conv3 few = { 1, 8, 8, 8, 32, 1, each }, odd = { 1, 8, 8, 33, 32, 1, each };

    one(2, 24, 24, 48, 48, 2);
    one(3, 12, 12, 16, 32, 1);
    one(5, 6, 6, 64, 32, 3);
    one(1, 7, 5, 16, 48, 2);        /* squares that reach over the edge */
    one(1, 2, 3, 32, 16, 7);        /* more units than work */
    CHECK(!nn_conv3_fits(&few) && !nn_conv3_fits(&odd));
    return test_done();
}
