/*
 * live_times.h - how milliseconds are spread, in a fixed amount of memory: any number of
 * values, any percentile, to 3 %.
 */
#ifndef NN_RUNTIME_LIVE_TIMES_H
#define NN_RUNTIME_LIVE_TIMES_H

#include <stdint.h>

enum { NN_TIMES_BINS = 512 };

struct nn_times {          /* zeroed: empty */
    int64_t bin[NN_TIMES_BINS], count;
    double max;
};

void nn_times_add(struct nn_times *s, double ms);
/* The value that a share q (0..1) stays within; 0 when empty. */
double nn_times_at(const struct nn_times *s, double q);

#endif
