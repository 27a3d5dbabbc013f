/*
 * seen.h - faces that a network may know by heart from another snapshot.
 *
 * A snapshot marks those of its own valid and test faces that leaked into its own training data. A
 * run that was trained on another snapshot may have seen others.
 */
#ifndef NN_TRAINER_SEEN_H
#define NN_TRAINER_SEEN_H

#include "trainer/faces.h"

/* Marks as leaked the faces of snapshot `on` (name or row id), loaded by nn_labelled_load() or
 * nn_labelled_snapshot() with this `split`, whose picture is in the training data of snapshot
 * `trained` (row id; `on` itself and 0 change nothing). */
int nn_seen_mark(struct nn_faces *f, struct nn_catalog *cat, const char *on, const char *split,
                 int64_t trained, struct nn_err *err);

#endif
