/*
 * resize.h - where Resize and Upsample look, for the kernels of both layouts.
 */
#ifndef NN_RUNTIME_ENGINE_RESIZE_H
#define NN_RUNTIME_ENGINE_RESIZE_H

#include "runtime/engine/kernel.h"

/* Per output index along one axis: two input indices and the second's weight. */
struct nn_tap {
    int64_t a, b;
    float part;
};

/* Rows and columns of pictures, nearest or linear. */
struct nn_resize {
    int64_t h, w, oh, ow;
    int nearest;
    struct nn_tap *row, *col;
};

/* For x and y of N, C, H, W (or N, H, W, C when t->nhwc). NULL, or why it cannot be done. */
const char *nn_resize_init(struct nn_task *t, struct nn_resize *r);

/* Of older opsets: Upsample, and Resize before 11. */
int nn_resize_is_old(const struct nn_task *t);
/* The scale of dimension `axis` of N, C, ...: as given, else the ratio of the sizes. */
double nn_resize_scale(const struct nn_task *t, int axis, int64_t in, int64_t out);
/* Where output i of `out` lies in `in` inputs, by the coordinate transformation's name. */
double nn_resize_source(const char *mode, double i, double scale, int64_t in, int64_t out);
/* A coordinate rounded by the nearest mode's name. */
double nn_resize_nearest(const char *mode, double x);
/* Any dimensions, cubic, antialiased, with regions: what nn_resize_init() refuses. */
const char *nn_resize_any(struct nn_task *t);

#endif
