/*
 * torch_gan.h - a generator and a discriminator trained against each other by libtorch.
 *
 * Both are graphs (nets/nets.h). The generator takes "z" (B, Z) and, if conditional, "c" (B, C),
 * and makes "image" (B, 3, S, S) in -1..1; the discriminator takes "image" and "c" and makes one or
 * more outputs of any shape (B, ...), each a set of logits that is high where it holds the picture
 * for real. One call a step; one thread uses an nn_gan at a time.
 *
 * Losses. Relativistic pairs: the mean of softplus(D(fake) - D(real)) for the discriminator, the
 * opposite for the generator (A. Jolicoeur-Martineau, arXiv 1807.00734), with zero-centred
 * gradient penalties on real (R1) and generated pictures (R2) as in R3GAN (N. Huang et al., arXiv
 * 2501.05441): gamma / 2 times the mean squared norm of the gradient of the sum of D's logits by
 * its picture. Or hinge (J. Lim and J. Ye, arXiv 1705.02894). The discriminator sees pictures
 * through differentiable augmentation (S. Zhao et al., arXiv 2006.10738): brightness, saturation,
 * contrast, translation by up to an eighth, a quarter of the picture cut out; each with
 * probability p for each picture.
 */
#ifndef NN_TRAINER_TORCH_GAN_H
#define NN_TRAINER_TORCH_GAN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "common/err.h"
#include "runtime/onnx/graph.h"

struct nn_gan;

struct nn_gan_opts {
    uint64_t seed;              /* of latents and augmentation */
    double beta1, beta2;        /* of Adam, both networks */
    double ema;                 /* decay a step of the generator's averaged weights */
    int hinge;                  /* else relativistic pairs */
    double gamma;               /* of the penalties; 0: none */
    int every;                  /* steps between penalties, which then count so many times; >= 1 */
    double modes;               /* weight of the mode-seeking term (arXiv 1903.05628); 0: none */
};

struct nn_gan_step {
    double rate_g, rate_d;      /* in: learning rates */
    double augment;             /* in: p, 0..1 */
    double loss_g, loss_d;      /* out: without penalties */
    double penalty;             /* out: the mean squared gradient norm, R1 and R2 averaged; -1: not
                                 * computed in this step */
    double sure;                /* out: mean of sign(D(real) - D(fake)), -1..1: 0 when it guesses,
                                 * near 1 when it knows the training set by heart */
};

/* Copies the graphs. NULL when they are not such a pair, or hold what cannot be interpreted.
 * Without `d` (NULL) it can only draw. */
struct nn_gan *nn_gan_new(const struct nn_graph *g, const struct nn_graph *d,
                          const struct nn_gan_opts *o, struct nn_err *err);
void nn_gan_free(struct nn_gan *gan);           /* NULL is fine */

/* A step of both networks on n >= 2 real pictures (n, 3, S, S) and, when conditional, their
 * conditions (n, C), which the generated ones share. A loss that is not finite is an error and
 * leaves everything as it was. */
int nn_gan_train(struct nn_gan *gan, const float *image, const float *c, int64_t n,
                 struct nn_gan_step *s, struct nn_err *err);

/* The generator's pictures (n, 3, S, S) in evaluation mode, of its averaged weights when
 * `average`. */
int nn_gan_sample(struct nn_gan *gan, const float *z, const float *c, int64_t n, int average,
                  float *image, struct nn_err *err);

/* Writes the generator's weights and running statistics into a graph made the same way. */
int nn_gan_store(struct nn_gan *gan, int average, struct nn_graph *g, struct nn_err *err);

/* All that a step depends on and the caller's note, as nn_torch_save() and nn_torch_load(). */
int nn_gan_save(struct nn_gan *gan, const char *path, const char *note, struct nn_err *err);
int nn_gan_load(struct nn_gan *gan, const char *path, char *note, size_t size,
                struct nn_err *err);

#ifdef __cplusplus
}
#endif

#endif
