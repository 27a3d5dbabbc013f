/*
 * progress.h - a progress bar: start, update, stop; silent off a terminal.
 *
 *   struct nn_progress p;
 *   nn_progress_start(&p, "ingest", 120);
 *   nn_progress_update(&p, done, "face 3 of clip 2");
 *   nn_progress_stop(&p);
 *
 * Draws at most ten times a second: label, bar, count, rate, time left, note.
 */
#ifndef NN_COMMON_PROGRESS_H
#define NN_COMMON_PROGRESS_H

#include <stdint.h>

struct nn_progress {
    const char *label;
    int64_t total;      /* 0 when unknown */
    double t0, last;    /* seconds, monotonic */
};

/* `label` is kept by pointer. */
void nn_progress_start(struct nn_progress *p, const char *label, int64_t total);
/* `note` may be NULL. */
void nn_progress_update(struct nn_progress *p, int64_t done, const char *note);
void nn_progress_stop(struct nn_progress *p);

/* Seconds since some fixed moment, monotonic. */
double nn_now(void);

#endif
