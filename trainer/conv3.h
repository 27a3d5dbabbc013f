/*
 * conv3.h - 3x3 convolutions of stride 1 and padding 1, and their gradients, by Winograd's
 * way with the engine's vector kernels (runtime/engine/simd/wino.c has the theory). A third
 * to a quarter of the multiplications; sums are up to 1e-5 of the largest away from exact ones.
 *
 * Pictures are NHWC. Weights and their gradient are [cout][3][3][cin], as libtorch has them
 * channels-last. The same bits come out each time for the same number of units.
 */
#ifndef NN_TRAINER_CONV3_H
#define NN_TRAINER_CONV3_H

#include <stdint.h>

struct nn_conv3 {
    int64_t n, h, w, cin, cout;
    int units;      /* threads to work with */
    /* Calls part(arg, 0..units-1), all at the same time or not, and returns when all have. */
    void (*each)(int units, void (*part)(void *arg, int unit), void *arg);
};

/* Whether these sizes are for this way. */
int nn_conv3_fits(const struct nn_conv3 *c);
/* x (n, h, w, cin) to y (n, h, w, cout). -1: no memory. */
int nn_conv3_run(const struct nn_conv3 *c, const float *x, const float *weight, float *y);
/* The gradient of x, given that of y. -1: no memory. */
int nn_conv3_back(const struct nn_conv3 *c, const float *dy, const float *weight, float *dx);
/* The gradient of the weights. -1: no memory. */
int nn_conv3_weights(const struct nn_conv3 *c, const float *x, const float *dy, float *dw);

#endif
