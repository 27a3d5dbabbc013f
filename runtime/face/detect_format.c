#include "runtime/face/detect_format.h"

#include <math.h>
#include <string.h>

static const float *values(const struct nn_value *v)
{
    return v->data;
}

/* Whether it is 1 x rows x last of float32. */
static int is(const struct nn_value *v, int64_t rows, int64_t last)
{
    return v->type == NN_F32 && v->ndim == 3 && v->dim[0] == 1 && v->dim[1] == rows &&
           v->dim[2] == last;
}

/* Takes in a face whose numbers are numbers; a full list gives up its least sure one. */
static int keep(struct nn_face *face, int n, int max, const struct nn_face *f)
{
    float sum = f->box.x + f->box.y + f->box.w + f->box.h;
    int last = 0;

    for (int i = 0; i < f->points; i++)
        sum += f->point[i][0] + f->point[i][1];
    if (!isfinite(sum) || !(f->box.w > 0) || !(f->box.h > 0))
        return n;
    if (n < max) {
        face[n] = *f;
        return n + 1;
    }
    for (int i = 1; i < n; i++)
        last = face[i].score < face[last].score ? i : last;
    if (face[last].score < f->score)
        face[last] = *f;
    return n;
}

/*
 * UltraFace: the SSD of Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB. Its priors
 * (vision/ssd/config/fd_config.py) are squares of these sides at the cells' middles, kept
 * within the picture; offsets are in a tenth of the prior's size and a fifth of its
 * logarithm (vision/utils/box_utils.py, convert_locations_to_boxes).
 */
struct prior {
    float cx, cy, w, h;             /* 0..1 of the input */
};

/* Prior `i` of a w x h input; past the last -1 with *last set to their number. */
static int prior_of(int64_t i, int w, int h, struct prior *p, int64_t *last)
{
    static const float side[4][3] = { { 10, 16, 24 }, { 32, 48 }, { 64, 96 }, { 128, 192, 256 } };
    static const int each[4] = { 3, 2, 2, 3 };
    int64_t from = 0;

    for (int k = 0; k < 4; k++) {
        int step = 8 << k, cols = (w + step - 1) / step, rows = (h + step - 1) / step;
        int64_t n = (int64_t)cols * rows * each[k], cell = (i - from) / each[k];
        float s = i - from < n ? side[k][(i - from) % each[k]] : 0;
        if (s > 0) {
            p->cx = fminf(((float)(cell % cols) + 0.5f) * (float)step / (float)w, 1);
            p->cy = fminf(((float)(cell / cols) + 0.5f) * (float)step / (float)h, 1);
            p->w = fminf(s / (float)w, 1);
            p->h = fminf(s / (float)h, 1);
            return 0;
        }
        from += n;
    }
    *last = from;
    return -1;
}

static int decode_ultraface(const struct nn_face_outputs *y, float least, struct nn_face *face,
                            int max)
{
    const struct nn_value *s = y->v[0]->dim[2] == 2 ? y->v[0] : y->v[1];
    const struct nn_value *b = s == y->v[0] ? y->v[1] : y->v[0];
    int64_t rows = s->ndim == 3 ? s->dim[1] : 0;
    float w = (float)y->w, h = (float)y->h;
    struct prior p;
    int64_t all = rows;
    int n = 0;

    if (!is(s, rows, 2) || !is(b, rows, 4) ||
        (y->raw && (!prior_of(rows, y->w, y->h, &p, &all) || all != rows)))
        return -1;
    for (int64_t i = 0; i < rows; i++) {
        const float *c = values(b) + 4 * i;
        struct nn_face f = { .score = values(s)[2 * i + 1] };
        if (!(f.score >= least))
            continue;
        f.box = (struct nn_box){ c[0] * w, c[1] * h, (c[2] - c[0]) * w, (c[3] - c[1]) * h };
        if (y->raw && !prior_of(i, y->w, y->h, &p, &all)) {
            float pw = p.w * expf(0.2f * c[2]) * w, ph = p.h * expf(0.2f * c[3]) * h;
            f.box = (struct nn_box){ (p.cx + 0.1f * c[0] * p.w) * w - pw / 2,
                                     (p.cy + 0.1f * c[1] * p.h) * h - ph / 2, pw, ph };
        }
        n = keep(face, n, max, &f);
    }
    return n;
}

