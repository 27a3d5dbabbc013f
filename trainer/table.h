/*
 * table.h - rows of features with a label, and whom they come from.
 *
 * What networks on landmarks, sensors and pulse learn from: small enough for
 * memory, read straight out of an archive. A group is what must not stand on
 * both sides of a split: a person, or a piece of a recording. Rows may belong
 * to an event (one gesture, seen by many windows), which is judged as a whole.
 */
#ifndef NN_TRAINER_TABLE_H
#define NN_TRAINER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { NN_TABLE_CLASSES = 32, NN_TABLE_GROUPS = 64, NN_TABLE_NAME = 32 };

struct nn_table {
    int floats;                 /* of a row */
    int64_t n, cap;
    float *x;                   /* (n, floats) */
    int *label, *group, *event; /* event: -1 for rows of none */
    int groups, events;         /* how many */
    char group_name[NN_TABLE_GROUPS][NN_TABLE_NAME];
};

void nn_table_init(struct nn_table *t, int floats);
void nn_table_release(struct nn_table *t);      /* a zeroed one is fine */
/* The index of a group, made when new; -1 with too many or too long a name. */
int nn_table_group(struct nn_table *t, const char *name, struct nn_err *err);
/* Appends a row; x[floats] is copied. */
int nn_table_add(struct nn_table *t, const float *x, int label, int group, int event,
                 struct nn_err *err);
/* The last part of a path within an archive. */
const char *nn_table_base(const char *name);
/* Calls visit(arg, name, its bytes) for each file of an archive or folder, in its order. A
 * broken archive and visit's -1 end the walk: -1. */
int nn_table_walk(const char *path, int (*visit)(void *arg, const char *name, const void *data,
                                                 size_t size, struct nn_err *err),
                  void *arg, struct nn_err *err);

#endif
