#include "trainer/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double nn_quantile(const double *sorted, int64_t n, double p)
{
    double at = p * (double)(n - 1);
    int64_t i = (int64_t)at;

    if (i >= n - 1)
        return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct nn_interval nn_middle(double *value, int64_t n, double alpha)
{
    qsort(value, (size_t)n, sizeof *value, by_value);
    return (struct nn_interval){ nn_quantile(value, n, alpha / 2),
                                 nn_quantile(value, n, 1 - alpha / 2) };
}

/* P(at most k of n coins show heads), twice. */
static double binomial_p(int64_t n, int64_t k)
{
    double sum = 0, ways = 1;

    for (int64_t i = 0; i <= k; i++) {
        sum += ways;
        ways *= (double)(n - i) / (double)(i + 1);
    }
    return fmin(1, ldexp(sum, 1 - (int)n));
}

struct nn_mcnemar nn_mcnemar(int64_t only_a, int64_t only_b)
{
    int64_t n = only_a + only_b, less = only_a < only_b ? only_a : only_b;
    struct nn_mcnemar m = { only_a, only_b, n < 25, 1 };
    double over;

    if (m.exact) {
        m.p = binomial_p(n, less);
    } else {
        over = fmax(0, fabs((double)(only_a - only_b)) - 1);
        m.p = erfc(sqrt(over * over / (double)n / 2));
    }
    return m;
}

int64_t nn_mcnemar_least(int64_t discordant, double alpha)
{
    for (int64_t k = discordant % 2; k <= discordant; k += 2)
        if (nn_mcnemar((discordant + k) / 2, (discordant - k) / 2).p <= alpha)
            return k;
    return 0;
}

void nn_holm(const double *p, int n, double *out)
{
    double sorted[NN_HOLM], adjusted[NN_HOLM], most = 0;

    memcpy(sorted, p, (size_t)n * sizeof *p);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    for (int i = 0; i < n; i++)
        adjusted[i] = most = fmax(most, fmin(1, (n - i) * sorted[i]));
    for (int i = 0; i < n; i++) {
        const double *at = bsearch(&p[i], sorted, (size_t)n, sizeof *sorted, by_value);
        while (at > sorted && at[-1] == *at)
            at--;                           /* equal ones: the first's factor holds for all */
        out[i] = adjusted[at - sorted];
    }
}

/* The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), f = d;

    for (int m = 1; m < 500; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), odd, step;
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        f *= c * d;
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        step = c * d;
        f *= step;
        if (fabs(step - 1) < 1e-15)
            break;
    }
    return f;
}

/* The regularised incomplete beta function I_x(a, b). */
static double beta_share(double x, double a, double b)
{
    double front;

    if (x <= 0 || x >= 1)
        return x > 0;
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(x, a, b) / a;
    return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double nn_student_p(double t, double df)
{
    return beta_share(df / (df + t * t), df / 2, 0.5);
}

double nn_student_t(double alpha, double df)
{
    double lo = 0, hi = 1;

    while (nn_student_p(hi, df) > alpha && hi < 1e100)
        hi *= 2;
    for (int i = 0; i < 200; i++) {
        double mid = (lo + hi) / 2;
        if (nn_student_p(mid, df) > alpha)
            lo = mid;
        else
            hi = mid;
    }
    return (lo + hi) / 2;
}

static double mean(const double *v, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += v[i];
    return sum / n;
}

double nn_deviation(const double *v, int n)
{
    double m = mean(v, n), sum = 0;

    for (int i = 0; i < n; i++)
        sum += (v[i] - m) * (v[i] - m);
    return n > 1 ? sqrt(sum / (n - 1)) : 0;
}

struct nn_welch nn_welch(const double *a, int na, const double *b, int nb, double alpha)
{
    double sa = nn_deviation(a, na), sb = nn_deviation(b, nb);
    double ea = sa * sa / na, eb = sb * sb / nb, error = sqrt(ea + eb), half;
    struct nn_welch w = { .difference = mean(a, na) - mean(b, nb), .p = 1 };

    w.interval = (struct nn_interval){ w.difference, w.difference };
    if (!(error > 0))
        return w;
    w.df = (ea + eb) * (ea + eb) / (ea * ea / (na - 1) + eb * eb / (nb - 1));
    w.p = nn_student_p(w.difference / error, w.df);
    half = nn_student_t(alpha, w.df) * error;
    w.interval = (struct nn_interval){ w.difference - half, w.difference + half };
    return w;
}
