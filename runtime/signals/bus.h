/*
 * bus.h - signals: named floats with a time stamp, on one bus.
 *
 * Sources (faces, time, cuts; later hands, pulse, gyroscope) write, patches and
 * logs read. The list is fixed and has units and ranges, so that a patch can be
 * checked before a frame is played. A bus is a plain value, one thread's.
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
    NN_SIGNALS                  /* how many */
};

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

struct nn_bus {
    float value[NN_SIGNALS];
    double time[NN_SIGNALS];    /* seconds of the film when it was last written */
};

void nn_bus_init(struct nn_bus *b);     /* everything at rest */
/* Clamped to the signal's range; what is not a number leaves the old value. */
void nn_bus_set(struct nn_bus *b, int s, float value, double t);

/* A CSV file with a row for each frame: frame,seconds, then all signals by name. */
struct nn_signal_log {
    struct nn_atomic file;
};
int nn_signal_log_open(struct nn_signal_log *l, const char *path, struct nn_err *err);
void nn_signal_log_row(struct nn_signal_log *l, const struct nn_bus *b, int64_t frame, double t);
/* Puts the file in place, or says why not (a full disk shows here). */
int nn_signal_log_close(struct nn_signal_log *l, struct nn_err *err);
void nn_signal_log_abort(struct nn_signal_log *l);      /* a zeroed one is fine */

#endif
