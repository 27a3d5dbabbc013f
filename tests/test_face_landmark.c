/* Landmarks of every known format come out where they are in the picture, with the five points
 * and the pose that they tell of; other models are refused. */
#include "runtime/face/landmark.h"
#include "runtime/face/pose.h"
#include "tests/answer_build.h"
#include "tests/test.h"

/* Where a scheme has the corners of the eyes, the nose, the mouth's corners and the chin. */
static const struct {
    int count, floats, at[8], side, ndim;
    int64_t in[4], out[4];
    int pixels;                 /* of the input, else 0..1 */
    float grow, down;
} formats[] = {
    { 68, 2, { 36, 39, 42, 45, 30, 48, 54, 8 }, 112, 2, { 1, 3, 112, 112 }, { 1, 136 }, 0,
      1.2f, .08f },
    { 68, 2, { 36, 39, 42, 45, 30, 48, 54, 8 }, 128, 3, { 1, 3, 128, 128 }, { 1, 68, 2 }, 1,
      1.2f, .08f },
    { 98, 2, { 60, 64, 68, 72, 54, 76, 82, 16 }, 112, 2, { 1, 3, 112, 112 }, { 1, 196 }, 0,
      1.2f, .08f },
    { 468, 3, { 33, 133, 362, 263, 1, 61, 291, 152 }, 192, 4, { 1, 192, 192, 3 },
      { 1, 1, 1, 1404 }, 1, 1.26f, .14f },
    { 468, 3, { 33, 133, 362, 263, 1, 61, 291, 152 }, 192, 3, { 1, 3, 192, 192 }, { 1, 468, 3 }, 0,
      1.26f, .14f },
    { 478, 3, { 33, 133, 362, 263, 1, 61, 291, 152 }, 256, 2, { 1, 256, 256, 3 }, { 1, 1434 }, 1,
      1.26f, .14f },
};

/* MediaPipe's canonical face at these points, as landmark.c has it. */
static const float head[8][3] = {
    { -4.445859f, 2.663991f, 3.173422f }, { -1.856432f, 2.585245f, 3.757904f },
    { 1.856432f, 2.585245f, 3.757904f }, { 4.445859f, 2.663991f, 3.173422f },
    { 0, -1.126865f, 7.475604f }, { -2.456206f, -4.342621f, 4.283884f },
    { 2.456206f, -4.342621f, 4.283884f }, { 0, -9.403378f, 4.264492f },
};

static void format(size_t f, const char *path, float lean)
{
    const float pose[3] = { 25, -10, 5 };
    static float said[478 * 3];
    float at[8][2], flag[2] = { 3, -3 };
    int n = formats[f].floats, count = formats[f].count;
    struct answer a[2] = { { formats[f].ndim, { 0 }, said }, { 2, { 1, 1 }, flag } };
    struct nn_face face = { .box = { 200, 100, 120, 120 } }, before;
    float side = formats[f].grow * 120, c = cosf(lean * 0.01745329f), s = sinf(lean * 0.01745329f);
    float cx = 260, cy = 160 + formats[f].down * 120, scale = formats[f].pixels ?
                (float)formats[f].side : 1;
    struct nn_landmarker *l;
    struct nn_landmarks all = { .id = 7 };
    struct nn_image img;
    struct nn_err err = { 0 };

    for (int i = 0; i < count * n; i++)
        said[i] = 0.5f * scale;
    nn_pose_project(head, 8, pose, 0.04f, 0.5f, 0.5f, at);     /* in 0..1 of the upright crop */
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 2; k++)
            said[formats[f].at[i] * n + k] = at[i][k] * scale;
    memcpy(a[0].dim, formats[f].out, sizeof formats[f].out);
    if (lean != 0) {
        face.points = 5;
        face.point[1][0] = c;
        face.point[1][1] = s;
    }
    CHECK_OK(answer_write(path, formats[f].in, a, 2, &err), &err);
    CHECK_OK(nn_landmarker_new(&l, path, NULL, &err), &err);
    CHECK_OK(nn_image_init(&img, 400, 300, 3, &err), &err);
    if (l) {
        CHECK(nn_landmarker_find(l, &img, &face, &all, &err) == 1);
        CHECK(all.id == 7 && all.count == count && face.points == 5 && face.posed);
        for (int i = 0; i < 8; i++) {
            float u = (at[i][0] - 0.5f) * side, v = (at[i][1] - 0.5f) * side;
            CHECK_NEAR(all.at[formats[f].at[i]][0], cx + c * u - s * v, 0.05);
            CHECK_NEAR(all.at[formats[f].at[i]][1], cy + s * u + c * v, 0.05);
        }
        CHECK_NEAR(face.point[2][0], all.at[formats[f].at[4]][0], 1e-3);
        CHECK_NEAR(face.point[0][1],
                   (all.at[formats[f].at[0]][1] + all.at[formats[f].at[1]][1]) / 2, 1e-3);
        CHECK(face.point[0][0] < face.point[1][0] && face.point[3][0] < face.point[4][0]);
        if (lean == 0)
            for (int k = 0; k < 3; k++)
                CHECK_NEAR(face.pose[k], pose[k], 0.2);
    }
    nn_landmarker_free(l);

    a[1].data = flag + 1;               /* it says itself that this is no face */
    CHECK_OK(answer_write(path, formats[f].in, a, 2, &err), &err);
    CHECK_OK(nn_landmarker_new(&l, path, NULL, &err), &err);
    before = face;
    CHECK(l && nn_landmarker_find(l, &img, &face, &all, &err) == 0);
    CHECK(!memcmp(&before, &face, sizeof face));
    nn_landmarker_free(l);
    nn_image_release(&img);
    remove(path);
}

static void refused(const char *path)
{
    const struct answer bad = { 2, { 1, 7 }, NULL };
    struct nn_landmarker *l;
    struct nn_err err = { 0 };

    CHECK_OK(answer_write(path, (int64_t[]){ 1, 3, 112, 112 }, &bad, 1, &err), &err);
    CHECK(nn_landmarker_new(&l, path, NULL, &err) == -1 && !l);
    CHECK(strstr(err.msg, "no face landmarks that we know") && strstr(err.msg, path));
    remove(path);
    CHECK_OK(nn_landmarker_new(&l, NULL, NULL, &err), &err);    /* none is installed: none */
    CHECK(!l);
}

int main(void)
{
    char dir[256], path[512];

    unsetenv("NEONNOIR_LANDMARK_MODEL");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    setenv("XDG_DATA_HOME", dir, 1);
    snprintf(path, sizeof path, "%s/points.onnx", dir);
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        format(f, path, 0);
        format(f, path, -30);
    }
    refused(path);
    rmdir(dir);
    return test_done();
}
