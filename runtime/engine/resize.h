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

#endif
