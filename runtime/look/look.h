/*
 * look.h - a colour look learnt from footage: what moves ordinary colours to where its colours are.
 *
 * Samples of both are matched by sliced optimal transport in Oklab (Pitie, Kokaram and Dahyot,
 * "Automated colour grading using colour distribution transfer", 2007; Rabin et al., "Wasserstein
 * barycenter and its application to texture mixing", 2011). The matched pairs' displacements are
 * averaged by Gaussians of two widths into a smooth field, nothing far from all of them, which is
 * baked into a 3D table: black and white stay neutral, greys keep their order,
 * colours that a screen cannot show lose chroma.
 */
#ifndef NN_RUNTIME_LOOK_LOOK_H
#define NN_RUNTIME_LOOK_LOOK_H

#include <stdint.h>

#include "common/err.h"
#include "runtime/effects/cube.h"

enum { NN_LOOK_SAMPLES = 20000 };

/* NN_LOOK_SAMPLES colours, L, a, b each. Free lab. */
struct nn_colours {
    double (*lab)[3];
};

/* Drawn from `pixels` sRGB pixels (at least one), with replacement. */
int nn_colours_take(struct nn_colours *c, const uint8_t *px, int64_t pixels, uint64_t seed,
                    struct nn_err *err);
/* Those of ordinary footage, by a formula: lightness around the middle, colours around grey. */
int nn_colours_ordinary(struct nn_colours *c, uint64_t seed, struct nn_err *err);
void nn_colours_release(struct nn_colours *c);          /* a zeroed one is fine */
/* The same colours as a display shows them through the table. */
void nn_colours_grade(struct nn_colours *c, const struct nn_cube *cube);

/* Sliced Wasserstein distance of order 2, in Oklab: over 48 seeded directions. NAN: no memory. */
double nn_colours_distance(const struct nn_colours *a, const struct nn_colours *b, uint64_t seed);
/* Moves `c`, step by step, until its colours are distributed as `to`'s are. */
int nn_colours_transport(struct nn_colours *c, const struct nn_colours *to, uint64_t seed,
                         struct nn_err *err);

struct nn_grade_opts {
    double strength;            /* 0..2: 1 goes all the way */
    double smooth;              /* 0.02..0.5: width of the narrower Gaussian, Oklab */
    double lightness;           /* 0..1: how much of the look's lightness is taken over */
    int size;                   /* of the table, 2..129 */
    uint64_t seed;
};

struct nn_grade_figures {
    double mean;                /* Oklab distance that a colour of the table moves */
    double slope;               /* least rise of lightness along the greys; above 0 */
    double stretch;             /* largest growth of a distance between neighbours of the table */
};

/* The table; release with nn_cube_release(). */
int nn_grade_learn(const struct nn_colours *from, const struct nn_colours *to,
                  const struct nn_grade_opts *o, struct nn_cube *out, struct nn_grade_figures *f,
                  struct nn_err *err);

#endif
