/*
 * bands.h - two pictures put together without a seam: coarse things over a wide border, fine
 * ones over a narrow one (Burt and Adelson, "A multiresolution spline with application to image
 * mosaics", 1983).
 */
#ifndef NN_RUNTIME_MORPH_BANDS_H
#define NN_RUNTIME_MORPH_BANDS_H

#include "runtime/morph/pixels.h"

struct nn_bands;

/* For pictures of w x h. Free with nn_bands_free(). */
struct nn_bands *nn_bands_new(int w, int h, int levels, struct nn_err *err);
void nn_bands_free(struct nn_bands *b);     /* NULL is fine */

/* under := over where over's weight is 1, under where it is 0, and between them by bands. The
 * weights of `under` stay. Both of the bands' size; both are changed. */
void nn_bands_blend(struct nn_bands *b, struct nn_pixels *under, struct nn_pixels *over,
                    struct nn_pool *pool);

#endif
