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

/* Near a known face: half its side further in each direction, and sizes as far
 * from its own as a face gets from frame to frame. */
static const float REACH = 0.5f, SMALLER = 0.7f, LARGER = 1.4f;

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

static int look(struct nn_detector *d, const struct nn_image *img, struct nn_err *err)
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

static int by_size(const void *a, const void *b)
{
    const struct nn_cascade_hit *p = a, *q = b;

    if (p->w != q->w)
        return p->w < q->w ? 1 : -1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

int nn_box_overlap(struct nn_box a, struct nn_box b)
{
    float x = (a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w) - (a.x > b.x ? a.x : b.x);
    float y = (a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h) - (a.y > b.y ? a.y : b.y);
    float least = a.w * a.h < b.w * b.h ? a.w * a.h : b.w * b.h;

    return x > 0 && y > 0 && x * y > 0.2f * least;
}

/* The larger of hits that overlap, in pixels of the picture. */
static int choose(const struct nn_detector *d, const struct nn_image *img,
                  struct nn_cascade_hit *hit, int n, struct nn_face *faces)
{
    float k = (float)img->w / (float)d->small.w;
    int count = 0;

    qsort(hit, (size_t)n, sizeof *hit, by_size);
    for (int i = 0; i < n && count < NN_MAX_FACES; i++) {
        struct nn_box b = { (float)hit[i].x * k, (float)hit[i].y * k, (float)hit[i].w * k,
                            (float)hit[i].h * k };
        int taken = 0;
        for (int j = 0; j < count && !taken; j++)
            taken = nn_box_overlap(faces[j].box, b);
        if (!taken)
            faces[count++] = (struct nn_face){ b, hit[i].weight };
    }
    return count;
}

int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err)
{
    struct nn_cascade_area all = { .least = MIN_FACE, .most = LONG_SIDE };
    struct nn_cascade_hit hit[MAX_HITS];
    int n;

    if (look(d, img, err))
        return -1;
    all.w = d->small.w;
    all.h = d->small.h;
    n = nn_cascade_find(d->cascade, &all, NEIGHBOURS, hit, MAX_HITS, err);
    return n < 0 ? -1 : choose(d, img, hit, n, faces);
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

int nn_detect_near(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                   int n, struct nn_face *faces, struct nn_err *err)
{
    struct nn_cascade_hit hit[MAX_HITS];
    int count = 0;

    if (look(d, img, err))
        return -1;
    for (int i = 0; i < n; i++) {
        struct nn_cascade_area a = around(known[i].box, (float)d->small.w / (float)img->w);
        int more = nn_cascade_find(d->cascade, &a, NEIGHBOURS, hit + count, MAX_HITS - count, err);
        if (more < 0)
            return -1;
        count += more;
    }
    return choose(d, img, hit, count, faces);
}
