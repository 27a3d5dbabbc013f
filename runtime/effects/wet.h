/*
 * wet.h - a wet ground: the frame above a line mirrored below it, as asphalt does.
 *
 * Lights come back as long trembling streaks, dark things hardly; puddles mirror
 * more than what lies between them, and drops that fall there leave rings.
 */
#ifndef NN_RUNTIME_EFFECTS_WET_H
#define NN_RUNTIME_EFFECTS_WET_H

#include "runtime/effects/field.h"

enum { NN_WET_RINGS = 90 };

struct nn_ring {
    float x, y, radius;         /* pixels */
    float wave, flat, strong;   /* its width, how flat it looks, how high it is */
};

struct nn_wet {
    int w, h, step;             /* of the mirror, points; pixels between two */
    int from;                   /* the first pixel row that is wet */
    int tall;                   /* rows above it that are mirrored, points */
    float *sum[3];              /* light above the line, summed from it upwards: h + 1 rows of w */
    float *mirror[3];           /* what the ground mirrors, its first row at the line: h rows */
    struct nn_ring ring[NN_WET_RINGS];
};

/* Bytes that it needs beside the struct, for frames of w x h. */
size_t nn_wet_size(int w, int h);
/* `memory` of that size, aligned to a float, stays the caller's. */
void nn_wet_init(struct nn_wet *m, int w, int h, void *memory);

/* Looks at the frame; the ground begins at `ground` frame heights. */
void nn_wet_build(struct nn_wet *m, const struct nn_scene *sc, const struct nn_frame *f,
                  float ground);
/* Makes row y (>= m->from) wet, 0..1, but for the person that the scene's mask knows. */
void nn_wet_row(const struct nn_wet *m, const struct nn_scene *sc, struct nn_frame *f, int y,
                float wet);

#endif
