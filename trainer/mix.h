/*
 * mix.h - batches whose samples are blended with each other, and their soft targets.
 *
 * Mixup adds two pictures (H. Zhang et al., "mixup: Beyond Empirical Risk Minimization",
 * arXiv 1710.09412); cutmix puts a box of one into the other (S. Yun et al., "CutMix",
 * arXiv 1905.04899). Both give the target the same shares. Sample i is paired with the i-th
 * from the end: the loader has shuffled them. What a batch gets depends on (seed, step) alone,
 * so a resumed run sees the same.
 */
#ifndef NN_TRAINER_MIX_H
#define NN_TRAINER_MIX_H

#include <stdint.h>

struct nn_mix {
    double mixup, cutmix;   /* a of Beta(a, a), which draws the shares; 0: never */
    double share;           /* of the batches; where both are on, half of these each */
};

/* Changes x (n, c, h, w) and target (n, width) in place. */
void nn_mix_batch(const struct nn_mix *m, uint64_t seed, int64_t step, float *x, int64_t n, int c,
                  int h, int w, float *target, int64_t width);

#endif
