#include "runtime/face/detect.h"

#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/opencv.h"

/* Found on film close-ups and group photos: alt2 finds 91 % of a moody clip's
 * frames and takes one belt buckle for a face; smaller pictures lose the groups. */
enum {
    LONG_SIDE = 420,        /* pictures are shrunk to this before the search */
    MIN_FACE = 28,          /* of those pixels */
    NEIGHBOURS = 4,
    MAX_HITS = 256
};

struct nn_detector {
    struct nn_cascade *cascade;
    struct nn_image small;          /* grey; made when a picture's size changes */
};

static int cascade_path(char out[NN_PATH], struct nn_err *err)
{
    static const char *const places[] = {
        "/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades",
        "/usr/share/opencv/haarcascades",
    };
    const char *env = getenv("NEONNOIR_CASCADE");

    if (env && *env)
        return nn_path(out, err, "%s", env);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (nn_path(out, err, "%s/haarcascade_frontalface_alt2.xml", places[i]))
            return -1;
        if (nn_exists(out))
            return 0;
    }
    return nn_fail(err, NN_ENOTFOUND, "no face cascade in %s; install Debian's opencv-data, or set "
                   "NEONNOIR_CASCADE to a cascade's XML file", places[0]);
}

struct nn_detector *nn_detector_new(struct nn_err *err)
{
    struct nn_detector *d = calloc(1, sizeof *d);
    char path[NN_PATH];

    if (!d) {
        nn_fail_mem(err, "face detector");
        return NULL;
    }
    if (cascade_path(path, err) || !(d->cascade = nn_cascade_new(path, err))) {
        nn_detector_free(d);
        return NULL;
    }
    return d;
}

void nn_detector_free(struct nn_detector *d)
{
    if (!d)
        return;
    nn_cascade_free(d->cascade);
    nn_image_release(&d->small);
    free(d);
}

static int fit(struct nn_detector *d, const struct nn_image *img, struct nn_err *err)
{
    int side = img->w > img->h ? img->w : img->h, w = img->w, h = img->h;

    if (side > LONG_SIDE) {
        w = (int)((int64_t)w * LONG_SIDE / side);
        h = (int)((int64_t)h * LONG_SIDE / side);
    }
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    if (d->small.w != w || d->small.h != h) {
        nn_image_release(&d->small);
        if (nn_image_init(&d->small, w, h, 1, err))
            return -1;
    }
    nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, &d->small);
    return 0;
}

static int by_size(const void *a, const void *b)
{
    const struct nn_cascade_hit *p = a, *q = b;

    if (p->w != q->w)
        return p->w < q->w ? 1 : -1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

static int overlap(struct nn_box a, struct nn_box b)
{
    float x = (a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w) - (a.x > b.x ? a.x : b.x);
    float y = (a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h) - (a.y > b.y ? a.y : b.y);
    float least = a.w * a.h < b.w * b.h ? a.w * a.h : b.w * b.h;

    return x > 0 && y > 0 && x * y > 0.2f * least;
}

int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err)
{
    struct nn_cascade_hit hit[MAX_HITS];
    int n, count = 0;
    float k;

    if (fit(d, img, err))
        return -1;
    n = nn_cascade_find(d->cascade, d->small.px, d->small.w, d->small.h, MIN_FACE, NEIGHBOURS, hit,
                        MAX_HITS, err);
    if (n < 0)
        return -1;
    qsort(hit, (size_t)n, sizeof *hit, by_size);
    k = (float)img->w / (float)d->small.w;
    for (int i = 0; i < n && count < NN_MAX_FACES; i++) {
        struct nn_box b = { (float)hit[i].x * k, (float)hit[i].y * k, (float)hit[i].w * k,
                            (float)hit[i].h * k };
        int taken = 0;
        for (int j = 0; j < count && !taken; j++)
            taken = overlap(faces[j].box, b);
        if (!taken)
            faces[count++] = (struct nn_face){ b, hit[i].weight };
    }
    return count;
}
