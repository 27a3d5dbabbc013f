/*
 * table_fit.h - trains the network of a table.
 *
 * For a fixed number of epochs, without looking at what is left out: the judge
 * (table_judge.h) chooses no epoch. The same table, options,
 * thread count and machine give the same bits.
 */
#ifndef NN_TRAINER_TABLE_FIT_H
#define NN_TRAINER_TABLE_FIT_H

#include "runtime/onnx/graph.h"
#include "trainer/tables/tasks.h"

struct nn_table_opts {
    int64_t epochs, batch, seed, threads, width;
    double rate;            /* peak learning rate */
    double decay, smoothing, ema, dropout;
};

/* Sums of one epoch, as it goes. */
struct nn_table_epoch {
    int64_t number;         /* from 1 */
    double loss, accuracy;  /* of the varied rows, while learning */
};

/*
 * A trained graph with its metadata, which takes raw rows; mean and deviation are those of the rows
 * it learns from, all but group `left_out` (-1: all). each(arg, ...) after every epoch. Stopped by
 * Ctrl-C: NULL, NN_EINTR. nn_torch_setup() comes first.
 */
struct nn_graph *nn_table_train(const struct nn_table *t, const struct nn_table_task *task,
                                const struct nn_table_opts *o, int left_out,
                                void (*each)(void *arg, const struct nn_table_epoch *e), void *arg,
                                struct nn_err *err);

#endif
