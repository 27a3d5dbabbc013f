/*
 * outlet.h - one kind of sink: what sink.c asks of it. Internal to the files sink*.c.
 */
#ifndef NN_RUNTIME_MEDIA_OUTLET_H
#define NN_RUNTIME_MEDIA_OUTLET_H

#include "runtime/media/sink.h"

struct nn_sink {
    const struct nn_outlet_type *type;
    char *word;                     /* without "overlay:" */
    int overlay;
    struct nn_sink_opts opts;       /* frame_rate is set where the type is steady */
    struct nn_image laid, last;     /* the overlay; the last frame, when steady */
    int64_t first, given;           /* pts of the first frame; frames written, when steady */
    int taken;                      /* frames handed in */
    void *state;
};

struct nn_outlet_type {
    int (*is)(const char *word);
    int steady;                     /* knows no time stamps: gets frames at an even rate */
    int alpha;                      /* takes RGBA: overlays */
    int (*open)(struct nn_sink *s, struct nn_err *err);
    int (*frame)(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err);
    int (*key)(struct nn_sink *s);  /* NULL: has none */
    /* Both free the state; finish() even when it fails. abort() also after open() failed. */
    int (*finish)(struct nn_sink *s, struct nn_err *err);
    void (*abort)(struct nn_sink *s);
};

extern const struct nn_outlet_type nn_outlet_film, nn_outlet_pictures, nn_outlet_pipe,
    nn_outlet_camera, nn_outlet_window;

#endif
