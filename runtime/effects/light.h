/*
 * light.h - the frame's light on a coarse grid, blurred: what fog, rain and code
 * are lit by. Sixteen points to 256 lines, or so: a build costs a read of the frame.
 */
#ifndef NN_RUNTIME_EFFECTS_LIGHT_H
#define NN_RUNTIME_EFFECTS_LIGHT_H

#include "runtime/effects/field.h"

struct nn_light {
    struct nn_grid c[3];    /* red, green, blue */
    float *spare;
};

/* Bytes that it needs beside the struct, for frames of w x h. */
size_t nn_light_size(int w, int h);
/* `memory` of that size, aligned to a float, stays the caller's. */
void nn_light_init(struct nn_light *l, int w, int h, void *memory);
/* Takes the light of f; each of `blurs` passes spreads it by about a grid step. */
void nn_light_build(struct nn_light *l, const struct nn_frame *f, int blurs, struct nn_pool *pool);
/* Spreads it farther, by `blurs` more. */
void nn_light_spread(struct nn_light *l, int blurs);

#endif
