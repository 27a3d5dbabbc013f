/*
 * look_sheet.h - a look as a picture: other footage before and after it.
 */
#ifndef NN_EXPORT_LOOK_SHEET_H
#define NN_EXPORT_LOOK_SHEET_H

#include "runtime/look/look.h"

/* A PNG: the colours `of` from dark to light, which sorts them, greys before and after, and four
 * frames of `film` (or a picture; NULL: none), untouched on the left and graded on the right. */
int nn_look_sheet(const char *path, const char *title, const struct nn_colours *of,
                  const struct nn_cube *c, const char *film, struct nn_err *err);

#endif
