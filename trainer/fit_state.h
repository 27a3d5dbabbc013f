/*
 * fit_state.h - a training run in memory, for the files of fit.h alone.
 */
#ifndef NN_TRAINER_FIT_STATE_H
#define NN_TRAINER_FIT_STATE_H

#include "datasets/batch.h"
#include "trainer/fit.h"
#include "trainer/place.h"
#include "trainer/targets.h"
#include "trainer/teacher.h"

struct fit {
    struct nn_catalog *cat;
    struct nn_run *run;
    const struct nn_settings *s;
    const struct nn_snapshot *snap;
    struct nn_peers *peers;
    struct nn_graph *graph;
    struct nn_faces train, valid;
    struct nn_torch *torch;
    struct nn_loader *loader;
    struct nn_targets targets;
    struct nn_teacher *teacher;     /* NULL: none */
    float *target;                  /* of a batch */
    struct nn_place at;
    double saved;                   /* nn_now() of the last checkpoint */
};

/* Reads faces, targets and network, makes loader and optimiser; release also after a failure. */
int nn_fit_prepare(struct fit *f, struct nn_err *err);
void nn_fit_release(struct fit *f);

/* One process of a group writes. */
static inline int nn_fit_writes(const struct fit *f)
{
    return nn_peers_rank(f->peers) == 0;
}

/* Faces of a step, of all processes. */
static inline int64_t nn_fit_whole(const struct fit *f)
{
    return f->s->batch * nn_peers_count(f->peers);
}

#endif
