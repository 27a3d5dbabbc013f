/*
 * pixels.h - a picture as the morph works on it: linear light, four floats a pixel.
 *
 * Red, green, blue (sRGB decoded, 1 is white) and a weight, which says how much of the pixel is
 * face, 0..1; so a pixel is read between its neighbours in one vector.
 */
#ifndef NN_RUNTIME_MORPH_PIXELS_H
#define NN_RUNTIME_MORPH_PIXELS_H

#include "common/err.h"
#include "common/image.h"
#include "common/pool.h"

struct nn_pixels {
    int w, h;
    float *px;              /* 4 w h, owned */
};

int nn_pixels_init(struct nn_pixels *p, int w, int h, struct nn_err *err);
void nn_pixels_release(struct nn_pixels *p);    /* a zeroed one is fine */

/* From RGB of the same size; weights become 0. */
void nn_pixels_load(struct nn_pixels *p, const struct nn_image *img, struct nn_pool *pool);
/* And back. Codes that were loaded come back to the bit. */
void nn_pixels_store(const struct nn_pixels *p, struct nn_image *img, struct nn_pool *pool);

/* Half the size, each pixel the mean of four (at an odd edge, of those there are). Makes `out`. */
int nn_pixels_half(const struct nn_pixels *in, struct nn_pixels *out, struct nn_err *err);

/* Fills `out` with the part of `in` from (left, top), `scale` pixels of in for one of out: means
 * of what a pixel covers when shrinking, else Catmull and Rom's spline. Whole numbers and scale 1
 * copy. Outside the border is repeated. */
void nn_pixels_place(const struct nn_pixels *in, double left, double top, double scale,
                     struct nn_pixels *out, struct nn_pool *pool);

/* n pixels of `in` at (x[i], y[i]), Catmull-Rom: at whole numbers the pixel itself; colours do not
 * fall below 0; outside the border is repeated. `out` has 4 n floats. */
void nn_pixels_sample(const struct nn_pixels *in, const float *x, const float *y, int n,
                      float *out);

#endif
