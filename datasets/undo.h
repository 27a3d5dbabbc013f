/*
 * undo.h - the journal: who changed what, and the way back.
 *
 * A command brackets its changes by begin and commit, which are one transaction
 * and one entry. While an entry is open, temporary triggers write down every row
 * of tag, tagging, collection, collection_clip, person and consent that is inserted,
 * updated or deleted, and every face's subject that changes, as it was before;
 * undoing puts them back in reverse order. Changes outside an entry (imports) cost
 * nothing and are not in the journal.
 */
#ifndef NN_DATASETS_UNDO_H
#define NN_DATASETS_UNDO_H

#include "datasets/catalog.h"

/* Begins a transaction and an entry: "login", "add mood/tense to megamind-2". */
int nn_undo_begin(struct nn_catalog *cat, const char *who, const char *what, struct nn_err *err);
/* Ends both. An entry under which nothing changed is dropped. */
int nn_undo_commit(struct nn_catalog *cat, struct nn_err *err);
/* Takes the open entry and its changes back instead; nothing without one. */
void nn_undo_cancel(struct nn_catalog *cat);

/* Who works here: $NEONNOIR_USER, else the login name; returns `out`. */
const char *nn_undo_who(char out[64]);

struct nn_journal_entry {
    int64_t id, changes;                /* changes: rows */
    const char *at, *who, *what;
    const char *undone;                 /* when it was taken back; "" it holds */
};

/* Takes back the newest `count` entries that hold, newest first, in one transaction;
 * calls each(arg, entry) for every one (may be NULL). Returns how many, -1 on error. */
int nn_undo_last(struct nn_catalog *cat, int64_t count,
                 void (*each)(void *arg, const struct nn_journal_entry *e), void *arg,
                 struct nn_err *err);
/* The newest `limit` entries, newest first (0: all). */
int nn_undo_each(struct nn_catalog *cat, int64_t limit,
                 int (*each)(void *arg, const struct nn_journal_entry *e), void *arg,
                 struct nn_err *err);

#endif
