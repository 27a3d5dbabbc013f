/* gan.h - what generator.c and discriminator.c share. */
#ifndef NN_TRAINER_NETS_GAN_H
#define NN_TRAINER_NETS_GAN_H

#include "trainer/nets/nets.h"

/* Channels of pictures of size x size. */
int nn_net_gan_channels(const struct nn_net_gan *o, int size);
/* 0, or NN_EARG where there is no such network. */
int nn_net_gan_check(const struct nn_net_gan *o, struct nn_err *err);

#endif
