/* Clips of the catalog as a GAN's pictures, their tags as its conditions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/fs.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/collection.h"
#include "datasets/consent.h"
#include "datasets/media.h"
#include "datasets/tag.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"
#include "trainer/gan_data.h"

enum { TAGS = 512, MOST = 256 << 20 };
enum { VALENCE = NN_EMOTIONS, AROUSAL, MOODS };     /* the emotions stand before */

struct pick {
    int64_t id, start, end;
    double unit;                /* seconds of a pts */
    nn_hash hash;
    int still;
    float mood[MOODS];
    uint8_t tag[TAGS / 8];      /* which it has */
};

struct picks {
    struct nn_catalog *cat;
    struct nn_err *err;
    struct pick *all, *now;
    int64_t n, cap, withheld;
    int tags, faces, consent;
    int64_t moods[MOODS];       /* how many have each */
    char tag[TAGS][64];
    int64_t count[TAGS];
    int column[TAGS], mood[MOODS];      /* their conditions; -1: none */
};

static int take_clip(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    struct picks *p = arg;
    int64_t cap = p->cap ? 2 * p->cap : 256;
    struct pick *more = p->n < p->cap ? p->all : realloc(p->all, (size_t)cap * sizeof *more);

    if (!more)
        return nn_fail_mem(p->err, "clips");
    p->cap = p->n < p->cap ? p->cap : cap;
    p->all = more;
    p->all[p->n] = (struct pick){ .id = c->id, .start = c->start_pts, .end = c->end_pts,
                                  .still = m->kind == NN_MEDIA_IMAGE };
    p->all[p->n].unit = m->time_base_den ? (double)m->time_base_num / (double)m->time_base_den : 1;
    snprintf(p->all[p->n++].hash, sizeof(nn_hash), "%s", m->hash);
    return 0;
}

/* low, middle, high: -1, 0, 1. */
static float level_of(const char *word)
{
    return !strcmp(word, "low") ? -1.0f : !strcmp(word, "high") ? 1.0f : 0.0f;
}

static void feel(struct picks *p, int mood, float value)
{
    p->now->mood[mood] += value;
    p->moods[mood]++;
}

static int take_tag(void *arg, const char *tag, const struct nn_tagging *t)
{
    struct picks *p = arg;
    const char *slash = strchr(tag, '/'), *word = slash ? slash + 1 : tag;
    int k = 0, emotion = nn_emotion_find(word);

    (void)t;
    if (!strncmp(tag, "valence/", 8)) {
        feel(p, VALENCE, level_of(word));
    } else if (!strncmp(tag, "arousal/", 8)) {
        feel(p, AROUSAL, level_of(word));
    } else if (!strncmp(tag, "mood/", 5) && emotion >= 0) {
        feel(p, emotion, 1);
    } else {
        while (k < p->tags && strcmp(p->tag[k], word))
            k++;
        if (k == TAGS)
            return 0;
        if (k == p->tags)
            snprintf(p->tag[p->tags++], sizeof *p->tag, "%.58s", word);
        if (!(p->now->tag[k / 8] & 1 << k % 8))
            p->count[k]++;
        p->now->tag[k / 8] |= (uint8_t)(1 << k % 8);
    }
    return 0;
}

static int take_emotion(void *arg, const char *tag, const struct nn_tagging *t)
{
    struct picks *p = arg;
    int emotion = strncmp(tag, "emotion/", 8) ? -1 : nn_emotion_find(tag + 8);

    (void)t;
    if (emotion >= 0) {
        feel(p, emotion, 1);
        p->faces++;
    }
    return 0;
}

static int take_face(void *arg, const struct nn_face_row *f)
{
    struct picks *p = arg;
    struct nn_err ignored;
    int64_t person;
    int holds = 1;

    if (*f->subject && !nn_person_find(p->cat, f->subject, &person, &ignored))
        holds = nn_consent_holds(p->cat, person, NN_TRAINING, p->err);
    if (holds < 0)
        return -1;
    p->consent = p->consent && holds;
    return nn_tag_each(p->cat, NN_ON_FACE, f->id, take_emotion, p, p->err);
}

/* What is known of a clip. Its faces share 1 between their emotions. */
static int look(struct picks *p)
{
    float by_face[NN_EMOTIONS];

    p->faces = 0;
    p->consent = 1;
    if (nn_face_each(p->cat, p->now->id, take_face, p, p->err))
        return -1;
    for (int k = 0; k < NN_EMOTIONS; k++)
        by_face[k] = p->faces ? p->now->mood[k] / (float)p->faces : 0;
    memcpy(p->now->mood, by_face, sizeof by_face);
    if (nn_tag_each(p->cat, NN_ON_CLIP, p->now->id, take_tag, p, p->err))
        return -1;
    for (int k = 0; k < NN_EMOTIONS; k++)
        p->now->mood[k] = p->now->mood[k] > 1 ? 1 : p->now->mood[k];
    return 0;
}

