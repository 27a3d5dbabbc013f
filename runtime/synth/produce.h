/*
 * produce.h - neonnoir synth: scenes into picture files and films, with their truth beside them.
 */
#ifndef NN_RUNTIME_SYNTH_PRODUCE_H
#define NN_RUNTIME_SYNTH_PRODUCE_H

#include "common/cli.h"
#include "common/json.h"
#include "runtime/synth/synth.h"

extern const struct nn_cmd nn_synth_cmds[];

/* What is asked for. */
struct nn_synth_order {
    struct nn_synth_look look;
    uint64_t seed;
    int w, h, threads;          /* threads 0: one for each core */
    const char *out;            /* a folder, or a film */
    const char *format;         /* "png", "jpg": of stills */
    int64_t count;              /* stills, or shots */
    double seconds, rate;       /* of a film */
};

/* One row of truth: a picture, or a shot with its first frame and the one behind its last. */
struct nn_synth_row {
    char file[64];
    uint64_t seed;
    int64_t start, end;         /* end 0: a picture */
    struct nn_synth_truth truth;
};

/* Pictures DIR/000001.png, ..., then truth.csv and truth.json. Ctrl-C is NN_EINTR: what is whole
 * stays, without a truth that would name what is missing. *rows: malloc'd, the caller's. */
int nn_synth_stills(const struct nn_synth_order *o, struct nn_synth_row **rows, struct nn_err *err);
/* A film and, beside it, FILM.truth.csv and FILM.truth.json. */
int nn_synth_film(const struct nn_synth_order *o, struct nn_synth_row **rows, struct nn_err *err);

/* Rows as files. */
int nn_synth_write_csv(const struct nn_synth_row *row, int64_t n, const char *path,
                       struct nn_err *err);
int nn_synth_write_json(const struct nn_synth_order *o, const struct nn_synth_row *row, int64_t n,
                        const char *path, struct nn_err *err);
/* What came out, for --json; the caller deletes it. */
cJSON *nn_synth_summary(const struct nn_synth_order *o, const struct nn_synth_row *row, int64_t n);

#endif
