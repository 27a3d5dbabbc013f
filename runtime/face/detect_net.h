/*
 * detect_net.h - faces by a network: UltraFace, YuNet, BlazeFace, as they are published.
 *
 * The format is told from the shapes that go in and come out, never from names:
 *   UltraFace  1x3xHxW (RGB, (x - 127) / 128) -> 1xNx2 scores, 1xNx4 boxes; corners
 *              0..1, or with N priors the raw offsets of "without_postprocessing"
 *   YuNet      1x3xHxW (BGR, 0..255), H and W fixed or free -> for strides 8, 16, 32:
 *              1xNx1 twice (class, objectness), 1xNx4 boxes, 1xNx10 points
 *   BlazeFace  1x3xSxS or 1xSxSx3 (RGB, -1..1) -> 1xNx1 logits, 1xNx16 boxes and six
 *              points, N = 896 (S 128 or 256) or 2304 (S 192); or each in two parts
 * A picture keeps its proportions: it is fitted into the input, the rest stays grey.
 */
#ifndef NN_RUNTIME_FACE_DETECT_NET_H
#define NN_RUNTIME_FACE_DETECT_NET_H

#include "runtime/face/detect_format.h"

struct nn_face_net;

struct nn_face_net *nn_face_net_new(const char *path, const struct nn_engine_opts *opts,
                                    struct nn_err *err);
void nn_face_net_free(struct nn_face_net *d);           /* NULL is fine */
const struct nn_face_format *nn_face_net_format(const struct nn_face_net *d);

/* Whether a look at a face's surroundings costs much less than one at the picture. */
int nn_face_net_near(const struct nn_face_net *d);

/* Faces of at least `least` in `area` of the picture: surest first, those of one face already
 * merged, boxes as the emotion network wants them, all in pixels of the picture. `far`: the
 * area is the whole picture. At most `max`; their number or -1. */
int nn_face_net_find(struct nn_face_net *d, const struct nn_image *img, struct nn_box area,
                     int far, float least, struct nn_face *hit, int max, struct nn_err *err);

#endif
