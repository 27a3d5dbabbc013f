#include "runtime/face/landmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/align.h"
#include "runtime/face/detect_file.h"
#include "runtime/face/pose.h"
#include "runtime/onnx/graph.h"

static const char *const names[] = {
    "landmarks.onnx", "face_landmark.tflite", "face_landmark.onnx", "face_mesh_192x192.onnx",
    "face_landmarks_detector.tflite", "pfld.onnx", "pfld-sim.onnx", NULL
};

/* What is looked up in a set of points: for the eyes the mean of two. The pose's points are the
 * eyes' corners, the nose's tip, the mouth's corners and the chin. */
struct scheme {
    int count, floats;          /* points, and numbers of each */
    int eye[2][2], nose, mouth[2], pose[8];
    float grow, down;           /* what is cut out: our box times this, so much lower */
};

/*
 * MediaPipe cuts 1.5 times BlazeFace's box (face_detection_front_detection_to_roi.pbtxt), which is
 * 1.19 times smaller than ours and lies 0.17 of its side lower (detect_format.c). PFLD's authors
 * cut 1.1 times a detector's box. Numbers of points: canonical_face_model.obj; the iBUG 68 and
 * WFLW 98 mark-ups.
 */
static const struct scheme schemes[] = {
    { 68, 2, { { 36, 39 }, { 42, 45 } }, 30, { 48, 54 }, { 36, 39, 42, 45, 30, 48, 54, 8 },
      1.2f, 0.08f },
    { 98, 2, { { 60, 64 }, { 68, 72 } }, 54, { 76, 82 }, { 60, 64, 68, 72, 54, 76, 82, 16 },
      1.2f, 0.08f },
    { 468, 3, { { 33, 133 }, { 362, 263 } }, 1, { 61, 291 },
      { 33, 133, 362, 263, 1, 61, 291, 152 }, 1.26f, 0.14f },
    { 478, 3, { { 33, 133 }, { 362, 263 } }, 1, { 61, 291 },
      { 33, 133, 362, 263, 1, 61, 291, 152 }, 1.26f, 0.14f },
};

/* The same places of the head: vertices 33, 133, 362, 263, 1, 61, 291 and 152. */
static const float head[8][3] = {
    { -4.445859f, 2.663991f, 3.173422f }, { -1.856432f, 2.585245f, 3.757904f },
    { 1.856432f, 2.585245f, 3.757904f }, { 4.445859f, 2.663991f, 3.173422f },
    { 0, -1.126865f, 7.475604f }, { -2.456206f, -4.342621f, 4.283884f },
    { 2.456206f, -4.342621f, 4.283884f }, { 0, -9.403378f, 4.264492f },
};

struct nn_landmarker {
    struct nn_engine *engine;
    struct nn_face_input in;
    const struct scheme *scheme;
    int output, flag;           /* of the points; of the logit, or -1 */
    struct nn_image crop;
    float *pixels;
};

static int64_t elements(const struct nn_tensor *t)
{
    int64_t n = t->type == NN_F32 && t->ndim > 0 ? 1 : 0;

    for (int i = 0; i < t->ndim && n; i++)
        n *= i == 0 && t->dim[0] < 0 ? 1 : t->dim[i];   /* a free batch is one face */
    return n;
}

static int read_outputs(struct nn_landmarker *l, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(l->engine);

    l->flag = -1;
    for (int i = 0; i < g->nout; i++) {
        int64_t n = elements(&g->tensor[g->out[i]]);
        for (size_t s = 0; s < sizeof schemes / sizeof *schemes && !l->scheme; s++)
            if (n == schemes[s].count * schemes[s].floats) {
                l->scheme = &schemes[s];
                l->output = i;
            }
        if (n == 1 && l->flag < 0)
            l->flag = i;
    }
    if (!l->scheme)
        return nn_fail(err, NN_EUNSUPPORTED, "no face landmarks that we know: none of its outputs "
                       "is 68 or 98 points of two numbers, or 468 or 478 of three");
    if (!l->in.w)
        return nn_fail(err, NN_EUNSUPPORTED, "no face landmarks that we know: its input must have "
                       "a fixed size");
    return 0;
}

