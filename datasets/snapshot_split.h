/*
 * snapshot_split.h - which sample goes where: the pure part of making a snapshot.
 * Internal to datasets/.
 */
#ifndef NN_DATASETS_SNAPSHOT_SPLIT_H
#define NN_DATASETS_SNAPSHOT_SPLIT_H

#include "datasets/snapshot.h"

struct nn_candidate {
    struct nn_sample s;     /* split -1: came without one */
    int64_t clip;
    int64_t subject;        /* a number for each name, 0 unknown */
};

/* Gives every candidate without a split one. What shares a clip, a subject or a
 * picture stays together; whole groups go to valid, in an order drawn from `seed`
 * and the group's smallest picture (so not from row ids), while they fit into the
 * share `valid`. With a share above 0 and two groups or more valid gets one.
 * `c` is reordered. */
int nn_split_assign(struct nn_candidate *c, int64_t n, double valid, uint64_t seed,
                    struct nn_err *err);

/* Sorts by split, picture, face; marks valid and test samples whose picture is in
 * train as leaked; takes train samples whose picture is in valid or test out
 * unless `keep`. Returns how many samples are left; *leaks counts what went. */
int64_t nn_split_leaks(struct nn_candidate *c, int64_t n, int keep, int64_t *leaks);

/* SHA-256 of the sorted lines "picture label split\n". */
int nn_snapshot_hash(const struct nn_sample *s, int64_t n, nn_hash out, struct nn_err *err);

#endif
