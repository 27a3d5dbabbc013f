/*
 * recording.h - a film's file while it is recorded: in its place at once, and whole up to
 * its last fragment whatever happens. The writer's helper.
 *
 * The muxer says where a fragment begins; when the disk is full, or the end is not
 * orderly, what stands behind the last whole one is cut off.
 */
#ifndef NN_RUNTIME_MEDIA_RECORDING_H
#define NN_RUNTIME_MEDIA_RECORDING_H

#include <libavformat/avio.h>

#include "common/err.h"

struct nn_recording;

/* For `path`, which must exist and is emptied. The io is for AVFormatContext.pb. */
struct nn_recording *nn_recording_open(const char *path, struct nn_err *err);
AVIOContext *nn_recording_io(struct nn_recording *r);

/* Flushes and closes; unless `whole`, or when that fails, cuts back to the last whole
 * fragment. Frees it, even on failure. NULL is fine. */
int nn_recording_close(struct nn_recording *r, int whole, struct nn_err *err);

#endif
