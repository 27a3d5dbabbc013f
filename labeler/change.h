/*
 * change.h - what the labelling commands share: clips by name or query, and a
 * change to the catalog as one transaction with one line in the journal.
 */
#ifndef NN_LABELER_CHANGE_H
#define NN_LABELER_CHANGE_H

#include "datasets/media.h"

struct nn_clip_list {
    int64_t *id;
    int count, room;
};

int nn_clip_list_add(struct nn_clip_list *l, int64_t id, struct nn_err *err);
/* Adds what a query or a collection's name selects; nothing is NN_ENOTFOUND. */
int nn_clip_list_where(struct nn_clip_list *l, struct nn_catalog *cat, const char *where,
                       struct nn_err *err);
void nn_clip_list_release(struct nn_clip_list *l);

/* Opens the catalog, calls body(cat, who, argc, argv, err) within a transaction
 * and a journal entry "VERB OPERANDS", and keeps what it did when it returns 0. */
int nn_change(const char *verb, int argc, char **argv,
              int (*body)(struct nn_catalog *cat, const char *who, int argc, char **argv,
                          struct nn_err *err),
              struct nn_err *err);

#endif
