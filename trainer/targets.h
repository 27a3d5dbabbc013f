/*
 * targets.h - what a network is to say of each face: its label, and behind that, where the
 * run has them, how the annotators' votes fell.
 */
#ifndef NN_TRAINER_TARGETS_H
#define NN_TRAINER_TARGETS_H

#include "trainer/faces.h"
#include "trainer/votes.h"

struct nn_targets {
    int64_t n, width;   /* faces; NN_EMOTIONS, or NN_EMOTIONS + NN_VOTES */
    float *row;         /* (n, width); the votes are 0 where nobody voted */
    int64_t voted;      /* faces with votes */
};

/* For the faces of a split in the order of nn_faces_load(). `votes`: a file as votes.h has it,
 * or NULL. Release with nn_targets_release(), also after a failure. */
int nn_targets_init(struct nn_targets *t, const struct nn_faces *f, struct nn_catalog *cat,
                    const struct nn_snapshot *s, enum nn_split split, const char *votes,
                    struct nn_err *err);
void nn_targets_release(struct nn_targets *t);
/* The rows of n faces, one after the other. */
void nn_targets_batch(const struct nn_targets *t, const int64_t *face, int64_t n, float *out);

#endif
