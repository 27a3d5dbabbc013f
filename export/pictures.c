#include "export/pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/archive.h"
#include "datasets/class_path.h"
#include "runtime/media/picture.h"
#include "trainer/labelled.h"

enum { COMPARED = 100 };
#define MAX_FLOATS ((int64_t)256 << 20)     /* of all plain pictures together */

void nn_pictures_close(struct nn_pictures *p)
{
    nn_sight_release(&p->sight);
    nn_faces_release(&p->train);
    nn_faces_release(&p->valid);
    free(p->x);
    *p = (struct nn_pictures){ 0 };
}

/* A split of the labelled faces, or all of them where there is no such split. */
static int load_faces(struct nn_pictures *p, struct nn_faces *f, const char *on, const char *split,
                      const char *catalog, char origin[240], struct nn_err *err)
{
    struct nn_err none;
    char line[200];
    int64_t skipped;
    int ret;

    nn_faces_init(f, p->sight.w, p->sight.h, p->sight.c);
    ret = nn_labelled_load(f, on, split, catalog, &skipped, line, &none);
    if (ret && none.code != NN_EINTR) {
        nn_faces_release(f);
        nn_faces_init(f, p->sight.w, p->sight.h, p->sight.c);
        ret = nn_labelled_load(f, on, "all", catalog, &skipped, line, &none);
    }
    if (ret && err)
        *err = none;
    snprintf(origin, 240, "%lld faces of %s", (long long)f->n, line);
    return ret;
}

/* The number of picture files, or -1. */
static int64_t count_pictures(const char *path, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    const char *name;
    int64_t n = 0;
    int more = -1;

    while (a && (more = nn_archive_next(a, &name, err)) == 1)
        n += nn_is_picture_name(name);
    nn_archive_close(a);
    return more < 0 ? -1 : n;
}

/* One picture of the archive into place `p->count`; broken ones are passed over. */
static int take(struct nn_pictures *p, struct nn_archive *a, const char *name,
                const struct nn_graph *g, const struct nn_normal *normal, int64_t count,
                struct nn_err *err)
{
    struct nn_image img = { 0 };
    struct nn_err why;
    const void *data;
    size_t size;
    int face, ret = nn_archive_data(a, &data, &size, err);

    if (ret)
        return ret < 0 ? -1 : 0;
    if (nn_picture_decode(data, size, name, 3, &img, &why))
        return 0;
    if (!p->x) {
        if (nn_sight_init(&p->sight, g, img.w, img.h, normal, err))
            goto out;
        if (count > MAX_FLOATS / p->sight.floats) {
            nn_fail(err, NN_EMEM, "%lld pictures of %dx%d are too many: --count %lld is the most",
                    (long long)count, p->sight.w, p->sight.h,
                     (long long)(MAX_FLOATS / p->sight.floats));
            goto out;
        }
        p->x = malloc((size_t)(count * p->sight.floats) * sizeof *p->x);
    }
    if (!p->x)
        nn_fail_mem(err, "pictures");
    else if (!nn_sight_picture(&p->sight, &img, p->x + p->count * p->sight.floats, NULL, &face,
                               err))
        p->count++;
    else
        ret = -1;
out:
    nn_image_release(&img);
    return p->x && !ret ? 0 : -1;
}

static int load_plain(struct nn_pictures *p, const struct nn_graph *g,
                      const struct nn_normal *normal, const char *path, int64_t count,
                      struct nn_err *err)
{
    int64_t all = count_pictures(path, err), seen = 0;
    struct nn_archive *a = all < 0 ? NULL : nn_archive_open(path, err);
    struct nn_progress progress;
    const char *name;
    int more = -1;

    count = count < all ? count : all;
    nn_progress_start(&progress, "reading pictures", count);
    while (a && p->count < count && (more = nn_archive_next(a, &name, err)) == 1) {
        if (!nn_is_picture_name(name) || seen++ * count / all < p->count)
            continue;
        if ((more = take(p, a, name, g, normal, count, err)) < 0 || nn_check_stop("reading", err)) {
            more = -1;
            break;
        }
        nn_progress_update(&progress, p->count, NULL);
    }
    nn_progress_stop(&progress);
    nn_archive_close(a);
    if (!all || (more >= 0 && !p->count))
        return nn_fail(err, NN_ENOTFOUND, "there is no readable picture in %s", path);
    snprintf(p->origin, sizeof p->origin, "the %lld pictures in %.180s, %s", (long long)all, path,
             p->sight.how ? p->sight.how : "");
    return a && more >= 0 ? 0 : -1;
}

int nn_pictures_open(struct nn_pictures *p, const struct nn_graph *g,
                     const struct nn_normal *normal, const char *on, const char *images,
                     int64_t count, const char *catalog, struct nn_err *err)
{
    if (images)
        return load_plain(p, g, normal, images, count, err);
    if (nn_sight_init(&p->sight, g, 0, 0, normal, err) ||
        load_faces(p, &p->train, on, "train", catalog, p->origin, err) ||
        load_faces(p, &p->valid, on, "valid", catalog, p->judged, err))
        return -1;
    p->count = count < p->train.n ? count : p->train.n;
    return 0;
}

