/*
 * answers.h - what a network says of labelled faces, for all that is worked out from it.
 *
 * Logits stand without the model's own temperature and are known up to a constant a face, which
 * no softmax shows: they are logarithms of the runtime's probabilities.
 */
#ifndef NN_TRAINER_ANSWERS_H
#define NN_TRAINER_ANSWERS_H

#include "runtime/face/recognise.h"
#include "trainer/faces.h"

struct nn_answers {
    int64_t n;
    double (*logit)[NN_EMOTIONS];
    int8_t *label;
    int8_t *half;       /* 0 or 1 by a hash of the pixels: equal pictures are in the same */
    int64_t *face;      /* its place in the nn_faces */
};

/*
 * Several views of a face, whose logits are averaged, as the ten crops of FER2013's best single
 * networks are (Khaireddin and Chen, arXiv 2105.03588): flip is the picture and its mirror image;
 * ten adds the same of four shifts to the corners by about 1/16 of the side, the border repeated.
 */
enum nn_tta { NN_TTA_NONE, NN_TTA_FLIP, NN_TTA_TEN };

/* Of "flip", "ten", or NULL for none. */
int nn_tta_find(const char *word, enum nn_tta *out, struct nn_err *err);
int nn_tta_views(enum nn_tta tta);

/* Asks the network; a progress bar, and Ctrl-C ends it. Release with nn_answers_release(), also
 * after a failure. */
int nn_answers_ask(struct nn_answers *a, struct nn_recogniser *r, const struct nn_faces *f,
                   enum nn_tta tta, struct nn_err *err);
/* Room for n, zeroed. */
int nn_answers_init(struct nn_answers *a, int64_t n, struct nn_err *err);
/* Those of `from` that are not leaked. */
int nn_answers_clean(struct nn_answers *a, const struct nn_answers *from, const struct nn_faces *f,
                     struct nn_err *err);
void nn_answers_release(struct nn_answers *a);  /* a zeroed one is fine */

/* The class of the highest of a face's scores. */
int nn_answers_top(const double score[NN_EMOTIONS]);
/* Probabilities at a temperature. */
void nn_answers_softmax(const double logit[NN_EMOTIONS], double temperature,
                        double prob[NN_EMOTIONS]);

#endif
