/*
 * shots.h - where a film cuts: hard cuts, fades through black, dissolves.
 *
 * Feed every frame in order, then finish. Works on small thumbnails, so a
 * frame costs well under a millisecond at any size. Deterministic.
 */
#ifndef NN_RUNTIME_MEDIA_SHOTS_H
#define NN_RUNTIME_MEDIA_SHOTS_H

#include <stdint.h>

#include "common/err.h"
#include "common/image.h"

struct nn_shots;

struct nn_shot {
    int64_t start, end;     /* frame numbers, [start, end) */
    int64_t poster;         /* the frame that shows it best: sharp, lit, not in a fade */
};

struct nn_shots *nn_shots_new(struct nn_err *err);      /* free with nn_shots_free() */
void nn_shots_free(struct nn_shots *s);                 /* NULL is fine */
/* Returns 1 when this frame surely begins a new shot (a hard cut), else 0; -1. */
int nn_shots_feed(struct nn_shots *s, const struct nn_image *img, struct nn_err *err);
/* For a show without an end: from here on only what nn_shots_feed() needs is kept, nothing is
 * allocated, and nn_shots_finish() is not to be called. Before the first frame. */
int nn_shots_live(struct nn_shots *s, struct nn_err *err);
/* All shots; at least one when any frame was fed. The array is s's. */
int nn_shots_finish(struct nn_shots *s, const struct nn_shot **shots, int *count,
                    struct nn_err *err);

#endif
