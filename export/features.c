#include "export/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/face/detect.h"
#include "runtime/face/recognise.h"
#include "runtime/media/picture.h"
#include "trainer/fit.h"

enum { MAX_OPEN = 640, MAX_INPUT = 4096 };

void nn_features_release(struct nn_features *f)
{
    nn_image_release(&f->seen);
    for (int i = 0; f->layer && i < f->n; i++)
        nn_plates_release(&f->layer[i]);
    free(f->layer);
    *f = (struct nn_features){ 0 };
}

/* The one node that reads a tensor, or NULL. */
static const struct nn_node *only_reader(const struct nn_graph *g, int tensor)
{
    const struct nn_node *found = NULL;

    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nin; k++)
            if (g->node[i].in[k] == tensor) {
                if (found)
                    return NULL;
                found = &g->node[i];
            }
    return found;
}

/* The tensor behind a layer's norm and activation. */
static int map_of(const struct nn_graph *g, int node)
{
    static const char *const follows[] = {
        "BatchNormalization", "Relu", "LeakyRelu", "PRelu", "Clip", "HardSwish", "Elu", "Tanh",
        "Sigmoid", "QuantizeLinear", "DequantizeLinear",
    };
    int t = g->node[node].out[0];
    const struct nn_node *n;

    while ((n = only_reader(g, t)) && n->in[0] == t) {
        size_t i = 0, count = sizeof follows / sizeof *follows;
        while (i < count && strcmp(follows[i], n->op))
            i++;
        if (i == count)
            break;
        t = n->out[0];
        for (int k = 0; k < g->nout; k++)
            if (g->out[k] == t)
                return t;
    }
    return t;
}

struct feed {
    int w, h, c, last;          /* last: channels stand last, NHWC */
    int64_t dim[4];
    float *x;
};

/* A size that the model leaves open: the picture's, in steps its strides divide. */
static int open_size(int size)
{
    size = size > MAX_OPEN ? MAX_OPEN : size / 32 * 32;
    return size < 32 ? 32 : size;
}

static int read_input(struct feed *in, const struct nn_graph *g, const struct nn_image *img,
                      struct nn_err *err)
{
    const struct nn_tensor *t = g->nin == 1 ? &g->tensor[g->in[0]] : NULL;
    const int64_t *d = t ? t->dim : NULL;
    int64_t c, h, w;

    if (!t || t->type != NN_F32 || t->ndim != 4 || (d[0] != 1 && d[0] >= 0))
        return nn_fail(err, NN_EUNSUPPORTED, "the model takes no single picture: its input must be "
                       "one float32 tensor, 1 x channels x height x width");
    in->last = d[1] != 1 && d[1] != 3 && (d[3] == 1 || d[3] == 3);
    c = d[in->last ? 3 : 1];
    h = d[in->last ? 1 : 2];
    w = d[in->last ? 2 : 3];
    h = h < 0 ? open_size(img->h) : h;
    w = w < 0 ? open_size(img->w) : w;
    if ((c != 1 && c != 3) || h < 1 || w < 1 || h > MAX_INPUT || w > MAX_INPUT)
        return nn_fail(err, NN_EUNSUPPORTED, "the model's input is no picture of 1 or 3 channels");
    in->c = (int)c;
    in->h = (int)h;
    in->w = (int)w;
    in->dim[0] = 1;
    in->dim[1] = in->last ? h : c;
    in->dim[2] = in->last ? w : h;
    in->dim[3] = in->last ? c : w;
    return 0;
}

/* The part of the picture that the model shall see. */
static int choose_part(const struct nn_graph *g, const struct nn_image *img, const struct feed *in,
                       struct nn_box *box, char *how, size_t size, struct nn_err *err)
{
    const char *task = nn_graph_meta(g, "neonnoir.task"), *text = nn_graph_meta(g, "neonnoir.margin");
    float scale = (float)in->w * (float)img->h < (float)in->h * (float)img->w
                      ? (float)img->h / (float)in->h : (float)img->w / (float)in->w;
    struct nn_face faces[NN_MAX_FACES];
    struct nn_detector *d;
    float margin = text ? strtof(text, NULL) : NN_FACE_MARGIN;
    int n = 0;

