/*
 * media.h - media (files), clips (spans of them) and faces (boxes at a time),
 * with where each medium came from.
 *
 * Times are integers in the medium's time base, exactly as the container has
 * them; seconds are only for people. Adding what is there already (same hash,
 * same span, same box) returns the existing row's id and *added = 0.
 */
#ifndef NN_DATASETS_MEDIA_H
#define NN_DATASETS_MEDIA_H

#include "common/image.h"
#include "datasets/catalog.h"

enum nn_media_kind { NN_MEDIA_VIDEO, NN_MEDIA_IMAGE };

struct nn_medium {
    int64_t id;
    nn_hash hash;
    enum nn_media_kind kind;
    const char *container, *codec;      /* "" when unknown */
    int w, h, rotation;                 /* upright pixels; degrees that were applied */
    int64_t frames;                     /* counted by decoding; 1 for an image */
    int64_t time_base_num, time_base_den;   /* seconds of one pts unit */
    int64_t first_pts, end_pts;         /* end is exclusive */
    int variable_rate;
    int has_audio;
};

/* Where a medium came from; one medium may have several. */
struct nn_origin {
    const char *source;     /* the file, directory, archive or URL handed in */
    const char *path;       /* inside it: "fer2013/train/happy/fer0000007.png"; "" */
    const char *licence;    /* "unknown" when nobody said */
    const char *author;     /* "" when unknown */
};

struct nn_clip {
    int64_t id, medium;
    int64_t start_pts, end_pts;         /* [start, end) */
    int64_t start_frame, end_frame;
    const char *name;                   /* unique, for people: "megamind-2" */
    const char *poster;                 /* hash in the pool, "" without */
};

struct nn_face_row {
    int64_t id, clip, origin;           /* origin: 0, or the origin whose label it bears */
    int64_t pts;
    struct nn_box box;
    float score;                        /* detector's; 1 for given faces */
    const char *crop;                   /* hash of the cropped picture in the pool */
    const char *split;                  /* "train", "valid", "test" as given, or "" */
    const char *subject;                /* person or track, "" unknown: never split apart */
};

int nn_medium_add(struct nn_catalog *cat, const struct nn_medium *m, int64_t *id, int *added,
                  struct nn_err *err);
/* 1 found, 0 not there, -1. */
int nn_medium_find(struct nn_catalog *cat, const char *hash, int64_t *id, struct nn_err *err);
int nn_origin_add(struct nn_catalog *cat, int64_t medium, const struct nn_origin *o, int64_t *id,
                  int *added, struct nn_err *err);
/* `name` in c is a wish: a number is put behind it when it is taken. */
int nn_clip_add(struct nn_catalog *cat, const struct nn_clip *c, int64_t *id, int *added,
                struct nn_err *err);
int nn_face_add(struct nn_catalog *cat, const struct nn_face_row *f, int64_t *id, int *added,
                struct nn_err *err);

/* Says whose face it is; "" nobody's. */
int nn_face_set_subject(struct nn_catalog *cat, int64_t face, const char *subject,
                        struct nn_err *err);

/* Marks a medium as completely ingested (its clips and faces are all there), and
 * asks: a medium without the mark is taken up again by the next ingest. */
int nn_medium_set_complete(struct nn_catalog *cat, int64_t medium, struct nn_err *err);
int nn_medium_is_complete(struct nn_catalog *cat, int64_t medium, int *complete,
                          struct nn_err *err);

/* A clip by name or decimal id, NN_ENOTFOUND with near names otherwise. */
int nn_clip_find(struct nn_catalog *cat, const char *word, int64_t *id, struct nn_err *err);

/* One clip and its medium. Strings live until the next call of this or of
 * nn_run_find(). */
int nn_clip_load(struct nn_catalog *cat, int64_t id, struct nn_clip *c, struct nn_medium *m,
                 struct nn_err *err);

/* Calls each(arg, row) until it returns non-zero, which is returned (-1: err is
 * filled by either side). Strings live during the call. */
int nn_clip_each(struct nn_catalog *cat, int64_t medium_or_0,
                 int (*each)(void *arg, const struct nn_clip *c, const struct nn_medium *m),
                 void *arg, struct nn_err *err);
int nn_face_each(struct nn_catalog *cat, int64_t clip_or_0,
                 int (*each)(void *arg, const struct nn_face_row *f), void *arg,
                 struct nn_err *err);

#endif