static int name(struct nn_gan_data *d, const char *kind, const char *word)
{
    if (d->conditions == NN_GAN_CONDITIONS)
        return -1;
    snprintf(d->name[d->conditions], sizeof *d->name, "%s%.58s", kind, word);
    return d->conditions++;
}

static void name_conditions(struct picks *p, struct nn_gan_data *d)
{
    static const char *const more[] = { "valence", "arousal" };

    for (int k = MOODS; k-- > 0;)
        p->mood[k] = !p->moods[k] ? -1
                     : name(d, "", k < NN_EMOTIONS ? nn_emotions[k].name : more[k - NN_EMOTIONS]);
    for (int k = 0; k < p->tags; k++)
        p->column[k] = p->count[k] * 50 < p->n || p->count[k] == p->n ? -1
                                                                      : name(d, "tag/", p->tag[k]);
}

static int put(const struct picks *p, const struct pick *c, struct nn_gan_data *d,
               const struct nn_image *img, struct nn_err *err)
{
    float *row;

    if (nn_gan_data_picture(d, img, &row, err))
        return -1;
    for (int k = 0; k < MOODS; k++)
        if (p->mood[k] >= 0)
            row[p->mood[k]] = c->mood[k];
    for (int k = 0; k < p->tags; k++)
        if (p->column[k] >= 0 && c->tag[k / 8] & 1 << k % 8)
            row[p->column[k]] = 1;
    return 0;
}

static int put_still(const struct picks *p, const struct pick *c, const char *path,
                     struct nn_gan_data *d, struct nn_err *err)
{
    struct nn_image img;
    int ret;

    if (nn_picture_read(path, 3, &img, err))
        return -1;
    ret = put(p, c, d, &img, err);
    nn_image_release(&img);
    return ret;
}

/* The clips from `c` on that are of one film, in one go; *used tells how many. */
static int put_film(const struct picks *p, const struct pick *c, int64_t left, const char *path,
                    double every, struct nn_gan_data *d, int64_t *used, struct nn_err *err)
{
    struct nn_reader *in = nn_reader_open(path, err);
    const struct nn_image *img;
    int64_t n = 1, k = 0, pts;
    double due = -1e300;
    int got = -1;

    if (!in)
        return -1;
    while (n < left && !strcmp(c[n].hash, c->hash))
        n++;
    while (k < n && !nn_check_stop("frames", err) &&
           (got = nn_reader_next(in, &img, &pts, err)) == 1) {
        for (; k < n && pts >= c[k].end; k++)
            due = -1e300;
        if (k == n || pts < c[k].start || (double)pts * c[k].unit + 1e-6 < due)
            continue;
        due = (due > -1e299 ? due : (double)pts * c[k].unit) + every;
        if (put(p, &c[k], d, img, err)) {
            got = -1;
            break;
        }
    }
    nn_reader_close(in);
    *used = n;
    return got < 0 || nn_stopping() ? -1 : 0;
}

static int put_all(const struct picks *p, struct nn_gan_data *d, double every, struct nn_err *err)
{
    struct nn_progress bar;
    int ret = 0;

    nn_progress_start(&bar, "clips", p->n);
    for (int64_t i = 0, used; i < p->n && !ret; i += used) {
        const struct pick *c = &p->all[i];
        char path[NN_PATH];
        used = 1;
        nn_progress_update(&bar, i, NULL);
        ret = nn_check_stop("clips", err) || nn_media_path(p->cat, c->hash, path, err) ? -1
              : c->still ? put_still(p, c, path, d, err)
                         : put_film(p, c, p->n - i, path, every, d, &used, err);
    }
    nn_progress_stop(&bar);
    return ret;
}

int nn_gan_data_clips(struct nn_gan_data *d, struct nn_catalog *cat, const char *where,
                      double every, struct nn_err *err)
{
    struct picks *p = calloc(1, sizeof *p);
    int64_t kept = 0;
    int ret;

    if (!p)
        return nn_fail_mem(err, "clips");
    p->cat = cat;
    p->err = err;
    ret = nn_query_each(cat, where, take_clip, p, err);
    for (int64_t i = 0; i < p->n && !ret; i++) {
        p->now = &p->all[i];
        ret = look(p);
        if (!ret && p->consent)
            p->all[kept++] = p->all[i];
    }
    p->withheld = p->n - kept;
    p->n = kept;
    if (!ret && p->withheld)
        nn_info("%lld clips left out: a person in them has not agreed to training",
                (long long)p->withheld);
    if (!ret && !p->n)
        ret = nn_fail(err, NN_ENOTFOUND, "no clip in the catalog is selected by \"%s\"", where);
    if (!ret) {
        name_conditions(p, d);
        ret = put_all(p, d, every, err);
    }
    free(p->all);
    free(p);
    return ret;
}
