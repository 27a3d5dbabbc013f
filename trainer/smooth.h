/*
 * smooth.h - how evenly pictures change with the latent.
 */
#ifndef NN_TRAINER_SMOOTH_H
#define NN_TRAINER_SMOOTH_H

#include "trainer/eyes.h"
#include "trainer/sampler.h"

/*
 * Perceptual path length (T. Karras et al., arXiv 1812.04948), over our eyes' features: between two
 * latents, along the great arc, the mean of (distance of two pictures a step of 1/100 of the way
 * apart / that step)^2. `evenness` is the median of the same over its mean, 0..1: near 1 where the
 * walk has no jumps. Conditions are drawn once a pair. Walks are told by the seed.
 */
struct nn_smooth {
    int64_t n;                  /* pairs */
    double length, evenness;
};
int nn_smooth(struct nn_sampler *g, struct nn_eyes *e, int64_t n, uint64_t seed,
              struct nn_smooth *out, struct nn_err *err);

/* From a to b along the arc (K. Shoemake, "Animating rotation with quaternion curves", 1985), with
 * lengths in between too; t 0..1. */
void nn_slerp(const float *a, const float *b, int n, double t, float *out);

#endif
