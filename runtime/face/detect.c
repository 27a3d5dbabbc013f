#include "runtime/face/detect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/detect_cascade.h"
#include "runtime/face/detect_eyes.h"
#include "runtime/face/detect_file.h"
#include "runtime/face/detect_net.h"
#include "runtime/face/track_look.h"

enum { MAX_HITS = 256, MAX_LOOKS = 8, MOST_EYES = 4 };

/* What is searched about a face that a network knows, in sides of its box: the networks
 * were taught on faces that fill a third of the picture and less. The area stays where it is
 * until the face is this much off its middle or its size: the same area shows the same face
 * to the network alike, which leaves the box a third as shaky as a new area a frame does. */
static const float AROUND = 2.5f, ASIDE = 0.5f, LARGER = 1.35f;

/* The files' published names; the steadiest first, as measured by bench_faces. */
const char *const nn_detector_names[] = {
    "face.onnx", "face_detection_yunet_2023mar.onnx", "yunet_n_320_320.onnx",
    "yunet_n_dynamic.onnx", "yunet_s_320_320.onnx", "yunet_s_dynamic.onnx",
    "version-RFB-320.onnx", "version-RFB-320_simplified.onnx", "version-slim-320.onnx",
    "version-RFB-640.onnx", "face_detection_short_range.tflite", "blaze_face_short_range.tflite",
    "face_detection_front_128x128_barracuda.onnx", NULL
};

struct nn_detector {
    struct nn_face_net *net;            /* one of these two */
    struct nn_face_cascade *cascade;
    struct nn_face_eyes *eyes;          /* for faces without points; may be NULL */
    struct nn_face hit[MAX_HITS];
};

struct nn_detector *nn_detector_new(const char *model, const struct nn_engine_opts *opts,
                                    struct nn_err *err)
{
    struct nn_detector *d = calloc(1, sizeof *d);
    char path[NN_PATH] = "cascade";
    int found;

    if (!d) {
        nn_fail_mem(err, "face detector");
        return NULL;
    }
    found = nn_face_file_find(model, "NEONNOIR_FACE_MODEL", nn_detector_names, path, err);
    if (found > 0 && strcmp(path, "cascade"))
        d->net = nn_face_net_new(path, opts, err);
    else if (found >= 0)
        d->cascade = nn_face_cascade_new(err);
    if (d->net || d->cascade) {
        d->eyes = nn_face_eyes_new();
        return d;
    }
    free(d);
    return NULL;
}

void nn_detector_free(struct nn_detector *d)
{
    if (!d)
        return;
    nn_face_net_free(d->net);
    nn_face_cascade_free(d->cascade);
    nn_face_eyes_free(d->eyes);
    free(d);
}

const char *nn_detector_kind(const struct nn_detector *d)
{
    return d->net ? nn_face_net_format(d->net)->name : "cascade";
}

static int by_size(const void *a, const void *b)
{
    const struct nn_face *p = a, *q = b;

    if (p->box.w != q->box.w)
        return p->box.w < q->box.w ? 1 : -1;
    if (p->box.y != q->box.y)
        return p->box.y < q->box.y ? -1 : 1;
    return (p->box.x > q->box.x) - (p->box.x < q->box.x);
}

int nn_box_overlap(struct nn_box a, struct nn_box b)
{
    float x = (a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w) - (a.x > b.x ? a.x : b.x);
    float y = (a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h) - (a.y > b.y ? a.y : b.y);
    float least = a.w * a.h < b.w * b.h ? a.w * a.h : b.w * b.h;

    return x > 0 && y > 0 && x * y > 0.2f * least;
}

static int overlaps_any(struct nn_box b, const struct nn_face *f, int n)
{
    for (int i = 0; i < n; i++)
        if (nn_box_overlap(f[i].box, b))
            return 1;
    return 0;
}

/* Of hits that overlap the first, in pixels of the picture; largest first. */
static int choose(struct nn_detector *d, const struct nn_image *img, int n, struct nn_face *faces)
{
    int count = 0;

    for (int i = 0; i < n && count < NN_MAX_FACES; i++)
        if (!overlaps_any(d->hit[i].box, faces, count))
            faces[count++] = d->hit[i];
    qsort(faces, (size_t)count, sizeof *faces, by_size);
    for (int i = 0; i < count; i++)
        nn_look_at(img, &faces[i]);
    return count;
}

