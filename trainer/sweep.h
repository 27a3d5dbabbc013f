/*
 * sweep.h - settings drawn from a recipe with ranges, and how many of them are trained how long.
 *
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization", arXiv 1502.07943): all candidates are trained a little, the best
 * of them `eta` times as long, and so on to the last, which has the recipe's epochs. Every rung
 * trains anew, since a schedule of the learning rate has an end that it must reach.
 */
#ifndef NN_TRAINER_SWEEP_H
#define NN_TRAINER_SWEEP_H

#include "trainer/settings.h"

enum { NN_SWEEP_MOST = 256, NN_SWEEP_RUNGS = 9 };

/*
 * A recipe in which a setting may be a list, of which one is drawn, or a range:
 *     "rate": { "min": 0.003, "max": 0.3, "log": true }, "optimiser": ["sgd", "adamw"]
 */
struct nn_sweep {
    cJSON *recipe;
    const char *path;       /* what errors call it */
};

/* `path` must outlive it. A recipe without a list or range is an error. Release with
 * nn_sweep_release(), also after a failure. */
int nn_sweep_read(struct nn_sweep *s, const char *path, struct nn_err *err);
void nn_sweep_release(struct nn_sweep *s);

/* Candidate i: the same for the same seed, however many there are. `out` begins as the defaults;
 * `drawn` says in short what was drawn: "rate 0.0213, optimiser adamw". */
int nn_sweep_draw(const struct nn_sweep *s, uint64_t seed, int i, struct nn_settings *out,
                  char drawn[300], struct nn_err *err);

/* A round: so many candidates, trained for so many epochs. */
struct nn_rung {
    int candidates;
    int64_t epochs;
};

/* The rungs of n candidates (1..NN_SWEEP_MOST) at eta >= 2, the last of which is trained for
 * `epochs`. Returns how many there are. */
int nn_sweep_rungs(int n, int eta, int64_t epochs, struct nn_rung out[NN_SWEEP_RUNGS]);

#endif
