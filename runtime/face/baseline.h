/*
 * baseline.h - a person's resting face, so that what is read is the departure from it.
 *
 * Some faces look sad at rest. Probabilities become centred log ratios (Aitchison, "The
 * Statistical Analysis of Compositional Data", 1986), whose medians are followed while the
 * person is watched: fast in the first seconds, then slowly. What lies between them and an
 * ordinary neutral face is taken off, at most 1.5 nats an emotion, fully after some four
 * seconds. A face that is happy for minutes becomes its own rest: right for an audience
 * that sits and watches, wrong for the shots of a film. No allocation; a plain value.
 */
#ifndef NN_RUNTIME_FACE_BASELINE_H
#define NN_RUNTIME_FACE_BASELINE_H

#include "common/emotion.h"

struct nn_baseline {        /* zeroed when a person is new */
    double known;           /* seconds watched */
    float rest[NN_EMOTIONS];
};

/* Learns from `prob` (sum 1), `dt` seconds after the last, and turns it into probabilities
 * about an ordinary rest. */
void nn_baseline_take(struct nn_baseline *b, float prob[NN_EMOTIONS], double dt);

#endif
