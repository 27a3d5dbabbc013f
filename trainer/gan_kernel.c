/* Kernel distance and diversity: means over all pairs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "trainer/gan_judge.h"

int nn_traits_some(const struct nn_traits *f, int64_t n, uint64_t seed,
                     struct nn_traits *out, struct nn_err *err)
{
    int64_t *order = malloc((size_t)(f->n + 1) * sizeof *order);
    size_t row = (size_t)f->d * sizeof *f->x;
    struct nn_rng rng;

    *out = (struct nn_traits){ n, f->d, malloc((size_t)n * row + 1) };
    if (!order || !out->x) {
        free(order);
        return nn_fail_mem(err, "features");
    }
    for (int64_t i = 0; i < f->n; i++)
        order[i] = i;
    if (n < f->n || seed) {
        nn_rng_seed(&rng, seed, 0);
        nn_rng_shuffle(&rng, order, (size_t)f->n);
    }
    for (int64_t i = 0; i < n; i++)
        memcpy(out->x + i * f->d, f->x + order[i] * f->d, row);
    free(order);
    return 0;
}

struct sums {
    double *sum;                /* of each row */
    int d, self;                /* self: without the pair of a row with itself */
};

static void sum_kernel(void *arg, int64_t i, int64_t j, int n, const float v[NN_RUN])
{
    const struct sums *s = arg;

    for (int r = 0; r < n; r++) {
        double k = v[r] / s->d + 1;
        if (!s->self || j + r != i)
            s->sum[i] += k * k * k;
    }
}

static void sum_distance(void *arg, int64_t i, int64_t j, int n, const float v[NN_RUN])
{
    const struct sums *s = arg;

    for (int r = 0; r < n; r++)
        if (!s->self || j + r != i)
            s->sum[i] += sqrt(v[r]);
}

/* The mean over pairs of rows; b NULL: over pairs of different rows of a. */
static int mean_of(const struct nn_traits *a, const struct nn_traits *b, int dot,
                   nn_fold *fold, struct nn_pool *pool, double *out, struct nn_err *err)
{
    struct sums s = { calloc((size_t)a->n, sizeof *s.sum), a->d, !b };
    int ret = s.sum ? nn_pairs(a, b ? b : a, dot, pool, fold, &s, err)
                    : nn_fail_mem(err, "sums");

    *out = 0;
    for (int64_t i = 0; i < a->n && !ret; i++)
        *out += s.sum[i];
    *out /= (double)a->n * (double)(b ? b->n : a->n - 1);
    free(s.sum);
    return ret;
}

static int kernel_distance(const struct nn_traits *a, const struct nn_traits *b,
                           struct nn_pool *pool, double *out, struct nn_err *err)
{
    double aa, bb, ab;

    if (a->n < 2 || b->n < 2)
        return nn_fail(err, NN_EARG, "%lld and %lld rows of features", (long long)a->n,
                       (long long)b->n);
    if (mean_of(a, NULL, 1, sum_kernel, pool, &aa, err) ||
        mean_of(b, NULL, 1, sum_kernel, pool, &bb, err) ||
        mean_of(a, b, 1, sum_kernel, pool, &ab, err))
        return -1;
    *out = aa + bb - 2 * ab;
    return 0;
}

static int subset_error(const struct nn_traits *real, const struct nn_traits *fake,
                        struct nn_pool *pool, struct nn_kid *out, struct nn_err *err)
{
    int64_t least = real->n < fake->n ? real->n : fake->n;
    double v[NN_KID_SUBSETS], mean = 0, squares = 0;
    int n = least / 2 < NN_KID_SUBSETS ? (int)(least / 2) : NN_KID_SUBSETS;

    out->subsets = n > 1 ? n : 0;
    out->error = 0;
    for (int s = 0; s < out->subsets; s++) {
        int64_t r = real->n / n, f = fake->n / n;
        struct nn_traits a = { r, real->d, real->x + s * r * real->d };
        struct nn_traits b = { f, fake->d, fake->x + s * f * fake->d };
        if (kernel_distance(&a, &b, pool, &v[s], err))
            return -1;
        mean += v[s] / n;
    }
    for (int s = 0; s < out->subsets; s++)
        squares += (v[s] - mean) * (v[s] - mean);
    if (out->subsets)
        out->error = sqrt(squares / (n - 1) / n);
    return 0;
}

int nn_kid(const struct nn_traits *real, const struct nn_traits *fake, uint64_t seed,
           struct nn_pool *pool, struct nn_kid *out, struct nn_err *err)
{
    struct nn_traits a = { 0 }, b = { 0 };
    int ret = nn_traits_some(real, real->n, seed + 1, &a, err) ||
              nn_traits_some(fake, fake->n, seed + 2, &b, err) ||
              kernel_distance(&a, &b, pool, &out->value, err) ||
              subset_error(&a, &b, pool, out, err) ? -1 : 0;

    nn_traits_release(&a);
    nn_traits_release(&b);
    return ret;
}

int nn_diversity(const struct nn_traits *f, struct nn_pool *pool, double *out,
                 struct nn_err *err)
{
    return f->n < 2 ? nn_fail(err, NN_EARG, "a single row has no distance to another")
                    : mean_of(f, NULL, 0, sum_distance, pool, out, err);
}
