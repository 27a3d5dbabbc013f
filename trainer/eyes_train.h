/*
 * eyes_train.h - makes the network of the feature space (eyes.h), without anybody's labels.
 *
 * It learns to tell each picture from the others by a random crop of it (A. Dosovitskiy et al.,
 * "Discriminative unsupervised feature learning with exemplar convolutional neural networks",
 * arXiv 1406.6909), and what was done to the crop (spoil.h), so that features keep what blur, noise
 * and a wrong colour change. Colour is never varied: it tells.
 */
#ifndef NN_TRAINER_EYES_TRAIN_H
#define NN_TRAINER_EYES_TRAIN_H

#include "runtime/onnx/graph.h"
#include "trainer/pictures.h"

struct nn_eyes_opts {
    int64_t steps, batch, seed, threads;
    double rate;                /* peak learning rate */
};

/* Sums of the last steps, as it goes. */
struct nn_eyes_progress {
    int64_t step;
    double loss, accuracy;      /* of telling pictures */
};

/* The trained network with its one output "features" and its metadata. Ctrl-C: NULL, NN_EINTR.
 * nn_torch_setup() comes first. */
struct nn_graph *nn_eyes_train(const struct nn_pictures *p, const struct nn_eyes_opts *o,
                               void (*each)(void *arg, const struct nn_eyes_progress *e),
                               void *arg, struct nn_err *err);

#endif
