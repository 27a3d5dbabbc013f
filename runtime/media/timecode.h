/*
 * timecode.h - frames counted as hours, minutes, seconds and frames (SMPTE ST 12-1).
 *
 * At 30000/1001 and 60000/1001 frames a second labels run ahead of the clock, so
 * drop-frame counting leaves out the first 2 (4) labels of every minute but each
 * tenth; those times are written with ';' before the frames.
 */
#ifndef NN_RUNTIME_MEDIA_TIMECODE_H
#define NN_RUNTIME_MEDIA_TIMECODE_H

#include "common/err.h"
#include "runtime/media/reader.h"

struct nn_timecode {
    int nominal;            /* labels a second: 24 for 23.976 */
    int drop;               /* labels left out a minute: 0, 2 or 4 */
};

enum { NN_TIMECODE_TEXT = 16 };

/* How a film of this many frames a second is counted: dropping at 29.97 and 59.94, unless
 * `no_drop`. Unknown or odd rates count as the nearest whole number, at least 1, at most 999. */
struct nn_timecode nn_timecode_of(struct nn_rational rate, int no_drop);

/* "01:00:00:00" or "01:00:00;00"; days wrap, frames before 0 too. */
void nn_timecode_text(struct nn_timecode tc, int64_t frame, char out[NN_TIMECODE_TEXT]);

/* The other way. Labels that do not exist, and other text, are errors. */
int nn_timecode_parse(struct nn_timecode tc, const char *text, int64_t *frame, struct nn_err *err);

#endif
