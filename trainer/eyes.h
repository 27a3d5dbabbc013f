/*
 * eyes.h - the project's own feature space: pictures as vectors whose distances mean something.
 *
 * "Neon Noir features" are what the bundled models/eyes.onnx sees (models/eyes.md: what it learnt
 * from, and how its distances follow known changes). They are not Inception's, so an FID or KID
 * over them compares with other figures over the same eyes alone; nn_eyes_id() says which.
 */
#ifndef NN_TRAINER_EYES_H
#define NN_TRAINER_EYES_H

#include "common/pool.h"
#include "trainer/pictures.h"

struct nn_eyes;

/* Rows of d floats. */
struct nn_traits {
    int64_t n;
    int d;
    float *x;
};

/* `model` NULL: the bundled one; any ONNX file whose "image" (B, 3, S, S) of -1..1 becomes
 * (B, d). Free with nn_eyes_free(). */
struct nn_eyes *nn_eyes_new(const char *model, struct nn_pool *pool, struct nn_err *err);
void nn_eyes_free(struct nn_eyes *e);           /* NULL is fine */
int nn_eyes_floats(const struct nn_eyes *e);    /* d */
const char *nn_eyes_id(const struct nn_eyes *e);        /* the first 12 digits of its SHA-256 */

/* n pictures (n, 3, size, size) of -1..1, scaled to what the eyes take: out (n, d). */
int nn_eyes_see(struct nn_eyes *e, const float *image, int64_t n, int size, float *out,
                struct nn_err *err);
/* All pictures, with a progress bar; Ctrl-C ends it. Release `out`, also after a failure. */
int nn_eyes_pictures(struct nn_eyes *e, const struct nn_pictures *p, struct nn_traits *out,
                     struct nn_err *err);
void nn_traits_release(struct nn_traits *f);        /* a zeroed one is fine */

#endif
