/*
 * gan_sheet.h - generated pictures as sheets.
 */
#ifndef NN_TRAINER_GAN_SHEET_H
#define NN_TRAINER_GAN_SHEET_H

#include "trainer/gan_report.h"

/* A grid of the first samples. */
int nn_gan_sheet_samples(const struct nn_gan_report *r, const char *path, struct nn_err *err);
/* Samples on the left, their nearest training pictures on the right with their distances: those
 * that are the closest to one, and some from all of them. */
int nn_gan_sheet_nearest(const struct nn_gan_report *r, const char *path, struct nn_err *err);

#endif
