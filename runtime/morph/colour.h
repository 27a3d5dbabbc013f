/*
 * colour.h - the colours of one skin given to another.
 *
 * The mean and covariance of the skin's colours, in square roots of light, as the eye counts;
 * between two of them the linear map that moves colours least (Monge's problem for Gaussians:
 * Pitie and Kokaram, "The linear Monge-Kantorovitch colour mapping", CVMP 2007).
 */
#ifndef NN_RUNTIME_MORPH_COLOUR_H
#define NN_RUNTIME_MORPH_COLOUR_H

#include "runtime/morph/pixels.h"

struct nn_tone {
    float mean[3], cov[3][3];
};

struct nn_tone_map {
    int any;                /* 0: everything stays */
    float m[3][3], add[3];
};

/* Of the pixels that are face, by their weights; 0, or -1 when there are fewer than 16. */
int nn_tone_of(const struct nn_pixels *p, struct nn_tone *t);
/* (1 - t) a + t b. */
void nn_tone_mix(const struct nn_tone *a, const struct nn_tone *b, float t, struct nn_tone *out);
/* From one to the other; at most twice the contrast and a half as much. */
void nn_tone_between(const struct nn_tone *from, const struct nn_tone *to, struct nn_tone_map *m);

/* n pixels of four floats, as far as each one's weight goes, times `share`. */
void nn_tone_apply(const struct nn_tone_map *m, float share, float *px, int n);

#endif
