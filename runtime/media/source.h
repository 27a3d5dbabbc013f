/*
 * source.h - frames from wherever they come: one word opens it.
 *
 *   scene.mov                a film, all that libav reads (reader.h)
 *   shots/  shots/f%04d.png  "shots/f*.png"   pictures in natural order, at opts->frame_rate
 *   -  a FIFO                a pipe of Y4M or any container that streams (NUT, Matroska, MPEG-TS);
 *                            of raw RGB with opts->format "rgb24", opts->w and h
 *   rtsp://...  http://...   and the other network protocols of libav
 *   /dev/video0              a V4L2 camera
 *   synthetic:1280x720@30    a camera of our own, whose frames bear their time (stamp.h);
 *                            ":8" behind it ends it after 8 seconds
 *   strobe:640x360@25:8      eight seconds that flash white and black as fast as the rate allows
 *
 * All frames of one source have one size, that of info: later ones of another are
 * scaled to it. Damage does not end a film: what decodes is played and one warning
 * says what did not.
 *
 * A live source has a clock of its own: a thread takes what it gives and keeps the
 * newest frame; older ones that nobody asked for are counted as missed. When it is lost
 * (unplugged, unreachable), one warning says so, it is tried again after 0.25 s, 0.5 s,
 * ... 4 s, and one line says when it is back. nn_source_next() never waits for that.
 */
#ifndef NN_RUNTIME_MEDIA_SOURCE_H
#define NN_RUNTIME_MEDIA_SOURCE_H

#include <stdint.h>

#include "common/err.h"
#include "common/image.h"
#include "runtime/media/reader.h"

struct nn_source;

struct nn_source_opts {
    struct nn_rational frame_rate;  /* of pictures and raw pipes (0/x: 25), wanted of a camera */
    int w, h;                       /* of a raw pipe; wanted of a camera; 0: its own choice */
    const char *format;             /* of a pipe: "rgb24"; NULL or "y4m": what its header says */
    int software;                   /* never decode by hardware */
};

struct nn_source_frame {
    const struct nn_image *img;     /* RGB, the source's, valid until its next call */
    int64_t pts;                    /* in info->time_base; strictly increasing */
    double captured;                /* seconds of nn_now(): when the camera took it; of what
                                     * is not live, when it was read */
};

enum { NN_SOURCE_END, NN_SOURCE_FRAME, NN_SOURCE_NOTHING };

/* A network address or camera must answer within some seconds here; later it may be
 * lost. NULL with a sentence; free with nn_source_close(). */
struct nn_source *nn_source_open(const char *word, const struct nn_source_opts *opts,
                                 struct nn_err *err);
void nn_source_close(struct nn_source *s);          /* NULL is fine */
const struct nn_media_info *nn_source_info(const struct nn_source *s);

/* Non-zero: the newest frame wins, nn_source_next() may say NN_SOURCE_NOTHING. */
int nn_source_live(const struct nn_source *s);
/* Live frames that were overwritten before anybody asked. */
int64_t nn_source_missed(const struct nn_source *s);
int nn_source_lost(const struct nn_source *s);      /* non-zero: a live source is away now */

/* The next frame; `f` NULL: passes over one without converting it, which is quick.
 * NN_SOURCE_FRAME, NN_SOURCE_END, NN_SOURCE_NOTHING (live alone: no new frame within
 * 50 ms), or -1: nothing at all decodes, or NN_EINTR after Ctrl-C. */
int nn_source_next(struct nn_source *s, struct nn_source_frame *f, struct nn_err *err);

/* Back to the first frame. -1 with NN_EUNSUPPORTED for what cannot: pipes, live ones. */
int nn_source_rewind(struct nn_source *s, struct nn_err *err);
int nn_source_can_rewind(const struct nn_source *s);

/* Whether the word is a path of an ordinary file or folder, which no output may overwrite. */
int nn_source_is_file(const char *word);

#endif