int nn_face_format_raw(const struct nn_value *boxes)
{
    const float *c = values(boxes);

    for (int64_t i = 0; i < boxes->dim[1]; i++, c += 4)
        if (!(c[2] >= c[0] && c[3] >= c[1]))
            return 1;
    return 0;
}

/*
 * YuNet (Wu, Peng and Yu, Machine Intelligence Research 2023), without anchors: the score
 * is the root of class times objectness, centres and points are offsets in strides from
 * the cell, sizes their logarithm. As OpenCV's modules/objdetect/src/face_detect.cpp
 * decodes it. Its points: right eye, left eye (the picture's left first), nose, mouth.
 */
static const struct nn_value *pick(const struct nn_face_outputs *y, int64_t rows, int64_t last,
                                   int which)
{
    for (int i = 0; i < y->count; i++)
        if (is(y->v[i], rows, last) && which-- == 0)
            return y->v[i];
    return NULL;
}

static float unit(float x)
{
    return fmaxf(0, fminf(1, x));
}

static int decode_yunet(const struct nn_face_outputs *y, float least, struct nn_face *face, int max)
{
    int n = 0;

    for (int stride = 8; stride <= 32; stride *= 2) {
        int cols = y->w / stride, rows = y->h / stride;
        int64_t cells = (int64_t)cols * rows;
        const struct nn_value *cls = pick(y, cells, 1, 0), *obj = pick(y, cells, 1, 1);
        const struct nn_value *box = pick(y, cells, 4, 0), *kps = pick(y, cells, 10, 0);
        float s = (float)stride;

        if (!cls || !obj || !box || !kps)
            return -1;
        for (int64_t i = 0; i < cells; i++) {
            const float *b = values(box) + 4 * i, *k = values(kps) + 10 * i;
            float x = (float)(i % cols), v = (float)(i / cols), w, h;
            struct nn_face f = { .points = 5 };
            f.score = sqrtf(unit(values(cls)[i]) * unit(values(obj)[i]));
            if (!(f.score >= least))
                continue;
            w = expf(b[2]) * s;
            h = expf(b[3]) * s;
            f.box = (struct nn_box){ (x + b[0]) * s - w / 2, (v + b[1]) * s - h / 2, w, h };
            for (int p = 0; p < 5; p++) {
                f.point[p][0] = (k[2 * p] + x) * s;
                f.point[p][1] = (k[2 * p + 1] + v) * s;
            }
            n = keep(face, n, max, &f);
        }
    }
    return n;
}

/*
 * BlazeFace (Bazarevsky et al., arXiv 1907.05047): 896 anchors, two in each cell of 16 x 16
 * and six of 8 x 8 (the full-range model: one in each of 48 x 48), all of one size, so that
 * centre, size and six points are plain pixels of the input from the cell's middle
 * (MediaPipe's face_detection graphs: scale = input side, fixed_anchor_size). The logit is
 * cut at 100. Points: eyes (the picture's left first), nose tip, mouth's middle, ears.
 */
/* Half the mouth's width in distances of the eyes, by the mean face that ArcFace aligns to
 * (deepinsight/insightface, face_align.py: eyes 35.2, mouth's corners 29.2 pixels apart). */
static const float HALF_MOUTH = 0.414f;

static void five_of_six(const float *k, float x, float y, struct nn_face *f)
{
    float ex = (k[2] - k[0]) * HALF_MOUTH, ey = (k[3] - k[1]) * HALF_MOUTH;
    const float at[5][2] = { { k[0], k[1] }, { k[2], k[3] }, { k[4], k[5] },
                             { k[6] - ex, k[7] - ey }, { k[6] + ex, k[7] + ey } };

    f->points = 5;
    for (int p = 0; p < 5; p++) {
        f->point[p][0] = at[p][0] + x;
        f->point[p][1] = at[p][1] + y;
    }
}

/* Rows of `last` numbers over all parts of the output, by number. */
static const float *row_of(const struct nn_face_outputs *y, int64_t last, int64_t row)
{
    for (int i = 0; i < y->count; i++) {
        const struct nn_value *v = y->v[i];
        if (v->dim[2] != last)
            continue;
        if (row < v->dim[1])
            return values(v) + row * last;
        row -= v->dim[1];
    }
    return NULL;
}