    *box = (struct nn_box){ 0, 0, scale * (float)in->w, scale * (float)in->h };
    box->x = ((float)img->w - box->w) / 2;
    box->y = ((float)img->h - box->h) / 2;
    snprintf(how, size, "the picture's middle");
    if (!task || strcmp(task, "emotion") || img->w < 3 * in->w / 2 || img->h < 3 * in->h / 2)
        return 0;               /* small ones are faces already */
    if (!(d = nn_detector_new(err)) || (n = nn_detect(d, img, faces, err)) < 0) {
        nn_detector_free(d);
        return -1;
    }
    nn_detector_free(d);
    if (n && margin > 0 && margin < 10) {
        *box = nn_face_crop_box(faces[0].box, margin);
        snprintf(how, size, "its largest face");
    }
    return 0;
}

static int prepare(struct feed *in, struct nn_features *f, const struct nn_graph *g,
                   const struct nn_image *img, const struct nn_normal *given, struct nn_err *err)
{
    struct nn_normal normal = { 0, 1 };
    struct nn_image seen = { 0 };
    struct nn_box box;
    size_t area, used;
    float *planes;
    int said;

    if (read_input(in, g, img, err) || (said = nn_fit_normal(g, &normal, err)) < 0 ||
        choose_part(g, img, in, &box, f->how, sizeof f->how, err) ||
        nn_image_init(&seen, in->w, in->h, in->c, err))
        return -1;
    used = strlen(f->how);
    snprintf(f->how + used, sizeof f->how - used, " at %dx%d, %s", in->w, in->h,
             given ? "normalised as asked" : said ? "normalised as the model says"
                                                 : "values 0 to 1 (the model does not say)");
    if (given)
        normal = *given;
    nn_image_crop(img, box, &seen);
    area = (size_t)in->w * (size_t)in->h;
    in->x = malloc(area * (size_t)in->c * sizeof *in->x);
    planes = malloc(area * (size_t)in->c * sizeof *planes);
    if (!in->x || !planes || nn_image_init(&f->seen, in->w, in->h, 3, err)) {
        free(planes);
        nn_image_release(&seen);
        return nn_fail_mem(err, "the picture");
    }
    nn_input_plain(seen.px, in->w, in->h, in->c, &normal, planes);
    for (size_t i = 0; i < area; i++)
        for (int c = 0; c < in->c; c++)
            in->x[in->last ? i * (size_t)in->c + (size_t)c : (size_t)c * area + i] =
                planes[(size_t)c * area + i];
    for (size_t i = 0; i < area; i++)
        for (int c = 0; c < 3; c++)
            f->seen.px[i * 3 + (size_t)c] = seen.px[i * (size_t)in->c + (size_t)(in->c == 3 ? c : 0)];
    free(planes);
    nn_image_release(&seen);
    return 0;
}

static int run(struct nn_features *f, struct nn_graph *g, const struct feed *in, const int *node,
               int first, struct nn_err *err)
{
    struct nn_value x = { .name = g->tensor[g->in[0]].name, .type = NN_F32, .ndim = 4,
                          .dim = { in->dim[0], in->dim[1], in->dim[2], in->dim[3] },
                          .data = in->x };
    struct nn_engine *e = nn_engine_new(g, NULL, err);
    int ret = -1;

    if (!e || nn_engine_run(e, &x, 1, err))
        goto out;
    for (int i = 0; i < f->n; i++) {
        const char *name = *g->node[node[i]].name ? g->node[node[i]].name
                                                  : g->tensor[g->node[node[i]].out[0]].name;
        size_t length = strlen(name);
        if (nn_plates_maps(&f->layer[i], nn_engine_output(e, first + i), err))
            goto out;
        snprintf(f->layer[i].layer, sizeof f->layer[i].layer, "%s%s", length > 40 ? "…" : "",
                 length > 40 ? name + length - 38 : name);
    }
    ret = 0;
out:
    nn_engine_free(e);
    return ret;
}

int nn_features_run(struct nn_features *f, const struct nn_graph *model, const char *path,
                    const struct nn_normal *normal, const int *node, int n, struct nn_err *err)
{
    struct nn_graph *g = nn_graph_copy(model, err);
    struct nn_image img = { 0 };
    struct feed in = { 0 };
    int first = model->nout, ret = -1;

    *f = (struct nn_features){ .n = n };
    if (!g || nn_picture_read(path, 3, &img, err) || prepare(&in, f, g, &img, normal, err))
        goto out;
    if (!(f->layer = calloc((size_t)n, sizeof *f->layer))) {
        nn_fail_mem(err, "feature maps");
        goto out;
    }
    for (int i = 0; i < n; i++)
        nn_graph_output(g, map_of(g, node[i]));
    if (!nn_graph_finish(g, err) && !run(f, g, &in, node, first, err))
        ret = 0;
out:
    nn_graph_free(g);
    nn_image_release(&img);
    free(in.x);
    if (ret)
        nn_features_release(f);
    return ret;
}
