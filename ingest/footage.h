/*
 * footage.h - a film into the catalog: the medium, a clip for each shot with its
 * poster, the faces with their crops, a contact sheet.
 *
 * The film is watched first; then its files go into the pool and all rows in one
 * transaction, so the catalog holds the whole film or nothing of it.
 */
#ifndef NN_INGEST_FOOTAGE_H
#define NN_INGEST_FOOTAGE_H

#include "datasets/catalog.h"

struct nn_footage_opts {
    const char *name;           /* of its clips, NULL: the file's */
    const char *licence, *author;
    int no_faces;
    int64_t every;              /* look.h */
};

struct nn_footage_clip {
    char name[200];
    double start, length;       /* seconds */
    int64_t frames, faces;
    nn_hash poster;
};

struct nn_footage_report {
    int already;                /* it was there, whole; only the hash is filled */
    nn_hash hash;
    char sheet[NN_PATH], codec[32];
    int w, h, variable_rate;
    int64_t frames, faces;
    double length;              /* seconds */
    struct nn_footage_clip *clip;
    int clips;
};

/* Release `r` even on failure. */
int nn_footage_add(struct nn_catalog *cat, const char *path, const struct nn_footage_opts *opts,
                   struct nn_footage_report *r, struct nn_err *err);
void nn_footage_report_release(struct nn_footage_report *r);

#endif
