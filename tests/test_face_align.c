/* A leaning head is cut out upright, and shrinking takes everything into account. */
#include "runtime/face/align.h"
#include "runtime/face/detect_shrink.h"
#include "runtime/face/pose.h"
#include "tests/test.h"

/* A smooth pattern about (cx, cy) turned clockwise by `roll` degrees. */
static void draw(struct nn_image *img, float cx, float cy, float roll)
{
    float a = roll * 0.01745329f;

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++) {
            float u = (float)x + 0.5f - cx, v = (float)y + 0.5f - cy;
            float p = cosf(a) * u + sinf(a) * v, q = -sinf(a) * u + cosf(a) * v;
            img->px[y * img->w + x] = (uint8_t)(128 + 60 * sinf(p / 9) + 60 * cosf(q / 13));
        }
}

static double difference(const struct nn_image *a, const struct nn_image *b)
{
    double sum = 0;

    for (size_t i = 0; i < nn_image_size(a); i++)
        sum += abs(a->px[i] - b->px[i]);
    return sum / (double)nn_image_size(a);
}

/* The quick shrinking is the exact one but for fractions of a pixel at its borders, inside the
 * picture and across its edges, and it does not read beside it. */
static void shrinking(void)
{
    static const struct { int w, h, to_w, to_h; struct nn_box box; } cases[] = {
        { 640, 360, 160, 90, { 0, 0, 640, 360 } }, { 641, 363, 100, 57, { 0, 0, 641, 363 } },
        { 640, 360, 64, 64, { -100.5f, -50.25f, 400, 400 } },
        { 640, 360, 64, 64, { 400.3f, 200.7f, 400, 400 } },
        { 640, 360, 300, 300, { 9, 9, 90, 90 } },
        { 7680, 9, 32, 32, { 0, -4000, 7680, 7680 } }, { 1, 1, 32, 32, { -50, -50, 100, 100 } },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_image img, exact, quick;
        struct nn_err err = { 0 };
        CHECK_OK(nn_image_init(&img, cases[i].w, cases[i].h, 3, &err), &err);
        CHECK_OK(nn_image_init(&exact, cases[i].to_w, cases[i].to_h, 3, &err), &err);
        CHECK_OK(nn_image_init(&quick, cases[i].to_w, cases[i].to_h, 3, &err), &err);
        for (size_t p = 0; p < nn_image_size(&img); p++) {
            int x = (int)(p / 3) % img.w, y = (int)(p / 3) / img.w;
            img.px[p] = (uint8_t)(128 + 50 * sin(x / 31.0 + (double)(p % 3)) + 50 * cos(y / 23.0));
        }
        nn_image_crop(&img, cases[i].box, &exact);
        nn_face_shrink(&img, cases[i].box, &quick);
        CHECK(difference(&exact, &quick) < 1.5);
        nn_image_release(&img);
        nn_image_release(&exact);
        nn_image_release(&quick);
    }
}

int main(void)
{
    const struct nn_box box = { 60, 50, 96, 96 };
    struct nn_image img, straight, turned, crop;
    struct nn_err err = { 0 };
    float at[5][2];

    shrinking();
    CHECK_OK(nn_image_init(&img, 220, 200, 1, &err), &err);
    CHECK_OK(nn_image_init(&straight, 48, 48, 1, &err), &err);
    CHECK_OK(nn_image_init(&turned, 48, 48, 1, &err), &err);
    CHECK_OK(nn_image_init(&crop, 48, 48, 3, &err), &err);
    draw(&img, 108, 98, 0);
    nn_image_crop(&img, box, &straight);
    nn_face_crop(&img, box, 0, &turned);
    CHECK(difference(&straight, &turned) < 1);      /* not turned: the plain crop */
    for (int roll = -150; roll <= 150; roll += 50) {
        draw(&img, 108, 98, (float)roll);
        nn_face_crop(&img, box, (float)roll, &turned);
        CHECK(difference(&straight, &turned) < 1.5);
        if (roll == 50) {
            nn_face_crop(&img, box, -50, &turned);  /* the wrong way is not upright */
            CHECK(difference(&straight, &turned) > 15);
        }
    }
    for (size_t i = 0; i < nn_image_size(&img); i++)    /* a chessboard shrinks to its mean */
        img.px[i] = (i % 220 + i / 220) % 2 ? 200 : 100;
    nn_face_crop(&img, (struct nn_box){ 10, 10, 192, 192 }, 30, &turned);
    for (size_t i = 0; i < nn_image_size(&turned); i++)
        if (abs(turned.px[i] - 150) > 8) {
            CHECK(!"the mean");
            break;
        }
    /* Outside there is the border. */
    nn_face_crop(&img, (struct nn_box){ -500, 700, 50, 50 }, 10, &crop);
    CHECK(crop.px[0] >= 100 && crop.px[0] <= 200);
    for (int roll = -60; roll <= 60; roll += 30) {
        float pose[3] = { 0, 0, (float)roll };
        nn_pose_project(nn_pose_five, 5, pose, 9, 100, 100, at);
        CHECK_NEAR(nn_face_lean((const float (*)[2])at), roll, 0.01);
    }
    nn_image_release(&img);
    nn_image_release(&straight);
    nn_image_release(&turned);
    nn_image_release(&crop);
    return test_done();
}
