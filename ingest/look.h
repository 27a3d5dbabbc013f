/*
 * look.h - everything that ingest finds out about a film by watching it.
 *
 * Pure analysis: no catalog. The film is decoded twice: once for its frames,
 * shots and faces, and then, without converting the others, for the shots'
 * posters, which are known only at the end.
 */
#ifndef NN_INGEST_LOOK_H
#define NN_INGEST_LOOK_H

#include "common/err.h"
#include "common/image.h"
#include "runtime/media/reader.h"
#include "runtime/media/shots.h"

enum {
    NN_CROP_SIDE = 96,          /* pixels of a stored face */
    NN_POSTER_WIDTH = 960       /* at most; smaller films keep theirs */
};

struct nn_look_face {
    int64_t frame, pts;
    struct nn_box box;
    float score;
    int track;                  /* 1, 2, ...: one person as far as overlap can tell */
    void *png;                  /* the crop, NN_CROP_SIDE square; NULL once handed on */
    size_t png_size;
};

struct nn_look {
    struct nn_media_info info;
    int w, h;                   /* of the first frame, upright */
    int64_t frames, *pts;       /* a time stamp for each */
    int64_t end_pts;            /* exclusive */
    int variable_rate;
    struct nn_shot *shot;
    int shots;
    struct nn_image *poster;    /* one for each shot, RGB */
    struct nn_look_face *face;  /* by frame, then by size */
    int64_t faces;
};

struct nn_look_opts {
    int no_faces;
    int64_t every;              /* look for faces in every n-th frame; 0: about five a second */
    /* Called, when set, with a face just found; may take its png (and set it to
     * NULL), so that long films do not pile them up. 0 or -1. */
    int (*found)(void *arg, struct nn_look_face *f, struct nn_err *err);
    void *arg;
};

/* Release `look` even on failure. Ctrl-C is NN_EINTR. */
int nn_look(const char *path, const struct nn_look_opts *opts, struct nn_look *look,
            struct nn_err *err);
void nn_look_release(struct nn_look *look);

/* Seconds of a time stamp, from the film's first frame. */
double nn_look_seconds(const struct nn_look *look, int64_t pts);

#endif
