/*
 * coverage.h - how often a network is right when it may be silent where it is not sure: it answers
 * when the probability of what it would say reaches a threshold (selective classification, Geifman
 * and El-Yaniv, arXiv 1705.08500).
 */
#ifndef NN_TRAINER_COVERAGE_H
#define NN_TRAINER_COVERAGE_H

#include "trainer/answers.h"

enum { NN_COVER_POINTS = 100, NN_COVER_SHOWN = 80 };    /* the point that reports name, in % */

struct nn_cover {
    double coverage;        /* share of the faces that get an answer */
    double accuracy;        /* of those */
    double threshold;
};

struct nn_coverage {
    int64_t n;
    /* Point k - 1: the highest threshold that answers at least k % of the faces; answers that are
     * equally sure stand or fall together. */
    struct nn_cover point[NN_COVER_POINTS];
    double aurc;            /* area under risk and coverage: the mean over k of the share of
                             * errors among the k surest, ties in random order */
};

/* Of a half's answers (-1: of all), all zero without any. */
int nn_coverage_of(const struct nn_answers *a, int half, double temperature,
                   struct nn_coverage *out, struct nn_err *err);

/* What a threshold found elsewhere does: counts of a half's faces and of those answered, and
 * answered rightly, added to count[3]. */
void nn_coverage_apply(const struct nn_answers *a, int half, double temperature, double threshold,
                       int64_t count[3]);

#endif
