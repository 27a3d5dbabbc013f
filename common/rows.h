/*
 * rows.h - rows of text out of a CSV file in memory.
 *
 * RFC 4180 without line breaks in fields: commas between fields, quotes around those that hold
 * commas, two quotes for one within. Lines end in LF or CRLF; empty ones are passed over. What is
 * no such row, and a zero byte, is an error that names file and line.
 */
#ifndef NN_COMMON_ROWS_H
#define NN_COMMON_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { NN_ROWS_FIELDS = 64 };

struct nn_rows {
    const char *name;           /* for messages */
    char *at, *end;
    int64_t line;               /* of the row last read, from 1 */
    int fields;                 /* in it, at least 1 */
    char *field[NN_ROWS_FIELDS];
};

/* text[size] must be 0, as nn_file_read() leaves it; the rows are cut up in place. The text stays
 * the caller's and must outlive `r`. */
void nn_rows_init(struct nn_rows *r, const char *name, char *text, size_t size);
/* The next row: 1, 0 at the end, -1. */
int nn_rows_next(struct nn_rows *r, struct nn_err *err);

#endif
