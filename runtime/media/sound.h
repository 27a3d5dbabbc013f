/*
 * sound.h - another file's sound into a film that is being written.
 *
 * Packets are copied where MP4 holds their codec, else decoded and encoded as
 * AAC; their time stamps are kept, so that the sound stays where it was against
 * the picture. Deterministic. The writer's helper.
 */
#ifndef NN_RUNTIME_MEDIA_SOUND_H
#define NN_RUNTIME_MEDIA_SOUND_H

#include <libavformat/avformat.h>

#include "common/err.h"

struct nn_sound;

/* Adds a stream to `film`, before its header is written. `*out` is NULL, without an
 * error, when the file has no sound. Free with nn_sound_free(). */
int nn_sound_open(struct nn_sound **out, const char *path, AVFormatContext *film,
                  struct nn_err *err);
void nn_sound_free(struct nn_sound *s);         /* NULL is fine */

/* Seconds to take off all time stamps, of the picture too: 0 but for formats that
 * count from an arbitrary moment (MPEG transport streams). */
double nn_sound_origin(const struct nn_sound *s);

/* Writes the packets that begin before `t` (seconds of the source, its origin
 * taken off); INFINITY: all that are left. */
int nn_sound_until(struct nn_sound *s, double t, struct nn_err *err);

#endif
