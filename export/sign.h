/*
 * sign.h - the collective's name as a neon sign, in tubes of our own drawing, so
 * that no font is needed and it can follow any curve.
 */
#ifndef NN_EXPORT_SIGN_H
#define NN_EXPORT_SIGN_H

#include <cairo.h>

/* Where a point of the sign goes: u to the right, v upwards from the base line,
 * both in letter heights. */
typedef void nn_sign_place(const void *arg, double u, double v, double *x, double *y);

/* "NEON NOIR" is this wide, in letter heights. */
double nn_sign_width(void);
/* Draws it; `height` of a letter in the units of `cr`, for the width of tubes and
 * halo. Wants a dark ground. */
void nn_sign_draw(cairo_t *cr, double height, nn_sign_place *place, const void *arg);
/* The same on a straight line from (x, y), base line left. */
void nn_sign_draw_at(cairo_t *cr, double x, double y, double height);

#endif
