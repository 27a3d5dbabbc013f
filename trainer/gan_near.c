/* Distances of every row to every other, and what follows from them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/rng.h"
#include "trainer/gan_judge.h"

struct pairs {
    const struct nn_traits *a, *b;
    float *run;                 /* b in runs of NN_RUN rows: (runs, d, NN_RUN), the last padded */
    int dot;
    nn_fold *fold;
    void *arg;
};

static void dots(const float *x, const float *run, int d, float v[NN_RUN])
{
    for (int i = 0; i < d; i++)
        for (int k = 0; k < NN_RUN; k++)
            v[k] += x[i] * run[i * NN_RUN + k];
}

static void squares(const float *x, const float *run, int d, float v[NN_RUN])
{
    for (int i = 0; i < d; i++)
        for (int k = 0; k < NN_RUN; k++) {
            float e = x[i] - run[i * NN_RUN + k];
            v[k] += e * e;
        }
}

static void pair_row(void *arg, int i)
{
    const struct pairs *p = arg;
    int d = p->a->d;

    for (int64_t j = 0; j < p->b->n; j += NN_RUN) {
        float v[NN_RUN] = { 0 };
        (p->dot ? dots : squares)(p->a->x + (int64_t)i * d, p->run + j * d, d, v);
        p->fold(p->arg, i, j, (int)(p->b->n - j < NN_RUN ? p->b->n - j : NN_RUN), v);
    }
}

int nn_pairs(const struct nn_traits *a, const struct nn_traits *b, int dot,
             struct nn_pool *pool, nn_fold *fold, void *arg, struct nn_err *err)
{
    struct pairs p = { a, b, NULL, dot, fold, arg };
    int64_t runs = (b->n + NN_RUN - 1) / NN_RUN;

    if (a->n < 1 || b->n < 1 || a->d != b->d || a->n > INT32_MAX)
        return nn_fail(err, NN_EARG, "%lld and %lld rows of %d and %d features", (long long)a->n,
                       (long long)b->n, a->d, b->d);
    if (!(p.run = calloc((size_t)(runs * NN_RUN * b->d), sizeof *p.run)))
        return nn_fail_mem(err, "features");
    for (int64_t j = 0; j < b->n; j++)
        for (int i = 0; i < b->d; i++)
            p.run[(j / NN_RUN * b->d + i) * NN_RUN + j % NN_RUN] = b->x[j * b->d + i];
    nn_pool_run(pool, (int)a->n, pair_row, &p);
    free(p.run);
    return 0;
}

/* The nearest rows found so far of each row, by squared distance. */
struct kept {
    int self;                   /* row i is not its own neighbour */
    int64_t (*row)[NN_NEAREST];
    double (*square)[NN_NEAREST];
};

static void keep_nearest(void *arg, int64_t i, int64_t j, int n, const float v[NN_RUN])
{
    const struct kept *k = arg;

    for (int r = 0; r < n; r++) {
        int at = NN_NEAREST;
        if (k->self && j + r == i)
            continue;
        for (; at > 0 && v[r] < k->square[i][at - 1]; at--)
            if (at < NN_NEAREST) {
                k->row[i][at] = k->row[i][at - 1];
                k->square[i][at] = k->square[i][at - 1];
            }
        if (at < NN_NEAREST) {
            k->row[i][at] = j + r;
            k->square[i][at] = v[r];
        }
    }
}

/* Fills k with the nearest rows of b to each of a; b NULL: those of a itself. */
static int nearest(const struct nn_traits *a, const struct nn_traits *b, struct nn_pool *pool,
                   struct kept *k, struct nn_err *err)
{
    k->self = !b;
    k->row = malloc((size_t)a->n * sizeof *k->row);
    k->square = malloc((size_t)a->n * sizeof *k->square);
    if (!k->row || !k->square)
        return nn_fail_mem(err, "neighbours");
    for (int64_t i = 0; i < a->n; i++)
        for (int r = 0; r < NN_NEAREST; r++) {
            k->row[i][r] = -1;
            k->square[i][r] = INFINITY;
        }
    return nn_pairs(a, b ? b : a, 0, pool, keep_nearest, k, err);
}

