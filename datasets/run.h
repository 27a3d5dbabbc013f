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
int nn_run_metric_each(struct nn_catalog *cat, int64_t run,
                       int (*each)(void *arg, int64_t epoch, const char *split, const char *metric,
                                   double value),
                       void *arg, struct nn_err *err);
/* runs/NAME/FILE in the catalog's directory. */
int nn_run_path(const struct nn_catalog *cat, const char *run, const char *file, char out[NN_PATH],
                struct nn_err *err);
/* Records an exported model file: its hash goes into the pool, the row names run
 * (0: none) and path handed to the user. */
int nn_model_add(struct nn_catalog *cat, int64_t run, const char *path, const char *task,
                 struct nn_err *err);

#endif
