/*
 * race.h - several engines timed on the same inputs, in turn.
 *
 * Rounds interleave, so that a machine that slows down slows all of them. In a
 * round an engine runs a block of inferences, the first two untimed; before it
 * is a pause in which the threads of the one before stop spinning.
 */
#ifndef NN_EXPORT_RACE_H
#define NN_EXPORT_RACE_H

#include "export/rival.h"

struct nn_lap {
    double median, p99, least;  /* seconds */
    int runs;
};

/* Times n rivals for about `seconds` each; lap[i] is rival i's. Ctrl-C ends it
 * with NN_EINTR. */
int nn_race(struct nn_rival *const *r, int n, const struct nn_value *in, int nin, double seconds,
            struct nn_lap *lap, struct nn_err *err);

/* Multiply-adds a second that one core reaches in a loop of nothing but fused
 * multiply-adds in the widest vectors this program may use here. */
double nn_peak_macs(void);

#endif
