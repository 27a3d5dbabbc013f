/*
 * stamp.h - a time painted into a frame's first rows, to be read from what comes out.
 *
 * 72 cells of black and white, 24 to a row, three rows from the top left corner: 64 bits of
 * nanoseconds and 8 of a check sum (the bytes' sum, inverted), most significant first. A
 * cell is w / 24 pixels wide and at most h / 24 high, so it survives video codecs and all
 * effects that leave a bright square brighter than a dark one.
 */
#ifndef NN_RUNTIME_MEDIA_STAMP_H
#define NN_RUNTIME_MEDIA_STAMP_H

#include <stdint.h>

#include "common/image.h"

/* Frames narrower than 48 or lower than 24 pixels are left as they are. */
void nn_stamp_paint(struct nn_image *img, int64_t ns);

/* 1 and the time, or 0: there is none, or it cannot be read any more. */
int nn_stamp_read(const struct nn_image *img, int64_t *ns);

/* The present: nanoseconds of the clock that nn_now() reads. */
int64_t nn_stamp_now(void);

#endif
