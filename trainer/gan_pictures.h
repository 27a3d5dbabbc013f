/*
 * gan_pictures.h - what a generator draws, for people to look at.
 */
#ifndef NN_TRAINER_GAN_PICTURES_H
#define NN_TRAINER_GAN_PICTURES_H

#include "trainer/gan_data.h"
#include "trainer/torch_gan.h"

/* Pictures side by side, of the averaged generator and of latents that `seed` throws: as many rows
 * and columns as fit about 800 pixels. With conditions each picture has one of `d`'s. */
int nn_gan_grid(struct nn_gan *gan, const struct nn_gan_data *d, int latent, uint64_t seed,
                const char *path, struct nn_err *err);
/* Three walks from one latent to another on the sphere that they lie on, ten steps each. */
int nn_gan_walk(struct nn_gan *gan, const struct nn_gan_data *d, int latent, uint64_t seed,
                const char *path, struct nn_err *err);
/* The first real pictures in a grid of the same form. */
int nn_gan_real(const struct nn_gan_data *d, const char *path, struct nn_err *err);

/* The grids "samples-NNNNNN.png" of a directory in order as a film, ten a second, the last one
 * for two seconds. */
int nn_gan_film(const char *dir, const char *path, struct nn_err *err);

#endif
