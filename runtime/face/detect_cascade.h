/*
 * detect_cascade.h - faces by OpenCV's cascade of simple features, behind runtime/opencv.h.
 */
#ifndef NN_RUNTIME_FACE_DETECT_CASCADE_H
#define NN_RUNTIME_FACE_DETECT_CASCADE_H

#include "runtime/face/detect.h"

struct nn_face_cascade;

/* NULL and `err` when none is installed (it says which package). Frontal faces. */
struct nn_face_cascade *nn_face_cascade_new(struct nn_err *err);
void nn_face_cascade_free(struct nn_face_cascade *d);   /* NULL is fine */

/* Hits in the whole picture, or with `known` about n faces; unsorted, overlapping, at
 * most `max`. Their number or -1. */
int nn_face_cascade_find(struct nn_face_cascade *d, const struct nn_image *img,
                         const struct nn_face *known, int n, struct nn_face *hit, int max,
                         struct nn_err *err);

#endif
