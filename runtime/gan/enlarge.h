/*
 * enlarge.h - a small square picture over a frame of any size, soft as a projection.
 *
 * The square covers the frame, its middle on the frame's middle. In linear light, by a cubic of
 * Mitchell and Netravali's family ("Reconstruction Filters in Computer Graphics", 1988) near its
 * B-spline end: it never rings and never shows the grid, which is worth its blur where one pixel
 * becomes a hundred.
 */
#ifndef NN_RUNTIME_GAN_ENLARGE_H
#define NN_RUNTIME_GAN_ENLARGE_H

#include "common/arena.h"
#include "common/err.h"

/* Where a row or a column of the frame looks: n pixels from `at` on, repeated at the border. */
struct nn_tap {
    int *at;                    /* taps for each place: indices, in range */
    float *weight;              /* their shares, 1 together */
    int n;
};

struct nn_enlarge {
    int size, w, h;
    struct nn_tap across, down;
    float *wide;                /* three planes of size rows of w */
};

/* Memory is the arena's. */
int nn_enlarge_init(struct nn_enlarge *e, int size, int w, int h, struct nn_arena *arena,
                    struct nn_err *err);
/* Takes a picture: three planes of size x size floats. Or one of its 3 size rows alone, from any
 * thread. */
void nn_enlarge_take(struct nn_enlarge *e, const float *rgb);
void nn_enlarge_take_row(struct nn_enlarge *e, const float *rgb, int y);
/* Row y of the frame: w floats of one plane. From any thread. */
void nn_enlarge_row(const struct nn_enlarge *e, int plane, int y, float *out);

#endif
