/*
 * features.h - a hand as the gesture networks see it.
 *
 * The trainer and the player prepare their input here, so that a network meets
 * in a live picture what it met in training. What changes the numbers changes
 * the version, which the networks carry as metadata neonnoir.features.
 */
#ifndef NN_RUNTIME_HAND_FEATURES_H
#define NN_RUNTIME_HAND_FEATURES_H

#define NN_HAND_VERSION "hand-1"
#define NN_TRACK_VERSION "track-1"

enum {
    NN_HAND_POINTS = 21,                    /* MediaPipe's order: 0 wrist, 4 8 12 16 20 tips */
    NN_HAND_FLOATS = 2 * NN_HAND_POINTS,
    NN_TRACK_POINTS = 16,                   /* one a frame, the oldest first */
    NN_TRACK_FLOATS = 2 * NN_TRACK_POINTS
};

/*
 * Network "gesture", input (B, 42). `xy` holds x, y of each point in any unit that is the same in
 * both directions (pixels), x to the right and y down, of the picture as it is, not mirrored.
 * out: x, y of each point from the wrist, divided by the largest of their magnitudes, so all lie in
 * -1..1. Zeros where all points are one.
 */
void nn_hand_features(const float xy[NN_HAND_FLOATS], float out[NN_HAND_FLOATS]);

/*
 * Network "motion", input (B, 2, 1, 16). `xy` holds x, y of the index finger's tip in the last 16
 * frames, in pixels; width: of the frame, in pixels. out: 16 x, then 16 y, from the oldest point,
 * in widths of the frame.
 */
void nn_track_features(const float xy[NN_TRACK_FLOATS], float width, float out[NN_TRACK_FLOATS]);

#endif
