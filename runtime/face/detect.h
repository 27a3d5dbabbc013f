/*
 * detect.h - where the faces are: OpenCV's cascades behind runtime/opencv.h.
 *
 * Deterministic: the same picture gives the same boxes.
 */
#ifndef NN_RUNTIME_FACE_DETECT_H
#define NN_RUNTIME_FACE_DETECT_H

#include "common/err.h"
#include "common/image.h"

struct nn_detector;

struct nn_face {
    struct nn_box box;      /* pixels of the picture */
    float score;            /* larger is surer; cascades: level weight */
};

enum { NN_MAX_FACES = 32 };

/* NULL and `err` when no cascade is installed (it says which package). Frontal
 * faces. Free with nn_detector_free(). One thread at a time. */
struct nn_detector *nn_detector_new(struct nn_err *err);
void nn_detector_free(struct nn_detector *d);   /* NULL is fine */

/* Faces of an RGB or grey picture, largest first, at most NN_MAX_FACES. Returns
 * their number or -1. */
int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err);

/* The same, but only about where the n `known` faces are (in pixels of a picture
 * of the same size) and near their sizes: some twenty times cheaper. */
int nn_detect_near(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                   int n, struct nn_face *faces, struct nn_err *err);

/* Whether two boxes share more than a fifth of the smaller. */
int nn_box_overlap(struct nn_box a, struct nn_box b);

#endif
