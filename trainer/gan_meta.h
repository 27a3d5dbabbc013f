/* gan_meta.h - what a generator's file says of itself. */
#ifndef NN_TRAINER_GAN_META_H
#define NN_TRAINER_GAN_META_H

#include "runtime/onnx/graph.h"
#include "trainer/gan_data.h"
#include "trainer/gan_settings.h"

/*
 * Metadata by which others know how to play it: neonnoir.kind "generator", neonnoir.size,
 * neonnoir.latent, neonnoir.conditions (a JSON array of names) and neonnoir.condition_mean (of
 * the training set), neonnoir.pictures (how many it has seen).
 */
int nn_gan_describe(struct nn_graph *g, const struct nn_gan_settings *s,
                    const struct nn_gan_data *d, struct nn_err *err);

#endif
