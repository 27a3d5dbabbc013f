/*
 * oval.h - where the face is, as a soft oval, and where the person is: 1 on it, 0 well away.
 */
#ifndef NN_RUNTIME_EFFECTS_OVAL_H
#define NN_RUNTIME_EFFECTS_OVAL_H

#include <math.h>

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

/* By the mask, else by where a head and shoulders lie about a face. */
static inline float nn_person_at(const struct nn_scene *sc, float x, float y)
{
    const struct nn_box *b = &sc->who.face;
    float dx, dy, head, body;

    if (sc->who.mask) {
        int i = x > 0 ? (int)x : 0, j = y > 0 ? (int)y : 0;
        i = i < sc->w ? i : sc->w - 1;
        j = j < sc->h ? j : sc->h - 1;
        return (float)sc->who.mask[(size_t)j * (size_t)sc->w + (size_t)i] * (1 / 255.0f);
    }
    if (!(b->w > 0 && b->h > 0))
        return 0;
    dx = (x - b->x - 0.5f * b->w) / b->w;
    dy = (y - b->y - 0.5f * b->h) / b->h;
    head = expf(-(dx * dx + dy * dy) / (0.9f * 0.9f));
    body = 0.9f * expf(-dx * dx / (1.5f * 1.5f)) * nn_smooth(0.4f, 1.6f, dy);
    return sc->who.presence * (head > body ? head : body);
}

#endif
