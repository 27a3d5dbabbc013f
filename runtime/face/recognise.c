#include "runtime/face/recognise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/face/align.h"
#include "runtime/onnx/graph.h"

enum { MAX_BATCH = 32, MAX_CLASSES = 256 };

struct nn_recogniser {
    struct nn_engine *engine;
    const char *input;
    int w, h, channels;
    int batch;                      /* pictures in one run: MAX_BATCH, or what the model fixes */
    int classes, emotion[MAX_CLASSES];      /* a class's nn_emotion, or -1 */
    int probabilities;              /* the model ends with Softmax itself */
    int affect;                     /* the output of valence and arousal, or -1 */
    float mean[3], std[3], margin, temperature, silence;
    float *pixels;                  /* batch x channels x h x w */
    struct nn_image crop;
};

/* What the model takes: B x 1 or 3 x H x W. */
static int read_input(struct nn_recogniser *r, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(r->engine);
    const struct nn_tensor *x = g->nin == 1 ? &g->tensor[g->in[0]] : NULL;

    if (!x || x->type != NN_F32 || x->ndim != 4 || (x->dim[1] != 1 && x->dim[1] != 3) ||
        x->dim[2] < 8 || x->dim[2] > 1024 || x->dim[3] < 8 || x->dim[3] > 1024 || x->dim[0] == 0)
        return nn_fail(err, NN_EUNSUPPORTED, "the model is no image classifier: it must take one "
                       "float32 picture, batch x 1 or 3 x height x width");
    r->input = x->name;
    r->batch = x->dim[0] < 0 || x->dim[0] > MAX_BATCH ? MAX_BATCH : (int)x->dim[0];
    if (x->dim[0] > MAX_BATCH)
        return nn_fail(err, NN_EUNSUPPORTED, "the model's batch is fixed at %lld",
                       (long long)x->dim[0]);
    r->channels = (int)x->dim[1];
    r->h = (int)x->dim[2];
    r->w = (int)x->dim[3];
    return 0;
}

/* What it gives: B x K, logits or probabilities. */
static int read_output(struct nn_recogniser *r, struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(r->engine);
    const struct nn_tensor *y = g->nout > 0 ? &g->tensor[g->out[0]] : NULL;

    if (!y || y->type != NN_F32 || y->ndim != 2 || y->dim[1] < 2 || y->dim[1] > MAX_CLASSES)
        return nn_fail(err, NN_EUNSUPPORTED, "the model is no image classifier: its first output "
                       "must be batch x classes (2 to %d)", MAX_CLASSES);
    r->classes = (int)y->dim[1];
    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nout; k++)
            if (g->node[i].out[k] == g->out[0])
                r->probabilities = !strcmp(g->node[i].op, "Softmax");
    return 0;
}

static int find_affect(const struct nn_graph *g)
{
    for (int i = 0; i < g->nout; i++) {
        const struct nn_tensor *y = &g->tensor[g->out[i]];
        if (!strcmp(y->name, "affect") && y->type == NN_F32 && y->ndim == 2 && y->dim[1] == 2)
            return i;
    }
    return -1;
}

/* Maps neonnoir.classes onto our emotions. */
static int read_classes(struct nn_recogniser *r, struct nn_err *err)
{
    const char *p = nn_graph_meta(nn_engine_graph(r->engine), "neonnoir.classes");
    int n = 0, known = 0;
    char word[64];

    if (!p && r->classes != NN_EMOTIONS)
        return nn_fail(err, NN_EUNSUPPORTED, "the model has %d classes but does not name them "
                       "(metadata neonnoir.classes)", r->classes);
    for (; !p && n < NN_EMOTIONS; n++, known++)
        r->emotion[n] = n;
    for (; p && *p && n < MAX_CLASSES; n++) {
        size_t length = strcspn(p, ",");
        const char *start = p + strspn(p, " ");
        size_t trimmed = start > p + length ? 0 : length - (size_t)(start - p);
        trimmed = trimmed < sizeof word ? trimmed : sizeof word - 1;
        memcpy(word, start, trimmed);
        word[trimmed] = 0;
        r->emotion[n] = nn_emotion_find(word);
        known += r->emotion[n] >= 0;
        p += length + (p[length] == ',');
    }
    if (n != r->classes)
        return nn_fail(err, NN_EFORMAT, "the model gives %d classes, its metadata name %d",
                       r->classes, n);
    if (!known)
        return nn_fail(err, NN_EUNSUPPORTED, "none of the model's classes is an emotion we know");
    return 0;
}

/* One number for all channels, or three separated by commas. */
static int read_numbers(const struct nn_graph *g, const char *key, float *out, float otherwise,
                        struct nn_err *err)
{
    const char *text = nn_graph_meta(g, key), *p = text;

    for (int c = 0; c < 3; c++) {
        char *end;
        out[c] = c ? out[c - 1] : otherwise;
        if (!p || !*p)
            continue;
        out[c] = strtof(p, &end);
        if (end == p || !isfinite(out[c]) || (*end && *end != ','))
            return nn_fail(err, NN_EFORMAT, "its %s is \"%s\", not a number", key, text);
        p = end + (*end == ',');
    }
    return 0;
}

