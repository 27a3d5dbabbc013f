/*
 * detect_format.h - what the known face networks' numbers mean.
 */
#ifndef NN_RUNTIME_FACE_DETECT_FORMAT_H
#define NN_RUNTIME_FACE_DETECT_FORMAT_H

#include "runtime/face/detect.h"

/* Outputs of a run over w x h pixels, in the model's order. */
struct nn_face_outputs {
    const struct nn_value *v[12];
    int count, w, h;
    int raw;                    /* UltraFace: boxes are offsets from priors */
};

struct nn_face_format {
    const char *name;
    float mean, scale;          /* (x - mean) * scale is fed, x of 0..255 */
    int bgr;
    float maybe;                /* least score in the whole picture; less than `sure` asks for a */
    float sure;                 /* closer look, in which a face has at least `near` */
    float near;
    float dy, size;             /* how its boxes become the emotion network's; detect_format.c */
    /* Faces of at least `least`, in pixels of the input; more than `max`: the surest. -1
     * when the shapes are not what they must be. */
    int (*decode)(const struct nn_face_outputs *y, float least, struct nn_face *face, int max);
};

/* Which format gives outputs of these last dimensions; NULL: none that we know, and why. */
const struct nn_face_format *nn_face_format_find(const int64_t *last, int count, const char **why);

/* Whether UltraFace's boxes of any picture are raw: corners would be in order. */
int nn_face_format_raw(const struct nn_value *boxes);

#endif
