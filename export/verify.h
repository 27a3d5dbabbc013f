/*
 * verify.h - a model through the engine and through another one, on the same inputs.
 */
#ifndef NN_EXPORT_VERIFY_H
#define NN_EXPORT_VERIFY_H

#include <stddef.h>

#include "common/cli.h"

struct nn_verify_opts {
    const char *engine;                 /* "ort" or "opencv" */
    const struct nn_opt_list *shape;    /* as nn_feed_shape() */
    const struct nn_opt_list *input;    /* as nn_feed_file(); none: noise alone */
    int64_t count;                      /* times, each with other noise */
    size_t max_memory;
    double tolerance;                   /* of nn_apart's relative difference */
    int json;
};

/* Prints each output's differences. -1 with `err` when one passes the tolerance. */
int nn_verify_rival(const char *path, const struct nn_verify_opts *o, struct nn_err *err);

#endif
