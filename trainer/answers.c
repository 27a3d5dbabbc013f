#include "trainer/answers.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/progress.h"
#include "common/stop.h"

enum { BATCH = 64 };

int nn_tta_find(const char *word, enum nn_tta *out, struct nn_err *err)
{
    *out = !word ? NN_TTA_NONE : !strcmp(word, "flip") ? NN_TTA_FLIP : NN_TTA_TEN;
    if (*out == NN_TTA_TEN && strcmp(word, "ten"))
        return nn_fail(err, NN_EUSAGE, "no test-time augmentation \"%s\": flip or ten", word);
    return 0;
}

int nn_tta_views(enum nn_tta tta)
{
    return tta == NN_TTA_TEN ? 10 : tta == NN_TTA_FLIP ? 2 : 1;
}

static int clamp(int v, int size)
{
    return v < 0 ? 0 : v >= size ? size - 1 : v;
}

/* An odd number of pixels, so that layers of stride 2 see other ones than without it. */
static int reach(int side)
{
    return side / 16 | 1;
}

/* View v of face i: odd ones are mirrored, every two of them have another shift. */
static void see(const struct nn_faces *f, int64_t i, int v, uint8_t *to)
{
    static const int shift[5][2] = { { 0, 0 }, { -1, -1 }, { 1, -1 }, { -1, 1 }, { 1, 1 } };
    const uint8_t *from = nn_faces_px(f, i);
    int dx = shift[v / 2][0] * reach(f->w), dy = shift[v / 2][1] * reach(f->h);

    for (int y = 0; y < f->h; y++) {
        for (int x = 0; x < f->w; x++, to += f->c) {
            int sx = clamp((v & 1 ? f->w - 1 - x : x) + dx, f->w), sy = clamp(y + dy, f->h);
            memcpy(to, from + ((size_t)sy * (size_t)f->w + (size_t)sx) * (size_t)f->c,
                   (size_t)f->c);
        }
    }
}

int nn_answers_init(struct nn_answers *a, int64_t n, struct nn_err *err)
{
    size_t room = n > 0 ? (size_t)n : 1;

    *a = (struct nn_answers){ .n = n, .logit = calloc(room, sizeof *a->logit),
                              .label = calloc(room, 1), .half = calloc(room, 1),
                              .face = calloc(room, sizeof *a->face) };
    return a->logit && a->label && a->half && a->face ? 0 : nn_fail_mem(err, "answers");
}

void nn_answers_release(struct nn_answers *a)
{
    free(a->logit);
    free(a->label);
    free(a->half);
    free(a->face);
    memset(a, 0, sizeof *a);
}

/* SHA-256 of a seed and the pixels: fair coins that equal pictures share. */
static int half_of(const struct nn_faces *f, int64_t i)
{
    static const char seed[] = "halves 1";
    struct nn_hasher h;
    nn_hash hex;

    nn_hasher_init(&h);
    nn_hasher_add(&h, seed, sizeof seed);
    nn_hasher_add(&h, nn_faces_px(f, i), (size_t)f->w * (size_t)f->h * (size_t)f->c);
    nn_hasher_finish(&h, hex);
    return hex[0] >= '8';
}

/* Adds the n faces from `first` as view v shows them; px: room for n pictures. */
static int ask(struct nn_answers *a, struct nn_recogniser *r, const struct nn_faces *f,
               int64_t first, int n, int v, double weight, uint8_t *px, struct nn_err *err)
{
    size_t size = (size_t)f->w * (size_t)f->h * (size_t)f->c;
    double scale = weight * (double)nn_recogniser_temperature(r);
    float prob[BATCH][NN_EMOTIONS];
    const struct nn_image *ptr[BATCH];
    struct nn_image img[BATCH];

    for (int k = 0; k < n; k++) {
        img[k] = (struct nn_image){ f->w, f->h, f->c, px + (size_t)k * size };
        ptr[k] = &img[k];
        see(f, first + k, v, img[k].px);
    }
    if (nn_recognise_crops(r, ptr, n, prob, err))
        return -1;
    for (int k = 0; k < n; k++)
        for (int e = 0; e < NN_EMOTIONS; e++)
            a->logit[first + k][e] += scale * log(fmax((double)prob[k][e], (double)FLT_MIN));
    return 0;
}

int nn_answers_ask(struct nn_answers *a, struct nn_recogniser *r, const struct nn_faces *f,
                   enum nn_tta tta, struct nn_err *err)
{
    uint8_t *px = malloc((size_t)BATCH * (size_t)f->w * (size_t)f->h * (size_t)f->c);
    int views = nn_tta_views(tta), bad = nn_answers_init(a, f->n, err);
    struct nn_progress p;

    if (!px && !bad)
        bad = nn_fail_mem(err, "faces");
    nn_progress_start(&p, "judging", f->n);
    for (int64_t i = 0; i < f->n && !bad; i += BATCH) {
        int n = f->n - i < BATCH ? (int)(f->n - i) : BATCH;
        for (int v = 0; v < views && !bad; v++)
            bad = ask(a, r, f, i, n, v, 1.0 / views, px, err) || nn_check_stop("judging", err);
        for (int k = 0; k < n; k++) {
            a->label[i + k] = f->label[i + k];
            a->half[i + k] = (int8_t)half_of(f, i + k);
            a->face[i + k] = i + k;
        }
        nn_progress_update(&p, i, NULL);
    }
    nn_progress_stop(&p);
    free(px);
    return bad ? -1 : 0;
}

int nn_answers_clean(struct nn_answers *a, const struct nn_answers *from, const struct nn_faces *f,
                     struct nn_err *err)
{
    int64_t n = 0;

    if (nn_answers_init(a, from->n, err))
        return -1;
    for (int64_t i = 0; i < from->n; i++) {
        if (f->leaked[from->face[i]])
            continue;
        memcpy(a->logit[n], from->logit[i], sizeof *a->logit);
        a->label[n] = from->label[i];
        a->half[n] = from->half[i];
        a->face[n++] = from->face[i];
    }
    a->n = n;
    return 0;
}

int nn_answers_top(const double score[NN_EMOTIONS])
{
    int best = 0;

    for (int e = 1; e < NN_EMOTIONS; e++)
        best = score[e] > score[best] ? e : best;
    return best;
}

void nn_answers_softmax(const double logit[NN_EMOTIONS], double temperature,
                        double prob[NN_EMOTIONS])
{
    double top = logit[nn_answers_top(logit)], sum = 0;

    for (int e = 0; e < NN_EMOTIONS; e++)
        sum += prob[e] = exp((logit[e] - top) / temperature);
    for (int e = 0; e < NN_EMOTIONS; e++)
        prob[e] /= sum;
}
