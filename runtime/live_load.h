/*
 * live_load.h - what is left undone when frames come out too late.
 *
 * A frame has a budget of milliseconds from the camera to the output. When frames keep
 * exceeding it, work is dropped a level at a time: first the analysis sees only every
 * second, fourth, eighth frame that it could, then the costly kinds of effects fade out
 * (area, sprites, warps). Point effects and the output itself are never dropped. When
 * all is well within the budget for some seconds, a level is taken back; if that turns
 * out to be too much at once, the next attempt waits twice as long.
 */
#ifndef NN_RUNTIME_LIVE_LOAD_H
#define NN_RUNTIME_LIVE_LOAD_H

#include "runtime/effects/effect.h"

enum { NN_LOAD_LEVELS = 7, NN_TOUCHES = NN_SPRITE + 1 };

struct nn_load {
    double budget;              /* ms */
    int level, worst;           /* 0: nothing is dropped; NN_LOAD_LEVELS - 1: all that can be */
    int over, warm;             /* late frames in a row; frames so far, up to a few */
    double calm, patience;      /* seconds within the budget, and how many it takes */
    double since;               /* seconds since a level was taken back */
    float keep[NN_TOUCHES];     /* share of each kind of effect's amount, 0..1 */
};

void nn_load_init(struct nn_load *l, double budget_ms);
/* A frame came out after `ms`, dt seconds after the one before. Returns 1 when the level
 * changed. */
int nn_load_frame(struct nn_load *l, double ms, double dt);
/* The analysis may have every n-th frame. */
int nn_load_every(const struct nn_load *l);
/* "analysis 1/4, no area effects"; "" when nothing is dropped. */
void nn_load_words(const struct nn_load *l, char out[80]);

#endif
