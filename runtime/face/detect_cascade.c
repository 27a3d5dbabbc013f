#include "runtime/face/detect_cascade.h"

#include <stdlib.h>

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

/* Near a known face: half its side further in each direction, and sizes as far
 * from its own as a face gets from frame to frame. */
static const float REACH = 0.5f, SMALLER = 0.7f, LARGER = 1.4f;

struct nn_face_cascade {
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
                   "NEONNOIR_CASCADE to a cascade's XML file, or NEONNOIR_FACE_MODEL to a face "
                   "detector's ONNX file", places[0]);
}

struct nn_face_cascade *nn_face_cascade_new(struct nn_err *err)
{
    struct nn_face_cascade *d = calloc(1, sizeof *d);
    char path[NN_PATH];

    if (!d) {
        nn_fail_mem(err, "face detector");
        return NULL;
    }
    if (cascade_path(path, err) || !(d->cascade = nn_cascade_new(path, err))) {
        nn_face_cascade_free(d);
        return NULL;
    }
    return d;
}

void nn_face_cascade_free(struct nn_face_cascade *d)
{
    if (!d)
        return;
    nn_cascade_free(d->cascade);
    nn_image_release(&d->small);
    free(d);
}

static int look(struct nn_face_cascade *d, const struct nn_image *img, struct nn_err *err)
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
    return nn_cascade_look(d->cascade, d->small.px, w, h, err);
}

static struct nn_cascade_area around(struct nn_box b, float k)
{
    struct nn_cascade_area a = { .x = (int)((b.x - REACH * b.w) * k),
                                 .y = (int)((b.y - REACH * b.h) * k),
                                 .w = (int)((1 + 2 * REACH) * b.w * k),
                                 .h = (int)((1 + 2 * REACH) * b.h * k),
                                 .least = (int)(SMALLER * b.w * k),
                                 .most = (int)(LARGER * b.w * k) };

    a.least = a.least < MIN_FACE ? MIN_FACE : a.least;
    return a;
}

int nn_face_cascade_find(struct nn_face_cascade *d, const struct nn_image *img,
                         const struct nn_face *known, int n, struct nn_face *hit, int max,
                         struct nn_err *err)
{
    struct nn_cascade_area all = { .least = MIN_FACE, .most = LONG_SIDE };
    struct nn_cascade_hit raw[MAX_HITS];
    int count = 0;
    float k;

    if (look(d, img, err))
        return -1;
    all.w = d->small.w;
    all.h = d->small.h;
    k = (float)img->w / (float)d->small.w;
    for (int i = 0; i < (known ? n : 1); i++) {
        struct nn_cascade_area a = known ? around(known[i].box, 1 / k) : all;
        int more = nn_cascade_find(d->cascade, &a, NEIGHBOURS, raw + count, MAX_HITS - count, err);
        if (more < 0)
            return -1;
        count += more;
    }
    count = count < max ? count : max;
    for (int i = 0; i < count; i++)
        hit[i] = (struct nn_face){ .box = { (float)raw[i].x * k, (float)raw[i].y * k,
                                            (float)raw[i].w * k, (float)raw[i].h * k },
                                   .score = raw[i].weight };
    return count;
}
