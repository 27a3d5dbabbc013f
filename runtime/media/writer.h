/*
 * writer.h - frames to an H.264 MP4, with another file's audio passed through.
 *
 * Written beside its place and renamed over it by finish(), so an interrupted
 * or failed run leaves no half film. The same frames give the same bytes.
 */
#ifndef NN_RUNTIME_MEDIA_WRITER_H
#define NN_RUNTIME_MEDIA_WRITER_H

#include <stdint.h>

#include "common/err.h"
#include "common/image.h"
#include "runtime/media/reader.h"

struct nn_writer;

struct nn_writer_opts {
    struct nn_rational time_base;   /* of the pts handed in */
    struct nn_rational frame_rate;  /* nominal; 0/1: unknown */
    const char *audio_from;         /* file whose audio is copied (or, where MP4
                                     * cannot hold its codec, re-encoded to AAC,
                                     * which is logged); NULL: silent */
    int quality;                    /* x264's CRF, 0..51; 0 means 18 */
};

/* w and h as the frames'; odd sizes are padded by a repeated border pixel. */
struct nn_writer *nn_writer_open(const char *path, int w, int h, const struct nn_writer_opts *opts,
                                 struct nn_err *err);
/* `img` is RGB and stays the caller's; pts strictly increase. */
int nn_writer_frame(struct nn_writer *wr, const struct nn_image *img, int64_t pts,
                    struct nn_err *err);
/* Ends the file and puts it in place; frees the writer even on failure. */
int nn_writer_finish(struct nn_writer *wr, struct nn_err *err);
/* Frees and removes what was written; NULL is fine. */
void nn_writer_abort(struct nn_writer *wr);

#endif