/* By what the logits are divided, so that probabilities are as often right as they say. */
static int read_temperature(struct nn_recogniser *r, struct nn_err *err)
{
    const char *text = nn_graph_meta(nn_engine_graph(r->engine), "neonnoir.temperature");
    char *end = NULL;

    r->temperature = text ? strtof(text, &end) : 1;
    if (text && (end == text || *end || !isfinite(r->temperature) || !(r->temperature > 0)))
        return nn_fail(err, NN_EFORMAT, "its neonnoir.temperature is \"%.40s\", not a positive "
                       "number", text);
    return 0;
}

/* The probability below which it had better say nothing; 0 where the model does not know. */
static int read_silence(struct nn_recogniser *r, struct nn_err *err)
{
    const char *text = nn_graph_meta(nn_engine_graph(r->engine), "neonnoir.abstain");
    char *end = NULL;

    r->silence = text ? strtof(text, &end) : 0;
    if (text && (end == text || *end || !(r->silence >= 0) || !(r->silence <= 1)))
        return nn_fail(err, NN_EFORMAT, "its neonnoir.abstain is \"%.40s\", not 0 to 1", text);
    return 0;
}

static int set_up(struct nn_recogniser *r, const char *model, const struct nn_engine_opts *opts,
                  struct nn_err *err)
{
    const struct nn_graph *g;
    float margin[3];
    int ret = -1;

    if (!(r->engine = nn_engine_load(model, opts, err)))
        return -1;
    g = nn_engine_graph(r->engine);
    if (read_input(r, err) || read_output(r, err) || read_classes(r, err) ||
        read_numbers(g, "neonnoir.mean", r->mean, 0, err) ||
        read_numbers(g, "neonnoir.std", r->std, 1, err) ||
        read_numbers(g, "neonnoir.margin", margin, NN_FACE_MARGIN, err) ||
        read_temperature(r, err) || read_silence(r, err))
        goto out;
    r->affect = find_affect(g);
    r->margin = margin[0] > 0 ? margin[0] : NN_FACE_MARGIN;
    for (int c = 0; c < 3; c++)
        if (!(r->std[c] > 0)) {
            nn_fail(err, NN_EFORMAT, "the model's neonnoir.std is not positive");
            goto out;
        }
    r->pixels = calloc((size_t)r->batch * (size_t)(r->channels * r->h * r->w), sizeof *r->pixels);
    if (!r->pixels)
        nn_fail_mem(err, "faces");
    else
        ret = nn_image_init(&r->crop, r->w, r->h, r->channels, err);
out:
    if (ret)
        nn_fail_in(err, "%s", model);
    return ret;
}

struct nn_recogniser *nn_recogniser_new(const char *model, const struct nn_engine_opts *opts,
                                        struct nn_err *err)
{
    struct nn_recogniser *r;
    char bundled[NN_PATH];

    if (!model || !strcmp(model, "tiny")) {
        if (nn_data_path(bundled, model ? "models/emotion-tiny.onnx" : "models/emotion.onnx", err))
            return NULL;
        model = bundled;
    }
    if (!(r = calloc(1, sizeof *r))) {
        nn_fail_mem(err, "recogniser");
        return NULL;
    }
    if (set_up(r, model, opts, err)) {
        nn_recogniser_free(r);
        return NULL;
    }
    return r;
}

void nn_recogniser_free(struct nn_recogniser *r)
{
    if (!r)
        return;
    nn_engine_free(r->engine);
    nn_image_release(&r->crop);
    free(r->pixels);
    free(r);
}

void nn_recogniser_input(const struct nn_recogniser *r, int *w, int *h, int *channels)
{
    *w = r->w;
    *h = r->h;
    *channels = r->channels;
}

const struct nn_graph *nn_recogniser_graph(const struct nn_recogniser *r)
{
    return nn_engine_graph(r->engine);
}

float nn_recogniser_temperature(const struct nn_recogniser *r)
{
    return r->temperature;
}

float nn_recogniser_silence(const struct nn_recogniser *r)
{
    return r->silence;
}

struct nn_box nn_face_crop_box(struct nn_box face, float margin)
{
    float side = (face.w > face.h ? face.w : face.h) * margin;  /* square, as networks want it */

    return (struct nn_box){ face.x + face.w / 2 - side / 2, face.y + face.h / 2 - side / 2,
                            side, side };
}

/* Cuts `box` out of `img` into place i of the batch; a leaning one upright. */
static void feed(struct nn_recogniser *r, int i, const struct nn_image *img, struct nn_box box,
                 const float *roll)
{
    int area = r->w * r->h;
    float *to = r->pixels + (size_t)i * (size_t)(r->channels * area);

    if (roll && *roll != 0)
        nn_face_crop(img, box, *roll, &r->crop);
    else
        nn_image_crop(img, box, &r->crop);
    for (int c = 0; c < r->channels; c++)
        for (int k = 0; k < area; k++)
            *to++ = ((float)r->crop.px[k * r->channels + c] / 255 - r->mean[c]) / r->std[c];
}

