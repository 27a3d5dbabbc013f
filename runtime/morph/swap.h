/*
 * swap.h - a picture's face in another head: bent onto its features, in its light, without a
 * seam. Head, hair and frame stay.
 */
#ifndef NN_RUNTIME_MORPH_SWAP_H
#define NN_RUNTIME_MORPH_SWAP_H

#include "runtime/morph/dissolve.h"

struct nn_swap;

/* `img` (RGB) and its face, both copied. Free with nn_swap_free(). */
struct nn_swap *nn_swap_new(const struct nn_image *img, const struct nn_shape *shape,
                            struct nn_pool *pool, struct nn_err *err);
void nn_swap_free(struct nn_swap *s);       /* NULL is fine */

/* Lays it over the face `at` of `frame`, as much as `amount`, 0..1; at 0 the frame stays as it
 * is. As many points as the picture's. Weights of the frame are undefined afterwards. */
int nn_swap_at(struct nn_swap *s, const struct nn_shape *at, float amount,
               struct nn_pixels *frame, struct nn_err *err);

#endif
