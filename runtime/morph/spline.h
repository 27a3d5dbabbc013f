/*
 * spline.h - a plane bent smoothly so that some points come to lie where they should.
 *
 * Thin-plate splines (Bookstein, "Principal Warps", PAMI 1989): of all maps that carry the points
 * along, the one that bends least. It is smooth everywhere, also at the points and between face,
 * hair and background, where a map made of triangles has creases; what it can do wrong is to fold,
 * which is looked for, and then it is made stiffer (Wahba's smoothing) until it does not.
 *
 * What is fitted is how far each point goes, so points that stay give exactly nothing.
 */
#ifndef NN_RUNTIME_MORPH_SPLINE_H
#define NN_RUNTIME_MORPH_SPLINE_H

#include "common/err.h"
#include "common/pool.h"

enum { NN_SPLINE_POINTS = 220 };

struct nn_spline;

/* Free with nn_spline_free(); one may be fitted again and again, without allocation. */
struct nn_spline *nn_spline_new(struct nn_err *err);
void nn_spline_free(struct nn_spline *s);       /* NULL is fine */

/* Carries from[i] to to[i], pixels, 3 <= n <= NN_SPLINE_POINTS. `stiff` >= 0: 0 hits the points,
 * more misses them and bends less, about 1e-3 is felt. 0, or -1 when they lie on one line. */
int nn_spline_fit(struct nn_spline *s, const float (*from)[2], const float (*to)[2], int n,
                  double stiff, struct nn_err *err);

/* How far the plane goes at (x, y). */
void nn_spline_at(const struct nn_spline *s, float x, float y, float out[2]);

/* The same known at the points of a grid, and between them in straight lines: what a picture is
 * warped by. */
struct nn_warp {
    int w, h, step;             /* points; pixels between them */
    float left, top;            /* pixels: of the first */
    float *move[2];             /* w h each, of across and down */
    float least;                /* the smallest share of its area that a cell keeps; < 0: a fold */
};

/* Room for a grid over `wide` x `high` pixels from (left, top). nn_warp_release() it. */
int nn_warp_init(struct nn_warp *g, int wide, int high, int step, struct nn_err *err);
void nn_warp_release(struct nn_warp *g);        /* a zeroed one is fine */
/* Fits and fills, stiffer until nothing folds. The same bits at any number of threads. */
int nn_warp_fit(struct nn_warp *g, struct nn_spline *s, const float (*from)[2],
                const float (*to)[2], int n, struct nn_pool *pool, struct nn_err *err);

/* At pixels x0 .. x0 + n - 1 of row y: how far they go. */
void nn_warp_row(const struct nn_warp *g, int y, int x0, int n, float *across, float *down);

#endif
