#include "runtime/face/detect_net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/detect_file.h"
#include "runtime/face/detect_shrink.h"
#include "runtime/onnx/graph.h"

enum {
    FREE_FAR = 320,         /* longer side of a free input for the whole picture, */
    FREE_NEAR = 160,        /* and side for the surroundings of a face: multiples of 32 */
    MAX_RAW = 512
};

static const float SAME = 0.5f;     /* intersection over union: boxes of one face, averaged */
static const float APART = 0.3f;    /* above: the less sure one is dropped */

struct nn_face_net {
    struct nn_engine *engine;
    const struct nn_face_format *format;
    struct nn_face_input in;
    int w_most, h_most;
    int raw;                /* of UltraFace: offsets, not corners */
    float *pixels;
    struct nn_image fit;    /* the area shrunk: as large as the input, or less */
    struct nn_face face[MAX_RAW];
};

static int read_outputs(struct nn_face_net *d, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(d->engine);
    int64_t last[12];
    const char *why;

    for (int i = 0; i < g->nout && i < 12; i++) {
        const struct nn_tensor *y = &g->tensor[g->out[i]];
        last[i] = y->type == NN_F32 && y->ndim == 3 ? y->dim[2] : 0;
    }
    d->format = nn_face_format_find(last, g->nout > 12 ? 0 : g->nout, &why);
    return d->format ? 0 : nn_fail(err, NN_EUNSUPPORTED, "no face detector that we know: %s", why);
}

static int outputs(const struct nn_face_net *d, int w, int h, struct nn_face_outputs *y)
{
    *y = (struct nn_face_outputs){ .w = w, .h = h, .raw = d->raw };
    while (y->count < 12 && (y->v[y->count] = nn_engine_output(d->engine, y->count)))
        y->count++;
    return y->count;
}

static int run(struct nn_face_net *d, int w, int h, float least, int *n, struct nn_err *err)
{
    struct nn_face_outputs y;

    if (nn_face_file_run(d->engine, &d->in, w, h, d->pixels, err))
        return -1;
    outputs(d, w, h, &y);
    *n = d->format->decode(&y, least, d->face, MAX_RAW);
    return *n >= 0 ? 0 : nn_fail(err, NN_EFORMAT, "no %s after all: its outputs for %d x %d pixels "
                                 "do not have that network's shapes", d->format->name, w, h);
}

/* Runs once on grey, which tells whether the shapes are right, and UltraFace's kind. */
static int try_out(struct nn_face_net *d, struct nn_err *err)
{
    int w = d->w_most, h = d->h_most, n;
    struct nn_face_outputs y;

    if (run(d, w, h, 1, &n, err))
        return -1;
    if (strcmp(d->format->name, "UltraFace"))
        return 0;
    outputs(d, w, h, &y);
    d->raw = nn_face_format_raw(y.v[y.v[0]->dim[2] == 4 ? 0 : 1]);
    return run(d, w, h, 1, &n, err);
}

struct nn_face_net *nn_face_net_new(const char *path, const struct nn_engine_opts *opts,
                                    struct nn_err *err)
{
    struct nn_face_net *d = calloc(1, sizeof *d);

    if (!d) {
        nn_fail_mem(err, "face detector");
        return NULL;
    }
    if (!(d->engine = nn_face_file_load(path, opts, err))) {
        nn_face_net_free(d);
        return NULL;
    }
    if (nn_face_file_input(d->engine, &d->in, err) || read_outputs(d, err))
        goto bad;
    d->w_most = d->in.w ? d->in.w : FREE_FAR;
    d->h_most = d->in.h ? d->in.h : FREE_FAR;
    if (!(d->pixels = calloc(3 * (size_t)d->w_most * (size_t)d->h_most, sizeof *d->pixels)))
        nn_fail_mem(err, "face detector");
    else if (!nn_image_init(&d->fit, d->w_most, d->h_most, 3, err) && !try_out(d, err))
        return d;
bad:
    nn_fail_in(err, "%s", path);
    nn_face_net_free(d);
    return NULL;
}

void nn_face_net_free(struct nn_face_net *d)
{
    if (!d)
        return;
    nn_engine_free(d->engine);
    nn_image_release(&d->fit);
    free(d->pixels);
    free(d);
}

const struct nn_face_format *nn_face_net_format(const struct nn_face_net *d)
{
    return d->format;
}

int nn_face_net_near(const struct nn_face_net *d)
{
    return !d->in.w || d->in.w * d->in.h <= FREE_NEAR * FREE_NEAR;
}

/* The input's size for an area, and how many of its pixels one of the picture becomes. */
static float fit(const struct nn_face_net *d, struct nn_box area, int far, int *w, int *h)
{
    float k;

    *w = d->in.w;
    *h = d->in.h;
    if (!d->in.w) {
        float side = (float)(far ? FREE_FAR : FREE_NEAR);
        k = side / fmaxf(area.w, area.h);
        *w = (int)ceilf(area.w * k / 32 - 0.01f) * 32;
        *h = (int)ceilf(area.h * k / 32 - 0.01f) * 32;
        *w = *w < 32 ? 32 : *w;
        *h = *h < 32 ? 32 : *h;
    }
    return fminf((float)*w / area.w, (float)*h / area.h);
}

