/*
 * markers.h - the moments of a film that an editor wants to find, and the files
 * in which her program finds them.
 */
#ifndef NN_RUNTIME_MARKERS_H
#define NN_RUNTIME_MARKERS_H

#include "runtime/media/timecode.h"
#include "runtime/run.h"

struct nn_marker {
    int64_t frame, length;      /* by the film's nominal rate, from its first frame; length >= 1 */
    int emotion;                /* enum nn_emotion */
    float strength;             /* 0..1, at its peak */
    int micro;                  /* a micro-expression, not a peak */
    int64_t apex;               /* the frame where it is strongest */
    char name[64], note[128];   /* one line each */
};

struct nn_markers {
    struct nn_marker *marker;   /* by frame */
    int count, room;
};

/*
 * Emotional peaks: where one emotion is the strongest, reaches `least` (0..1), and stands
 * out by half of that above the higher of the valleys beside it (its prominence); `apart`
 * seconds from a stronger one of the same emotion. A marker lasts as long as the curve stays
 * above half its prominence. Neutral faces are no peak. nn_markers_release(m) in any case.
 */
int nn_markers_find(struct nn_markers *m, const struct nn_history *h, double rate, float least,
                    double apart, struct nn_err *err);
/* A micro-expression among them (after nn_markers_find()): from its onset to its offset. */
int nn_markers_micro(struct nn_markers *m, const struct nn_micro_event *e, double rate,
                     struct nn_err *err);
void nn_markers_release(struct nn_markers *m);

struct nn_marked {              /* what is marked, for the files */
    const char *path, *name;
    struct nn_rational rate;
    struct nn_timecode tc;
    int64_t start, frames;      /* the first frame's label as a number; how many there are */
    const struct nn_markers *markers;
};

/* An edit decision list (CMX 3600) as DaVinci Resolve reads markers from it: an event each, with a
 * comment line of colour, name and duration. Written atomically. */
int nn_edl_write(const struct nn_marked *f, const char *path, struct nn_err *err);

/* OpenTimelineIO JSON (opentimelineio.readthedocs.io, file format specification): a time line
 * with the film as its one clip and the markers on its stack. */
int nn_otio_write(const struct nn_marked *f, const char *path, struct nn_err *err);

#endif
