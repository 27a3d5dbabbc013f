/*
 * sink.h - frames to wherever they shall go: one word opens it.
 *
 *   film.mp4 .m4v .mov .mkv  H.264; HEVC or ProRes by opts->codec (writer.h)
 *   frames/  f%05d.png       PNG pictures, counted from 1
 *   -  a FIFO  film.y4m      Y4M (4:2:0, limited range), or raw RGB: film.rgb, or with
 *                            opts->format "rgb24"
 *   /dev/video9              a v4l2loopback device, seen as a camera by OBS and browsers
 *   window                   on the screen; keys come back by nn_sinks_key()
 *
 * "overlay:" before a film (.mov) or PNG pictures: they hold what was done alone, with
 * alpha, so that an editor lays it over the original (unmix.h). Pictures and pipes know no time
 * stamps: frames are repeated or passed over to keep opts->frame_rate.
 *
 * Several at once: one that fails says so, is ended as well as it can be, and the others
 * go on. What happens to a film whose run breaks off:
 *   rendering (live 0): all or nothing, the file stays what it was (common/fs.h);
 *   recording (live 1): in its place from the first frame on, in fragments of a second,
 *   cut back to its last whole fragment when the disk is full: playable at any moment.
 */
#ifndef NN_RUNTIME_MEDIA_SINK_H
#define NN_RUNTIME_MEDIA_SINK_H

#include <stdint.h>

#include "common/err.h"
#include "common/image.h"
#include "runtime/media/reader.h"

struct nn_sink_opts {
    int w, h;                       /* of the frames */
    struct nn_rational time_base;   /* of their pts */
    struct nn_rational frame_rate;  /* nominal; 0/x: unknown */
    const char *audio_from;         /* file whose sound goes into films; NULL: silent */
    const char *codec;              /* of films: "h264" (NULL), "hevc", "prores" */
    const char *format;             /* of pipes: "y4m" (NULL), "rgb24" */
    const char *comment;            /* into films and pictures; NULL, "": none */
    int quality;                    /* of films: CRF 1..51; 0 means 18 */
    int live;                       /* recording: see above */
    int fullscreen, display;        /* of a window: which display, from 0 */
};

enum { NN_MAX_SINKS = 8, NN_KEY_CLOSE = -1 };

struct nn_sink;

struct nn_sinks {
    struct nn_sink *sink[NN_MAX_SINKS];
    int count, live;
};

/* A zeroed set is empty. Adds the output `word`; -1 leaves the set as it was. */
int nn_sinks_add(struct nn_sinks *s, const char *word, const struct nn_sink_opts *opts,
                 struct nn_err *err);

/* Whether one of them is a film or pictures: stays. */
int nn_sinks_stay(const struct nn_sinks *s);
/* Whether one of them is an overlay. */
int nn_sinks_overlay(const struct nn_sinks *s);

/* `before` is the frame as it came, for overlays (NULL where none is written); both stay
 * the caller's. A sink that fails: -1 when rendering, else a warning, and the others go on;
 * -1 when none is left. pts strictly increase. */
int nn_sinks_frame(struct nn_sinks *s, const struct nn_image *before,
                   const struct nn_image *after, int64_t pts, struct nn_err *err);

/* The next key pressed in a window: a lower-case letter, digit or sign as ASCII, 27 for
 * Escape, NN_KEY_CLOSE when it was closed; 0: none. */
int nn_sinks_key(struct nn_sinks *s);

/* Ends all and empties the set, even on failure; the first error. */
int nn_sinks_finish(struct nn_sinks *s, struct nn_err *err);
/* Removes what is rendered; leaves what is recorded playable. Empties the set. */
void nn_sinks_abort(struct nn_sinks *s);

/* The word without its "overlay:". */
const char *nn_sink_path(const char *word);
/* Whether that is the path of one file, which must be possible to write; and whether
 * it is "-", stdout, where then nothing else may go. */
int nn_sink_is_file(const char *word);
int nn_sink_is_stdout(const char *word);

#endif
