/* A head turned by known angles and projected is found turned by these angles. */
#include "common/rng.h"
#include "runtime/face/pose.h"
#include "tests/test.h"

/* Weak perspective exactly: every turn within what a face can be seen at comes back. */
static void known(void)
{
    double worst = 0;

    for (int yaw = -60; yaw <= 60; yaw += 15)
        for (int pitch = -40; pitch <= 40; pitch += 10)
            for (int roll = -60; roll <= 60; roll += 20) {
                float want[3] = { (float)yaw, (float)pitch, (float)roll }, got[3], at[5][2];
                nn_pose_project(nn_pose_five, 5, want, 12, 300, 200, at);
                if (nn_pose_of_five((const float (*)[2])at, got)) {
                    CHECK(!"solved");
                    continue;
                }
                for (int k = 0; k < 3; k++)
                    worst = fmax(worst, fabs((double)(got[k] - want[k])));
            }
    printf("exact projections: off by %.4f degrees at most\n", worst);
    CHECK(worst < 0.1);
}

/* Signs, by the picture: the nose goes right, up; the right eye sinks. */
static void signs(void)
{
    static const struct { float pose[3]; int point, axis, sign; } cases[] = {
        { { 30, 0, 0 }, 2, 0, 1 }, { { 0, 25, 0 }, 2, 1, -1 }, { { 0, 0, 20 }, 1, 1, 1 },
    };
    const float straight[3] = { 0, 0, 0 };
    float before[5][2], after[5][2];

    nn_pose_project(nn_pose_five, 5, straight, 10, 0, 0, before);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nn_pose_project(nn_pose_five, 5, cases[i].pose, 10, 0, 0, after);
        CHECK((after[cases[i].point][cases[i].axis] - before[cases[i].point][cases[i].axis]) *
              (float)cases[i].sign > 1);
    }
}

/* A camera near enough for perspective, and points that are a little off, as detectors' are. */
static void rough(void)
{
    double sum[3] = { 0 };
    struct nn_rng rng;
    int n = 0;

    nn_rng_seed(&rng, 1, 1);
    for (int yaw = -40; yaw <= 40; yaw += 10)
        for (int pitch = -20; pitch <= 20; pitch += 10) {
            float want[3] = { (float)yaw, (float)pitch, 5 }, got[3], at[5][2], back[5][2];
            nn_pose_project(nn_pose_five, 5, want, 1, 0, 0, at);
            for (int i = 0; i < 5; i++) {
                float r = 0.01745329252f, x = nn_pose_five[i][0], y = nn_pose_five[i][1];
                float z = nn_pose_five[i][2], lx = cosf(5 * r) * x + sinf(5 * r) * y;
                float ly = -sinf(5 * r) * x + cosf(5 * r) * y;
                float p = want[1] * r, w = want[0] * r;
                float depth = -sinf(w) * lx + cosf(w) * (cosf(p) * z - sinf(p) * ly);
                float k = 500 / (60 - depth);       /* 60 cm away, 500 pixels of focus */
                back[i][0] = 320 + k * at[i][0] + 0.7f * nn_rng_normal(&rng);
                back[i][1] = 240 + k * at[i][1] + 0.7f * nn_rng_normal(&rng);
            }
            CHECK(!nn_pose_of_five((const float (*)[2])back, got));
            for (int k = 0; k < 3; k++)
                sum[k] += fabs((double)(got[k] - want[k]));
            n++;
        }
    printf("60 cm away, points off by 0.7 pixels: yaw, pitch, roll off by %.1f %.1f %.1f degrees\n",
           sum[0] / n, sum[1] / n, sum[2] / n);
    CHECK(sum[0] / n < 6 && sum[1] / n < 6 && sum[2] / n < 3);
}

static void nonsense(void)
{
    float one[5][2] = { { 5, 5 }, { 5, 5 }, { 5, 5 }, { 5, 5 }, { 5, 5 } }, pose[3] = { 1, 2, 3 };
    float nan[5][2] = { { NAN, 0 }, { 1, 0 }, { 0, 1 }, { 0, 2 }, { 1, 2 } };

    CHECK(nn_pose_of_five((const float (*)[2])one, pose) == -1);
    CHECK(nn_pose_of_five((const float (*)[2])nan, pose) == -1);
    CHECK(nn_pose_solve(nn_pose_five, (const float (*)[2])one, 3, pose) == -1);
    CHECK(pose[0] == 1 && pose[1] == 2 && pose[2] == 3);
}

int main(void)
{
    known();
    signs();
    rough();
    nonsense();
    return test_done();
}
