/* gan_fit_state.h - a GAN's training run as it goes: for gan_fit.c and gan_save.c only. */
#ifndef NN_TRAINER_GAN_FIT_STATE_H
#define NN_TRAINER_GAN_FIT_STATE_H

#include "datasets/batch.h"
#include "trainer/gan_fit.h"
#include "trainer/torch_gan.h"

struct nn_gan_fit {
    struct nn_catalog *cat;
    struct nn_run *run;
    struct nn_gan_settings s;
    struct nn_gan_data d;
    struct nn_graph *graph;     /* the generator, to be written */
    struct nn_gan *gan;
    struct nn_loader *loader;
    float *c;                   /* a batch's conditions */
    double saved, seconds;      /* seconds: in the steps so far */
    /* as of now, and what a checkpoint's note says */
    int64_t step;
    double augment;
    double sure;                /* summed over the last steps */
    double loss_g, loss_d, penalty, penalties, signs, since;    /* sums since the last snap */
};

/* last.safetensors: the networks, their optimisers, and a note of where the run stands. */
int nn_gan_fit_save(struct nn_gan_fit *f, struct nn_err *err);
/* Takes it up, if there is one. */
int nn_gan_fit_restore(struct nn_gan_fit *f, struct nn_err *err);

#endif
