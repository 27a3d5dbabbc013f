/*
 * stats.h - whether a difference is more than chance: tests, intervals, corrections.
 *
 * Levels are those of two-sided tests: 0.05 stands for "95 %".
 */
#ifndef NN_TRAINER_STATS_H
#define NN_TRAINER_STATS_H

#include <stdint.h>

struct nn_interval {
    double lo, hi;
};

/* Of n >= 1 sorted values, between neighbours in proportion (type 7 of Hyndman and Fan, "Sample
 * Quantiles in Statistical Packages"); p: 0..1. */
double nn_quantile(const double *sorted, int64_t n, double p);
/* The middle 1 - alpha of `value`, which is sorted by it: a bootstrap's percentile interval. */
struct nn_interval nn_middle(double *value, int64_t n, double alpha);

/*
 * McNemar's test ("Note on the sampling error of the difference between correlated proportions or
 * percentages", 1947) of two classifiers on the same samples: are those that only one of them
 * gets right split evenly? Fewer than 25 of them: the exact binomial; else chi-square with the
 * continuity correction of Edwards (1948).
 */
struct nn_mcnemar {
    int64_t only_a, only_b;     /* samples that a, or b, alone gets right */
    int exact;
    double p;                   /* 1 where there are none */
};
struct nn_mcnemar nn_mcnemar(int64_t only_a, int64_t only_b);
/* The smallest |only_a - only_b| of so many samples at which p <= alpha; 0: none is. */
int64_t nn_mcnemar_least(int64_t discordant, double alpha);

/* Holm's correction of n p-values for having asked n times ("A simple sequentially rejective
 * multiple test procedure", 1979). n <= NN_HOLM; `out` may be `p`. */
enum { NN_HOLM = 2016 };
void nn_holm(const double *p, int n, double *out);

/* Student's t: the two-sided p of t, and the t of a two-sided alpha; df > 0. */
double nn_student_p(double t, double df);
double nn_student_t(double alpha, double df);

/* Welch's t of two groups' means ("The generalization of 'Student's' problem when several
 * different population variances are involved", 1947); each has two values or more. */
struct nn_welch {
    double difference;          /* mean of a - mean of b */
    double df;                  /* 0: neither group spreads, so nothing can be said */
    double p;                   /* then 1 */
    struct nn_interval interval;
};
struct nn_welch nn_welch(const double *a, int na, const double *b, int nb, double alpha);
/* Standard deviation (n - 1 in the denominator); 0 of a single value. */
double nn_deviation(const double *v, int n);

#endif
