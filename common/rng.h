/*
 * rng.h - a small seedable generator: xoshiro256** (Blackman and Vigna,
 * "Scrambled Linear Pseudorandom Number Generators", arXiv 1805.01407),
 * seeded by splitmix64. The same seed gives the same numbers everywhere.
 */
#ifndef NN_COMMON_RNG_H
#define NN_COMMON_RNG_H

#include <stddef.h>
#include <stdint.h>

struct nn_rng {
    uint64_t s[4];
};

/* Seeds from two numbers, so that (seed, sample) or (seed, frame) name
 * independent streams. */
void nn_rng_seed(struct nn_rng *r, uint64_t seed, uint64_t stream);
uint64_t nn_rng_u64(struct nn_rng *r);
/* 0 <= x < n, unbiased; n > 0. */
uint32_t nn_rng_below(struct nn_rng *r, uint32_t n);
/* 0 <= x < 1, 24 bits. */
float nn_rng_float(struct nn_rng *r);
/* lo <= x < hi. */
float nn_rng_range(struct nn_rng *r, float lo, float hi);
/* Mean 0, variance 1 (Box-Muller). */
float nn_rng_normal(struct nn_rng *r);
/* Fisher-Yates over `n` indices. */
void nn_rng_shuffle(struct nn_rng *r, int64_t *index, size_t n);

#endif
