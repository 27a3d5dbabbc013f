/*
 * patch_read.h - the parts of reading a patch, each of them checked against the tables.
 * `at` is the JSON path of what is read. All return 0, or -1 with `err`.
 */
#ifndef NN_RUNTIME_SIGNALS_PATCH_READ_H
#define NN_RUNTIME_SIGNALS_PATCH_READ_H

#include "runtime/signals/patch.h"

enum { NN_PLACE = 120 };    /* bytes of "scenes[15].chain[15].map[15]" and more */

/* "signals": declared and derived ones, in order. */
int nn_patch_read_signals(const cJSON *root, struct nn_patch *p, struct nn_err *err);
/* A chain: its links go behind those that `p` has. */
int nn_patch_read_chain(const cJSON *obj, const char *at, struct nn_patch *p, struct nn_err *err);
/* "scenes" and "change". */
int nn_patch_read_scenes(const cJSON *root, struct nn_patch *p, struct nn_err *err);
/* threshold, hysteresis and hold of a signal. */
int nn_patch_read_gate(const cJSON *obj, const char *at, const struct nn_signal_info *signal,
                       struct nn_gate *g, struct nn_err *err);

/* Goes on with the scenes, dt seconds after the last call. */
void nn_patch_move_scenes(struct nn_patch *p, const struct nn_bus *bus, double dt);

/* Whether the gate is open, dt seconds on. */
int nn_gate_move(struct nn_gate *g, float signal, double dt);

#endif
