/*
 * live.h - a live show: the newest frame wins.
 *
 *   capture --frames--> rendering --> window, film, pipe, ...      (the caller's thread)
 *      +------look----> analysis --news--^
 *
 * Three threads joined by mailboxes (mailbox.h): every frame that is captured is rendered
 * by what is known then, the analysis gets a fresh frame whenever it has done with the
 * last one. Nothing queues, nothing is allocated while playing, no lock is held across
 * inference or rendering. A file that is played live is given out at its own pace, as a
 * camera would.
 */
#ifndef NN_RUNTIME_LIVE_H
#define NN_RUNTIME_LIVE_H

#include <pthread.h>

#include "runtime/live_load.h"
#include "runtime/mailbox.h"
#include "runtime/session.h"
#include "runtime/live_times.h"

/* A frame on its way. */
struct nn_captured {
    struct nn_image img;
    int64_t number, pts;        /* counted from 0 by the source; in its time_base */
    double t;                   /* seconds since the first frame, by pts */
    double captured;            /* nn_now() when it was taken */
    float read_ms;
};

/* A patch that is ready to play, or done with. */
struct nn_act {
    struct nn_rig rig;
    char path[NN_PATH], *json;
    int again, goes_on;         /* a new version of the one that plays; whose effects go on */
    struct nn_act *next;
};

struct nn_show {
    struct nn_session *s;
    pthread_t capture, analysis;
    int capturing, analysing;   /* which of the threads were started */
    atomic_int quit;            /* both threads are to end */
    atomic_int hungry;          /* the analysis waits for a frame */
    atomic_int every;           /* it may have every n-th frame */
    _Atomic int64_t captured;   /* frames that came from the source */
    struct nn_captured frame[3], look_frame[3];
    struct nn_seen seen[3];
    struct nn_mailbox frames, look, news;
    pthread_t stage_thread;
    int staged;
    char path[NN_PATH];         /* of the patch; the stagehand's own while it runs */
    atomic_int order;           /* for it: patches to go on by, of those in the folder */
    char wish[NN_PATH];         /* a patch by name; whose it is, says `wished` */
    atomic_int wished;          /* 0: the renderer's to fill; 1: the stagehand's to do */
    _Atomic(struct nn_act *) ready, used;   /* by the stagehand; for it to free */
    _Atomic double celsius;
    int debug;                  /* whether s->hud is drawn */
    struct nn_err why;          /* why capturing ended; read when `frames` is closed */
    struct nn_load load;
    struct nn_times latency, stage[NN_STAGES];
    int64_t looked_at;          /* frames whose analysis reached the picture */
    double longest;             /* ms between two frames that were shown, at most */
};

/* Plays s->source until it ends, somebody presses Escape or Ctrl-C. `show` is filled for
 * the report and released by nn_show_release(), in any case. -1 when the source or the
 * last output fails; what was recorded until then stays. */
int nn_show_run(struct nn_show *show, struct nn_session *s, struct nn_err *err);
void nn_show_release(struct nn_show *show);

/* The two threads. Internal to live*.c: started, and told to end and waited for. */
int nn_show_start(struct nn_show *show, struct nn_err *err);
void nn_show_stop(struct nn_show *show);

/* The stagehand, a thread that sleeps most of the time: makes patches ready that were asked
 * for by show->order or whose file changed, frees those that were played, and feels the
 * processor's temperature. Taking one that is ready costs the rendering nothing. */
int nn_stage_start(struct nn_show *show, struct nn_err *err);
void nn_stage_stop(struct nn_show *show);
void nn_stage_take(struct nn_show *show, double t);

/* What is printed of it. */
int nn_show_report(const struct nn_show *show, struct nn_err *err);

#endif
