/*
 * generator.h - plays a trained generator: latents and conditions in, pictures out.
 *
 * The file's metadata: neonnoir.kind = generator, neonnoir.size, neonnoir.latent, and with
 * conditions neonnoir.conditions (JSON array of names) and neonnoir.condition_mean (JSON array:
 * each one's mean over the training set). Inputs "z" (N, Z) and "c" (N, C), output "image"
 * (N, 3, S, S) of -1..1. A condition of all zeros says nothing.
 */
#ifndef NN_TRAINER_GENERATOR_H
#define NN_TRAINER_GENERATOR_H

#include "common/pool.h"
#include "common/rng.h"
#include "trainer/pictures.h"

enum { NN_CONDITIONS = 256, NN_CONDITION_NAME = 64 };

struct nn_generator {
    struct nn_engine *net;
    int size, z, c;             /* S, Z, C; C may be 0 */
    char (*name)[NN_CONDITION_NAME];    /* of each condition */
    float *mean;                /* of each condition */
};

/* Free with nn_generator_free(). */
struct nn_generator *nn_generator_new(const char *path, struct nn_pool *pool, struct nn_err *err);
void nn_generator_free(struct nn_generator *g);         /* NULL is fine */
int nn_generator_floats(const struct nn_generator *g);  /* of a picture */
int nn_generator_find(const struct nn_generator *g, const char *condition);     /* -1: none */

/* Standard normal. */
void nn_generator_latent(const struct nn_generator *g, struct nn_rng *rng, float *z);
/*
 * A condition as the training set might have it, as far as the means tell: one of the classes
 * "class/NAME" by their shares, each tag "tag/NAME" by its share, the mean of all others.
 */
void nn_generator_condition(const struct nn_generator *g, struct nn_rng *rng, float *c);

/* n pictures: z (n, Z), c (n, C; not read when C is 0), image (n, 3, S, S). */
int nn_generator_run(struct nn_generator *g, const float *z, const float *c, int64_t n,
                     float *image, struct nn_err *err);
/* n pictures as bytes at the end of `p`, whose size is the generator's; picture i depends on
 * the seed and i alone. `c`: one condition for all; NULL: drawn for each. Ctrl-C ends it. */
int nn_generator_pictures(struct nn_generator *g, int64_t n, uint64_t seed, const float *c,
                          struct nn_pictures *p, struct nn_err *err);
/* A picture of the generator as bytes (size, size, 3). */
void nn_generator_bytes(const float *image, int size, uint8_t *px);

#endif
