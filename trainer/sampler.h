/*
 * sampler.h - pictures of a generator (runtime/gan/generator.h) by the batch, to be judged.
 */
#ifndef NN_TRAINER_SAMPLER_H
#define NN_TRAINER_SAMPLER_H

#include "common/rng.h"
#include "runtime/gan/generator.h"
#include "trainer/pictures.h"

struct nn_sampler {
    struct nn_generator *of;
    int size, z, c;             /* S, Z, C; C may be 0 */
    int64_t batch;              /* pictures made at once */
    const char *const *name;    /* of each condition */
    const float *mean;          /* of each condition */
    const float *row;           /* (rows, C): conditions as the training set has them, the caller's;
                                 * NULL: only the means are known */
    int64_t rows;
};

/* Free with nn_sampler_free(). */
struct nn_sampler *nn_sampler_new(const char *path, struct nn_pool *pool, struct nn_err *err);
void nn_sampler_free(struct nn_sampler *g);         /* NULL is fine */
int nn_sampler_floats(const struct nn_sampler *g);  /* of a picture */

/* Standard normal. */
void nn_sampler_latent(const struct nn_sampler *g, struct nn_rng *rng, float *z);
/*
 * A condition as the training set has it: one of its rows, else as far as the means tell: one of
 * the classes "class/NAME" by their shares, each tag "tag/NAME" by its share, the mean of all
 * others.
 */
void nn_sampler_condition(const struct nn_sampler *g, struct nn_rng *rng, float *c);

/* n pictures: z (n, Z), c (n, C; not read when C is 0), image (n, 3, S, S). */
int nn_sampler_run(struct nn_sampler *g, const float *z, const float *c, int64_t n,
                     float *image, struct nn_err *err);
/* n pictures as bytes at the end of `p`, whose size is the generator's; picture i depends on
 * the seed and i alone. `c`: one condition for all; NULL: drawn for each. Ctrl-C ends it. */
int nn_sampler_pictures(struct nn_sampler *g, int64_t n, uint64_t seed, const float *c,
                          struct nn_pictures *p, struct nn_err *err);
/* A picture of the generator as bytes (size, size, 3). */
void nn_sampler_bytes(const float *image, int size, uint8_t *px);

#endif
