/* micro_part.h - the parts of a face watched for micro-expressions. Internal to micro.c. */
#ifndef NN_RUNTIME_FACE_MICRO_PART_H
#define NN_RUNTIME_FACE_MICRO_PART_H

#include "runtime/face/micro.h"
#include "runtime/face/micro_flow.h"

enum {
    NN_BROW_L, NN_BROW_R, NN_EYE_L, NN_EYE_R, NN_CORNER_L, NN_CORNER_R, NN_LIP_UP, NN_LIP_LOW,
    NN_MICRO_PARTS
};

extern const enum nn_micro_region nn_micro_region_of[NN_MICRO_PARTS];

/* Where they are in a crop of the face. */
struct nn_micro_layout {
    float eyes[2], mouth[2];    /* middles, pixels of the crop */
    float dx, dy;               /* from the left eye to the right one */
};

/* From the track's points, or where an ordinary face has them; `w` is the crop's window. */
void nn_micro_place(const struct nn_track *k, const struct nn_box *w, struct nn_micro_layout *l);

/* The mean motion of a part, turned upright, pixels of the crop. */
void nn_micro_motion(const struct nn_flow *f, const struct nn_micro_layout *l, int part,
                     float out[2]);

#endif
