/*
 * calibrate.h - the range that each value of a network takes on real pictures.
 *
 * The float engine runs over all pictures twice: first for the least and the
 * largest value of each tensor, then for a histogram between the two, from
 * which the range that eight bits shall cover is chosen.
 */
#ifndef NN_EXPORT_CALIBRATE_H
#define NN_EXPORT_CALIBRATE_H

#include "export/sight.h"

enum nn_range_method {
    NN_RANGE_MINMAX,        /* everything that occurred */
    NN_RANGE_PERCENTILE,    /* all but one value in ten thousand, at each end */
    NN_RANGE_MSE            /* least mean square of rounding and clipping together */
};
extern const char *const nn_range_methods[];    /* their names, NULL behind the last */

struct nn_range {
    float lo, hi;           /* both 0: no value was seen */
};

struct nn_calibration {
    const struct nn_sight *sight;
    int64_t count;          /* pictures */
    /* Fills x with picture i as the model wants it. */
    int (*fill)(void *arg, int64_t i, float *x, struct nn_err *err);
    void *arg;
    enum nn_range_method method;
    size_t max_memory;      /* of the engine; 0: its default */
};

/* Ranges of the `n` float tensors of `g` in tensor[]; range[] as long. */
int nn_calibrate(const struct nn_graph *g, const struct nn_calibration *c, const int *tensor, int n,
                 struct nn_range *range, struct nn_err *err);

/* The range to choose for values of lo..hi of which bin[k] of `bins` equal bins hold so many. */
struct nn_range nn_range_choose(enum nn_range_method method, double lo, double hi,
                                const double *bin, int bins);

#endif
