/*
 * oval.h - where the face is, as a soft oval: 1 on it, 0 well away from it.
 */
#ifndef NN_RUNTIME_EFFECTS_OVAL_H
#define NN_RUNTIME_EFFECTS_OVAL_H

#include "runtime/effects/effect.h"

struct nn_oval {
    float x, y, ix, iy;     /* centre, and one over the radii, pixels */
    float presence;
};

/* `grow` times the size of a face: 1 is brow to chin and ear to ear, 1.5 takes the hair in. */
static inline struct nn_oval nn_oval_of(const struct nn_scene *sc, float grow)
{
    const struct nn_box *b = &sc->who.face;

    if (!(b->w > 0) || !(b->h > 0))
        return (struct nn_oval){ 0 };
    return (struct nn_oval){ b->x + 0.5f * b->w, b->y + 0.53f * b->h, 1 / (0.44f * grow * b->w),
                             1 / (0.56f * grow * b->h), sc->who.presence };
}

/* `soft` is the width of the edge, in radii. */
static inline float nn_oval_at(const struct nn_oval *o, float x, float y, float soft)
{
    float dx = (x - o->x) * o->ix, dy = (y - o->y) * o->iy;
    float t = (1 + soft - (dx * dx + dy * dy)) / (2 * soft);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return o->presence * t * t * (3 - 2 * t);
}

#endif