static int load(struct nn_landmarker *l, const char *path, const struct nn_engine_opts *opts,
                struct nn_err *err)
{
    if (!(l->engine = nn_face_file_load(path, opts, err)))
        return -1;
    if (nn_face_file_input(l->engine, &l->in, err) || read_outputs(l, err))
        return nn_fail_in(err, "%s", path);
    if (!(l->pixels = calloc(3 * (size_t)l->in.w * (size_t)l->in.h, sizeof *l->pixels)))
        return nn_fail_mem(err, "landmarks");
    return nn_image_init(&l->crop, l->in.w, l->in.h, 3, err);
}

int nn_landmarker_new(struct nn_landmarker **out, const char *model,
                      const struct nn_engine_opts *opts, struct nn_err *err)
{
    char path[NN_PATH];
    int found = nn_face_file_find(model, "NEONNOIR_LANDMARK_MODEL", names, path, err);

    *out = NULL;
    if (found <= 0)
        return found;
    if (!(*out = calloc(1, sizeof **out)))
        return nn_fail_mem(err, "landmarks");
    if (!load(*out, path, opts, err))
        return 0;
    nn_landmarker_free(*out);
    *out = NULL;
    return -1;
}

void nn_landmarker_free(struct nn_landmarker *l)
{
    if (!l)
        return;
    nn_engine_free(l->engine);
    nn_image_release(&l->crop);
    free(l->pixels);
    free(l);
}

static void feed(struct nn_landmarker *l, const struct nn_image *img, struct nn_box box, float roll)
{
    int n = l->in.w * l->in.h, bgr = l->scheme->floats == 2;

    nn_face_crop(img, box, roll, &l->crop);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            l->pixels[l->in.last ? 3 * i + c : c * n + i] =
                (float)l->crop.px[3 * i + (bgr ? 2 - c : c)] / 255;
}

/* From the input's numbers to the picture's pixels; -1 when they are no numbers. */
static int place(const struct nn_landmarker *l, const float *y, struct nn_box box, float roll,
                 struct nn_landmarks *all)
{
    float a = roll * 0.01745329252f, c = cosf(a), s = sinf(a), most = 0, kx, ky;

    all->count = l->scheme->count;
    for (int i = 0; i < all->count * l->scheme->floats; i++) {
        if (!isfinite(y[i]))
            return -1;
        most = i % l->scheme->floats < 2 ? fmaxf(most, fabsf(y[i])) : most;
    }
    kx = box.w / (most > 3 ? (float)l->in.w : 1);
    ky = box.h / (most > 3 ? (float)l->in.h : 1);
    for (int i = 0; i < all->count; i++) {
        float u = y[i * l->scheme->floats] * kx - box.w / 2;
        float v = y[i * l->scheme->floats + 1] * ky - box.h / 2;
        all->at[i][0] = box.x + box.w / 2 + c * u - s * v;
        all->at[i][1] = box.y + box.h / 2 + s * u + c * v;
    }
    return 0;
}

static void five(const struct scheme *s, const struct nn_landmarks *all, struct nn_face *face)
{
    float at[8][2];

    face->points = 5;
    for (int c = 0; c < 2; c++) {
        for (int e = 0; e < 2; e++) {
            face->point[e][c] = (all->at[s->eye[e][0]][c] + all->at[s->eye[e][1]][c]) / 2;
            face->point[3 + e][c] = all->at[s->mouth[e]][c];
        }
        face->point[2][c] = all->at[s->nose][c];
        for (int i = 0; i < 8; i++)
            at[i][c] = all->at[s->pose[i]][c];
    }
    face->posed = !nn_pose_solve(head, (const float (*)[2])at, 8, face->pose);
}

int nn_landmarker_find(struct nn_landmarker *l, const struct nn_image *img, struct nn_face *face,
                       struct nn_landmarks *all, struct nn_err *err)
{
    float side = l->scheme->grow * face->box.w;
    float roll = face->points ? nn_face_lean(face->point) : 0;
    struct nn_box box = { face->box.x + face->box.w / 2 - side / 2,
                          face->box.y + face->box.h * (0.5f + l->scheme->down) - side / 2,
                          side, side };
    const struct nn_value *y;
    struct nn_landmarks got = { .id = all->id };

    feed(l, img, box, roll);
    if (nn_face_file_run(l->engine, &l->in, l->in.w, l->in.h, l->pixels, err))
        return -1;
    if (l->flag >= 0 && !(*(const float *)nn_engine_output(l->engine, l->flag)->data > 0))
        return 0;
    y = nn_engine_output(l->engine, l->output);
    if (place(l, y->data, box, roll, &got))
        return 0;
    *all = got;
    five(l->scheme, all, face);
    return 1;
}