static int64_t rows_of(const struct nn_face_outputs *y, int64_t last)
{
    int64_t rows = 0;

    for (int i = 0; i < y->count; i++) {
        const struct nn_value *v = y->v[i];
        if (v->ndim != 3 || !is(v, v->dim[1], v->dim[2]))
            return -1;
        rows += v->dim[2] == last ? v->dim[1] : 0;
    }
    return rows;
}

static int decode_blazeface(const struct nn_face_outputs *y, float least, struct nn_face *face,
                            int max)
{
    static const int grids[3] = { 16, 8, 48 }, anchors[3] = { 2, 6, 1 };
    int64_t rows = rows_of(y, 1), at = 0;
    int wide = rows == 2304, n = 0;

    if (rows_of(y, 16) != rows || (rows != 896 && rows != 2304))
        return -1;
    for (int g = wide ? 2 : 0; g < (wide ? 3 : 2); g++) {
        int grid = grids[g], each = anchors[g];
        for (int i = 0; i < grid * grid * each; i++, at++) {
            const float *b = row_of(y, 16, at);
            float x = ((float)(i / each % grid) + 0.5f) * (float)y->w / (float)grid;
            float v = ((float)(i / each / grid) + 0.5f) * (float)y->h / (float)grid;
            float logit = fmaxf(-100, fminf(100, *row_of(y, 1, at)));
            struct nn_face f = { .score = 1 / (1 + expf(-logit)) };
            if (!(f.score >= least))
                continue;
            f.box = (struct nn_box){ x + b[0] - b[2] / 2, v + b[1] - b[3] / 2, b[2], b[3] };
            five_of_six(b + 4, x, v, &f);
            n = keep(face, n, max, &f);
        }
    }
    return n;
}

/*
 * Scores, on Megamind.avi and the asl clips: UltraFace's faces have 0.99 and its errors up to
 * 0.9; YuNet's faces 0.8 to 0.94, hair and cloth up to 0.75, but seldom so from near; BlazeFace
 * gives far faces and cloth alike 0.57 to 0.75, and from near 0.8 to 0.95 and nothing. Its
 * boxes of far faces are up to half a side off, so that it always takes the second look.
 *
 * Frames: the cascade's box beside that of equal area, means over Megamind.avi and the ten asl
 * clips of each clip's median (right, down, size, in the network's sides; bench_faces measures
 * them): UltraFace 0.01 -0.01 1.08, YuNet 0.01 -0.04 1.07, BlazeFace 0.00 -0.17 1.19.
 */
static const struct nn_face_format
ultraface = { .name = "UltraFace", .mean = 127, .scale = 1 / 128.0f, .maybe = 0.6f, .sure = 0.9f,
              .near = 0.7f, .dy = -0.01f, .size = 1.08f, .decode = decode_ultraface },
yunet = { .name = "YuNet", .scale = 1, .bgr = 1, .maybe = 0.6f, .sure = 0.8f, .near = 0.75f,
          .dy = -0.04f, .size = 1.07f, .decode = decode_yunet },
blazeface = { .name = "BlazeFace", .mean = 127.5f, .scale = 1 / 127.5f, .maybe = 0.5f, .sure = 2,
              .near = 0.6f, .dy = -0.17f, .size = 1.19f, .decode = decode_blazeface };

static int times(const int64_t *last, int count, int64_t what)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        n += last[i] == what;
    return n;
}

const struct nn_face_format *nn_face_format_find(const int64_t *last, int count, const char **why)
{
    int ones = times(last, count, 1), fours = times(last, count, 4);

    *why = "its outputs are not those of UltraFace, YuNet or BlazeFace";
    if (count == 2 && fours == 1 && times(last, count, 2) == 1)
        return &ultraface;
    if (count == 12 && ones == 6 && fours == 3 && times(last, count, 10) == 3)
        return &yunet;
    if ((count == 2 || count == 4) && 2 * ones == count && 2 * times(last, count, 16) == count)
        return &blazeface;
    if (count == 2 && ones == 1 && times(last, count, 18) == 1)
        *why = "it finds palms, not faces";
    return NULL;
}
