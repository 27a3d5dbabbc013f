/*
 * contenders.h - who takes part in a comparison, and what each says of the same faces.
 *
 * A contender is a run of the catalog, by its best.onnx, or an ONNX file; the runtime's engine
 * plays it.
 */
#ifndef NN_TRAINER_CONTENDERS_H
#define NN_TRAINER_CONTENDERS_H

#include <cjson/cJSON.h>

#include "common/pool.h"
#include "datasets/run.h"
#include "trainer/bootstrap.h"

enum { NN_CONTENDERS = 64 };

struct nn_contender {
    char *name;                 /* the run's, or the file's path */
    char *model;                /* file */
    int64_t run, snapshot;      /* rows; 0: a file */
    cJSON *settings;            /* of a run; NULL */
    char group[NN_RUN_VALUE];   /* its value of the factor */
    struct nn_verdicts says;
};

struct nn_contenders {
    int n;
    struct nn_contender *one[NN_CONTENDERS];
    char origin[200];           /* of the faces, for people */
    int64_t faces, leaked;      /* judged; left out because they stand in the training data */
    int8_t *label;              /* of the faces */
};

/*
 * Finds those that are named: "x.onnx" is a file, another word a run. With a factor each must be a
 * run that bears that label; no names then mean all such runs that have a best.onnx. `cat` may be
 * NULL where only files are named. Release with nn_contenders_release(), also after a failure.
 */
int nn_contenders_find(struct nn_contenders *c, struct nn_catalog *cat, char *const *name, int n,
                       const char *factor, struct nn_err *err);
int nn_contenders_is_file(const char *name);

/* The one snapshot that all were trained on, for want of other faces; NN_EUSAGE for files and for
 * runs on different ones. */
int nn_contenders_snapshot(const struct nn_contenders *c, struct nn_catalog *cat, int64_t *out,
                           struct nn_err *err);

/* Asks them all about the faces of `on` (labelled.h), or of the row `snapshot` where `on` is NULL;
 * leaked ones are left out unless `with_leaked`. */
struct nn_contenders_ask {
    const char *on, *split, *catalog;
    int64_t snapshot;
    int with_leaked;
    struct nn_pool *pool;
};
int nn_contenders_ask(struct nn_contenders *c, const struct nn_contenders_ask *how,
                      struct nn_err *err);
void nn_contenders_release(struct nn_contenders *c);

#endif
