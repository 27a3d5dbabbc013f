/*
 * reader.h - frames of a film, through FFmpeg's libav*.
 *
 * Any container and codec libav reads. Frames come in presentation order, RGB,
 * rotated upright as the container's display matrix says, with their exact
 * rational time stamp. Variable frame rates are kept as they are. A truncated
 * or damaged file gives every frame that decodes, behind the damage too, then an
 * error that says where.
 */
#ifndef NN_RUNTIME_MEDIA_READER_H
#define NN_RUNTIME_MEDIA_READER_H

#include <stdatomic.h>
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
    char timecode[16];          /* of the first frame, "01:00:00:00"; "": the file says none */
    char hdr[16];               /* "PQ", "HLG", "BT.2020": tone-mapped to SDR (tonemap.h); "" */
    int has_audio;
    char audio_codec[32];       /* "" without audio */
    int audio_rate, audio_channels;
};

enum nn_reader_kind { NN_READ_FILE, NN_READ_PIPE, NN_READ_URL };

struct nn_reader_opts {
    enum nn_reader_kind kind;   /* a pipe: what pipe.h opens */
    double timeout;             /* seconds that a URL may stay silent */
    int hardware;               /* decode by the graphics card where that gives the same bits */
    const atomic_int *quit;     /* non-zero ends any waiting; may be NULL */
};

/* NULL for what libav cannot open, or a file without a video stream (a message
 * that says which). Free with nn_reader_close(). */
struct nn_reader *nn_reader_open(const char *path, struct nn_err *err);
struct nn_reader *nn_reader_open_as(const char *path, const struct nn_reader_opts *opts,
                                    struct nn_err *err);
void nn_reader_close(struct nn_reader *r);          /* NULL is fine */
const struct nn_media_info *nn_reader_info(const struct nn_reader *r);

/* The next frame into `img`, which is the reader's and valid until the next
 * call; NULL: the frame is passed over without being converted, which is quick.
 * `*pts` in info->time_base. Returns 1 for a frame, 0 at the end, -1. */
int nn_reader_next(struct nn_reader *r, const struct nn_image **img, int64_t *pts,
                   struct nn_err *err);

/* The same into the caller's picture, { .channels = 3 } at first, which is made anew when
 * its size differs; NULL: passes over it. */
int nn_reader_into(struct nn_reader *r, struct nn_image *img, int64_t *pts, struct nn_err *err);

/* What was damaged first so far; NULL: nothing. */
const struct nn_err *nn_reader_fault(const struct nn_reader *r);
/* Whether it is a URL that goes on as time does, without an end that is known. */
int nn_reader_live(const struct nn_reader *r);

/* Where the frame that nn_reader_next() gave last ends, in info->time_base: its
 * pts and its duration as the container has it, else by the frame rate. */
int64_t nn_reader_end(const struct nn_reader *r);

/* Goes back to the first frame. */
int nn_reader_rewind(struct nn_reader *r, struct nn_err *err);

#endif
