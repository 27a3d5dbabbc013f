/*
 * spoil.h - pictures made worse in known ways: what the eyes learn to tell (eyes_train.h), and the
 * yardstick by which their distances are tried.
 */
#ifndef NN_TRAINER_SPOIL_H
#define NN_TRAINER_SPOIL_H

#include <stdint.h>

#include "common/rng.h"

enum nn_spoil {
    NN_SPOIL_NOT,
    NN_SPOIL_BLUR,          /* Gaussian, deviation up to 1/32 of the edge */
    NN_SPOIL_NOISE,         /* Gaussian, deviation up to a quarter of the range */
    NN_SPOIL_HUE,           /* turned by up to 120 degrees */
    NN_SPOIL_FOG,           /* contrast down to a fifth, about grey */
    NN_SPOIL_MOSAIC,        /* squares of up to an eighth of the edge */
    NN_SPOIL_LEARNT,        /* the rest is never shown in training */
    NN_SPOIL_DARK = NN_SPOIL_LEARNT,    /* brightness down to a fifth */
    NN_SPOIL_HOLES,         /* black squares over up to half of the picture */
    NN_SPOIL_SWIRL,         /* turned about the middle by up to 2 radians */
    NN_SPOILS
};

extern const char *const nn_spoil_names[NN_SPOILS];     /* "none", "blur", ... */

/* Spoils an RGB picture of size x size in place; strength 0..1, 0: nothing happens. `work` has as
 * many bytes as the picture. */
void nn_spoil(enum nn_spoil how, double strength, uint8_t *px, int size, uint8_t *work,
              struct nn_rng *rng);

#endif