/* Face i of f, prepared as the model wants it. */
static int fill_face(struct nn_pictures *p, const struct nn_faces *f, int64_t i, float *x,
                     struct nn_err *err)
{
    struct nn_image img = { f->w, f->h, f->c, (uint8_t *)nn_faces_px(f, i) };
    int face;

    return nn_sight_picture(&p->sight, &img, x, NULL, &face, err);
}

int nn_pictures_fill(void *arg, int64_t i, float *x, struct nn_err *err)
{
    struct nn_pictures *p = arg;

    if (!p->x)
        return fill_face(p, &p->train, i * p->train.n / p->count, x, err);
    memcpy(x, p->x + i * p->sight.floats, (size_t)p->sight.floats * sizeof *x);
    return 0;
}

/* Two models side by side on the same pictures. */
struct pair {
    struct nn_engine *e[2];
    float *x;
};

static int open_pair(struct pair *s, const struct nn_pictures *p, const struct nn_graph *a,
                     const struct nn_graph *b, struct nn_err *err)
{
    struct nn_engine_opts opts = { .max_memory = p->max_memory };

    *s = (struct pair){ .x = malloc((size_t)p->sight.floats * sizeof *s->x) };
    if (!s->x)
        return nn_fail_mem(err, "a picture");
    if (!(s->e[0] = nn_engine_new(a, &opts, err)))
        return -1;
    if (!(s->e[1] = nn_engine_new(b, &opts, err)))
        return nn_fail_in(err, "the int8 model");
    return 0;
}

static void close_pair(struct pair *s)
{
    nn_engine_free(s->e[0]);
    nn_engine_free(s->e[1]);
    free(s->x);
}

static int run_pair(struct pair *s, const struct nn_pictures *p, struct nn_err *err)
{
    struct nn_value in = nn_sight_value(&p->sight, 1, s->x);

    return nn_engine_run(s->e[0], &in, 1, err) || nn_engine_run(s->e[1], &in, 1, err) ||
           nn_check_stop("comparing", err) ? -1 : 0;
}

static int64_t elements(const struct nn_value *v)
{
    int64_t n = 1;

    for (int k = 0; k < v->ndim; k++)
        n *= v->dim[k];
    return n;
}

int nn_pictures_noise(struct nn_pictures *p, const struct nn_graph *a, const struct nn_graph *b,
                      double *db, struct nn_err *err)
{
    int64_t n = p->count < COMPARED ? p->count : COMPARED;
    double signal = 0, noise = 0;
    struct pair s;
    int ret = open_pair(&s, p, a, b, err);

    for (int64_t i = 0; !ret && i < n; i++) {
        if ((ret = nn_pictures_fill(p, i * p->count / n, s.x, err) ||
             run_pair(&s, p, err) ? -1 : 0))
            break;
        for (int k = 0; k < a->nout; k++) {
            const struct nn_value *v = nn_engine_output(s.e[0], k);
            const struct nn_value *w = nn_engine_output(s.e[1], k);
            for (int64_t j = 0; v->type == NN_F32 && elements(v) == elements(w) && j < elements(v);
                 j++) {
                double x = ((const float *)v->data)[j], d = x - ((const float *)w->data)[j];
                signal += x * x;
                noise += d * d;
            }
        }
    }
    *db = noise > 0 && signal > 0 ? 10 * log10(signal / noise) : 200;
    close_pair(&s);
    return ret;
}

static int best_of(const struct nn_value *v)
{
    const float *y = v->data;
    int64_t n = elements(v), best = 0;

    for (int64_t k = 1; k < n; k++)
        best = y[k] > y[best] ? k : best;
    return (int)best;
}

int nn_pictures_judge(struct nn_pictures *p, const struct nn_graph *a, const struct nn_graph *b,
                      struct nn_judgement *ja, struct nn_judgement *jb, struct nn_err *err)
{
    const char *task = nn_graph_meta(a, "neonnoir.task");
    const char *classes = nn_graph_meta(a, "neonnoir.classes");
    struct nn_progress progress;
    int64_t n = p->valid.n, right[2] = { 0 };
    struct pair s;
    int ret;

    *ja = *jb = (struct nn_judgement){ 0 };
    if (!n || !task || strcmp(task, "emotion") || (classes && strcmp(classes, NN_EMOTION_CLASSES)))
        return 0;
    ret = open_pair(&s, p, a, b, err);
    nn_progress_start(&progress, "judging", n);
    for (int64_t i = 0; !ret && i < n; i++) {
        int answer[2];
        if ((ret = fill_face(p, &p->valid, i, s.x, err) || run_pair(&s, p, err) ? -1 : 0))
            break;
        for (int k = 0; k < 2; k++) {
            answer[k] = best_of(nn_engine_output(s.e[k], 0));
            right[k] += answer[k] == p->valid.label[i];
        }
        jb->same += answer[0] == answer[1];
        nn_progress_update(&progress, i, NULL);
    }
    nn_progress_stop(&progress);
    close_pair(&s);
    ja->faces = jb->faces = n;
    ja->same = n;
    ja->accuracy = (double)right[0] / (double)n;
    jb->accuracy = (double)right[1] / (double)n;
    return ret;
}
