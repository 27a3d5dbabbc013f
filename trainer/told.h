/*
 * told.h - whether a generated picture shows what was asked for.
 *
 * Classes and emotions: by an emotion network. Tags: by the looks (looks.h), of which the one that
 * moves most between pictures with and without the tag is given.
 */
#ifndef NN_TRAINER_TOLD_H
#define NN_TRAINER_TOLD_H

#include "runtime/face/recognise.h"
#include "trainer/sampler.h"
#include "trainer/looks.h"

enum { NN_TOLD_NAME = 64 };

struct nn_told_tag {
    char name[NN_TOLD_NAME];       /* without "tag/"; cut */
    int look;                   /* enum nn_look_kind that moves most */
    double with, without;       /* its means */
    double auc;                 /* chance that a picture with the tag has more of the look than one
                                 * without it, 0.5: it does not tell; under: it has less */
};

struct nn_told {
    int64_t n;                  /* pictures of each class, and with and without each tag; 0: none */
    int emotions;               /* classes asked for */
    int asked[NN_EMOTIONS];     /* whether the generator has this one */
    int64_t said[NN_EMOTIONS][NN_EMOTIONS];     /* asked for, recognised */
    int tags;
    struct nn_told_tag tag[NN_GAN_CONDITIONS];
};

/* The share of class pictures that were recognised as what was asked for; 0 without classes. */
double nn_told_rate(const struct nn_told *t);

/* Makes n pictures of each class and tag; `r` NULL: only tags are told. */
int nn_told(struct nn_sampler *g, struct nn_recogniser *r, int64_t n, uint64_t seed,
            struct nn_told *out, struct nn_err *err);

#endif
