/*
 * reliability.h - whether a network is as often right as its probabilities say, and the
 * temperature that makes it so (Guo et al., "On Calibration of Modern Neural Networks",
 * arXiv 1706.04599).
 */
#ifndef NN_TRAINER_RELIABILITY_H
#define NN_TRAINER_RELIABILITY_H

#include "trainer/answers.h"

enum { NN_BINS = 15 };

struct nn_reliability {
    int64_t n;
    double sure;            /* mean probability of the class it says */
    double ece;             /* expected calibration error: mean |right - sure| of the bins, by n */
    double nll;             /* mean negative logarithm of the true class's probability, nats */
    double brier;           /* mean squared distance to the truth over all classes, 0..2 */
    struct nn_bin {
        int64_t n;
        double sure, right; /* mean probability of what it says, and how often that was right */
    } bin[NN_BINS];         /* equal widths: ]0, 1/15], ]1/15, 2/15], ... */
};

/* Every answer at the temperature of its half. */
void nn_reliability_of(const struct nn_answers *a, const double temperature[2],
                       struct nn_reliability *out);

#define NN_TEMPERATURE_MIN 0.05
#define NN_TEMPERATURE_MAX 20.0

/* The temperature of the least negative log-likelihood over a half's answers (-1: over all). 0
 * where none between the limits is best: no answers, all right, or no better than guessed. */
double nn_temperature_fit(const struct nn_answers *a, int half);

#endif
