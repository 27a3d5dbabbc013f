/*
 * dissolve.h - from one face to another: both are bent towards what lies between them, and the
 * one fades into the other.
 *
 * In linear light, as two projectors would. Meanwhile the skins' colours go from the one to the
 * other (colour.h), so that neither's shows through in patches.
 */
#ifndef NN_RUNTIME_MORPH_DISSOLVE_H
#define NN_RUNTIME_MORPH_DISSOLVE_H

#include "runtime/morph/bands.h"
#include "runtime/morph/colour.h"
#include "runtime/morph/pixels.h"
#include "runtime/morph/shape.h"
#include "runtime/morph/spline.h"

struct nn_side {
    struct nn_pixels px;        /* weights: how much is face */
    struct nn_shape shape;      /* in its pixels */
    struct nn_tone tone;
    int toned;                  /* whether `tone` is known */
};

/* Fills the weights and the tone of a side whose picture and shape are there. */
void nn_side_ready(struct nn_side *s, struct nn_pool *pool);
void nn_side_release(struct nn_side *s);

/* Two pictures of one size and their shapes, which have as many points. */
struct nn_dissolve {
    struct nn_side side[2];
    struct nn_spline *spline;
    struct nn_warp warp[2];
    struct nn_pool *pool;
};

/* Both sides are filled by the caller, then ready; 0, or -1. nn_dissolve_release() in any
 * case. */
int nn_dissolve_init(struct nn_dissolve *d, struct nn_pool *pool, struct nn_err *err);
void nn_dissolve_release(struct nn_dissolve *d);

/* The picture at t, 0..1, into `out`, of the sides' size: at 0 and 1 the sides themselves, to the
 * bit. The same bits at any number of threads. */
int nn_dissolve_at(struct nn_dissolve *d, float t, struct nn_pixels *out, struct nn_err *err);

/* Where the two pictures of a morph are cut: the part of each that becomes the frame. */
struct nn_cut {
    double left, top, scale;    /* pixels of the picture; and how many for one of the frame */
};

/* A frame in which both faces lie on each other, as large as both pictures allow; of the shape
 * w : h, or of the first picture's pixels where *w is 0. Sizes come out even. */
int nn_cut_faces(const struct nn_shape shape[2], const struct nn_image img[2], int *w, int *h,
                 struct nn_cut cut[2], struct nn_err *err);
/* Each picture fills the frame, cut as little as possible. */
void nn_cut_whole(const struct nn_image img[2], int *w, int *h, struct nn_cut cut[2]);

#endif
