/*
 * track.h - who is who from frame to frame, and what is known of each, without flicker.
 *
 * The faces of a frame are given to the tracks all at once, so that the sum of likenesses is
 * largest: how near a face is to where the track's motion leads, its size, and what the person
 * looks like (track_look.h), which tells two apart who pass each other. Boxes, points and pose
 * are smoothed by the One-Euro filter (Casiez, Roussel and Vogel, "1 Euro Filter", CHI 2012):
 * steady when the face is still, quick when it moves. A track fades in once it is confirmed by
 * a second sighting and fades out unseen; somebody hidden for a moment is the same afterwards.
 * A cut forgets everyone: numbers go on counting. No allocation; a tracker is a plain value.
 */
#ifndef NN_RUNTIME_FACE_TRACK_H
#define NN_RUNTIME_FACE_TRACK_H

#include "common/emotion.h"
#include "common/image.h"
#include "runtime/face/baseline.h"
#include "runtime/face/detect.h"

enum { NN_MAX_TRACKS = 16 };

struct nn_track {
    int id;                     /* 1, 2, ...: never given twice */
    struct nn_box box;          /* smoothed, pixels of the picture */
    float score;                /* the detector's, of the last sighting */
    int sightings;              /* frames in which it was found */
    double age, unseen;         /* seconds since the first and the last sighting, */
    double blind;               /* and of sightings without points since the last with them */
    float presence;             /* 0..1, faded in and out */
    int has_mood;               /* whether `mood` was ever set */
    float mood[NN_EMOTIONS];    /* smoothed probabilities, sum 1 */
    float affect[2];            /* smoothed valence and arousal, -1..1 */
    float sure;                 /* 0..1, smoothed: how far the two can be believed */
    float micro;                /* 0..1: jumps at a micro-expression (micro.h), then fades */
    struct nn_baseline rest;
    int points;                 /* 5: `point` and `pose` are known, half a second ago or less */
    float point[5][2];          /* smoothed, as in struct nn_face */
    float pose[3];              /* smoothed yaw, pitch and roll, degrees (pose.h) */
    float value[3], speed[3];   /* the filter's: centre x, y and side; pixels a second */
    float point_speed[5][2], pose_speed[3];
    float last[2], motion[2];   /* last seen centre, and where it is going: pixels a second */
    int looked;                 /* whether the next line is known */
    uint8_t look[NN_LOOK];
};

struct nn_tracker {
    struct nn_track track[NN_MAX_TRACKS];
    int count;
    int last_id;
};

void nn_tracker_init(struct nn_tracker *t);
/* The film cut: all tracks end here. */
void nn_tracker_cut(struct nn_tracker *t);

/*
 * Takes one frame's faces, `dt` seconds after the last one's (0 for the first).
 * of[i] becomes the index in t->track of face i, or -1 when there are more
 * faces than tracks. Indices hold until the next update.
 */
void nn_tracker_update(struct nn_tracker *t, const struct nn_face *faces, int n, double dt,
                       int of[NN_MAX_FACES]);

/* Follows new probabilities: what grows is taken up in about 0.1 s, what
 * shrinks is let go in about 0.3 s; so is how sure the network is, 1 where its strongest
 * emotion lies well above `silence` (recognise.h), 0 well below. */
void nn_track_feel(struct nn_track *track, const float prob[NN_EMOTIONS], const float affect[2],
                   float silence, double dt);

/* The face that matters: the largest, by presence. NULL when nobody is there. */
const struct nn_track *nn_tracker_lead(const struct nn_tracker *t);

#endif