/* What was seen from near first: its boxes are finer, and alike from frame to frame. */
static int by_score(const void *a, const void *b)
{
    const struct nn_face *p = a, *q = b;

    if ((p->area.w > 0) != (q->area.w > 0))
        return p->area.w > 0 ? -1 : 1;
    return p->score != q->score ? (p->score < q->score ? 1 : -1) : by_size(a, b);
}

static struct nn_box surroundings(const struct nn_face *f)
{
    float side = AROUND * f->box.w, x = f->box.x + f->box.w / 2, y = f->box.y + f->box.h / 2;
    const struct nn_box *a = &f->area;

    if (a->w < LARGER * side && side < LARGER * a->w &&
        fabsf(a->x + a->w / 2 - x) < ASIDE * f->box.w &&
        fabsf(a->y + a->h / 2 - y) < ASIDE * f->box.w)
        return *a;
    return (struct nn_box){ x - side / 2, y - side / 2, side, side };
}

/* A closer look at a face, which must have at least `least`: 1 and what it is then, 0 when it
 * is none, -1. */
static int look_near(struct nn_detector *d, const struct nn_image *img, struct nn_face *face,
                     float least, struct nn_err *err)
{
    enum { FEW = 8 };
    struct nn_face seen[FEW];
    struct nn_box a = surroundings(face);
    int n = nn_face_net_find(d->net, img, a, 0, least, seen, FEW, err);

    for (int i = 0; i < n; i++)
        if (nn_box_overlap(seen[i].box, face->box)) {
            *face = seen[i];
            face->area = a;
            return 1;
        }
    return n < 0 ? -1 : 0;
}

/* The whole picture by the network: hits from `count` on; their new number or -1. */
static int look_far(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                    int n, int count, struct nn_err *err)
{
    const struct nn_face_format *f = nn_face_net_format(d->net);
    struct nn_box all = { 0, 0, (float)img->w, (float)img->h };
    struct nn_face *hit = d->hit + count;
    int raw = nn_face_net_find(d->net, img, all, 1, f->maybe, hit, MAX_HITS - count, err);
    int looks = 0;

    for (int i = 0; i < raw; i++) {
        int good = hit[i].score >= f->sure || overlaps_any(hit[i].box, known, n);
        if (!good && looks++ < MAX_LOOKS)
            good = look_near(d, img, &hit[i], f->near, err);
        if (good < 0)
            return -1;
        if (good)
            d->hit[count++] = hit[i];
    }
    return raw < 0 ? -1 : count;
}

static int look(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                int n, int all, struct nn_err *err)
{
    int count = 0;

    if (!nn_face_net_near(d->net))
        return look_far(d, img, known, n, 0, err);
    for (int i = 0; i < n; i++) {
        d->hit[count] = known[i];
        int seen = look_near(d, img, &d->hit[count], nn_face_net_format(d->net)->maybe, err);
        if (seen < 0)
            return -1;
        count += seen;
    }
    return all ? look_far(d, img, NULL, 0, count, err) : count;
}

int nn_detect_known(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                    int n, int all, struct nn_face *faces, struct nn_err *err)
{
    int count = d->net ? look(d, img, known, n, all, err)
                       : nn_face_cascade_find(d->cascade, img, all ? NULL : known, n, d->hit,
                                              MAX_HITS, err);

    if (count < 0)
        return -1;
    /* A cascade's small hits are parts of faces. */
    qsort(d->hit, (size_t)count, sizeof *d->hit, d->net ? by_score : by_size);
    count = choose(d, img, count, faces);
    for (int i = 0; i < count && i < MOST_EYES && d->eyes; i++)
        if (!faces[i].points && nn_face_eyes_find(d->eyes, img, &faces[i], err))
            return -1;
    return count;
}

int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err)
{
    return nn_detect_known(d, img, NULL, 0, 1, faces, err);
}
