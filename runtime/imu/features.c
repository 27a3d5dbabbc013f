#include "runtime/imu/features.h"

static float limited(float v, float limit)
{
    return v > limit ? limit : v < -limit ? -limit : v;
}

void nn_imu_features(const struct nn_imu_sample s[NN_IMU_WINDOW], float out[NN_IMU_FLOATS])
{
    for (int i = 0; i < NN_IMU_WINDOW; i++)
        for (int k = 0; k < 3; k++) {
            out[k * NN_IMU_WINDOW + i] = limited(s[i].gyro[k], 35);
            out[(3 + k) * NN_IMU_WINDOW + i] = limited(s[i].accel[k], 160);
        }
}
