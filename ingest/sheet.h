/*
 * sheet.h - a film's contact sheet: its shots' posters in a grid, each with its
 * number, time code, length and faces.
 */
#ifndef NN_INGEST_SHEET_H
#define NN_INGEST_SHEET_H

#include "common/err.h"
#include "ingest/look.h"

/* "00:01:02.345". */
void nn_time_code(double seconds, char out[32]);

/* Writes a PNG, atomically. faces[i]: in shot i. A film of more shots than fit
 * shows the first ones and says so. */
int nn_sheet_write(const struct nn_look *look, const char *title, const int64_t *faces,
                   const char *path, struct nn_err *err);

#endif
