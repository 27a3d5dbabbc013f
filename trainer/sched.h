/* sched.h - the learning rate of a step. */
#ifndef NN_TRAINER_SCHED_H
#define NN_TRAINER_SCHED_H

#include <stdint.h>

enum nn_schedule {
    NN_SCHED_COSINE,    /* to 0 at the end (arXiv 1608.03983, without restarts) */
    NN_SCHED_STEP,      /* times `drop` after a third and after two */
    NN_SCHED_PLATEAU,   /* times `drop` whenever validation has not got better; fit.c does that */
    NN_SCHED_CONSTANT
};

struct nn_sched {
    enum nn_schedule kind;
    double peak, warmup, drop;  /* warmup: share of the steps, in which it rises from 0 */
};

/* Of step 0..steps-1. */
double nn_sched_rate(const struct nn_sched *s, int64_t step, int64_t steps);

#endif
