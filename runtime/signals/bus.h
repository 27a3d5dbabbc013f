/*
 * bus.h - signals: named floats with a time stamp, on one bus.
 *
 * Sources (faces, time, cuts, recordings, OSC) write, patches and logs read. The
 * list is fixed and has units and ranges, so that a patch can be checked before a
 * frame is played; behind it stand those that a patch brings along, derived from
 * others or fed from outside. A bus is a plain value, one thread's.
 */
#ifndef NN_RUNTIME_SIGNALS_BUS_H
#define NN_RUNTIME_SIGNALS_BUS_H

#include "common/emotion.h"
#include "common/err.h"
#include "common/fs.h"

enum nn_signal {
    NN_SIG_PRESENT,
    NN_SIG_COUNT,
    NN_SIG_X,
    NN_SIG_Y,
    NN_SIG_SIZE,
    NN_SIG_EMOTION,             /* the first of NN_EMOTIONS, in the order of enum nn_emotion */
    NN_SIG_VALENCE = NN_SIG_EMOTION + NN_EMOTIONS,
    NN_SIG_AROUSAL,
    NN_SIG_CUT,
    NN_SIG_SHOT,
    NN_SIG_TIME,
    NN_SIG_BREATH,
    NN_SIG_HEAD_YAW,
    NN_SIG_HEAD_PITCH,
    NN_SIG_HEAD_ROLL,
    NN_SIG_SURE,
    NN_SIG_PULSE_BPM,
    NN_SIG_PULSE_PHASE,
    NN_SIG_PULSE_BEAT,
    NN_SIG_EDA,
    NN_SIG_IMU_YAW,
    NN_SIG_IMU_PITCH,
    NN_SIG_IMU_ROLL,
    NN_SIG_SCENE,
    NN_SIG_SCENE_LAST,
    NN_SIG_SCENE_FADE,
    NN_SIG_MICRO,
    NN_SIG_DREAM_MOVED,         /* in the order of effect.h's NN_TOLD_MOVED */
    NN_SIG_DREAM_PACE,
    NN_SIG_DREAM_PUSH,
    NN_SIGNALS                  /* how many */
};

/* Numbers from NN_SIGNALS on are the patch's own signals, in its order. */
enum { NN_MAX_OWN = 32, NN_BUS = NN_SIGNALS + NN_MAX_OWN };

struct nn_signal_info {
    const char *name;           /* "face.joy" */
    const char *unit;           /* "" for plain numbers */
    float min, max;             /* inclusive */
    const char *brief;
};

/* Row `s` of the table; 0 <= s < NN_SIGNALS. */
const struct nn_signal_info *nn_signal_info(int s);
/* By name, -1 when there is none. */
int nn_signal_find(const char *name);

/* A patch's own signals, as much as others need to know of them. */
struct nn_own_signals {
    int count;
    const struct nn_signal_info *info;
};

struct nn_bus {
    float value[NN_BUS];
    double time[NN_BUS];        /* seconds of the film when it was last written; -1: never */
};

void nn_bus_init(struct nn_bus *b);     /* everything at rest */
/* A signal of the table, clamped to its range; what is not a number leaves the old value. */
void nn_bus_set(struct nn_bus *b, int s, float value, double t);
/* The same for any signal, whose row is `info`. */
void nn_bus_put(struct nn_bus *b, int s, const struct nn_signal_info *info, float value, double t);
/* Fills in what the pulse's sources left out, dt seconds after the last call: the phase runs
 * on by pulse.bpm when only that is fed, and the beat falls with the phase. */
void nn_bus_pulse(struct nn_bus *b, double dt);

/* A CSV file with a row for each frame: frame,seconds, then all signals by name. */
struct nn_signal_log {
    struct nn_atomic file;
    int count;                  /* signals in a row */
};
/* `own` (NULL: none) are the patch's signals, which get columns as well. */
int nn_signal_log_open(struct nn_signal_log *l, const char *path,
                       const struct nn_own_signals *own, struct nn_err *err);
void nn_signal_log_row(struct nn_signal_log *l, const struct nn_bus *b, int64_t frame, double t);
/* Puts the file in place, or says why not (a full disk shows here). */
int nn_signal_log_close(struct nn_signal_log *l, struct nn_err *err);
void nn_signal_log_abort(struct nn_signal_log *l);      /* a zeroed one is fine */

#endif
