/*
 * gan_fit.h - a GAN's training run.
 *
 * runs/NAME/ holds recipe.json, pictures.safetensors (gan_data.h), generator.onnx and
 * discriminator.onnx as they began, last.safetensors (all that a step depends on), best.onnx (the
 * newest averaged generator), samples.png and walk.png (the newest), samples-NNNNNNNN.png (by
 * pictures shown), real.png, metrics.csv, TensorBoard's events, surroundings.json, and at the end
 * progress.mp4.
 */
#ifndef NN_TRAINER_GAN_FIT_H
#define NN_TRAINER_GAN_FIT_H

#include "datasets/run.h"
#include "trainer/gan_data.h"
#include "trainer/gan_settings.h"

/* The run's row, directory, networks and pictures. `snapshot` is the row it was made of, or 0.
 * *run's strings live as nn_run_find()'s do. */
int nn_gan_begin(struct nn_catalog *cat, const char *name, const char *const *label, int labels,
                 const struct nn_gan_settings *s, const struct nn_gan_data *d, int64_t snapshot,
                 struct nn_run *run, struct nn_err *err);

/* Trains what the run still lacks, from its checkpoint if it has one: 0, or -1; NN_EINTR when the
 * user stopped it (saved). */
int nn_gan_rest(struct nn_catalog *cat, struct nn_run *run, struct nn_err *err);

#endif
