/*
 * detect.h - where the faces are: a network on our engine, or OpenCV's cascade.
 *
 * A network is taken as soon as there is one: the file named by the caller, by
 * $NEONNOIR_FACE_MODEL, or one of the names of nn_detector_names in the data's
 * models folder or in $XDG_DATA_HOME/neonnoir/models. Its format is told from
 * what it gives out (detect_net.h); the cascade is the last resort.
 *
 * Whoever found it, a box frames a face as FER2013 does and as the emotion
 * network was taught: square, from the brows' upper edge to below the mouth.
 *
 * Deterministic: the same picture gives the same boxes.
 */
#ifndef NN_RUNTIME_FACE_DETECT_H
#define NN_RUNTIME_FACE_DETECT_H

#include "common/err.h"
#include "common/image.h"
#include "runtime/engine/engine.h"

enum { NN_MAX_FACES = 32, NN_LOOK = 6 * 10 * 3 };

struct nn_detector;

struct nn_face {
    struct nn_box box;      /* pixels of the picture */
    float score;            /* larger is surer; networks: 0..1, cascades: level weight */
    int points;             /* 5 when the next line is known, else 0 */
    float point[5][2];      /* pixels: eyes (the picture's left one first), nose, mouth's corners */
    int posed;              /* whether the next line is known; else the points tell (pose.h) */
    float pose[3];
    struct nn_box area;     /* the part of the picture in which it was found; w = 0: all of it */
    int looked;             /* whether the next line is filled */
    uint8_t look[NN_LOOK];  /* colours of head and chest, coarsely (track_look.h) */
};

/* File names of detectors that are looked for, best first; ended by NULL. */
extern const char *const nn_detector_names[];

/* `model`: an ONNX or TFLite file; NULL looks for one; "cascade" for OpenCV's.
 * `opts` (may be NULL) for its engine. NULL and `err` when the model is no face
 * detector that we know, or neither model nor cascade is installed (it says which
 * package). Free with nn_detector_free(). One thread at a time. */
struct nn_detector *nn_detector_new(const char *model, const struct nn_engine_opts *opts,
                                    struct nn_err *err);
void nn_detector_free(struct nn_detector *d);   /* NULL is fine */

/* "YuNet", "UltraFace", "BlazeFace" or "cascade". */
const char *nn_detector_kind(const struct nn_detector *d);

/* Faces of an RGB or grey picture, largest first, at most NN_MAX_FACES. Returns
 * their number or -1. */
int nn_detect(struct nn_detector *d, const struct nn_image *img, struct nn_face *faces,
              struct nn_err *err);

/* The same where n faces are `known` from the frame before: they need to be less sure than
 * newcomers, who are looked for only when `all` is set; without it only the known ones'
 * surroundings are searched, which is many times cheaper (a network whose input is large
 * and fixed is no faster there, and always looks at everything). */
int nn_detect_known(struct nn_detector *d, const struct nn_image *img, const struct nn_face *known,
                    int n, int all, struct nn_face *faces, struct nn_err *err);

/* Whether two boxes share more than a fifth of the smaller. */
int nn_box_overlap(struct nn_box a, struct nn_box b);

#endif