static void to_emotions(const struct nn_recogniser *r, const float *y, float *prob)
{
    float p[MAX_CLASSES], top = y[0], sum = 0;

    for (int k = 1; k < r->classes; k++)
        top = y[k] > top ? y[k] : top;
    for (int k = 0; k < r->classes; k++)
        p[k] = !r->probabilities ? expf((y[k] - top) / r->temperature)
               : r->temperature == 1 ? y[k] : powf(fmaxf(y[k], 0), 1 / r->temperature);
    memset(prob, 0, NN_EMOTIONS * sizeof *prob);
    for (int k = 0; k < r->classes; k++)
        if (r->emotion[k] >= 0) {
            prob[r->emotion[k]] += p[k];
            sum += p[k];
        }
    for (int e = 0; e < NN_EMOTIONS; e++)
        prob[e] = sum > 0 ? prob[e] / sum : e == NN_NEUTRAL;    /* surely an unknown class */
}

static int to_affect(const struct nn_recogniser *r, int n, float (*prob)[NN_EMOTIONS],
                     float (*affect)[2], struct nn_err *err)
{
    const struct nn_value *out = r->affect < 0 ? NULL : nn_engine_output(r->engine, r->affect);

    if (out && (out->ndim != 2 || out->dim[0] < n || out->dim[1] != 2))
        return nn_fail(err, NN_EFORMAT, "the model gave no valence and arousal for each face");
    for (int i = 0; i < n; i++) {
        affect[i][0] = affect[i][1] = 0;
        for (int e = 0; e < NN_EMOTIONS && !out; e++) {
            affect[i][0] += prob[i][e] * nn_emotions[e].valence;
            affect[i][1] += prob[i][e] * nn_emotions[e].arousal;
        }
        for (int k = 0; k < 2 && out; k++)
            affect[i][k] = fmaxf(-1, fminf(1, ((const float *)out->data)[i * 2 + k]));
    }
    return 0;
}

/* Runs the `n` faces fed and writes their probabilities. */
static int run(struct nn_recogniser *r, int n, float (*prob)[NN_EMOTIONS], float (*affect)[2],
               struct nn_err *err)
{
    const struct nn_graph *g = nn_engine_graph(r->engine);
    int fixed = g->tensor[g->in[0]].dim[0] >= 0;
    struct nn_value in = { .name = r->input, .type = NN_F32, .ndim = 4, .data = r->pixels,
                           .dim = { fixed ? r->batch : n, r->channels, r->h, r->w } };
    const struct nn_value *out;

    if (nn_engine_run(r->engine, &in, 1, err))
        return -1;
    out = nn_engine_output(r->engine, 0);
    if (out->ndim != 2 || out->dim[0] < n || out->dim[1] != r->classes)
        return nn_fail(err, NN_EFORMAT, "the model gave no row of classes for each face");
    for (int i = 0; i < n; i++) {
        const float *y = (const float *)out->data + i * r->classes;
        for (int k = 0; k < r->classes; k++)
            if (!isfinite(y[k]))
                return nn_fail(err, NN_EFORMAT, "the emotion model answers %g for a face: its "
                               "weights are damaged", (double)y[k]);
        to_emotions(r, y, prob[i]);
    }
    return affect ? to_affect(r, n, prob, affect, err) : 0;
}

int nn_recognise(struct nn_recogniser *r, const struct nn_image *img, const struct nn_box *box,
                 int n, float (*prob)[NN_EMOTIONS], float (*affect)[2], struct nn_err *err)
{
    return nn_recognise_leaning(r, img, box, NULL, n, prob, affect, err);
}

int nn_recognise_leaning(struct nn_recogniser *r, const struct nn_image *img,
                         const struct nn_box *box, const float *roll, int n,
                         float (*prob)[NN_EMOTIONS], float (*affect)[2], struct nn_err *err)
{
    for (int done = 0, count; done < n; done += count) {
        count = n - done < r->batch ? n - done : r->batch;
        for (int i = 0; i < count; i++)
            feed(r, i, img, nn_face_crop_box(box[done + i], r->margin),
                 roll ? &roll[done + i] : NULL);
        if (run(r, count, prob + done, affect ? affect + done : NULL, err))
            return -1;
    }
    return 0;
}

int nn_recognise_crops(struct nn_recogniser *r, const struct nn_image *const *crops, int n,
                       float (*prob)[NN_EMOTIONS], struct nn_err *err)
{
    for (int done = 0, count; done < n; done += count) {
        count = n - done < r->batch ? n - done : r->batch;
        for (int i = 0; i < count; i++) {
            const struct nn_image *img = crops[done + i];
            feed(r, i, img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, NULL);
        }
        if (run(r, count, prob + done, NULL, err))
            return -1;
    }
    return 0;
}
