/*
 * writer.h - frames to a film (.mp4, .mov, .mkv; H.264, HEVC, ProRes), with another
 * file's audio passed through.
 *
 * Written beside its place and renamed over it by finish(), so an interrupted
 * or failed run leaves no half film. The same frames give the same bytes.
 * A live one is in its place from its header on, in fragments (MP4, MOV) or clusters
 * (Matroska) of about a second: it can be played up to the last of them after a crash,
 * and a full disk or nn_writer_abort() cuts it back to there.
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
    int quality;                    /* CRF of H.264 and HEVC, 0..51; 0 means 18 */
    const char *codec;              /* "h264", "hevc", "prores"; NULL: h264, prores with alpha */
    int alpha;                      /* frames are RGBA, straight alpha: ProRes 4444 */
    int live;                       /* see above; encodes without delay, in real time */
    const char *comment;            /* into the file, where players show it; NULL, "": none */
};

/* w and h as the frames'; odd sizes are padded by a repeated border pixel where the
 * codec halves the chroma. */
struct nn_writer *nn_writer_open(const char *path, int w, int h, const struct nn_writer_opts *opts,
                                 struct nn_err *err);
/* `img` is RGB, or RGBA with opts->alpha, and stays the caller's; pts strictly increase. */
int nn_writer_frame(struct nn_writer *wr, const struct nn_image *img, int64_t pts,
                    struct nn_err *err);
/* Ends the file and puts it in place; frees the writer even on failure. */
int nn_writer_finish(struct nn_writer *wr, struct nn_err *err);
/* Frees and removes what was written, unless it is live; NULL is fine. */
void nn_writer_abort(struct nn_writer *wr);

#endif
