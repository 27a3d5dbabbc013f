/*
 * run.h - training runs and exported models, as rows; their files are in
 * runs/NAME/ and models/.
 */
#ifndef NN_DATASETS_RUN_H
#define NN_DATASETS_RUN_H

#include "datasets/catalog.h"

struct nn_run {
    int64_t id, snapshot;       /* snapshot: row id */
    const char *name;           /* unique, a directory name */
    const char *task;           /* "emotion" */
    const char *settings;       /* JSON */
    const char *state;          /* "running", "stopped", "done", "failed" */
    int64_t epoch, epochs;      /* done, planned */
    double best_metric;         /* valid accuracy 0..1 of the best epoch; 0 before one */
    const char *created;        /* ISO 8601, UTC */
};

/* A new run named `name` (NULL: "emotion-N"); r->snapshot, task, settings, epochs
 * are taken. Makes its directory. */
int nn_run_add(struct nn_catalog *cat, const char *name, struct nn_run *r, struct nn_err *err);
/* Records progress: state, epoch, best_metric of r->id. */
int nn_run_update(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err);
/* Appends one epoch's metrics ("loss", "accuracy", ...) of a split. */
int nn_run_metric(struct nn_catalog *cat, int64_t run, int64_t epoch, const char *split,
                  const char *metric, double value, struct nn_err *err);
/* By name ("latest": the newest). Strings live until the next call of
 * this or of nn_clip_load(), or close. */
int nn_run_find(struct nn_catalog *cat, const char *name, struct nn_run *r, struct nn_err *err);
int nn_run_each(struct nn_catalog *cat, int (*each)(void *arg, const struct nn_run *r), void *arg,
                struct nn_err *err);
struct nn_metric {
    int64_t epoch;
    const char *split, *name;   /* "valid", "accuracy" */
    double value;
    double at;                  /* Unix time when it was first measured */
};
/* By epoch, split and name. */
int nn_run_metric_each(struct nn_catalog *cat, int64_t run,
                       int (*each)(void *arg, const struct nn_metric *m), void *arg,
                       struct nn_err *err);
/* What people say of a run: "drink=espresso". The name is of letters, digits, '.', '_' and '-';
 * the value is UTF-8 without commas, control characters and outer blanks. */
enum { NN_RUN_KEY = 33, NN_RUN_VALUE = 65 };    /* bytes, with their zeros */

/* NN_EUSAGE says what is wrong with them. */
int nn_run_label_check(const char *const *text, int n, struct nn_err *err);
/* All or none of them; "drink=" takes that label away. */
int nn_run_label_put(struct nn_catalog *cat, int64_t run, const char *const *text, int n,
                     struct nn_err *err);
/* 1, 0 when the run has no such label (`value` is then ""), -1. */
int nn_run_label_get(struct nn_catalog *cat, int64_t run, const char *key, char value[NN_RUN_VALUE],
                     struct nn_err *err);
/* In the order of their names. */
int nn_run_label_each(struct nn_catalog *cat, int64_t run,
                      int (*each)(void *arg, const char *key, const char *value), void *arg,
                      struct nn_err *err);

/* runs/NAME/FILE in the catalog's directory. */
int nn_run_path(const struct nn_catalog *cat, const char *run, const char *file, char out[NN_PATH],
                struct nn_err *err);
/* Records an exported model file: its hash goes into the pool, the row names run
 * (0: none) and path handed to the user. */
int nn_model_add(struct nn_catalog *cat, int64_t run, const char *path, const char *task,
                 struct nn_err *err);

#endif
