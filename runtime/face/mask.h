/*
 * mask.h - which pixels are the person, so that an effect lives behind or on the actor.
 *
 * With a segmentation model (MediaPipe's selfie segmentation or any other that takes one RGB
 * picture of 0..1 and gives 1 x 1 x H x W, 1 x H x W x 1 or two channels) the model says it.
 * Without, it is guessed from the face: a head and shoulders of usual proportions, corrected
 * by the colours in their midst and about them and by what moves. Both are calmed over time
 * and laid on the picture's own edges by a guided filter (He, Sun and Tang, "Guided Image
 * Filtering", PAMI 2013; the coefficients are enlarged as in "Fast Guided Filter", arXiv
 * 1505.00996).
 */
#ifndef NN_RUNTIME_FACE_MASK_H
#define NN_RUNTIME_FACE_MASK_H

#include "common/pool.h"
#include "runtime/effects/effect.h"
#include "runtime/engine/engine.h"

struct nn_mask;

/* For w x h frames. `model` NULL: $NEONNOIR_MASK_MODEL, or one of the known names where models
 * are kept, or none, which is fine. `opts` and `pool` may be NULL. NULL and `err` when the named
 * model is no such model, or memory is out. Free with nn_mask_free(). */
struct nn_mask *nn_mask_new(int w, int h, const char *model, const struct nn_engine_opts *opts,
                            struct nn_pool *pool, struct nn_err *err);
void nn_mask_free(struct nn_mask *m);       /* NULL is fine */

/* The mask of the next frame (RGB, w x h), in which `who` is, shown at t seconds: w x h bytes,
 * 255 where the person is, times its presence; the mask's, valid until the next call. NULL
 * without anybody, or with `err` filled when the model fails. Allocates nothing; the same
 * frames give the same bytes at any number of threads. */
const uint8_t *nn_mask_next(struct nn_mask *m, const struct nn_image *img,
                            const struct nn_person *who, double t, struct nn_err *err);

#endif
