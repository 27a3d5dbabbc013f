/*
 * faces.h - labelled face pictures in memory, at a network's size.
 */
#ifndef NN_TRAINER_FACES_H
#define NN_TRAINER_FACES_H

#include "common/image.h"
#include "datasets/snapshot.h"

struct nn_faces {
    int w, h, c;            /* of every picture */
    int64_t n, cap;
    uint8_t *px;            /* (n, h, w, c) */
    int8_t *label;          /* enum nn_emotion */
    int8_t *leaked;         /* the picture also stands in the training data */
    char (*name)[32];       /* where a person finds it: "face 12", a file's name; or "" */
};

/* Empty. Release with nn_faces_release(). */
void nn_faces_init(struct nn_faces *f, int w, int h, int c);
void nn_faces_release(struct nn_faces *f);
/* Adds a picture, scaled to w x h. */
int nn_faces_add(struct nn_faces *f, const struct nn_image *img, int label, int leaked,
                 struct nn_err *err);
/* Names the face last added; what is too long is cut. */
void nn_faces_name(struct nn_faces *f, const char *name);
/* Adds all samples of a split; reads the pool with a progress bar. */
int nn_faces_load(struct nn_faces *f, struct nn_catalog *cat, const struct nn_snapshot *s,
                  enum nn_split split, struct nn_err *err);

static inline const uint8_t *nn_faces_px(const struct nn_faces *f, int64_t i)
{
    return f->px + (size_t)i * (size_t)f->w * (size_t)f->h * (size_t)f->c;
}

#endif
