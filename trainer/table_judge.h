/*
 * table_judge.h - how right a network of a table is, on whom it has not seen.
 */
#ifndef NN_TRAINER_TABLE_JUDGE_H
#define NN_TRAINER_TABLE_JUDGE_H

#include <cjson/cJSON.h>

#include "runtime/onnx/graph.h"
#include "trainer/tables/tasks.h"

struct nn_tally {
    int classes;
    int64_t count[NN_TABLE_CLASSES][NN_TABLE_CLASSES];  /* [truth][answer] */
    int64_t baseline;       /* right by always saying the class most frequent in training */
};

/* What a network says on one group that it has not seen. */
struct nn_left_out {
    struct nn_tally row, event;     /* event: by the sum of its rows' logits */
};

int64_t nn_tally_total(const struct nn_tally *t);
double nn_tally_accuracy(const struct nn_tally *t);     /* 0 for an empty one */
double nn_tally_baseline(const struct nn_tally *t);
/* Mean F1 of the classes that occur. */
double nn_tally_macro_f1(const struct nn_tally *t);
/* Mean recall of the classes that occur: always one class gives 1 / their number. */
double nn_tally_recall(const struct nn_tally *t);
void nn_tally_add(struct nn_tally *sum, const struct nn_tally *t);

/* Answers of our engine for rows of group `group` (-1: all) into logits (n rows of the table,
 * classes); those of other groups are left alone. */
int nn_table_answers(const struct nn_graph *g, const struct nn_table *t, int classes, int group,
                     float *logits, struct nn_err *err);
/* The largest difference between our engine and libtorch over all rows. */
int nn_table_verify(const struct nn_graph *g, const struct nn_table *t, int classes,
                    double *difference, struct nn_err *err);
/* Judges logits (as nn_table_answers() makes them) on group `group`. */
int nn_table_judge(const struct nn_table *t, int classes, int group, const float *logits,
                   struct nn_left_out *out, struct nn_err *err);

/* Mean, deviation between groups (n - 1) and least of n accuracies. */
struct nn_spread { double mean, deviation, least; };
struct nn_spread nn_spread_of(const double *v, int n);

/* {"samples", "accuracy", "macro_f1", "baseline", "confusion"} */
cJSON *nn_tally_json(const struct nn_tally *t);
int nn_tally_draw(const struct nn_tally *t, const struct nn_table_task *task, const char *title,
                  const char *path, struct nn_err *err);

#endif
