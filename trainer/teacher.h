/*
 * teacher.h - targets from a network that has learned already.
 *
 * What a teacher answers for each disturbed and mixed picture, softened by a heat, becomes a
 * share of its target (G. Hinton et al., "Distilling the Knowledge in a Neural Network", arXiv
 * 1503.02531; that the teacher should see the very picture: L. Beyer et al., "Knowledge
 * distillation: A good teacher is patient and consistent", arXiv 2106.05237). A teacher of the
 * same kind as its pupil is self-distillation (T. Furlanello et al., "Born Again Neural
 * Networks", arXiv 1805.04770).
 */
#ifndef NN_TRAINER_TEACHER_H
#define NN_TRAINER_TEACHER_H

#include "trainer/augment.h"
#include "trainer/torch.h"

struct nn_teacher;

/* An emotion model that takes (B, c, h, w) fed as `normal` says; others are refused by name.
 * With peers, answers are for this process's share of a batch alone. */
struct nn_teacher *nn_teacher_new(const char *path, int w, int h, int c,
                                  const struct nn_normal *normal, struct nn_peers *peers,
                                  struct nn_err *err);
void nn_teacher_free(struct nn_teacher *t);     /* NULL is fine */

/* The first NN_EMOTIONS of each row of target (n, width) become (1 - weight) of what they were
 * and `weight` of softmax(answer / heat). x: (n, c, h, w). */
int nn_teacher_blend(struct nn_teacher *t, const float *x, int64_t n, double weight, double heat,
                     float *target, int64_t width, struct nn_err *err);

#endif
