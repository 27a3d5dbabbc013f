/*
 * report.h - rows of a query as an aligned table for people or as JSON, from one
 * list of columns. Internal to datasets/.
 */
#ifndef NN_DATASETS_REPORT_H
#define NN_DATASETS_REPORT_H

#include "common/json.h"
#include "datasets/db.h"

enum nn_column_kind {
    NN_COL_TEXT,
    NN_COL_COUNT,       /* whole number; people see 28,558 */
    NN_COL_NUMBER,      /* real, three decimals */
    NN_COL_SECONDS,     /* real; people see "11.26 s" */
    NN_COL_YES,         /* 0 or 1 */
    NN_COL_HASH,        /* people see the first 12 digits */
    NN_COL_SIZE         /* a hash: the bytes of its file in the pool; people see "1.2 MB" */
};

/* A list ends with a row whose key is NULL. Column i of the statement is row i. */
struct nn_column {
    const char *key;            /* in JSON */
    const char *title;          /* over the table; NULL: in JSON alone */
    enum nn_column_kind kind;
};

/* Runs `st` to its end and finalizes it (NULL: -1, the error is there already).
 * With `array` the rows are appended to it as objects, else printed; a table
 * without rows prints `none`; NULL is an empty cell. */
int nn_report(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *columns,
              const char *none, cJSON *array, struct nn_err *err);
/* The same for one row, as "title: value" lines or as members of `object`. */
int nn_report_record(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *columns,
                     cJSON *object, struct nn_err *err);

/* "28,558" and "1.2 MB" into `out`, which is returned. */
const char *nn_report_count(int64_t n, char out[32]);
const char *nn_report_bytes(int64_t n, char out[32]);

#endif
