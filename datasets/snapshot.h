/*
 * snapshot.h - a frozen, hashed list of labelled samples with their splits.
 *
 * A training run names a snapshot, so it can be repeated. A sample is a face's
 * cropped picture, its label and its split. Splits that came with the data
 * (train/valid/test) are kept; faces without one are split by subject and clip,
 * never by frame. A training picture whose bytes also stand in valid or test is
 * a leak: it is left out of train and counted. Valid and test samples whose
 * picture also occurs in the training data are marked `leaked`, so accuracy can
 * be given with and without them.
 *
 * A face's label is its emotion tag: a person's before an importer's before a
 * model's, then the higher confidence. Faces without one, and those without a
 * picture, are no samples. A face whose subject is a registered person needs that
 * person's consent to training in force (consent.h).
 */
#ifndef NN_DATASETS_SNAPSHOT_H
#define NN_DATASETS_SNAPSHOT_H

#include "datasets/catalog.h"

enum nn_split { NN_TRAIN, NN_VALID, NN_TEST, NN_SPLITS };
extern const char *const nn_split_names[NN_SPLITS];     /* "train", "valid", "test" */

struct nn_snapshot_request {
    const char *name;       /* unique; NULL: "snapshot-N" */
    const char *where;      /* a collection's name or a query (collection.h); NULL: all faces */
    double valid;           /* share for faces that came without a split, 0..0.9 */
    uint64_t seed;
    int keep_leaks;         /* leave leaked pictures in train */
};

struct nn_sample {
    nn_hash picture;        /* in the pool */
    int64_t face;           /* row, for people */
    int8_t label;           /* enum nn_emotion */
    int8_t split;
    int8_t leaked;
};

struct nn_snapshot {
    int64_t id;
    char name[128];
    nn_hash hash;           /* of its sorted lines "picture label split\n" */
    char licence[256];      /* of the media, joined by "; " */
    int64_t count;
    struct nn_sample *sample;   /* sorted by split, then picture, then face */
    int64_t leaks;          /* training samples left out */
    int64_t withheld;       /* faces left out: their person's consent is not in force */
};

/* Freezes what the request selects. An empty selection is an error. Release `out`
 * with nn_snapshot_release(). */
int nn_snapshot_make(struct nn_catalog *cat, const struct nn_snapshot_request *req,
                     struct nn_snapshot *out, struct nn_err *err);
/* By name or id ("latest": the newest). Release with nn_snapshot_release(). */
int nn_snapshot_load(struct nn_catalog *cat, const char *name, struct nn_snapshot *out,
                     struct nn_err *err);
void nn_snapshot_release(struct nn_snapshot *s);

/* Every face's row and the path under which its picture came, in order of rows; other than 0
 * from `each` ends it. */
int nn_face_paths(struct nn_catalog *cat, int (*each)(void *arg, int64_t face, const char *path),
                  void *arg, struct nn_err *err);

#endif
