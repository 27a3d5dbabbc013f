/*
 * verify.h - whether the catalog is what it claims to be.
 *
 * Checked: SQLite's integrity_check and foreign_key_check; that every file which a
 * row names is in the pool (deep: that every file's bytes have the hash that is its
 * name); that snapshots still have the hash that was frozen. Orphans (files that no
 * row names), temporaries of killed programs and media that are not completely
 * ingested are no faults: they are counted.
 */
#ifndef NN_DATASETS_VERIFY_H
#define NN_DATASETS_VERIFY_H

#include "datasets/catalog.h"

struct nn_verify_opts {
    int deep;               /* hash every file of the pool */
    int repair;             /* remove orphans and temporaries; needs NN_WRITE */
    /* Called for each fault and note, a line of text each. */
    void (*each)(void *arg, int fault, const char *line);
    void *arg;
};

struct nn_verified {
    int64_t faults;
    int64_t files, bytes;           /* in the pool */
    int64_t missing;                /* named by a row, not in the pool */
    int64_t wrong;                  /* deep: bytes that are not their name's */
    int64_t orphans, orphan_bytes;
    int64_t temporaries;
    int64_t removed;
    int64_t incomplete;             /* media that the next ingest takes up again */
    int64_t snapshots;              /* checked */
};

/* 0 when the check ran to its end, whatever it found. */
int nn_verify(struct nn_catalog *cat, const struct nn_verify_opts *o, struct nn_verified *out,
              struct nn_err *err);

#endif
