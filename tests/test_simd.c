/* The vector kernels' functions against libm, on every instruction set of this machine. */
#include "runtime/engine/simd/simd.h"
#include "tests/test.h"

enum { N = 4001 };

/* Distance in units in the last place of `want`, which subnormals share. */
static double ulps(float got, double want)
{
    double unit = ldexp(1, ilogb(want) - 23), least = ldexp(1, -149);

    return fabs((double)got - want) / (unit > least ? unit : least);
}

static double worst(void (*f)(float *, const float *, int64_t), double (*truth)(double), float from,
                    float to)
{
    static float x[N], y[N];
    double most = 0;

    for (int i = 0; i < N; i++)
        x[i] = from + (to - from) * (float)i / (N - 1);
    f(y, x, N);
    for (int i = 0; i < N; i++) {
        double want = truth((double)x[i]), off = want == 0 ? (double)y[i] != 0 : ulps(y[i], want);
        most = off > most || off != off ? off : most;
    }
    return most;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static void check_set(const struct nn_simd *s)
{
    float odd[6] = { 0, -INFINITY, INFINITY, NAN, 1e30f, -1e30f }, y[6];

    CHECK(worst(s->row_exp, exp, -86, 88) <= 4);
    CHECK(worst(s->row_exp, exp, -103, -87) <= 4);
    CHECK(worst(s->row_sigmoid, logistic, -80, 80) <= 4);
    CHECK(worst(s->row_tanh, tanh, -12, 12) <= 4);
    CHECK(worst(s->row_tanh, tanh, -.7f, .7f) <= 4);
    s->row_exp(y, odd, 6);
    CHECK(y[0] == 1 && y[1] == 0 && isinf(y[2]) && isnan(y[3]) && isinf(y[4]) && y[5] == 0);
    s->row_tanh(y, odd, 6);
    CHECK(y[0] == 0 && y[1] == -1 && y[2] == 1 && isnan(y[3]) && y[4] == 1 && y[5] == -1);
    s->row_sigmoid(y, odd, 6);
    CHECK(y[0] == .5f && y[1] == 0 && y[2] == 1 && isnan(y[3]) && y[4] == 1 && y[5] == 0);
}

int main(void)
{
    for (int i = 0; nn_simd_name(i); i++) {
        const struct nn_simd *s = nn_simd_find(nn_simd_name(i));
        if (s)
            check_set(s);
    }
    CHECK(!nn_simd_find("abacus") && nn_simd_choose() != NULL);
    return test_done();
}
