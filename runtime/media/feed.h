/*
 * feed.h - one kind of source: what source.c and live.c ask of it.
 *
 * A feed is opened, read and closed by one thread at a time, and may be opened again
 * after it was closed. Internal to the files source*.c and live.c.
 */
#ifndef NN_RUNTIME_MEDIA_FEED_H
#define NN_RUNTIME_MEDIA_FEED_H

#include <stdatomic.h>

#include "runtime/media/source.h"

struct nn_feed {
    const struct nn_feed_type *type;
    const char *word;               /* the source's */
    struct nn_source_opts opts;
    struct nn_media_info info;      /* open() fills it */
    int live;                       /* likewise: has a clock of its own */
    int hushed;                     /* what a line in the log said once is not said again */
    atomic_int quit;                /* non-zero: end any waiting */
    void *state;                    /* between open() and close() */
};

struct nn_feed_type {
    int (*is)(const char *word);    /* whether the word is of this kind */
    int (*open)(struct nn_feed *f, struct nn_err *err);
    void (*close)(struct nn_feed *f);   /* also after open() failed */
    /* NN_SOURCE_FRAME, NN_SOURCE_END, NN_SOURCE_NOTHING (a live one waits for 100 ms at
     * most), or -1: damaged beyond reading; lost, when live. `img` starts as { .channels = 3 }
     * and may be NULL; *captured is set to the present before. */
    int (*next)(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err);
    int (*rewind)(struct nn_feed *f, struct nn_err *err);   /* NULL: cannot */
    const struct nn_err *(*fault)(const struct nn_feed *f); /* what was damaged; may be NULL */
};

extern const struct nn_feed_type nn_feed_synthetic, nn_feed_camera, nn_feed_url, nn_feed_raw,
    nn_feed_pipe, nn_feed_pictures, nn_feed_film;

/* A sane rate: what opts ask for, else `otherwise` frames a second. */
struct nn_rational nn_feed_rate(const struct nn_feed *f, int64_t otherwise);

#endif
