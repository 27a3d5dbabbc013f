/*
 * morph.h - the command `neonnoir morph`: what was asked for, and its three jobs.
 */
#ifndef NN_RUNTIME_MORPH_MORPH_H
#define NN_RUNTIME_MORPH_MORPH_H

#include "common/cli.h"
#include "runtime/morph/consent.h"
#include "runtime/morph/dissolve.h"

extern const struct nn_cmd nn_morph_cmds[];

struct nn_morph_opts {
    const char *from, *to;      /* operands; `to` may be NULL */
    const char *output, *sheet, *points, *size, *said, *signal, *face_model;
    struct nn_opt_list landmarks;
    double seconds, fps, at, exaggerate;    /* at, exaggerate: -1: not asked for */
    int64_t threads;
    int back, face_only, whole, json;
    int w, h;                   /* of --size; 0: none */
    int film;                   /* whether the output is one */
};

/* What is reported. */
struct nn_morph_report {
    char note[NN_CONSENT_NOTE]; /* of consent, "": none was needed */
    int w, h, faces[2];
    int64_t frames;
    int64_t empty;              /* frames without a face, which stayed as they were */
};

/* From a picture to another: a film, a still, a sheet of five steps. */
int nn_morph_pictures(const struct nn_morph_opts *o, struct nn_morph_report *r,
                      struct nn_err *err);
/* A film whose face turns into a picture's, or is exaggerated. */
int nn_morph_film(const struct nn_morph_opts *o, struct nn_morph_report *r, struct nn_err *err);

/* The points over the picture, for checking. */
int nn_morph_draw_points(const struct nn_image *img, const struct nn_shape *s, const char *path,
                         struct nn_err *err);

/* Slow at both ends. */
static inline float nn_morph_ease(float t)
{
    return t * t * t * (t * (6 * t - 15) + 10);
}

#endif
