/*
 * opencv.h - the one door to OpenCV: cascades of simple features (Viola and
 * Jones, "Rapid object detection", 2001) on grey pictures.
 *
 * No C++ type and no exception passes it; failures are NN_EVISION. OpenCV runs
 * on the calling thread alone, so that results do not depend on the machine.
 */
#ifndef NN_RUNTIME_OPENCV_H
#define NN_RUNTIME_OPENCV_H

#include <stdint.h>

#include "common/err.h"

struct nn_cascade;

struct nn_cascade_hit {
    int x, y, w, h;         /* pixels of the searched picture */
    float weight;           /* how surely the last stage was passed */
};

/* Loads a cascade's XML. Free with nn_cascade_free(). */
struct nn_cascade *nn_cascade_new(const char *path, struct nn_err *err);
void nn_cascade_free(struct nn_cascade *c);     /* NULL is fine */

/* Takes in `grey` (w x h bytes, tightly packed, only read), whose contrast is
 * levelled by tiles, for the searches that follow. */
int nn_cascade_look(struct nn_cascade *c, const uint8_t *grey, int w, int h, struct nn_err *err);

/* Where to search: what of it lies in the picture, for objects of `least` to
 * `most` pixels a side. */
struct nn_cascade_area {
    int x, y, w, h, least, most;
};

/* `neighbours` raw hits must agree. At most `max` go into `hits`, in OpenCV's
 * order; returns their number or -1. */
int nn_cascade_find(struct nn_cascade *c, const struct nn_cascade_area *area, int neighbours,
                    struct nn_cascade_hit *hits, int max, struct nn_err *err);

#endif
