/* What the known face networks' numbers mean, and what becomes of a file that is none. */
#include "runtime/face/detect.h"
#include "runtime/face/detect_format.h"
#include "runtime/media/picture.h"
#include "tests/answer_build.h"
#include "tests/test.h"

static struct nn_value value(int64_t rows, int64_t last, float *data)
{
    return (struct nn_value){ .name = "y", .type = NN_F32, .ndim = 3, .dim = { 1, rows, last },
                              .data = data };
}

static float *zeros(int64_t n)
{
    return calloc((size_t)n, sizeof(float));
}

/* Corners, and offsets from the prior that stands there, are the same face. */
static void ultraface(void)
{
    enum { ROWS = 4420, AT = 3600 + 2 * (5 * 20 + 7) };     /* the 32 of cell 7, 5 at step 16 */
    float *score = zeros(2 * ROWS), *box = zeros(4 * ROWS);
    struct nn_value s = value(ROWS, 2, score), b = value(ROWS, 4, box);
    struct nn_face_outputs y = { .v = { &s, &b }, .count = 2, .w = 320, .h = 240 };
    const struct nn_face_format *f;
    struct nn_face face[4];
    const char *why;

    f = nn_face_format_find((int64_t[]){ 2, 4 }, 2, &why);
    CHECK(f && !strcmp(f->name, "UltraFace"));
    CHECK(!nn_face_format_raw(&b));
    score[2 * AT + 1] = 0.9f;
    memcpy(box + 4 * AT, (float[]){ 0.25f, 0.5f, 0.5f, 0.75f }, 4 * sizeof *box);
    CHECK(f->decode(&y, 0.7f, face, 4) == 1);
    CHECK_NEAR(face[0].box.x, 80, 1e-4);
    CHECK_NEAR(face[0].box.y, 120, 1e-4);
    CHECK_NEAR(face[0].box.w, 80, 1e-4);
    CHECK_NEAR(face[0].box.h, 60, 1e-4);
    CHECK_NEAR(face[0].score, 0.9, 1e-6);

    y.raw = 1;
    memcpy(box + 4 * AT, (float[]){ 1, -2, 0, 3.4657359f }, 4 * sizeof *box);   /* e^(0.2 .) = 2 */
    CHECK(f->decode(&y, 0.7f, face, 4) == 1);
    CHECK_NEAR(face[0].box.w, 32, 1e-3);
    CHECK_NEAR(face[0].box.h, 64, 1e-3);
    CHECK_NEAR(face[0].box.x + face[0].box.w / 2, 7.5 * 16 + 3.2, 1e-3);
    CHECK_NEAR(face[0].box.y + face[0].box.h / 2, 5.5 * 16 - 6.4, 1e-3);
    box[4 * AT + 2] = -1;
    CHECK(nn_face_format_raw(&b));
    y.w = 640;
    CHECK(f->decode(&y, 0.7f, face, 4) == -1);  /* as many boxes as 320 x 240 has */
    free(score);
    free(box);
}

static void yunet(void)
{
    static const int64_t last[12] = { 10, 10, 10, 4, 4, 4, 1, 1, 1, 1, 1, 1 };
    const struct nn_face_format *f;
    struct nn_value v[12];
    struct nn_face_outputs y = { .count = 12, .w = 64, .h = 96 };
    struct nn_face face[4];
    const char *why;
    float *b;
    int n = 0;

    for (int i = 0; i < 12; i++) {          /* in an order that nobody uses */
        int64_t stride = 8 << i % 3, rows = (64 / stride) * (96 / stride);
        v[i] = value(rows, last[i], zeros(rows * last[i]));
        y.v[i] = &v[i];
    }
    f = nn_face_format_find(last, 12, &why);
    CHECK(f && !strcmp(f->name, "YuNet"));
    if (!f)
        return;
    CHECK(f->decode(&y, 0.6f, face, 4) == 0);
    for (int i = 0; i < 12; i++)            /* cell 1, 2 at stride 16: four columns */
        if (v[i].dim[1] == 24) {
            float *d = v[i].data;
            if (last[i] == 1)
                d[9] = n++ ? 0.5f : 2;      /* a class of 2 counts as 1 */
            if (last[i] == 4)
                memcpy(d + 4 * 9, (float[]){ 0.5f, -0.5f, 0.6931472f, 0 }, 4 * sizeof *d);
            if (last[i] == 10)
                for (int p = 0; p < 10; p++)
                    d[10 * 9 + p] = 0.25f * (float)p;
        }
    CHECK(f->decode(&y, 0.6f, face, 4) == 1);
    CHECK_NEAR(face[0].score, sqrt(0.5), 1e-6);
    CHECK_NEAR(face[0].box.w, 32, 1e-3);
    CHECK_NEAR(face[0].box.h, 16, 1e-3);
    CHECK_NEAR(face[0].box.x, 1.5 * 16 - 16, 1e-3);
    CHECK_NEAR(face[0].box.y, 1.5 * 16 - 8, 1e-3);
    CHECK(face[0].points == 5);
    CHECK_NEAR(face[0].point[2][0], 16 * (1 + 1.0), 1e-3);
    CHECK_NEAR(face[0].point[2][1], 16 * (2 + 1.25), 1e-3);
    b = v[4].data;                          /* a box that is no number is no face */
    b[4 * 9 + 2] = NAN;
    CHECK(f->decode(&y, 0.6f, face, 4) == 0);
    y.w = 128;
    CHECK(f->decode(&y, 0.6f, face, 4) == -1);
    for (int i = 0; i < 12; i++)
        free(v[i].data);
}

