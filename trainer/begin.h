/*
 * begin.h - a training run from its first file on.
 */
#ifndef NN_TRAINER_BEGIN_H
#define NN_TRAINER_BEGIN_H

#include "datasets/run.h"
#include "datasets/snapshot.h"
#include "trainer/peers.h"
#include "trainer/settings.h"

struct nn_begin {
    struct nn_settings s;       /* normalisation and weights of votes and teacher are completed */
    const char *init;           /* a model to begin with; NULL: a new network */
    const char *name;           /* NULL: emotion-N */
    const char *votes;          /* a file of annotators' votes; NULL: none */
    const char *teacher;        /* a model to learn from; NULL: none */
    const char *const *label;   /* "drink=espresso" */
    int labels;
};

/* What can be said before a run exists that could not go on: about labels, votes and teacher. */
int nn_begin_check(struct nn_begin *b, struct nn_err *err);

/* The run's row, labels, directory and first graph, after nn_begin_check(). *run's strings live
 * as nn_run_find()'s do. */
int nn_begin_run(struct nn_begin *b, struct nn_catalog *cat, const struct nn_snapshot *snap,
                 struct nn_run *run, struct nn_err *err);

/* Trains what a run still lacks, as nn_fit(); nothing when it is done. Fills *run. */
int nn_begin_rest(struct nn_catalog *cat, const char *name, struct nn_peers *peers,
                  struct nn_run *run, struct nn_err *err);

#endif
