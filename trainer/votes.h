/*
 * votes.h - what several annotators said of a face: shares of eight classes, the seven
 * emotions and contempt. FER+ (Barsoum et al., "Training Deep Networks for Facial Expression
 * Recognition with Crowd-Sourced Label Distribution", arXiv 1608.01041) has ten votes a face.
 */
#ifndef NN_TRAINER_VOTES_H
#define NN_TRAINER_VOTES_H

#include <stddef.h>

#include "common/emotion.h"
#include "common/err.h"

enum { NN_CONTEMPT = NN_EMOTIONS, NN_VOTES };

struct nn_votes {
    int64_t n, cap;
    struct nn_vote {
        char name[64];          /* the picture's file name, without folders */
        float share[NN_VOTES];  /* sum 1 */
    } *row;                     /* by name */
};

/* Valence and arousal of each class (emotion.h). */
void nn_votes_places(float place[NN_VOTES][2]);

/* Reads a table of counts, CSV or gzip of that: a first line of names, among them "Image name"
 * and classes (synonyms are known); other columns are passed over, rows without any vote too.
 * Release with nn_votes_release(), also after a failure. */
int nn_votes_read(struct nn_votes *v, const char *path, struct nn_err *err);
void nn_votes_release(struct nn_votes *v);
/* By a picture's path; NULL: nobody voted. */
const float *nn_votes_find(const struct nn_votes *v, const char *path);

#endif
