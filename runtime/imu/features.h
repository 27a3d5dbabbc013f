/*
 * features.h - a moved sensor as the gyroscope network sees it. The trainer and
 * the player prepare their input here; a change of the numbers changes the
 * version, which the network carries as metadata neonnoir.features.
 */
#ifndef NN_RUNTIME_IMU_FEATURES_H
#define NN_RUNTIME_IMU_FEATURES_H

#define NN_IMU_VERSION "imu-1"

enum {
    NN_IMU_CHANNELS = 6,
    NN_IMU_WINDOW = 64,                     /* samples, the oldest first */
    NN_IMU_FLOATS = NN_IMU_CHANNELS * NN_IMU_WINDOW
};

struct nn_imu_sample {
    float gyro[3];          /* rad/s around x, y, z */
    float accel[3];         /* m/s^2 along x, y, z, gravity taken off */
};

/*
 * Network "gyro", input (B, 6, 1, 64); it answers for the middle of the window, which is 32 samples
 * ago. out: 64 values of each channel, gyro x y z, accel x y z; limited to 35 rad/s and 160 m/s^2
 * (2000 degrees a second and 16 g, where sensors end).
 */
void nn_imu_features(const struct nn_imu_sample s[NN_IMU_WINDOW], float out[NN_IMU_FLOATS]);

#endif
