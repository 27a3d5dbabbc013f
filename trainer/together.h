/*
 * together.h - what every training command begins and ends with, alone or as one of several
 * processes (peers.h).
 */
#ifndef NN_TRAINER_TOGETHER_H
#define NN_TRAINER_TOGETHER_H

#include "datasets/catalog.h"
#include "trainer/peers.h"

/* Meets the other processes, if a launcher started several; all but process 0 fall silent. */
int nn_together_join(struct nn_peers **peers, struct nn_err *err);
/* The catalog, for writing where this process writes. */
struct nn_catalog *nn_together_open(struct nn_peers *peers, struct nn_err *err);
/* Trains the run of that name from where it stands to its end, and says what to do next. */
int nn_together_train(struct nn_catalog *cat, const char *name, struct nn_peers *peers,
                      struct nn_err *err);

#endif