/* In one part or in two, small anchors or large: pixels from the middle of the cell. */
static void blazeface(void)
{
    enum { AT = 512 + 6 * (3 * 8 + 4) + 5 };    /* an anchor of cell 4, 3 of the 8 x 8 */
    float *score = zeros(896), *box = zeros(896 * 16), *b = box + 16 * AT;
    struct nn_value whole[2] = { value(896, 1, score), value(896, 16, box) };
    struct nn_value part[4] = { value(384, 16, box + 512 * 16), value(512, 1, score),
                                value(512, 16, box), value(384, 1, score + 512) };
    struct nn_face_outputs y = { .v = { &whole[0], &whole[1] }, .count = 2, .w = 128, .h = 128 };
    struct nn_face_outputs z = { .v = { &part[1], &part[2], &part[3], &part[0] }, .count = 4,
                                 .w = 128, .h = 128 };
    const struct nn_face_format *f;
    struct nn_face face[4], same[4];
    const char *why;

    f = nn_face_format_find((int64_t[]){ 16, 1, 1, 16 }, 4, &why);
    CHECK(f && !strcmp(f->name, "BlazeFace"));
    CHECK(f == nn_face_format_find((int64_t[]){ 1, 16 }, 2, &why));
    CHECK(!nn_face_format_find((int64_t[]){ 18, 1 }, 2, &why) && strstr(why, "palms"));
    for (int i = 0; i < 896; i++)
        score[i] = -20;
    score[AT] = 200;                            /* cut at 100 */
    memcpy(b, (float[]){ 2, -1, 40, 20, -8, -4, 8, -4, 0, 2, 0, 8 }, 12 * sizeof *b);
    CHECK(f->decode(&y, 0.5f, face, 4) == 1);
    CHECK(f->decode(&z, 0.5f, same, 4) == 1);
    CHECK(!memcmp(&face[0], &same[0], sizeof *face));
    CHECK_NEAR(face[0].score, 1, 1e-6);
    CHECK_NEAR(face[0].box.x, 4.5 * 16 + 2 - 20, 1e-3);
    CHECK_NEAR(face[0].box.y, 3.5 * 16 - 1 - 10, 1e-3);
    CHECK_NEAR(face[0].point[0][0], 72 - 8, 1e-3);
    CHECK_NEAR(face[0].point[1][0], 72 + 8, 1e-3);
    CHECK_NEAR(face[0].point[2][1], 56 + 2, 1e-3);
    CHECK_NEAR(face[0].point[3][0] + face[0].point[4][0], 2 * 72, 1e-3);
    CHECK_NEAR(face[0].point[4][1], 56 + 8, 1e-3);
    whole[0].dim[1] = whole[1].dim[1] = 895;
    CHECK(f->decode(&y, 0.5f, face, 4) == -1);
    free(score);
    free(box);
}

/* A picture that does not fit the input's proportions keeps its own: points come back where
 * they are in the picture, and a second box of the same face is melted into it. */
static void fitted(const char *dir)
{
    float score[4] = { 0, 0.9f, 0, 0.9f };
    float box[8] = { 0.25f, 0.25f, 0.5f, 0.5f, 0.26f, 0.25f, 0.51f, 0.5f };
    struct answer a[2] = { { 3, { 1, 2, 2 }, score }, { 3, { 1, 2, 4 }, box } };
    struct nn_face face[NN_MAX_FACES];
    struct nn_detector *d;
    struct nn_image img;
    struct nn_err err = { 0 };
    char path[512];

    snprintf(path, sizeof path, "%s/fit.onnx", dir);
    CHECK_OK(answer_write(path, (int64_t[]){ 1, 3, 100, 200 }, a, 2, &err), &err);
    d = nn_detector_new(path, NULL, &err);
    CHECK_OK(d ? 0 : -1, &err);
    CHECK_OK(nn_image_init(&img, 300, 600, 3, &err), &err);     /* six times too high */
    if (d) {
        CHECK(!strcmp(nn_detector_kind(d), "UltraFace"));
        CHECK(nn_detect(d, &img, face, &err) == 1);
        CHECK(face[0].box.w == face[0].box.h && face[0].points == 0);
        CHECK_NEAR(face[0].box.x + face[0].box.w / 2, 6 * (75 + 1), 12);
        CHECK_NEAR(face[0].box.y + face[0].box.h / 2, 6 * 37.5, 20);
        CHECK_NEAR(face[0].box.w, 6 * sqrt(50 * 25), 40);
        CHECK(nn_detect_known(d, &img, face, 1, 0, face, &err) == 1);
    }
    nn_image_release(&img);
    nn_detector_free(d);
    remove(path);
}

