/*
 * unmix.h - what was done to a frame, alone: the overlay that, laid over the frame as it
 * came, gives the frame as it went.
 *
 *   after = before * (1 - a) + overlay * a        for each channel, in encoded values 0..255
 *
 * An editor lays clips over each other in these encoded values ("normal", straight alpha),
 * so that is the domain here. Of all (overlay, a) that fulfil it to within one level, the
 * one with the least alpha is taken, which leaves most of what lies below as it is: per
 * channel at least (d - 1) / (255 - before) where it grew brighter by d and (d - 1) / before
 * where it grew darker; a is the largest of the three, rounded up to 1/255, and the colour
 * is solved for that a. What changed by one level at most is black with alpha 0: without
 * that level of play, black that went from 1 to 0 would have to be covered entirely.
 * Laid over again in exact arithmetic no value is off by more than one and a half levels.
 */
#ifndef NN_RUNTIME_MEDIA_UNMIX_H
#define NN_RUNTIME_MEDIA_UNMIX_H

#include "common/err.h"
#include "common/image.h"

/* Both RGB of one size; `overlay` becomes RGBA (4 channels, straight alpha) of it: a zeroed
 * one is made, one that has the size is written over. */
int nn_unmix(const struct nn_image *before, const struct nn_image *after,
             struct nn_image *overlay, struct nn_err *err);

#endif
