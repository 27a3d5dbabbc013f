/*
 * micro.h - micro-expressions: a face that departs from its own rest for 40 to 500 ms.
 *
 * (Ekman and Friesen, "Nonverbal leakage and clues to deception", Psychiatry 1969; at most half a
 * second: Yan et al., "How fast are the leaked facial expressions", J. Nonverbal Behavior 2013.)
 * Spotted by the mean motion of small parts of the face, as in Liu et al., "A main directional
 * mean optical flow feature" (IEEE T. Affective Computing 2016), with the head's own motion
 * taken away (micro_flow.h): brows, lids, corners and lips of the mouth. Each frame is laid beside
 * the same face at rest, half a second to one and a half old and renewed when nothing moves, so no
 * errors add up. A region departs when one of its parts is 0.6 % of the face's side away, and five
 * times what is usual for this very person (a running median: who talks moves the mouth all the
 * time), having been at rest for a quarter of a second before. Onset is the last frame at rest,
 * apex the farthest, offset the first frame that is back within 0.3 of the apex, or at rest; then
 * it is told, as soon as no other region can turn out to be stronger: nothing looks ahead. What
 * stays away for longer is an ordinary expression. A change of the emotions at the apex (beside
 * their running mean) lets a smaller motion count, down to 60 %, and names the emotion.
 *
 * No micro-expression: both lids moving alike (a blink or a glance, also where it pulls the brows
 * along), what is small beside a turn of the head meanwhile, and what cannot be followed (a hand,
 * blur). A blink on a head turned away may look like one eye's; of a wink nothing else is known.
 *
 * Eyes and mouth are where the track's points are, or an ordinary face has them. Faces of less
 * than 64 pixels are too coarse. Four people at most are watched at a time. No allocation after
 * nn_micro_new(); one thread's; deterministic.
 */
#ifndef NN_RUNTIME_FACE_MICRO_H
#define NN_RUNTIME_FACE_MICRO_H

#include "common/err.h"
#include "common/image.h"
#include "runtime/face/track.h"

enum nn_micro_region { NN_MICRO_BROWS, NN_MICRO_EYES, NN_MICRO_MOUTH, NN_MICRO_REGIONS };
extern const char *const nn_micro_region_name[NN_MICRO_REGIONS];

/* A plain value. */
struct nn_micro_event {
    int id;                         /* the track's */
    double onset, apex, offset;     /* seconds */
    enum nn_micro_region region;    /* that departed */
    float strength;                 /* 0..1: 0.5 at the threshold */
    int emotion;                    /* that grew most, NN_NEUTRAL when none did; */
    float felt;                     /* and by how much, 0..1 */
};

struct nn_micro;

struct nn_micro *nn_micro_new(struct nn_err *err);
void nn_micro_free(struct nn_micro *m);     /* NULL is fine */

/* The film cut: everyone is new. */
void nn_micro_cut(struct nn_micro *m);

/* Watches track `k`, which was found in `img` (RGB or grey) at t seconds with probabilities
 * `prob` (sum 1). 1 when a micro-expression ended here, which *event then tells of; else 0. */
int nn_micro_look(struct nn_micro *m, const struct nn_image *img, const struct nn_track *k,
                  const float prob[NN_EMOTIONS], double t, struct nn_micro_event *event);

/* Blinks and glances that were let pass. */
int64_t nn_micro_blinks(const struct nn_micro *m);

#endif
