/*
 * gan_judge.h - how alike two sets of pictures are, by their features (eyes.h).
 *
 * Everywhere `real` are the training pictures and `fake` the generated ones. Results are the same
 * to the bit at any number of threads. All need two rows or more in each set and equal widths.
 */
#ifndef NN_TRAINER_GAN_JUDGE_H
#define NN_TRAINER_GAN_JUDGE_H

#include "trainer/eyes.h"

/*
 * Fréchet distance of two Gaussians fitted to the features (M. Heusel et al., arXiv 1706.08500):
 * |m - n|^2 + tr(A + B - 2 (A B)^(1/2)). It is biased upwards, more so with fewer pictures: it
 * means something beside the number of them alone.
 */
int nn_frechet(const struct nn_traits *real, const struct nn_traits *fake, double *out,
               struct nn_err *err);

/*
 * Kernel distance (M. Binkowski et al., arXiv 1801.01401): the unbiased squared maximum mean
 * discrepancy under the kernel (x.y / d + 1)^3. `error` is the standard error of the mean over
 * disjoint random subsets, 0 where there are too few pictures for two of them.
 */
enum { NN_KID_SUBSETS = 10 };
struct nn_kid {
    double value, error;
    int subsets;
};
int nn_kid(const struct nn_traits *real, const struct nn_traits *fake, uint64_t seed,
           struct nn_pool *pool, struct nn_kid *out, struct nn_err *err);

/*
 * Precision and recall (T. Kynkäänniemi et al., arXiv 1904.06991): the share of fake rows within
 * the balls that reach from each real row to its NN_MANIFOLD_K-th nearest of its own set, and the
 * other way round. As many rows of both: of the larger set a random choice.
 */
enum { NN_MANIFOLD_K = 3 };
struct nn_manifold {
    double precision, recall;
    int64_t n;                  /* rows of each set */
};
int nn_manifold(const struct nn_traits *real, const struct nn_traits *fake, uint64_t seed,
                struct nn_pool *pool, struct nn_manifold *out, struct nn_err *err);

/* The mean distance of two different rows. */
int nn_diversity(const struct nn_traits *f, struct nn_pool *pool, double *out,
                 struct nn_err *err);

/*
 * Memorising: each fake row's nearest real rows. `copied` is the share of fake rows that are nearer
 * to their nearest real row than this is to its own nearest among the real ones; when both sets are
 * drawn from the same source it is about a half, and a generator that repeats its training
 * pictures is near 1. `closeness` is the median of the ratio of these two distances.
 */
enum { NN_NEAREST = 4 };
struct nn_nearest {
    int64_t n;                  /* fake rows */
    int64_t (*row)[NN_NEAREST]; /* real rows, the nearest first; -1: there are no more */
    double (*distance)[NN_NEAREST];
    double *own;                /* of the nearest real row to its nearest real one */
    double copied, closeness;
};
/* Release with nn_nearest_release(), also after a failure. */
int nn_nearest(const struct nn_traits *real, const struct nn_traits *fake,
               struct nn_pool *pool, struct nn_nearest *out, struct nn_err *err);
void nn_nearest_release(struct nn_nearest *n);  /* a zeroed one is fine */

/* n rows of f, chosen and ordered by the seed; all of them and seed 0: in their order. Release
 * `out`, also after a failure. */
int nn_traits_some(const struct nn_traits *f, int64_t n, uint64_t seed,
                     struct nn_traits *out, struct nn_err *err);

/*
 * Eigenvalues (descending) of a symmetric matrix (n, n), which is overwritten, and in the rows of
 * `vectors` (n, n; may be NULL) their eigenvectors; by Jacobi's cyclic rotations (G. Golub and
 * C. Van Loan, "Matrix Computations", 8.5).
 */
void nn_eigen(double *a, int n, double *values, double *vectors);

/*
 * For the above and their like: calls fold(arg, i, j, n, v) for every row i of `a` and run of n
 * <= NN_RUN rows of `b` from j on, with v[k] = |a_i - b_(j+k)|^2, or their dot products. Rows go to
 * the pool's threads, the runs of one row in order to one of them.
 */
enum { NN_RUN = 32 };
typedef void nn_fold(void *arg, int64_t i, int64_t j, int n, const float v[NN_RUN]);
int nn_pairs(const struct nn_traits *a, const struct nn_traits *b, int dot,
             struct nn_pool *pool, nn_fold *fold, void *arg, struct nn_err *err);

#endif
