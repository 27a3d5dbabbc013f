/*
 * figures.h - how good a network's answers are: right, as sure as it may be, and worth more where
 * it may be silent.
 */
#ifndef NN_TRAINER_FIGURES_H
#define NN_TRAINER_FIGURES_H

#include <stdio.h>

#include "trainer/answers.h"
#include "trainer/coverage.h"
#include "trainer/metrics.h"
#include "trainer/reliability.h"

struct nn_figures {
    struct nn_confusion confusion;
    struct nn_reliability raw;      /* the network's own probabilities, temperature 1 */
    struct nn_reliability stored;   /* at the temperature in its file */
    struct nn_reliability unseen;   /* each half at the temperature fitted on the other */
    double half[2];                 /* what a half's own answers fit; 0: none */
    double temperature;             /* what all answers fit; 0: none */
    struct nn_coverage coverage;    /* at that temperature, or 1 */
    struct nn_cover kept;           /* NN_COVER_SHOWN % with the other half's temperature and
                                     * threshold, counted over both (threshold: 0); all 0
                                     * where a half has no faces */
};

/* `stored`: the temperature in the file, 1 where there is none. */
int nn_figures_of(const struct nn_answers *a, double stored, struct nn_figures *out,
                  struct nn_err *err);

/* The threshold under which NN_COVER_SHOWN % are answered. */
double nn_figures_threshold(const struct nn_figures *f);

/* nn_confusion_json() and "calibration" and "abstention". */
cJSON *nn_figures_json(const struct nn_figures *f);

/* A line for each figure: its name, and its value for all faces and for those not leaked (the
 * second column is left out where those are all). For people, or as a table of Markdown. */
void nn_figures_table(FILE *to, const struct nn_figures *all, const struct nn_figures *clean,
                      int markdown);

#endif
