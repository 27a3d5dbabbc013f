/*
 * space.h - where the windows of convolutions and poolings lie, as their definitions
 * read, in one to three dimensions; with fewer the first ones are 1.
 */
#ifndef NN_RUNTIME_ENGINE_SPACE_H
#define NN_RUNTIME_ENGINE_SPACE_H

#include "runtime/engine/kernel.h"

struct nn_space {
    int64_t in[3], out[3], kernel[3], stride[3], dilation[3], begin[3], end[3];
    int64_t size, count, taps;  /* of a plane of the input, of the output; of a kernel */
};

/* Of x and y, N x C x spatial, and a window that was made for them. */
void nn_space_init(struct nn_space *s, const struct nn_window *w, const struct nn_tensor *x,
                   const struct nn_tensor *y);

/* Output i of a plane as three indices. */
static inline void nn_space_at(const struct nn_space *s, int64_t i, int64_t at[3])
{
    at[0] = i / s->out[2] / s->out[1];
    at[1] = i / s->out[2] % s->out[1];
    at[2] = i % s->out[2];
}

/* The input of a plane that tap `k` of the window at `o` sees, or -1: padding. */
static inline int64_t nn_space_tap(const struct nn_space *s, const int64_t o[3], int64_t k)
{
    int64_t z = k / s->kernel[2] / s->kernel[1] * s->dilation[0] + o[0] * s->stride[0];
    int64_t y = k / s->kernel[2] % s->kernel[1] * s->dilation[1] + o[1] * s->stride[1];
    int64_t x = k % s->kernel[2] * s->dilation[2] + o[2] * s->stride[2];

    z -= s->begin[0];
    y -= s->begin[1];
    x -= s->begin[2];
    if (z < 0 || z >= s->in[0] || y < 0 || y >= s->in[1] || x < 0 || x >= s->in[2])
        return -1;
    return (z * s->in[1] + y) * s->in[2] + x;
}

#endif
