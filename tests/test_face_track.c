/* Who is who: the assignment is the best there is, and people who pass, hide and come back
 * keep their numbers. */
#include "common/rng.h"
#include "runtime/face/pose.h"
#include "runtime/face/track.h"
#include "runtime/face/track_assign.h"
#include "runtime/face/track_look.h"
#include "tests/test.h"

/* The largest sum, by trying everything. */
static float best(const float *like, int rows, int cols, int r, unsigned taken)
{
    float most = r < rows ? best(like, rows, cols, r + 1, taken) : 0;

    for (int c = 0; c < cols && r < rows; c++)
        if (!(taken & 1u << c))
            most = fmaxf(most, like[r * cols + c] +
                         best(like, rows, cols, r + 1, taken | 1u << c));
    return most;
}

static void assignment(void)
{
    struct nn_rng rng;

    nn_rng_seed(&rng, 2, 2);
    for (int n = 0; n < 300; n++) {
        int rows = 1 + (int)nn_rng_below(&rng, 5), cols = (int)nn_rng_below(&rng, 6), of[5];
        float like[25], sum = 0;
        unsigned taken = 0;
        for (int i = 0; i < rows * cols; i++)
            like[i] = nn_rng_below(&rng, 3) ? nn_rng_float(&rng) : 0;
        nn_assign(like, rows, cols, of);
        for (int r = 0; r < rows; r++)
            if (of[r] >= 0) {
                CHECK(of[r] < cols && !(taken & 1u << of[r]) && like[r * cols + of[r]] > 0);
                taken |= 1u << of[r];
                sum += like[r * cols + of[r]];
            }
        CHECK_NEAR(sum, best(like, rows, cols, 0, 0), 1e-5);
    }
}

/* Somebody of one colour on grey ground. */
static void stand(struct nn_image *img, float x, float y, float side, const uint8_t rgb[3])
{
    for (int j = (int)(y - 0.2f * side); j < (int)(y + 1.8f * side); j++)
        for (int i = (int)x; i < (int)(x + side); i++)
            if (i >= 0 && j >= 0 && i < img->w && j < img->h)
                memcpy(img->px + ((size_t)j * (size_t)img->w + (size_t)i) * 3, rgb, 3);
}

static struct nn_face seen(const struct nn_image *img, float x, float y, float side)
{
    struct nn_face f = { .box = { x, y, side, side }, .score = 1 };

    nn_look_at(img, &f);
    return f;
}

/* Two people walk through each other's places; in the middle only the nearer is seen. With
 * `back` they turn round behind each other instead, which motion alone gets wrong. */
static void passing(int back)
{
    static const uint8_t red[3] = { 190, 60, 50 }, blue[3] = { 40, 70, 170 };
    struct nn_tracker t;
    struct nn_image img;
    struct nn_err err = { 0 };
    int of[NN_MAX_FACES], first = 0, second = 0;

    CHECK_OK(nn_image_init(&img, 640, 360, 3, &err), &err);
    nn_tracker_init(&t);
    for (int n = 0; n < 60; n++) {
        float at = n < 30 || !back ? (float)n : (float)(59 - n), a = 60 + 7 * at, b = 460 - 7 * at;
        int hidden = fabsf(a - b) < 50, count = 0, red_at = 0;
        struct nn_face f[2];
        memset(img.px, 90, nn_image_size(&img));
        stand(&img, b, 100, 80, blue);
        stand(&img, a, 100, 80, red);
        if (!hidden)
            f[count++] = seen(&img, b, 100, 80);
        red_at = count;
        f[count++] = seen(&img, a, 100, 80);
        nn_tracker_update(&t, f, count, n ? 1 / 25.0 : 0, of);
        if (!n) {
            first = t.track[of[red_at]].id;
            second = t.track[of[0]].id;
        }
        CHECK(t.track[of[red_at]].id == first);
        CHECK(hidden || t.track[of[0]].id == second);
    }
    CHECK(t.last_id == 2);
    nn_image_release(&img);
}

/* Hidden for less than a second and back a little further on: the same; somebody else: not. */
static void hiding(void)
{
    static const uint8_t red[3] = { 190, 60, 50 }, blue[3] = { 40, 70, 170 };
    struct nn_image img;
    struct nn_err err = { 0 };

    CHECK_OK(nn_image_init(&img, 640, 360, 3, &err), &err);
    for (int other = 0; other < 2; other++) {
        struct nn_tracker t;
        int of[NN_MAX_FACES];
        nn_tracker_init(&t);
        for (int n = 0; n < 60; n++) {
            int away = n >= 20 && n < 42;
            float x = n < 42 ? 200 : 260;
            struct nn_face f;
            memset(img.px, 90, nn_image_size(&img));
            stand(&img, x, 100, 80, n >= 42 && other ? blue : red);
            f = seen(&img, x, 100, 80);
            nn_tracker_update(&t, &f, !away, n ? 1 / 25.0 : 0, of);
        }
        CHECK(t.last_id == 1 + other);
    }
    nn_image_release(&img);
}

/* More faces than tracks: nobody is lost who is there, and nothing overflows. */
static void crowd(void)
{
    struct nn_tracker t;
    struct nn_face f[NN_MAX_FACES];
    int of[NN_MAX_FACES], kept = 0;

    nn_tracker_init(&t);
    for (int n = 0; n < 4; n++) {
        for (int i = 0; i < NN_MAX_FACES; i++)
            f[i] = (struct nn_face){ .score = 1, .box = { 60 * (float)(i % 8),
                                                          60 * (float)(i / 8), 40, 40 } };
        nn_tracker_update(&t, f, NN_MAX_FACES, n ? 0.04 : 0, of);
    }
    for (int i = 0; i < NN_MAX_FACES; i++)
        kept += of[i] >= 0;
    CHECK(kept == NN_MAX_TRACKS && t.count == NN_MAX_TRACKS && t.last_id == NN_MAX_TRACKS);
}

/* A nodding head's points give its pose, smoothed; without points it is not known. */
static void turning(void)
{
    struct nn_tracker t;
    int of[NN_MAX_FACES];
    struct nn_face f = { .box = { 200, 100, 100, 100 }, .score = 1, .points = 5 };

    nn_tracker_init(&t);
    for (int n = 0; n < 50; n++) {
        float pose[3] = { 20, n < 25 ? 0.0f : 15.0f, -10 };
        nn_pose_project(nn_pose_five, 5, pose, 7, 250, 150, f.point);
        nn_tracker_update(&t, &f, 1, n ? 1 / 25.0 : 0, of);
        CHECK(t.track[0].points == 5);
        CHECK_NEAR(t.track[0].pose[0], 20, 0.5);
        CHECK_NEAR(t.track[0].pose[2], -10, 0.5);
        if (n == 24)
            CHECK_NEAR(t.track[0].pose[1], 0, 0.5);
    }
    CHECK_NEAR(t.track[0].pose[1], 15, 0.5);
    CHECK_NEAR(t.track[0].point[2][0], f.point[2][0], 0.5);
    float nose = t.track[0].point[2][0];
    f.points = 0;                               /* missed for a moment: they go along */
    f.box.x += 10;
    nn_tracker_update(&t, &f, 1, 1 / 25.0, of);
    CHECK(t.track[0].points == 5);
    CHECK_NEAR(t.track[0].point[2][0], nose + 10, 0.01);
    for (int n = 0; n < 15; n++)
        nn_tracker_update(&t, &f, 1, 1 / 25.0, of);
    CHECK(t.track[0].points == 0);
}

int main(void)
{
    assignment();
    passing(0);
    passing(1);
    hiding();
    crowd();
    turning();
    return test_done();
}
