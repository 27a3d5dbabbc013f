/*
 * compare.h - contenders against each other: figures with intervals, every pair's difference, and
 * the groups that a factor makes of them.
 */
#ifndef NN_TRAINER_COMPARE_H
#define NN_TRAINER_COMPARE_H

#include "trainer/contenders.h"
#include "trainer/stats.h"

#define NN_COMPARE_ALPHA 0.05       /* intervals are of 95 % */

enum { NN_PAIRS = NN_CONTENDERS * (NN_CONTENDERS - 1) / 2 };

/* A figure and its interval; bootstrap.h. */
struct nn_figure {
    double value;
    struct nn_interval in;
};

/* Contenders a and b; differences are a - b. */
struct nn_pair {
    int a, b;
    struct nn_figure difference[NN_SCORES];
    struct nn_mcnemar test;
    double holm;                /* its p, corrected for all pairs */
    int64_t least;              /* nn_mcnemar_least() of these two, in faces */
};

/* The runs that bear one value of the factor. */
struct nn_group {
    const char *value;
    int n, one[NN_CONTENDERS];  /* contenders */
    double accuracy[NN_CONTENDERS], mean, deviation;
    int one_seed;               /* two or more runs, all of the same seed */
};

/* Groups a and b: their mean accuracies. */
struct nn_versus {
    int a, b;
    int possible;               /* two runs or more in each, and they are not all alike */
    struct nn_welch welch;      /* where possible; else its difference alone */
    double holm;
};

struct nn_comparison {
    struct nn_contenders who;
    const char *factor;         /* NULL: none */
    int resamples;
    uint64_t seed;
    struct nn_figure score[NN_CONTENDERS][NN_SCORES];
    int pairs, groups, versuses;
    struct nn_pair pair[NN_PAIRS];
    struct nn_group group[NN_CONTENDERS];
    struct nn_versus versus[NN_PAIRS];
};

/* Fills the rest from c->who, which has been asked, factor, resamples and seed. */
int nn_compare(struct nn_comparison *c, struct nn_err *err);

/* What the figures allow to say, as an array of sentences. Free with cJSON_Delete(). */
cJSON *nn_compare_says(const struct nn_comparison *c);
/* Settings in which the runs differ, each with an array of their values; null: it has none. */
cJSON *nn_compare_settings(const struct nn_contenders *who);
const char *nn_compare_test(const struct nn_mcnemar *t);    /* "exact binomial" */
/* Takes `says` and `settings`. */
cJSON *nn_compare_json(const struct nn_comparison *c, cJSON *says, cJSON *settings);
void nn_compare_print(const struct nn_comparison *c, const cJSON *says, const cJSON *settings);

/* Valid loss and accuracy of the runs by epoch, and all contenders' accuracies with intervals. */
int nn_compare_draw(const struct nn_comparison *c, struct nn_catalog *cat, const char *path,
                    struct nn_err *err);

#endif
