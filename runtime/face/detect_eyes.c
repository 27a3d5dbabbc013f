#include "runtime/face/detect_eyes.h"

#include <math.h>
#include <stdlib.h>

#include "common/fs.h"
#include "runtime/face/align.h"
#include "runtime/face/pose.h"
#include "runtime/opencv.h"

enum { W = 160, H = 80, NEIGHBOURS = 3, MAX_HITS = 16 };
/* Of a cascade's box: the band of the eyes. */
static const float TOP = 0.17f, HIGH = 0.5f;
/* Of its side: a straight face's eyes are 0.4 apart and 0.37 down (asl clips, YuNet's points). */
static const float APART = 0.4f, DOWN = 0.37f;

struct nn_face_eyes {
    struct nn_cascade *cascade;
    struct nn_image band;
};

struct nn_face_eyes *nn_face_eyes_new(void)
{
    static const char path[] = "/usr/share/opencv4/haarcascades/haarcascade_eye.xml";
    struct nn_face_eyes *e = nn_exists(path) ? calloc(1, sizeof *e) : NULL;

    if (e && (e->cascade = nn_cascade_new(path, NULL)) && !nn_image_init(&e->band, W, H, 1, NULL))
        return e;
    nn_face_eyes_free(e);
    return NULL;
}

void nn_face_eyes_free(struct nn_face_eyes *e)
{
    if (!e)
        return;
    nn_cascade_free(e->cascade);
    nn_image_release(&e->band);
    free(e);
}

/* The surest eye in columns [x, x + w) of the band: 1 with its middle, 0, -1. */
static int eye(struct nn_face_eyes *e, int x, int w, float at[2], struct nn_err *err)
{
    struct nn_cascade_area a = { x, 0, w, H, W / 8, W / 3 };
    struct nn_cascade_hit hit[MAX_HITS];
    int n = nn_cascade_find(e->cascade, &a, NEIGHBOURS, hit, MAX_HITS, err), best = 0;

    for (int i = 1; i < n; i++)
        best = hit[i].weight > hit[best].weight ? i : best;
    if (n > 0) {
        at[0] = (float)hit[best].x + (float)hit[best].w / 2;
        at[1] = (float)hit[best].y + (float)hit[best].h / 2;
    }
    return n < 0 ? -1 : n > 0;
}

/* The straight face whose eyes are there. */
static void straight(struct nn_face *face, const float left[2], const float right[2])
{
    float dx = right[0] - left[0], dy = right[1] - left[1], plain[5][2], pose[3] = { 0 };
    float k = sqrtf(dx * dx + dy * dy) / (nn_pose_five[1][0] - nn_pose_five[0][0]);

    pose[2] = atan2f(dy, dx) * 57.29577951f;
    nn_pose_project(nn_pose_five, 5, pose, k, 0, 0, plain);
    for (int i = 0; i < 5; i++) {
        face->point[i][0] = plain[i][0] + (left[0] + right[0] - plain[0][0] - plain[1][0]) / 2;
        face->point[i][1] = plain[i][1] + (left[1] + right[1] - plain[0][1] - plain[1][1]) / 2;
    }
    face->pose[0] = face->pose[1] = 0;
    face->pose[2] = pose[2];
}

int nn_face_eyes_find(struct nn_face_eyes *e, const struct nn_image *img, struct nn_face *face,
                      struct nn_err *err)
{
    struct nn_box b = { face->box.x, face->box.y + TOP * face->box.h, face->box.w,
                        HIGH * face->box.h };
    float at[2][2] = { { (0.5f - APART / 2) * W, (DOWN - TOP) / HIGH * H },
                       { (0.5f + APART / 2) * W, (DOWN - TOP) / HIGH * H } };
    float guess[2][2], kx = b.w / W, ky = b.h / H, apart;
    int l, r = 0;

    for (int i = 0; i < 2; i++) {
        guess[i][0] = b.x + at[i][0] * kx;
        guess[i][1] = b.y + at[i][1] * ky;
    }
    straight(face, guess[0], guess[1]);
    nn_image_crop(img, b, &e->band);
    if (nn_cascade_look(e->cascade, e->band.px, W, H, err) ||
        (l = eye(e, 0, W * 11 / 20, at[0], err)) < 0 ||
        (l && (r = eye(e, W * 9 / 20, W * 11 / 20, at[1], err)) < 0))
        return -1;
    apart = at[1][0] - at[0][0];
    if (!l || !r || apart < 0.25f * W || apart > 0.6f * W ||
        fabsf(at[1][1] - at[0][1]) * ky > 0.5f * apart * kx)
        return 0;
    for (int i = 0; i < 2; i++) {
        at[i][0] = b.x + at[i][0] * kx;
        at[i][1] = b.y + at[i][1] * ky;
    }
    straight(face, at[0], at[1]);
    face->points = 5;
    face->posed = 1;
    return 0;
}
