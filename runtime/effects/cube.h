/*
 * cube.h - looks: colour tables in .cube files (Adobe, "Cube LUT Specification 1.0", 2013).
 *
 * A text file of keywords (TITLE, LUT_1D_SIZE or LUT_3D_SIZE, DOMAIN_MIN, DOMAIN_MAX), then
 * one line of red, green and blue for each entry; in a 3D table red changes fastest. DaVinci
 * Resolve's LUT_1D_INPUT_RANGE and LUT_3D_INPUT_RANGE are read as the domain. Values are
 * display-encoded, as the editor saw them when the look was made. Strict: a file that does
 * not say exactly what it should is refused with the line that is wrong.
 */
#ifndef NN_RUNTIME_EFFECTS_CUBE_H
#define NN_RUNTIME_EFFECTS_CUBE_H

#include <stddef.h>

#include "common/err.h"

enum { NN_CUBE_3D_MAX = 129, NN_CUBE_1D_MAX = 65536 };  /* entries along a side */

struct nn_cube {
    char title[64];         /* "" when it has none; cut to fit */
    int dims, size;         /* 1 or 3; 2..NN_CUBE_?D_MAX */
    float lo[3], hi[3];     /* the domain: inputs of the first and the last entry; lo < hi */
    float scale[3];         /* entries to one of input */
    float (*entry)[4];      /* size or size^3 of red, green, blue and a 0, owned */
};

/* `name` is for messages. Release with nn_cube_release(). NN_EFORMAT with name and line. */
int nn_cube_parse(const char *text, size_t size, const char *name, struct nn_cube *c,
                  struct nn_err *err);
/* A file of at most 64 MiB. */
int nn_cube_read(const char *path, struct nn_cube *c, struct nn_err *err);
/* A 3D table over 0..1 as a file, all or nothing; the title must hold no quote. Five digits behind
 * the point tell twelve bits apart with ease. */
int nn_cube_write(const struct nn_cube *c, const char *path, struct nn_err *err);
void nn_cube_release(struct nn_cube *c);        /* a zeroed one is fine */

/* Replaces n colours, three rows of them, by what the table makes of them; values outside the
 * domain count as its ends. 3D tables are interpolated in tetrahedra (Kasson, Plouffe and Nin,
 * "A tetrahedral interpolation technique for color space conversion", 1993), 1D ones between
 * two entries. */
void nn_cube_look(const struct nn_cube *c, float *const rgb[3], int n);

#endif
