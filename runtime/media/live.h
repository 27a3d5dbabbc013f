/*
 * live.h - a thread that keeps the newest frame of a live feed, and opens the feed
 * again when it is lost. The source's helper.
 */
#ifndef NN_RUNTIME_MEDIA_LIVE_H
#define NN_RUNTIME_MEDIA_LIVE_H

#include "runtime/media/feed.h"

struct nn_live;

/* Starts with an open feed, which it closes in the end; f stays the caller's. */
struct nn_live *nn_live_start(struct nn_feed *f, struct nn_err *err);
void nn_live_stop(struct nn_live *l);           /* NULL is fine */

/* As nn_source_next(). Time stamps are microseconds since the first frame, by the feed's
 * own stamps as long as they agree with the clock. */
int nn_live_next(struct nn_live *l, struct nn_source_frame *f, struct nn_err *err);
int64_t nn_live_missed(struct nn_live *l);
int nn_live_lost(struct nn_live *l);

#endif
