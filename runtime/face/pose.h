/*
 * pose.h - how a head is turned, from a few of its points.
 *
 * Weak perspective: a face is flat enough beside its distance that the picture's points
 * are the turned model's, scaled and shifted. The model is the mean face of MediaPipe's
 * face geometry (canonical_face_model.obj, centimetres); the turn is found by least
 * squares, Gauss and Newton's steps on the rotation from the frontal face on.
 */
#ifndef NN_RUNTIME_FACE_POSE_H
#define NN_RUNTIME_FACE_POSE_H

enum { NN_MAX_POSE_POINTS = 16 };

/* pose: yaw, pitch, roll in degrees; positive: turned to the picture's right, up, clockwise.
 * 0; -1 when the points fit no face (they fall together, or are mirrored), which leaves pose
 * alone. `model` are count places of the head, x to the picture's right, y up, z towards the
 * viewer; `at` the same points in pixels, y down. */
int nn_pose_solve(const float (*model)[3], const float (*at)[2], int count, float pose[3]);

/* The five points of struct nn_face. */
int nn_pose_of_five(const float at[5][2], float pose[3]);
extern const float nn_pose_five[5][3];

/* Where model points appear under a pose: x, y in pixels from (cx, cy), `scale` pixels for
 * one of the model's units. */
void nn_pose_project(const float (*model)[3], int count, const float pose[3], float scale,
                     float cx, float cy, float (*at)[2]);

#endif
