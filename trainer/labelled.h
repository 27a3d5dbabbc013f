/*
 * labelled.h - labelled faces from wherever they are: a snapshot of the catalog,
 * a class-folder directory, an archive of one.
 */
#ifndef NN_TRAINER_LABELLED_H
#define NN_TRAINER_LABELLED_H

#include "trainer/faces.h"

/*
 * Fills `f` (initialised) from `on`: an existing file or directory, or else a
 * snapshot of the catalog in `catalog`. `split` is "train", "valid", "test" or
 * "all"; NULL means valid for a snapshot and all for the others. Pictures that
 * are broken or whose folder names no emotion are counted in *skipped. `origin`
 * gets a line that says what was read. No face at all is an error.
 */
int nn_labelled_load(struct nn_faces *f, const char *on, const char *split, const char *catalog,
                     int64_t *skipped, char origin[200], struct nn_err *err);
/* The same from a snapshot, by name or id, even where a file has that name. */
int nn_labelled_snapshot(struct nn_faces *f, const char *name, const char *split,
                         const char *catalog, char origin[200], struct nn_err *err);

#endif
