#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/latent.h"

/* a (d, d), its lower half, becomes its factor L; 0 or -1 when it is not positive definite. */
static int cholesky(double *a, int d)
{
    for (int i = 0; i < d; i++)
        for (int k = 0; k <= i; k++) {
            double sum = a[i * d + k];
            for (int j = 0; j < k; j++)
                sum -= a[i * d + j] * a[k * d + j];
            if (k < i)
                a[i * d + k] = sum / a[k * d + k];
            else if (sum > 0)
                a[i * d + i] = sqrt(sum);
            else
                return -1;
        }
    return 0;
}

/* L L^T w = b, in place. */
static void solve(const double *l, int d, double *b)
{
    for (int i = 0; i < d; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= l[i * d + k] * b[k];
        b[i] /= l[i * d + i];
    }
    for (int i = d - 1; i >= 0; i--) {
        for (int k = i + 1; k < d; k++)
            b[i] -= l[k * d + i] * b[k];
        b[i] /= l[i * d + i];
    }
}

int nn_regress(const double *x, const double *y, int64_t n, int d, double ridge, double *w,
               double *constant, struct nn_err *err)
{
    double *a = calloc((size_t)d * (size_t)d + (size_t)d, sizeof *a), *mean, middle = 0;
    int ret = 0;

    if (!a)
        return nn_fail_mem(err, "a regression");
    mean = a + (size_t)d * (size_t)d;
    for (int64_t r = 0; r < n; r++) {
        middle += y[r] / (double)n;
        for (int i = 0; i < d; i++)
            mean[i] += x[r * d + i] / (double)n;
    }
    memset(w, 0, (size_t)d * sizeof *w);
    for (int64_t r = 0; r < n; r++)
        for (int i = 0; i < d; i++) {
            double v = x[r * d + i] - mean[i];
            w[i] += v * (y[r] - middle);
            for (int k = 0; k <= i; k++)
                a[i * d + k] += v * (x[r * d + k] - mean[k]);
        }
    for (int i = 0; i < d; i++)
        a[i * d + i] += ridge * (double)n;
    if (cholesky(a, d))
        ret = nn_fail(err, NN_EARG, "%lld samples do not tell %d numbers apart", (long long)n, d);
    else
        solve(a, d, w);
    *constant = middle;
    for (int i = 0; i < d && !ret; i++)
        *constant -= w[i] * mean[i];
    free(a);
    return ret;
}
