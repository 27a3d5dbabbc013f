/*
 * sched.h - the learning rate of a step: linear warm-up, then a cosine down to
 * nothing (Loshchilov and Hutter, arXiv 1608.03983, without restarts).
 */
#ifndef NN_TRAINER_SCHED_H
#define NN_TRAINER_SCHED_H

#include <stdint.h>

/* Of step 0 <= step < steps; `peak` is reached after `warmup` (a share of all
 * steps, 0..1). */
double nn_sched_rate(double peak, double warmup, int64_t step, int64_t steps);

#endif
