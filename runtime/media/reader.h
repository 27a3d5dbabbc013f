/*
 * reader.h - frames of a film, through FFmpeg's libav*.
 *
 * Any container and codec libav reads. Frames come in presentation order, RGB,
 * rotated upright as the container's display matrix says, with their exact
 * rational time stamp. Variable frame rates are kept as they are. A truncated
 * or damaged file gives every frame that decodes, then an error that says where.
 */
#ifndef NN_RUNTIME_MEDIA_READER_H
#define NN_RUNTIME_MEDIA_READER_H

#include <stdint.h>

#include "common/err.h"
#include "common/image.h"

struct nn_reader;

struct nn_rational {
    int64_t num, den;           /* den > 0 */
};

struct nn_media_info {
    char container[32], codec[32], pixel_format[32];
    int w, h;                   /* upright, in square-pixel-agnostic stored pixels */
    int rotation;               /* degrees clockwise that were applied: 0, 90, 180, 270 */
    struct nn_rational time_base;   /* seconds of one pts unit */
    struct nn_rational frame_rate;  /* average, as the container claims; 0/1 unknown */
    int64_t start_pts;          /* of the video stream, in time_base; 0 unknown */
    double duration;            /* seconds as claimed; 0 unknown */
    int has_audio;
    char audio_codec[32];       /* "" without audio */
    int audio_rate, audio_channels;
};

/* NULL for what libav cannot open, or a file without a video stream (a message
 * that says which). Free with nn_reader_close(). */
struct nn_reader *nn_reader_open(const char *path, struct nn_err *err);
void nn_reader_close(struct nn_reader *r);          /* NULL is fine */
const struct nn_media_info *nn_reader_info(const struct nn_reader *r);

/* The next frame into `img`, which is the reader's and valid until the next
 * call; NULL: the frame is passed over without being converted, which is quick.
 * `*pts` in info->time_base. Returns 1 for a frame, 0 at the end, -1. */
int nn_reader_next(struct nn_reader *r, const struct nn_image **img, int64_t *pts,
                   struct nn_err *err);

/* Where the frame that nn_reader_next() gave last ends, in info->time_base: its
 * pts and its duration as the container has it, else by the frame rate. */
int64_t nn_reader_end(const struct nn_reader *r);

/* Goes back to the first frame. */
int nn_reader_rewind(struct nn_reader *r, struct nn_err *err);

#endif
