/*
 * mask_edge.h - a coarse mask laid on the edges of the picture that it belongs to.
 */
#ifndef NN_RUNTIME_FACE_MASK_EDGE_H
#define NN_RUNTIME_FACE_MASK_EDGE_H

#include "common/image.h"
#include "common/pool.h"

struct nn_mask_edge;

/* From w x h fields to full_w x full_h pixels; both at least 1. */
struct nn_mask_edge *nn_mask_edge_new(int w, int h, int full_w, int full_h, struct nn_err *err);
void nn_mask_edge_free(struct nn_mask_edge *e);     /* NULL is fine */

/* p: likelihoods of the fields, grey: their brightness 0..1; img: the RGB picture; out: a byte
 * for each of its pixels, `top` where p is surely 1. */
void nn_mask_edge_draw(struct nn_mask_edge *e, const float *p, const float *grey,
                       const struct nn_image *img, float top, struct nn_pool *pool, uint8_t *out);

#endif
