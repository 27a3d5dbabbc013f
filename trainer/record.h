/*
 * record.h - what an epoch leaves behind: metrics in the catalog, metrics.csv, TensorBoard's
 * events, loss.png and confusion.png in the run's directory.
 */
#ifndef NN_TRAINER_RECORD_H
#define NN_TRAINER_RECORD_H

#include "datasets/run.h"
#include "trainer/metrics.h"

struct nn_epoch {
    int64_t number;             /* from 1 */
    double seconds;
    double train_loss, train_accuracy;
    double valid_loss;
    const struct nn_confusion *valid;
    int is_best;                /* then confusion.png is drawn */
};

/* Also stores the run's row (state, epoch, best_metric). */
int nn_record_epoch(struct nn_catalog *cat, const struct nn_run *run, const struct nn_epoch *e,
                    struct nn_err *err);

/* metrics.csv in the run's directory, of all that the catalog knows of it. */
int nn_record_csv(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err);

/* surroundings.json in the run's directory gets an entry: when, with which libraries, processor,
 * snapshot (its hash, or NULL) and seed it was started or taken up. */
int nn_record_surroundings(struct nn_catalog *cat, const struct nn_run *run, const char *snapshot,
                           int64_t seed, int processes, struct nn_err *err);

#endif
