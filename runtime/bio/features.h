/*
 * features.h - face, pulse and skin as the fusion network sees them. The trainer
 * and the player prepare their input here; a change of the numbers changes the
 * version, which the network carries as metadata neonnoir.features.
 */
#ifndef NN_RUNTIME_BIO_FEATURES_H
#define NN_RUNTIME_BIO_FEATURES_H

#include "common/emotion.h"

#define NN_BIO_VERSION "bio-1"

enum {
    NN_BIO_FACE = 0,                        /* 7 logits, then 1: there is a face */
    NN_BIO_RATE = NN_EMOTIONS + 1,          /* value, then 1: it is known */
    NN_BIO_VARIABILITY = NN_BIO_RATE + 2,
    NN_BIO_SKIN = NN_BIO_VARIABILITY + 2,
    NN_BIO_FLOATS = NN_BIO_SKIN + 2
};

/* What is not known is NAN. `now` is over the last minute, `rest` over the person's first five,
 * sitting still: people differ more from each other than from themselves. */
struct nn_bio_level {
    float rate;             /* heart rate, beats a minute */
    float rmssd;            /* root mean square of successive differences of beats, ms */
    float skin;             /* conductance, microsiemens */
};

/*
 * Network "fusion", input (B, 14). emotion: mean logits of the emotion network over the last
 * minute, NULL without a face. out: each sense and whether it is there: the logits; the rate above
 * rest / 10; ln of the rmssd over that at rest; ln of the conductance over that at rest. Limited to
 * -5..5; zeros for a sense that is not there.
 */
void nn_bio_features(const float emotion[NN_EMOTIONS], const struct nn_bio_level *now,
                     const struct nn_bio_level *rest, float out[NN_BIO_FLOATS]);

/*
 * RMSSD of beats (Task Force of the ESC, Circulation 93:1043, 1996): at[i] is when beat i came and
 * interval[i] the time since the one before it, both in seconds. Only pairs of beats that follow
 * each other without a gap count, and intervals of 0.3 to 2 s. ms; NAN with fewer than 10 pairs.
 */
float nn_bio_rmssd(const double *at, const double *interval, int n);

#endif
