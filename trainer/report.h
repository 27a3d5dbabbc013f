/*
 * report.h - a folder that says how good an emotion network is: pictures, all figures as JSON, and
 * a model card that can stand beside the model.
 */
#ifndef NN_TRAINER_REPORT_H
#define NN_TRAINER_REPORT_H

#include "trainer/figures.h"

struct nn_report {
    const char *model;              /* its path */
    const struct nn_graph *graph;
    double stored;                  /* the temperature in its file, 1: none */
    const char *on, *split, *tta;   /* as on the command line; NULL: not given */
    const char *origin;             /* what was judged, in words */
    int64_t skipped;                /* files that were no labelled face */
    const struct nn_faces *faces;
    const struct nn_answers *answers;
    struct nn_figures all, clean;   /* clean: without leaked faces */
};

/* All figures under stable names. */
cJSON *nn_report_json(const struct nn_report *r);

/* Makes the folder where it is not there, and finds out whether it can be written to. */
int nn_report_check(const char *dir, struct nn_err *err);
/* confusion.png, reliability.png, coverage.png, mistakes.png, eval.json and card.md. */
int nn_report_write(const struct nn_report *r, const char *dir, struct nn_err *err);

/* Its parts. */
int nn_report_reliability(const struct nn_report *r, const char *path, struct nn_err *err);
int nn_report_coverage(const struct nn_report *r, const char *path, struct nn_err *err);
/* For each class the faces of it that were called something else most surely. */
int nn_report_mistakes(const struct nn_report *r, const char *path, struct nn_err *err);
int nn_report_card(const struct nn_report *r, const char *path, struct nn_err *err);
/* What the card says first: the network and its training. */
int nn_report_network(const struct nn_report *r, FILE *to, struct nn_err *err);

/* "emotion.onnx on snapshot fer, valid", for titles. */
const char *nn_report_title(const struct nn_report *r, char *buf, size_t size);

#endif
