/*
 * axes.h - the frame in which values are drawn by epoch.
 */
#ifndef NN_TRAINER_AXES_H
#define NN_TRAINER_AXES_H

#include "runtime/draw/canvas.h"

struct nn_axes {
    double x0, y0, w, h;            /* the plot's rectangle, pixels */
    double lo, hi, epochs;          /* value range; last epoch, from 1 */
};

/* Empty; nn_axes_take() widens it to hold a value, nn_axes_room() leaves a margin at the end. */
struct nn_axes nn_axes(double x0, double y0, double w, double h);
void nn_axes_take(struct nn_axes *a, double epoch, double value);
void nn_axes_room(struct nn_axes *a);
double nn_axes_x(const struct nn_axes *a, double epoch);
double nn_axes_y(const struct nn_axes *a, double value);
/* A step of 1, 2 or 5 times a power of ten that gives about five lines. */
double nn_axes_step(double range);
/* A value at that step, with as many decimals as tell two neighbours apart. Returns `out`. */
const char *nn_axes_text(char out[32], double v, double step, int percent);
/* Panel, grid, title and numbers; `percent`: values are shares. */
void nn_axes_draw(struct nn_canvas *c, const struct nn_axes *a, const char *title, int percent);

#endif
