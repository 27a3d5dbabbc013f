/*
 * sight.h - any picture as the input of any model that takes one.
 *
 * The picture is cut to the input's proportions (an emotion model's to its
 * largest face), scaled, and normalised by what the caller gives, else as the
 * model's metadata say, else to 0..1. Channels may stand first or last.
 */
#ifndef NN_EXPORT_SIGHT_H
#define NN_EXPORT_SIGHT_H

#include "common/image.h"
#include "runtime/engine/engine.h"
#include "runtime/face/detect.h"
#include "runtime/onnx/graph.h"
#include "trainer/augment.h"

struct nn_sight {
    const char *input;          /* the model's name for it; the graph's */
    int w, h, c, last;          /* last: channels stand last, NHWC */
    int64_t floats;             /* of one picture */
    struct nn_normal normal;
    float margin;               /* of a face; 0: the model wants no faces */
    const char *how;            /* the values' normalisation in words */
    struct nn_detector *faces;  /* made when first needed */
};

/* Sizes that the model leaves open become those of a w x h picture, at most 640,
 * in steps of 32. `normal` NULL: as the model says. Release with _release(). */
int nn_sight_init(struct nn_sight *f, const struct nn_graph *g, int w, int h,
                 const struct nn_normal *normal, struct nn_err *err);
void nn_sight_release(struct nn_sight *f);    /* a zeroed one is fine */

/* Fills x[floats]. `seen` (or NULL) gets the picture as it was cut, to be
 * released; *face whether it is the largest face. */
int nn_sight_picture(struct nn_sight *f, const struct nn_image *img, float *x,
                    struct nn_image *seen, int *face, struct nn_err *err);

/* The engine's input for a batch of n pictures at x. */
struct nn_value nn_sight_value(const struct nn_sight *f, int64_t n, float *x);

#endif
