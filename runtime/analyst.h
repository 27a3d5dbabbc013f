/*
 * analyst.h - who is in a frame, and what they feel: all that is found out by looking.
 *
 * Offline every frame is looked at. Live, a thread of its own looks at the newest frame
 * when it has done with the last one, so what was seen is a plain value that says
 * everything at once: whoever takes the newest has missed nothing that still matters
 * (a cut is told by its time, not by the frame that it was seen in).
 */
#ifndef NN_RUNTIME_ANALYST_H
#define NN_RUNTIME_ANALYST_H

#include "runtime/face/detect.h"
#include "runtime/face/follow.h"
#include "runtime/face/landmark.h"
#include "runtime/face/micro.h"
#include "runtime/face/recognise.h"
#include "runtime/face/track.h"
#include "runtime/media/shots.h"

enum { NN_MAX_MICRO = 4 };

/* What is known of a frame. A plain value, no pointers. */
struct nn_seen {
    int64_t looks;              /* frames looked at so far, this one with them; 0: none yet */
    double t;                   /* seconds: of the frame */
    double cut_t;               /* when its shot began: the last cut, or the first frame */
    int64_t cuts;
    struct nn_tracker faces;
    struct nn_landmarks marks;  /* of the largest face, where there is a model of them; else 0 */
    struct nn_micro_event micro[NN_MAX_MICRO];  /* that ended in this frame */
    int micros;
    float detect_ms, emotion_ms;
};

struct nn_analyst_opts {
    const char *model;          /* of emotions; NULL: the bundled one */
    const char *face_model;     /* NULL: one that is found, or the cascade (detect.h) */
    struct nn_engine_opts engine;
    int live;                   /* forgets old shots, so that nothing grows */
    int baseline;               /* learn people's resting faces (baseline.h): 1, -1 not, 0: when
                                 * live */
};

/* One thread's. */
struct nn_analyst {
    struct nn_detector *detector;
    struct nn_landmarker *landmarker;   /* NULL: no model is installed */
    struct nn_recogniser *recogniser;
    struct nn_micro *micro;
    struct nn_follow follow;
    struct nn_shots *shots;
    int baseline;               /* whether resting faces are learnt */
    struct nn_seen seen;        /* the last frame */
};

/* Zeroes and fills `a`; nn_analyst_release() it in any case. */
int nn_analyst_init(struct nn_analyst *a, const struct nn_analyst_opts *o, struct nn_err *err);
void nn_analyst_release(struct nn_analyst *a);

/* Looks at `img`, shown at t seconds: a->seen is then of it. Allocates nothing when live. */
int nn_analyst_look(struct nn_analyst *a, const struct nn_image *img, double t,
                    struct nn_err *err);

#endif
