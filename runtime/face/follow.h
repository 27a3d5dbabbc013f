/*
 * follow.h - the faces of a film, frame by frame, without a full search in each.
 *
 * Where faces were, only their surroundings are searched, and the whole picture
 * in the first frame of a shot, in every EVERY-th after it (new faces come that
 * much later) and while nobody is known. What is searched depends on the frames
 * alone, so the same film gives the same faces. No allocation; a plain value.
 */
#ifndef NN_RUNTIME_FACE_FOLLOW_H
#define NN_RUNTIME_FACE_FOLLOW_H

#include "runtime/face/detect.h"

struct nn_follow {          /* zeroed at the film's beginning */
    struct nn_face known[NN_MAX_FACES];
    int count;
    int age;                /* frames since the last full search */
};

/* The next frame's faces as nn_detect() gives them; `cut`: it begins a shot. */
int nn_follow(struct nn_follow *f, struct nn_detector *d, const struct nn_image *img, int cut,
              struct nn_face *faces, struct nn_err *err);

#endif
