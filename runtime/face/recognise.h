/*
 * recognise.h - the emotion of a face: crop, normalise, run the network.
 *
 * The model's ONNX metadata say how it wants to be fed (written by export):
 *   neonnoir.task = emotion
 *   neonnoir.classes = angry,disgust,fear,happy,neutral,sad,surprise
 *   neonnoir.mean, neonnoir.std    of grey values scaled to 0..1
 *   neonnoir.margin                the face box is grown by this factor first
 *   neonnoir.temperature           logits are divided by it (Guo et al., arXiv 1706.04599)
 * The input is B x 1 x H x W (grey) or B x 3 x H x W (RGB), the output B x K
 * logits; K names are mapped onto nn_emotions by name, so any emotion model
 * whose classes we know can be used. Without metadata a 7-class model is taken
 * to be in our order, mean 0, std 1.
 */
#ifndef NN_RUNTIME_FACE_RECOGNISE_H
#define NN_RUNTIME_FACE_RECOGNISE_H

#include "common/emotion.h"
#include "common/err.h"
#include "common/image.h"
#include "runtime/engine/engine.h"

struct nn_recogniser;

/* `model` NULL: the bundled models/emotion.onnx; "tiny": models/emotion-tiny.onnx, a fifth of the
 * work; `opts` may be NULL. Free with _free(). */
struct nn_recogniser *nn_recogniser_new(const char *model, const struct nn_engine_opts *opts,
                                        struct nn_err *err);
void nn_recogniser_free(struct nn_recogniser *r);       /* NULL is fine */

/* Input size in pixels, and channels (1 or 3), as the model wants them. */
void nn_recogniser_input(const struct nn_recogniser *r, int *w, int *h, int *channels);

/* The model with its metadata; the recogniser's. And its temperature, 1 where none is stored. */
const struct nn_graph *nn_recogniser_graph(const struct nn_recogniser *r);
float nn_recogniser_temperature(const struct nn_recogniser *r);
/* The probability (metadata neonnoir.abstain) under which its answer had better be left out:
 * it then speaks of four faces in five. 0 where none is stored. */
float nn_recogniser_silence(const struct nn_recogniser *r);

/* Probabilities (sum 1) of n faces of one picture. `affect` (may be NULL) gets valence and
 * arousal, -1..1: the model's output "affect" (B x 2), or without one the mean of the emotions'
 * places (emotion.h). */
int nn_recognise(struct nn_recogniser *r, const struct nn_image *img, const struct nn_box *box,
                 int n, float (*prob)[NN_EMOTIONS], float (*affect)[2], struct nn_err *err);
/* The same of faces that lean clockwise by roll[i] degrees: each is cut out upright. A quarter
 * of FER2013's PublicTest, turned: 70.1 % right upright, 68.2 at 10 degrees, 65.3 at 20, 62.9
 * at 30. */
int nn_recognise_leaning(struct nn_recogniser *r, const struct nn_image *img,
                         const struct nn_box *box, const float *roll, int n,
                         float (*prob)[NN_EMOTIONS], float (*affect)[2], struct nn_err *err);

/* Probabilities of n pictures that are faces already (no margin is added). */
int nn_recognise_crops(struct nn_recogniser *r, const struct nn_image *const *crops, int n,
                       float (*prob)[NN_EMOTIONS], struct nn_err *err);

/* Grows a detector's box by `margin` about its centre, the way every part of
 * the project cuts faces, so that training and playing see the same crop. */
struct nn_box nn_face_crop_box(struct nn_box face, float margin);

#define NN_FACE_MARGIN 1.0f     /* a cascade's box frames a face as FER2013 does */

#endif
