/*
 * gan_compare.h - runs of generators side by side, by what `train judge` said of each.
 */
#ifndef NN_TRAINER_GAN_COMPARE_H
#define NN_TRAINER_GAN_COMPARE_H

#include "datasets/run.h"

/* 1 when all n names are runs of task "gan", else 0; -1 and `err`. */
int nn_gan_compare_wanted(struct nn_catalog *cat, char *const *name, int n, struct nn_err *err);
/* Prints their figures, as a table or JSON. A run that was not judged is an error that says how. */
int nn_gan_compare(struct nn_catalog *cat, char *const *name, int n, int json, struct nn_err *err);

#endif
