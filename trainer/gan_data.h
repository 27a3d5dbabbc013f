/*
 * gan_data.h - what a GAN is trained on: pictures of one size in memory, and what is known of each.
 *
 * They are collected once and kept with the run, so that it can go on when the films are gone: a
 * safetensors file with "pictures", U8 (n, S, S, 3), "conditions", F32 (n, C), and the conditions'
 * names as its note.
 */
#ifndef NN_TRAINER_GAN_DATA_H
#define NN_TRAINER_GAN_DATA_H

#include "common/image.h"
#include "datasets/snapshot.h"

enum { NN_GAN_CONDITIONS = 64 };

struct nn_gan_data {
    int size;                   /* S */
    int64_t n, cap;
    uint8_t *px;                /* (n, S, S, 3) */
    int conditions;             /* C; 0: nothing is known */
    char name[NN_GAN_CONDITIONS][64];   /* "happy", "class/street", ... */
    float *c;                   /* rows of NN_GAN_CONDITIONS, of which C count */
};

/* What is known of picture i: C numbers. */
static inline float *nn_gan_data_row(const struct nn_gan_data *d, int64_t i)
{
    return d->c + i * NN_GAN_CONDITIONS;
}

/* Empty. Release with nn_gan_data_release(). */
void nn_gan_data_init(struct nn_gan_data *d, int size);
void nn_gan_data_release(struct nn_gan_data *d);

/* Adds what `path` holds: a film's frames, one every `every` seconds; a folder's or archive's
 * pictures. Each gives its middle square; what is no picture is passed over. With `classes` the
 * folder that a picture is in becomes a condition "class/NAME", in a film its file's name. */
int nn_gan_data_add(struct nn_gan_data *d, const char *path, double every, int classes,
                    struct nn_err *err);
/* Adds a snapshot's training faces, whose emotions become conditions. */
int nn_gan_data_faces(struct nn_gan_data *d, struct nn_catalog *cat, const struct nn_snapshot *s,
                      struct nn_err *err);

/* Adds the clips and pictures that `where` selects (a collection's name or a query, as
 * datasets/collection.h), frames of clips every `every` seconds. Conditions: "valence" and
 * "arousal", -1, 0 or 1 by the tags valence/low, /middle, /high; the emotions, by mood/NAME and by
 * the share of the clip's faces that are labelled so; "tag/NAME" for other tags that at least a
 * fiftieth of the clips have and not all. Clips of a registered person who has not agreed to
 * training are left out. */
int nn_gan_data_clips(struct nn_gan_data *d, struct nn_catalog *cat, const char *where,
                      double every, struct nn_err *err);

/* Adds the middle square of a picture; *row becomes its conditions, all 0. */
int nn_gan_data_picture(struct nn_gan_data *d, const struct nn_image *img, float **row,
                        struct nn_err *err);

/* The means of the conditions. */
void nn_gan_data_mean(const struct nn_gan_data *d, float *mean);

int nn_gan_data_write(const struct nn_gan_data *d, const char *path, struct nn_err *err);
int nn_gan_data_read(struct nn_gan_data *d, const char *path, struct nn_err *err);

#endif
