/*
 * sleeve.h - a paper cup's sleeve, unrolled, with a network's plates on it.
 *
 * The sleeve is the side of a cone's frustum: two circles a slant height
 * s = sqrt(height² + (R - r)²) apart, R and r their radii. Unrolled it is a
 * sector of a ring with radii R s / (R - r) and r s / (R - r) and the angle
 * 2 pi (R - r) / s. All lengths in millimetres; the SVG has them as real sizes.
 */
#ifndef NN_EXPORT_SLEEVE_H
#define NN_EXPORT_SLEEVE_H

#include "export/features.h"

struct nn_sleeve {
    double top, bottom;         /* the cup's diameters where the sleeve ends */
    double height;              /* between the two, along the cup's axis */
};

struct nn_sleeve_art {
    const char *model;
    const struct nn_plates *kernels;
    const struct nn_features *features;     /* or NULL */
};

/* 0, or -1 when no sleeve has these sizes. */
int nn_sleeve_check(const struct nn_sleeve *s, struct nn_err *err);

/* The sheet to print: sleeve, cut line, creases, glue tab, a bar of 50 mm. A4 on
 * its side, A3 where it must, else as large as it needs. Atomically. */
int nn_sleeve_write_svg(const struct nn_sleeve *s, const struct nn_sleeve_art *art,
                        const char *path, struct nn_err *err);
/* The same sheet as pixels, 10 to a millimetre. */
int nn_sleeve_write_png(const struct nn_sleeve *s, const struct nn_sleeve_art *art,
                        const char *path, struct nn_err *err);

#endif
