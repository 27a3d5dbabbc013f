#include "runtime/hand/features.h"

#include <math.h>

void nn_hand_features(const float xy[NN_HAND_FLOATS], float out[NN_HAND_FLOATS])
{
    float largest = 0;

    for (int i = 0; i < NN_HAND_FLOATS; i++) {
        out[i] = xy[i] - xy[i % 2];
        largest = fmaxf(largest, fabsf(out[i]));
    }
    for (int i = 0; i < NN_HAND_FLOATS && largest > 0; i++)
        out[i] /= largest;
}

void nn_track_features(const float xy[NN_TRACK_FLOATS], float width, float out[NN_TRACK_FLOATS])
{
    for (int i = 0; i < NN_TRACK_POINTS; i++)
        for (int k = 0; k < 2; k++)
            out[k * NN_TRACK_POINTS + i] = (xy[2 * i + k] - xy[k]) / width;
}
