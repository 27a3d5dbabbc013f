/*
 * poster.h - plates on a dark ground, as a picture to hang up.
 */
#ifndef NN_EXPORT_POSTER_H
#define NN_EXPORT_POSTER_H

#include "export/features.h"

/* Writes a PNG: the kernels alone, or with `f` (else NULL) the picture that was
 * seen, the kernels beside it and each layer's maps below. */
int nn_poster_write(const char *path, const char *model, const struct nn_plates *kernels,
                    const struct nn_features *f, struct nn_err *err);

#endif
