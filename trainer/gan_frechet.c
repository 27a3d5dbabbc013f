/* Means, covariances, and the distance of two Gaussians. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/gan_judge.h"

enum { SWEEPS = 60 };

/* Rotates rows and columns p and q so that a[p][q] becomes 0. */
static void rotate(double *a, int n, int p, int q, double *vectors)
{
    double apq = a[p * n + q], theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;

    for (int k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    for (int k = 0; vectors && k < n; k++) {
        double x = vectors[p * n + k], y = vectors[q * n + k];
        vectors[p * n + k] = c * x - s * y;
        vectors[q * n + k] = s * x + c * y;
    }
}

/* Largest first; their vectors go with them. */
static void sort(double *values, int n, double *vectors)
{
    for (int i = 0; i < n; i++) {
        int top = i;
        double v;
        for (int k = i + 1; k < n; k++)
            top = values[k] > values[top] ? k : top;
        v = values[i];
        values[i] = values[top];
        values[top] = v;
        for (int k = 0; vectors && top != i && k < n; k++) {
            v = vectors[i * n + k];
            vectors[i * n + k] = vectors[top * n + k];
            vectors[top * n + k] = v;
        }
    }
}

void nn_eigen(double *a, int n, double *values, double *vectors)
{
    double size = 0;

    for (int i = 0; i < n * n; i++)
        size += a[i] * a[i];
    for (int i = 0; vectors && i < n * n; i++)
        vectors[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                off += a[p * n + q] * a[p * n + q];
        if (!(off > 1e-26 * size))
            break;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                if (a[p * n + q] != 0)
                    rotate(a, n, p, q, vectors);
    }
    for (int i = 0; i < n; i++)
        values[i] = a[i * n + i];
    sort(values, n, vectors);
}

/* mean (d) and covariance (d, d), n - 1 in the denominator. */
static void moments(const struct nn_traits *f, double *mean, double *cov)
{
    int d = f->d;

    memset(mean, 0, (size_t)d * sizeof *mean);
    memset(cov, 0, (size_t)d * (size_t)d * sizeof *cov);
    for (int64_t r = 0; r < f->n; r++)
        for (int i = 0; i < d; i++)
            mean[i] += f->x[r * d + i] / (double)f->n;
    for (int64_t r = 0; r < f->n; r++)
        for (int i = 0; i < d; i++) {
            double x = (f->x[r * d + i] - mean[i]) / (double)(f->n - 1);
            for (int k = 0; k <= i; k++)
                cov[i * d + k] += x * (f->x[r * d + k] - mean[k]);
        }
    for (int i = 0; i < d; i++)
        for (int k = 0; k < i; k++)
            cov[k * d + i] = cov[i * d + k];
}

/* to = a b, or a b^T. */
static void times(const double *a, const double *b, int n, int transposed, double *to)
{
    memset(to, 0, (size_t)n * (size_t)n * sizeof *to);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++)
                to[i * n + j] += a[i * n + k] * (transposed ? b[j * n + k] : b[k * n + j]);
}

/*
 * tr (A B)^(1/2) with the same eigenvalues as H B H, H the root of A, which is symmetric. With A =
 * V^T w V (rows of V), V H = w^(1/2) V, so w^(1/2) V B V^T w^(1/2) has them as well.
 */
static double trace_of_root(double *a, const double *b, int n, double *work)
{
    double *v = work, *t = work + n * n, *w = work + 2 * n * n, trace = 0;

    nn_eigen(a, n, w, v);
    times(v, b, n, 0, t);
    times(t, v, n, 1, a);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            a[i * n + k] *= sqrt(fmax(0, w[i]) * fmax(0, w[k]));
    for (int i = 0; i < n; i++)         /* rounding must not make it asymmetric */
        for (int k = 0; k < i; k++)
            a[i * n + k] = a[k * n + i] = (a[i * n + k] + a[k * n + i]) / 2;
    nn_eigen(a, n, w, NULL);
    for (int i = 0; i < n; i++)
        trace += sqrt(fmax(0, w[i]));
    return trace;
}

static int check(const struct nn_traits *a, const struct nn_traits *b, struct nn_err *err)
{
    return a->n < 2 || b->n < 2 || a->d != b->d
         ? nn_fail(err, NN_EARG, "%lld and %lld rows of %d and %d features", (long long)a->n,
                   (long long)b->n, a->d, b->d) : 0;
}

int nn_frechet(const struct nn_traits *real, const struct nn_traits *fake, double *out,
               struct nn_err *err)
{
    size_t d = (size_t)real->d, square = d * d;
    double *all, *m[2], *cov[2], sum = 0;

    if (check(real, fake, err))
        return -1;
    if (!(all = malloc((4 * square + 3 * d) * sizeof *all)))
        return nn_fail_mem(err, "covariances");
    cov[0] = all + 2 * square + d;
    cov[1] = cov[0] + square;
    m[0] = cov[1] + square;
    m[1] = m[0] + d;
    moments(real, m[0], cov[0]);
    moments(fake, m[1], cov[1]);
    for (size_t i = 0; i < d; i++)
        sum += (m[0][i] - m[1][i]) * (m[0][i] - m[1][i]) + cov[0][i * d + i] + cov[1][i * d + i];
    *out = fmax(0, sum - 2 * trace_of_root(cov[0], cov[1], real->d, all));
    free(all);
    return 0;
}
