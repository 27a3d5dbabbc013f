/*
 * detect_eyes.h - a cascade's face gets points from its eyes, which another cascade finds.
 */
#ifndef NN_RUNTIME_FACE_DETECT_EYES_H
#define NN_RUNTIME_FACE_DETECT_EYES_H

#include "runtime/face/detect.h"

struct nn_face_eyes;

/* NULL when OpenCV's cascade of eyes is not installed: then there are no points. */
struct nn_face_eyes *nn_face_eyes_new(void);
void nn_face_eyes_free(struct nn_face_eyes *e);     /* NULL is fine */

/* When both eyes are seen: fills the face's points, nose and mouth where a face that looks
 * straight ahead has them, and its pose, of which the roll alone is known. Else the points are
 * those of a straight face in the box, and face->points stays 0. */
int nn_face_eyes_find(struct nn_face_eyes *e, const struct nn_image *img, struct nn_face *face,
                      struct nn_err *err);

#endif