static void kept_release(struct kept *k)
{
    free(k->row);
    free(k->square);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static int measure_copies(struct nn_nearest *out, const struct kept *own, struct nn_err *err)
{
    double *ratio = malloc((size_t)out->n * sizeof *ratio);

    if (!ratio)
        return nn_fail_mem(err, "neighbours");
    for (int64_t i = 0; i < out->n; i++) {
        double d = out->distance[i][0];
        out->own[i] = sqrt(own->square[out->row[i][0]][0]);
        out->copied += (d < out->own[i]) / (double)out->n;
        ratio[i] = out->own[i] > 0 ? d / out->own[i] : d > 0 ? INFINITY : 1;
    }
    qsort(ratio, (size_t)out->n, sizeof *ratio, by_value);
    out->closeness = ratio[out->n / 2];
    free(ratio);
    return 0;
}

int nn_nearest(const struct nn_traits *real, const struct nn_traits *fake,
               struct nn_pool *pool, struct nn_nearest *out, struct nn_err *err)
{
    struct kept to_real = { 0 }, own = { 0 };
    int ret = -1;

    *out = (struct nn_nearest){ .n = fake->n };
    if (real->n < 2) {
        nn_fail(err, NN_EARG, "a single training picture has no neighbour");
        return -1;
    }
    out->own = calloc((size_t)fake->n, sizeof *out->own);
    if (!out->own)
        return nn_fail_mem(err, "neighbours");
    if (!nearest(fake, real, pool, &to_real, err) && !nearest(real, NULL, pool, &own, err)) {
        out->row = to_real.row;
        out->distance = to_real.square;
        to_real = (struct kept){ 0 };
        for (int64_t i = 0; i < out->n; i++)
            for (int r = 0; r < NN_NEAREST; r++)
                out->distance[i][r] = sqrt(out->distance[i][r]);
        ret = measure_copies(out, &own, err);
    }
    kept_release(&to_real);
    kept_release(&own);
    return ret;
}

void nn_nearest_release(struct nn_nearest *n)
{
    free(n->row);
    free(n->distance);
    free(n->own);
    memset(n, 0, sizeof *n);
}

/* Which rows lie in a ball of the other set. */
struct balls {
    const double (*square)[NN_NEAREST];     /* of the balls' middles to their neighbours */
    int8_t *in;
};

static void find_in_balls(void *arg, int64_t i, int64_t j, int n, const float v[NN_RUN])
{
    const struct balls *b = arg;

    for (int r = 0; r < n; r++)
        if (v[r] <= b->square[j + r][NN_MANIFOLD_K - 1])
            b->in[i] = 1;
}

/* The share of rows of `x` on the manifold of `of`. */
static int share_on(const struct nn_traits *x, const struct nn_traits *of,
                    struct nn_pool *pool, double *share, struct nn_err *err)
{
    struct kept k = { 0 };
    struct balls b = { .in = calloc((size_t)x->n, 1) };
    int ret = b.in ? nearest(of, NULL, pool, &k, err) : nn_fail_mem(err, "neighbours");

    b.square = (const double (*)[NN_NEAREST])k.square;
    if (!ret)
        ret = nn_pairs(x, of, 0, pool, find_in_balls, &b, err);
    *share = 0;
    for (int64_t i = 0; i < x->n && !ret; i++)
        *share += b.in[i];
    *share /= (double)x->n;
    kept_release(&k);
    free(b.in);
    return ret;
}

int nn_manifold(const struct nn_traits *real, const struct nn_traits *fake, uint64_t seed,
                struct nn_pool *pool, struct nn_manifold *out, struct nn_err *err)
{
    const struct nn_traits *set[2] = { real, fake };
    struct nn_traits some[2] = { { 0 }, { 0 } };
    int64_t n = real->n < fake->n ? real->n : fake->n;
    int ret = 0;

    for (int s = 0; s < 2 && !ret; s++)
        ret = nn_traits_some(set[s], n, seed, &some[s], err);
    if (!ret)
        ret = share_on(&some[1], &some[0], pool, &out->precision, err) ||
              share_on(&some[0], &some[1], pool, &out->recall, err) ? -1 : 0;
    out->n = n;
    nn_traits_release(&some[0]);
    nn_traits_release(&some[1]);
    return ret;
}
