/*
 * landmark.h - the points of a face, by a network: 68, 98, 468 or 478 of them.
 *
 * The format is told from what the model gives out:
 *   1x136, 1x68x2    the 68 points of iBUG 300-W; 1x196, 1x98x2: the 98 of WFLW (PFLD, 112 x 112)
 *   1x1404, 1x468x3, 1x1x1x1404 (or 1434, 478): MediaPipe's face mesh, 192 x 192
 * in pixels of the input or in 0..1 of it. An output of one number is the logit of whether it
 * was a face at all. Pictures are fed as 0..1: RGB to a mesh, BGR to the others, as their authors
 * do; the face is cut out upright.
 */
#ifndef NN_RUNTIME_FACE_LANDMARK_H
#define NN_RUNTIME_FACE_LANDMARK_H

#include "runtime/face/detect.h"

enum { NN_MAX_LANDMARKS = 478 };

/* All points of one face, in pixels of the picture. */
struct nn_landmarks {
    int id;                     /* whose: of the track; 0: nobody's */
    int count;
    float at[NN_MAX_LANDMARKS][2];
};

struct nn_landmarker;

/* `model` NULL: $NEONNOIR_LANDMARK_MODEL, or a known name where models are kept; none there
 * leaves *out NULL, which is no error. `opts` may be NULL. 0, or -1 when the file is no such
 * model. Free with nn_landmarker_free(). */
int nn_landmarker_new(struct nn_landmarker **out, const char *model,
                      const struct nn_engine_opts *opts, struct nn_err *err);
void nn_landmarker_free(struct nn_landmarker *l);       /* NULL is fine */

/* Finds the points of a detected face: fills `all` (but for its id) and the face's five points
 * and pose. 1, 0 when the model sees no face there (both stay as they are), -1. */
int nn_landmarker_find(struct nn_landmarker *l, const struct nn_image *img, struct nn_face *face,
                       struct nn_landmarks *all, struct nn_err *err);

#endif
