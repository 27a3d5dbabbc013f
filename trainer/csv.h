/*
 * csv.h - rows of numbers out of a CSV file in memory.
 *
 * Commas between numbers, a row a line; empty lines are passed over, blanks and
 * carriage returns at the ends are no matter. Everything else, and what is no
 * finite number, is an error that names file and line.
 */
#ifndef NN_TRAINER_CSV_H
#define NN_TRAINER_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { NN_CSV_COLUMNS = 128 };

struct nn_csv {
    const char *name;       /* for messages */
    const char *at, *end;
    int missing;            /* empty numbers are NAN; else they are an error */
    int64_t line;           /* of the row last read, from 1 */
    double v[NN_CSV_COLUMNS];
};

/* data stays the caller's and must outlive `c`. */
void nn_csv_init(struct nn_csv *c, const char *name, const void *data, size_t size);
/* Reads a first line of names; index[i] becomes the column of want[i] (NULL-ended). A name that
 * is not there is an error. Columns that nobody wants are fine. */
int nn_csv_head(struct nn_csv *c, const char *const *want, int *index, struct nn_err *err);
/* The next row into c->v: 1, 0 at the end, -1. Other than `columns` numbers are an error. */
int nn_csv_row(struct nn_csv *c, int columns, struct nn_err *err);

#endif
