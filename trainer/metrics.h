/*
 * metrics.h - how right a classifier is: a confusion matrix and what follows.
 */
#ifndef NN_TRAINER_METRICS_H
#define NN_TRAINER_METRICS_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "common/emotion.h"
#include "common/err.h"

struct nn_confusion {
    int64_t count[NN_EMOTIONS][NN_EMOTIONS];    /* [truth][prediction] */
};

void nn_confusion_add(struct nn_confusion *m, int truth, const float score[NN_EMOTIONS]);
int64_t nn_confusion_total(const struct nn_confusion *m);
double nn_confusion_accuracy(const struct nn_confusion *m);     /* 0 for an empty one */
double nn_confusion_recall(const struct nn_confusion *m, int c);
double nn_confusion_precision(const struct nn_confusion *m, int c);
double nn_confusion_f1(const struct nn_confusion *m, int c);
/* Mean F1 of the classes that occur. */
double nn_confusion_macro_f1(const struct nn_confusion *m);

/* {"samples", "accuracy", "macro_f1", "classes": {...}, "confusion": [[...]]} */
cJSON *nn_confusion_json(const struct nn_confusion *m);
/* A table for people, to stdout. */
void nn_confusion_print(const struct nn_confusion *m);
int nn_confusion_draw(const struct nn_confusion *m, const char *title, const char *path,
                      struct nn_err *err);

#endif
