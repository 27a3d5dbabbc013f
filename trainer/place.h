/* place.h - where a training run stands, kept as the note of its checkpoint. */
#ifndef NN_TRAINER_PLACE_H
#define NN_TRAINER_PLACE_H

#include "trainer/torch.h"

/* Numbers, so that a note of JSON has them exactly up to 2^53. */
struct nn_place {
    double epoch, batch;            /* epochs done; batches done of the next */
    double loss, correct, seen;     /* sums over those batches */
    double best;
    double seconds;                 /* spent in this epoch */
    double stale;                   /* epochs since the best one */
    double scale;                   /* what plateaus have made of the rate */
    double whole;                   /* faces of a step; 0: older than this member */
};

/* With all that a step depends on, into one file, atomically. */
int nn_place_save(const struct nn_place *p, struct nn_torch *t, const char *path,
                  struct nn_err *err);
int nn_place_load(struct nn_place *p, struct nn_torch *t, const char *path, struct nn_err *err);

#endif
