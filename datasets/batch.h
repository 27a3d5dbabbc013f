/*
 * batch.h - shuffled, prefetched batches of samples, made by threads.
 *
 * The loader knows nothing of pictures: a callback turns sample `index` into
 * floats. It is given a generator seeded by (seed, epoch, sample), so what a
 * sample looks like in an epoch does not depend on threads or on batch size.
 * Order: Fisher-Yates by (seed, epoch). A loader can start at any batch of any
 * epoch, which is what resume needs.
 */
#ifndef NN_DATASETS_BATCH_H
#define NN_DATASETS_BATCH_H

#include <stdint.h>

#include "common/err.h"
#include "common/rng.h"

struct nn_loader;

struct nn_loader_opts {
    int64_t count;          /* samples 0..count-1 */
    int64_t floats;         /* of one sample */
    int batch;              /* samples of a batch; the last of an epoch may be smaller */
    int drop_last;          /* leave a smaller last batch out */
    int shuffle;
    uint64_t seed;
    int threads;            /* >= 1 */
    int prefetch;           /* batches made ahead, >= 1 */
    /* Fills out[floats] and *label; called from several threads. */
    int (*fill)(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err);
    void *arg;
};

struct nn_batch {
    int64_t n;              /* samples */
    float *x;               /* (n, floats) */
    int64_t *label;         /* (n) */
    int64_t *index;         /* (n): which samples */
};

struct nn_loader *nn_loader_new(const struct nn_loader_opts *o, struct nn_err *err);
void nn_loader_free(struct nn_loader *l);       /* NULL is fine; joins its threads */
/* Begins epoch `epoch` at batch `first`; drops what was prefetched. */
int nn_loader_start(struct nn_loader *l, int64_t epoch, int64_t first, struct nn_err *err);
int64_t nn_loader_batches(const struct nn_loader *l);   /* of one epoch */
/* The next batch, the loader's and valid until the next call. 1, 0 at the
 * epoch's end, -1. */
int nn_loader_next(struct nn_loader *l, const struct nn_batch **b, struct nn_err *err);
/* Seconds that next() has waited for a batch since the loader was made. */
double nn_loader_waited(const struct nn_loader *l);

#endif