/* One clear sentence for every file that is no face detector. */
static void refused(const char *dir)
{
    static const struct { int64_t in[4]; struct answer a[2]; const char *why; } cases[] = {
        { { 1, 3, 128, 128 }, { { 3, { 1, 896, 18 }, 0 }, { 3, { 1, 896, 1 }, 0 } },
          "palms, not faces" },
        { { 1, 3, 64, 64 }, { { 2, { 1, 7 }, 0 }, { 2, { 1, 2 }, 0 } },
          "not those of UltraFace" },
        { { 1, 1, 64, 64 }, { { 3, { 1, 9, 2 }, 0 }, { 3, { 1, 9, 4 }, 0 } },
          "one float32 picture" },
        { { 1, 3, 8, 8 }, { { 3, { 1, 9, 2 }, 0 }, { 3, { 1, 9, 4 }, 0 } },
          "pictures of 8 x 8" },
        { { 1, 3, 64, 64 }, { { 3, { 1, 9, 2 }, 0 }, { 3, { 1, 8, 4 }, 0 } },
          "network's shapes" },
        { { 1, 3, 64, 64 }, { { 3, { 1, 9, 16 }, 0 }, { 3, { 1, 9, 1 }, 0 } },
          "network's shapes" },
    };
    char path[512];

    snprintf(path, sizeof path, "%s/bad.onnx", dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct nn_err err = { 0 };
        CHECK_OK(answer_write(path, cases[i].in, cases[i].a, 2, &err), &err);
        CHECK(!nn_detector_new(path, NULL, &err));
        CHECK(strstr(err.msg, cases[i].why) && strstr(err.msg, "bad.onnx"));
        if (!strstr(err.msg, cases[i].why))
            fprintf(stderr, "case %d: %s\n", (int)i, err.msg);
    }
    remove(path);
}

/* The real ones find the only face of a frame, where the cascade has it, and its points. */
static void real(const char *data)
{
    static const struct { const char *path, *kind; } model[] = {
        { "ultraface/version-RFB-320.onnx", "UltraFace" },
        { "ultraface/version-slim-320_without_postprocessing.onnx", "UltraFace" },
        { "yunet/yunet_n_320_320.onnx", "YuNet" }, { "yunet/yunet_s_dynamic.onnx", "YuNet" },
        { "mediapipe-onnx/face_detection_front_128x128_barracuda.onnx", "BlazeFace" },
        { "mediapipe-tflite/face_detection_short_range.tflite", "BlazeFace" },
    };
    struct nn_detector *cascade, *d;
    struct nn_face want[NN_MAX_FACES], got[NN_MAX_FACES];
    struct nn_image img;
    struct nn_err err = { 0 };
    char path[512];

    snprintf(path, sizeof path, "%s/images/portraits/keijiro_facelandmark_Test1.jpg", data);
    CHECK_OK(nn_picture_read(path, 3, &img, &err), &err);
    cascade = nn_detector_new("cascade", NULL, &err);
    CHECK(cascade && nn_detect(cascade, &img, want, &err) == 1);
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        snprintf(path, sizeof path, "%s/models/%s", data, model[i].path);
        CHECK_OK((d = nn_detector_new(path, NULL, &err)) ? 0 : -1, &err);
        if (!d)
            continue;
        CHECK(!strcmp(nn_detector_kind(d), model[i].kind));
        CHECK(nn_detect(d, &img, got, &err) >= 1);
        CHECK_NEAR(got[0].box.x + got[0].box.w / 2, want[0].box.x + want[0].box.w / 2,
                   0.15 * want[0].box.w);
        CHECK_NEAR(got[0].box.y + got[0].box.h / 2, want[0].box.y + want[0].box.h / 2,
                   0.15 * want[0].box.w);
        CHECK_NEAR(got[0].box.w / want[0].box.w, 1, 0.25);
        if (got[0].points) {
            CHECK(got[0].point[0][0] < got[0].point[1][0]);
            CHECK(got[0].point[2][1] > got[0].point[0][1]);
            CHECK(got[0].point[3][1] > got[0].point[2][1]);
        }
        nn_detector_free(d);
    }
    nn_detector_free(cascade);
    nn_image_release(&img);
}

int main(void)
{
    char dir[256];

    unsetenv("NEONNOIR_FACE_MODEL");
    if (!test_scratch(dir, sizeof dir))
        return 1;
    ultraface();
    yunet();
    blazeface();
    fitted(dir);
    refused(dir);
    if (test_data())
        real(test_data());
    rmdir(dir);
    return test_done();
}
