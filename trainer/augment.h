/*
 * augment.h - a face picture as a network's input, as it is or disturbed.
 */
#ifndef NN_TRAINER_AUGMENT_H
#define NN_TRAINER_AUGMENT_H

#include <stdint.h>

#include "common/rng.h"

struct nn_augment {
    double flip;        /* probability of a mirror image */
    double rotate;      /* +- degrees */
    double shear;       /* +- degrees, of either axis */
    double scale;       /* +- share of the size */
    double shift;       /* +- share of the size, each axis */
    double contrast;    /* +- share, about the mean grey */
    double brightness;  /* +- of the range 0..1 */
    double erase;       /* probability that a rectangle of 2 to 20 % is filled with noise
                         * (Zhong et al., "Random Erasing", arXiv 1708.04896) */
    int64_t ops;        /* so many changes of the greys, drawn anew for each picture */
    double magnitude;   /* 0..1: how strong these are at most (after E. Cubuk et al.,
                         * "RandAugment", arXiv 1909.13719; its geometry is above) */
};

/* How grey or colour values become inputs: (v / 255 - mean) / std. */
struct nn_normal {
    double mean, std;
};

/* (h, w, c) bytes to (c, h, w) floats. */
void nn_input_plain(const uint8_t *px, int w, int h, int c, const struct nn_normal *norm,
                    float *out);
/* The same through random geometry and light; border pixels are repeated. */
void nn_input_augmented(const uint8_t *px, int w, int h, int c, const struct nn_normal *norm,
                        const struct nn_augment *a, struct nn_rng *rng, float *out);

/* `ops` times one of: gamma, blur, sharpen, posterise, solarise, noise, equalise. In place on
 * one plane of values in 0..1, which come out in 0..1. */
void nn_augment_greys(const struct nn_augment *a, struct nn_rng *rng, int w, int h, float *v);

#endif
