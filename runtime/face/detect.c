#include "runtime/face/detect.h"

#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/face/detect_cascade.h"
#include "runtime/face/detect_net.h"
#include "runtime/face/track_look.h"

enum { MAX_HITS = 256 };

/* What is searched about a face that a network knows, in sides of its box: the networks
 * were taught on faces that fill a third of the picture and less. */
static const float AROUND = 2.5f;
/* Above this share of the picture, one look at all of it is cheaper. */
static const float MOST = 0.6f;

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
    struct nn_face hit[MAX_HITS];
};

/* 1 with the path of a model, 0 when there is none, -1. */
static int find_model(const char *model, char out[NN_PATH], struct nn_err *err)
{
    const char *env = getenv("NEONNOIR_FACE_MODEL"), *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char dir[NN_PATH] = "";

    if (model || (env && *env))
        return nn_path(out, err, "%s", model ? model : env) ? -1 : 1;
    if ((data && *data && nn_path(dir, err, "%s/neonnoir/models", data)) ||
        (!(data && *data) && home && *home &&
         nn_path(dir, err, "%s/.local/share/neonnoir/models", home)))
        return -1;
    for (int i = 0; nn_detector_names[i]; i++) {
        char name[NN_PATH];
        if (nn_path(name, err, "models/%s", nn_detector_names[i]))
            return -1;
        if (!nn_data_path(out, name, NULL))
            return 1;
        if (*dir && !nn_path(out, NULL, "%s/%s", dir, nn_detector_names[i]) && nn_exists(out))
            return 1;
    }
    return 0;
}

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
    found = find_model(model, path, err);
    if (found > 0 && strcmp(path, "cascade"))
        d->net = nn_face_net_new(path, opts, err);
    else if (found >= 0)
        d->cascade = nn_face_cascade_new(err);
    if (d->net || d->cascade)
        return d;
    free(d);
    return NULL;
}

void nn_detector_free(struct nn_detector *d)
{
    if (!d)
        return;
    nn_face_net_free(d->net);
    nn_face_cascade_free(d->cascade);
    free(d);
}

const char *nn_detector_kind(const struct nn_detector *d)
{
    return d->net ? nn_face_net_kind(d->net) : "cascade";
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

/* Of hits that overlap the cascade's larger (its small ones are parts of faces), or the
 * network's surer, in pixels of the picture; largest first. */
static int choose(struct nn_detector *d, const struct nn_image *img, int n, struct nn_face *faces)
{
    int count = 0;

    if (d->cascade)
        qsort(d->hit, (size_t)n, sizeof *d->hit, by_size);
    for (int i = 0; i < n && count < NN_MAX_FACES; i++) {
        int taken = 0;
        for (int j = 0; j < count && !taken; j++)
            taken = nn_box_overlap(faces[j].box, d->hit[i].box);
        if (!taken)
            faces[count++] = d->hit[i];
    }
    qsort(faces, (size_t)count, sizeof *faces, by_size);
    for (int i = 0; i < count; i++)
        nn_look_at(img, &faces[i]);
    return count;
}

int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err)
{
    struct nn_box all = { 0, 0, (float)img->w, (float)img->h };
    int n = d->net ? nn_face_net_find(d->net, img, all, 1, d->hit, MAX_HITS, err)
                   : nn_face_cascade_find(d->cascade, img, NULL, 0, d->hit, MAX_HITS, err);

    return n < 0 ? -1 : choose(d, img, n, faces);
}

static int by_score(const void *a, const void *b)
{
    const struct nn_face *p = a, *q = b;

    return p->score != q->score ? (p->score < q->score ? 1 : -1) : by_size(a, b);
}

/* A look at each known face's surroundings. */
static int look_near(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                     int n, struct nn_err *err)
{
    int count = 0;

    for (int i = 0; i < n; i++) {
        struct nn_box b = known[i].box;
        float side = AROUND * b.w;
        struct nn_box a = { b.x + b.w / 2 - side / 2, b.y + b.h / 2 - side / 2, side, side };
        int more = nn_face_net_find(d->net, img, a, 0, d->hit + count, MAX_HITS - count, err);
        if (more < 0)
            return -1;
        count += more;
    }
    qsort(d->hit, (size_t)count, sizeof *d->hit, by_score);
    return count;
}

int nn_detect_near(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                   int n, struct nn_face *faces, struct nn_err *err)
{
    float share = 0;
    int count;

    for (int i = 0; i < n; i++)
        share += AROUND * AROUND * known[i].box.w * known[i].box.h;
    if (d->net && share > MOST * (float)img->w * (float)img->h)
        return nn_detect(d, img, faces, err);
    count = d->net ? look_near(d, img, known, n, err)
                   : nn_face_cascade_find(d->cascade, img, known, n, d->hit, MAX_HITS, err);
    return count < 0 ? -1 : choose(d, img, count, faces);
}
