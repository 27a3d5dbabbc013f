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

struct nn_settings {
    int64_t epochs, batch, seed, threads;
    double rate;            /* peak learning rate */
    double warmup;          /* share of all steps */
    double momentum, weight_decay, smoothing, ema;
    /* the network, when it is made anew */
    int64_t size, width, blocks;
    double dropout;
    struct nn_augment augment;
    struct nn_normal normal;
};

extern const struct nn_settings nn_settings_default;

/* NULL when out of memory. */
cJSON *nn_settings_to_json(const struct nn_settings *s);
/* Every member must be there. */
int nn_settings_from_json(struct nn_settings *s, const char *text, struct nn_err *err);

#endif
