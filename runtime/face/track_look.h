/*
 * track_look.h - what somebody looks like, coarsely: enough to tell two people apart who pass
 * each other in one shot, and nothing that would recognise anybody elsewhere.
 */
#ifndef NN_RUNTIME_FACE_TRACK_LOOK_H
#define NN_RUNTIME_FACE_TRACK_LOOK_H

#include "runtime/face/detect.h"

/* Fills look and looked: mean colours of 6 x 10 fields from the forehead down to the chest. */
void nn_look_at(const struct nn_image *img, struct nn_face *face);

/* How alike two looks are: 1 the same, about 0.5 the same person in other light, 0 nothing
 * in common. */
float nn_look_alike(const uint8_t a[NN_LOOK], const uint8_t b[NN_LOOK]);

/* Moves `look` by `share` (0..1) towards another. */
void nn_look_learn(uint8_t look[NN_LOOK], const uint8_t now[NN_LOOK], float share);

#endif