/* Shrinks the area into the input's upper left corner; the rest is grey. */
static void feed(struct nn_face_net *d, const struct nn_image *img, struct nn_box area, float k,
                 int w, int h)
{
    const struct nn_face_format *f = d->format;
    int fw = (int)(area.w * k + 0.5f), fh = (int)(area.h * k + 0.5f);
    size_t plane = (size_t)w * (size_t)h;

    fw = fw < 1 ? 1 : fw > w ? w : fw;
    fh = fh < 1 ? 1 : fh > h ? h : fh;
    d->fit.w = fw;
    d->fit.h = fh;
    nn_face_shrink(img, (struct nn_box){ area.x, area.y, (float)fw / k, (float)fh / k }, &d->fit);
    for (int c = 0; c < 3; c++) {
        float *to = d->pixels + (d->in.last ? (size_t)c : (size_t)c * plane);
        int step = d->in.last ? 3 : 1, from = f->bgr ? 2 - c : c;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++, to += step) {
                int inside = x < fw && y < fh;
                float v = inside ? (float)d->fit.px[(y * fw + x) * 3 + from] : 127.5f;
                *to = (v - f->mean) * f->scale;
            }
    }
}

static float overlap(struct nn_box a, struct nn_box b)      /* intersection over union */
{
    float w = fminf(a.x + a.w, b.x + b.w) - fmaxf(a.x, b.x);
    float h = fminf(a.y + a.h, b.y + b.h) - fmaxf(a.y, b.y);
    float both = w > 0 && h > 0 ? w * h : 0;

    return both / (a.w * a.h + b.w * b.h - both);
}

static int by_score(const void *a, const void *b)
{
    const struct nn_face *p = a, *q = b;

    if (p->score != q->score)
        return p->score < q->score ? 1 : -1;
    if (p->box.y != q->box.y)
        return p->box.y < q->box.y ? -1 : 1;
    return (p->box.x > q->box.x) - (p->box.x < q->box.x);
}

static void add(struct nn_face *sum, const struct nn_face *f, float weight)
{
    sum->box.x += weight * f->box.x;
    sum->box.y += weight * f->box.y;
    sum->box.w += weight * f->box.w;
    sum->box.h += weight * f->box.h;
    for (int p = 0; p < f->points; p++) {
        sum->point[p][0] += weight * f->point[p][0];
        sum->point[p][1] += weight * f->point[p][1];
    }
}

/* Non-maximum suppression that averages the boxes of one face by their scores, as BlazeFace
 * does (its paper, 3.3): they shake less from frame to frame than the surest one alone. */
static int merge(struct nn_face *f, int n)
{
    int count = 0;

    qsort(f, (size_t)n, sizeof *f, by_score);
    for (int i = 0; i < n; i++) {
        struct nn_face sum = { .score = f[i].score, .points = f[i].points };
        float weight = 0;
        if (f[i].score < 0)
            continue;
        for (int j = n - 1; j >= i; j--) {
            float same = f[j].score < 0 ? 0 : overlap(f[i].box, f[j].box);
            if (same > SAME) {
                add(&sum, &f[j], f[j].score);
                weight += f[j].score;
            }
            if (same > APART)
                f[j].score = -1;
        }
        if (!(weight > 0))
            continue;
        f[count] = (struct nn_face){ .score = sum.score, .points = sum.points };
        add(&f[count++], &sum, 1 / weight);
    }
    return count;
}

/* From the input's pixels to the picture's, and to the emotion network's frame. */
static struct nn_face place(const struct nn_face_net *d, const struct nn_face *f,
                            struct nn_box area, float k)
{
    float side = sqrtf(f->box.w * f->box.h) / k;
    float cx = area.x + (f->box.x + f->box.w / 2) / k;
    float cy = area.y + (f->box.y + f->box.h / 2) / k + d->format->dy * side;
    struct nn_face out = *f;

    side *= d->format->size;
    out.box = (struct nn_box){ cx - side / 2, cy - side / 2, side, side };
    for (int p = 0; p < f->points; p++) {
        out.point[p][0] = area.x + f->point[p][0] / k;
        out.point[p][1] = area.y + f->point[p][1] / k;
    }
    return out;
}

int nn_face_net_find(struct nn_face_net *d, const struct nn_image *img, struct nn_box area,
                     int far, float least, struct nn_face *hit, int max, struct nn_err *err)
{
    int w, h, n;
    float k = fit(d, area, far, &w, &h);

    feed(d, img, area, k, w, h);
    if (run(d, w, h, least, &n, err))
        return -1;
    n = merge(d->face, n);
    n = n < max ? n : max;
    for (int i = 0; i < n; i++)
        hit[i] = place(d, &d->face[i], area, k);
    return n;
}
