/*
 * bootstrap.h - how far a figure could be off because other faces might have been drawn (Efron,
 * "Bootstrap methods: another look at the jackknife", 1979): it is worked out again and again on
 * as many faces, drawn from those there are with replacement.
 */
#ifndef NN_TRAINER_BOOTSTRAP_H
#define NN_TRAINER_BOOTSTRAP_H

#include <stdint.h>

#include "common/err.h"

enum nn_score { NN_SCORE_ACCURACY, NN_SCORE_MACRO_F1, NN_SCORE_NLL, NN_SCORES };
extern const char *const nn_score_names[NN_SCORES];     /* "accuracy", "macro_f1", "nll" */

/* What one network says of n faces. */
struct nn_verdicts {
    const int8_t *label;    /* enum nn_emotion */
    int8_t *said;           /* the same: the most probable one */
    double *nll;            /* - log of the label's probability */
};

/* Of the n faces that `index` names; NULL: of the first n. 0 for none. */
void nn_scores_of(const struct nn_verdicts *v, const int32_t *index, int64_t n,
                  double out[NN_SCORES]);

/* Scores of m networks on `resamples` draws of n faces; a draw is the same for all of them, so
 * that differences may be taken. Score s of network k on draw i: out[(k * NN_SCORES + s) *
 * resamples + i]. The same seed draws the same. n < 2^31; Ctrl-C ends it. */
int nn_bootstrap(const struct nn_verdicts *v, int m, int64_t n, int resamples, uint64_t seed,
                 double *out, struct nn_err *err);

#endif
