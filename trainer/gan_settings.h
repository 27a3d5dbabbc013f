/*
 * gan_settings.h - everything that decides how a GAN's training goes.
 */
#ifndef NN_TRAINER_GAN_SETTINGS_H
#define NN_TRAINER_GAN_SETTINGS_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "common/err.h"

struct nn_gan_settings {
    int64_t images;         /* real pictures shown until the end */
    int64_t snap;           /* between samples, metrics and the newest generator */
    int64_t batch, seed, threads;
    int64_t size, latent, width, widest;    /* of the networks (nets/nets.h) */
    double rate;            /* of both */
    double beta1, beta2;    /* of Adam */
    int64_t ema;            /* pictures after which the generator's average has forgotten a half */
    int64_t hinge;          /* the loss, 0 relativistic pairs */
    double gamma;           /* of the gradient penalties */
    int64_t every;          /* steps between them */
    double modes;           /* weight of the mode-seeking term */
    int64_t adaptive;       /* augmentation follows overfitting; else it is always augment */
    double augment;         /* probability of each change; adaptive: at the start */
    double target;          /* overfitting aimed at: how sure the discriminator may be, 0..1 */
    int64_t ramp;           /* pictures in which an adaptive augmentation can rise from 0 to 1 */
    double drop;            /* share of the pictures whose condition is hidden */
    double flip;            /* share of the pictures that are mirrored */
};

extern const struct nn_gan_settings nn_gan_settings_default;

cJSON *nn_gan_settings_to_json(const struct nn_gan_settings *s);    /* as settings.h's */
int nn_gan_settings_from_json(struct nn_gan_settings *s, const char *text, const char *where,
                              struct nn_err *err);
int nn_gan_settings_read(struct nn_gan_settings *s, const char *path, struct nn_err *err);

#endif
