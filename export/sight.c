#include "export/sight.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/face/recognise.h"
#include "trainer/fit.h"

enum { MAX_OPEN = 640, MAX_INPUT = 4096 };

/* A size that the model leaves open: the picture's, in steps its strides divide. */
static int open_size(int size)
{
    size = size > MAX_OPEN ? MAX_OPEN : size / 32 * 32;
    return size < 32 ? 32 : size;
}

int nn_sight_init(struct nn_sight *f, const struct nn_graph *g, int w, int h,
                 const struct nn_normal *normal, struct nn_err *err)
{
    const struct nn_tensor *t = g->nin == 1 ? &g->tensor[g->in[0]] : NULL;
    const char *task = nn_graph_meta(g, "neonnoir.task"), *margin;
    const int64_t *d = t ? t->dim : NULL;
    int64_t c, high, wide;
    int said;

    *f = (struct nn_sight){ .normal = { 0, 1 } };
    if (!t || t->type != NN_F32 || t->ndim != 4 || (d[0] != 1 && d[0] >= 0))
        return nn_fail(err, NN_EUNSUPPORTED, "the model takes no single picture: its input must be "
                       "one float32 tensor, 1 x channels x height x width");
    f->input = t->name;
    f->last = d[1] != 1 && d[1] != 3 && (d[3] == 1 || d[3] == 3);
    c = d[f->last ? 3 : 1];
    high = d[f->last ? 1 : 2];
    wide = d[f->last ? 2 : 3];
    high = high < 0 ? open_size(h) : high;
    wide = wide < 0 ? open_size(w) : wide;
    if ((c != 1 && c != 3) || high < 1 || wide < 1 || high > MAX_INPUT || wide > MAX_INPUT)
        return nn_fail(err, NN_EUNSUPPORTED, "the model's input is no picture of 1 or 3 channels");
    f->c = (int)c;
    f->h = (int)high;
    f->w = (int)wide;
    f->floats = c * high * wide;
    if ((said = nn_fit_normal(g, &f->normal, err)) < 0)
        return -1;
    f->how = normal ? "normalised as asked" : said ? "normalised as the model says"
                                                   : "values 0 to 1 (the model does not say)";
    if (normal)
        f->normal = *normal;
    if (task && !strcmp(task, "emotion")) {
        margin = nn_graph_meta(g, "neonnoir.margin");
        f->margin = margin ? strtof(margin, NULL) : NN_FACE_MARGIN;
        if (!(f->margin > 0 && f->margin < 10))
            return nn_fail(err, NN_EFORMAT, "its metadata give the margin \"%.20s\"", margin);
    }
    return 0;
}

void nn_sight_release(struct nn_sight *f)
{
    nn_detector_free(f->faces);
    *f = (struct nn_sight){ 0 };
}

/* The part of the picture that the model shall see: 1 a face, 0 the middle, -1. */
static int choose_part(struct nn_sight *f, const struct nn_image *img, struct nn_box *box,
                       struct nn_err *err)
{
    float scale = (float)f->w * (float)img->h < (float)f->h * (float)img->w
                      ? (float)img->h / (float)f->h : (float)img->w / (float)f->w;
    struct nn_face faces[NN_MAX_FACES];
    int n;

    *box = (struct nn_box){ 0, 0, scale * (float)f->w, scale * (float)f->h };
    box->x = ((float)img->w - box->w) / 2;
    box->y = ((float)img->h - box->h) / 2;
    if (f->margin <= 0 || img->w < 3 * f->w / 2 || img->h < 3 * f->h / 2)
        return 0;               /* small ones are faces already */
    if ((!f->faces && !(f->faces = nn_detector_new(NULL, NULL, err))) ||
        (n = nn_detect(f->faces, img, faces, err)) < 0)
        return -1;
    if (n)
        *box = nn_face_crop_box(faces[0].box, f->margin);
    return n > 0;
}

int nn_sight_picture(struct nn_sight *f, const struct nn_image *img, float *x,
                    struct nn_image *seen, int *face, struct nn_err *err)
{
    size_t area = (size_t)f->w * (size_t)f->h, c = (size_t)f->c;
    struct nn_image cut = { 0 };
    float *planes = NULL;
    struct nn_box box;
    int ret = -1;

    if ((*face = choose_part(f, img, &box, err)) < 0 || nn_image_init(&cut, f->w, f->h, f->c, err))
        return -1;
    nn_image_crop(img, box, &cut);
    if (f->last && f->c > 1 && !(planes = malloc(area * c * sizeof *planes))) {
        nn_fail_mem(err, "the picture");
        goto out;
    }
    nn_input_plain(cut.px, f->w, f->h, f->c, &f->normal, planes ? planes : x);
    for (size_t i = 0; planes && i < area; i++)
        for (size_t k = 0; k < c; k++)
            x[i * c + k] = planes[k * area + i];
    if (seen) {
        if (nn_image_init(seen, f->w, f->h, 3, err))
            goto out;
        nn_image_crop(&cut, (struct nn_box){ 0, 0, (float)f->w, (float)f->h }, seen);
    }
    ret = 0;
out:
    free(planes);
    nn_image_release(&cut);
    return ret;
}

struct nn_value nn_sight_value(const struct nn_sight *f, int64_t n, float *x)
{
    return (struct nn_value){
        .name = f->input, .type = NN_F32, .ndim = 4, .data = x,
        .dim = { n, f->last ? f->h : f->c, f->last ? f->w : f->h, f->last ? f->c : f->w },
    };
}
