/*
 * settings.h - everything that decides how a training run goes, as one struct
 * and as the JSON that the run's row and directory keep.
 */
#ifndef NN_TRAINER_SETTINGS_H
#define NN_TRAINER_SETTINGS_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "common/cli.h"
#include "trainer/augment.h"
#include "trainer/mix.h"
#include "trainer/sched.h"

struct nn_settings {
    int64_t epochs, batch, seed, threads;
    double rate;            /* peak learning rate */
    double warmup;          /* share of all steps */
    int64_t schedule;       /* enum nn_schedule */
    double drop;            /* by which step and plateau multiply the rate */
    int64_t stale;          /* epochs without a better one until plateau does so */
    int64_t patience;       /* the same until the run ends early; 0: never */
    int64_t adamw;          /* else SGD */
    double momentum, beta2, weight_decay, smoothing, ema;
    double clip, focal;     /* torch.h */
    double votes;           /* weight of the votes' loss beside the labels'; 0: no such output */
    double balance;         /* class weights: frequency to the power of -balance */
    double teacher, heat;   /* share of the targets that a teacher gives; teacher.h */
    struct nn_mix mix;
    /* the network, when it is made anew */
    int64_t size, width, blocks[3];
    double dropout;
    struct nn_augment augment;
    struct nn_normal normal;
};

extern const struct nn_settings nn_settings_default;

/* NULL when out of memory. */
cJSON *nn_settings_to_json(const struct nn_settings *s);
/* Members that the text does not name stay; one that nobody knows is an error. `where` is what
 * errors call the text. */
int nn_settings_from_json(struct nn_settings *s, const char *text, const char *where,
                          struct nn_err *err);
/* Whether the setting of this name is a whole number. */
int nn_settings_whole(const char *name);
/* A recipe's file: the same JSON, written by hand, with "about" for whoever reads it. */
int nn_settings_read(struct nn_settings *s, const char *path, struct nn_err *err);

#endif
