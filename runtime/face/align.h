/*
 * align.h - a face cut out upright, however the head leans.
 */
#ifndef NN_RUNTIME_FACE_ALIGN_H
#define NN_RUNTIME_FACE_ALIGN_H

#include "common/image.h"

/* As nn_image_crop(), of `box` turned clockwise by `roll` degrees about its middle: a head that
 * leans by as much stands upright in `dst`. A pixel of dst is the mean of as many bilinear
 * samples as it covers pixels; outside `src` its border is repeated. */
void nn_face_crop(const struct nn_image *src, struct nn_box box, float roll, struct nn_image *dst);

/* By how many degrees the eyes (the first two of a face's five points) lean clockwise. */
float nn_face_lean(const float point[5][2]);

#endif
