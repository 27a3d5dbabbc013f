/*
 * charts.h - pictures of a training run.
 */
#ifndef NN_TRAINER_CHARTS_H
#define NN_TRAINER_CHARTS_H

#include "datasets/run.h"

/* runs/NAME/loss.png: loss and accuracy of training and validation by epoch, from
 * the catalog's metrics. */
int nn_chart_run(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err);

#endif
