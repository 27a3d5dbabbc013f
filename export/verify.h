/*
 * verify.h - a model through the engine and through another one, on the same inputs.
 */
#ifndef NN_EXPORT_VERIFY_H
#define NN_EXPORT_VERIFY_H

#include <stddef.h>

#include "common/cli.h"
#include "runtime/onnx/graph.h"

struct nn_verify_opts {
    const char *engine;                 /* "ort" or "opencv" */
    const struct nn_opt_list *shape;    /* as nn_feed_shape() */
    const struct nn_opt_list *input;    /* as nn_feed_file(); none: noise alone */
    int64_t count;                      /* times, each with other noise */
    size_t max_memory;
    double tolerance;                   /* of nn_apart's relative difference */
    int json;
};

/* A generator's pictures by the engine and by libtorch, of `count` latents and conditions that are
 * thrown alike for both. Prints the largest and mean difference of their values, of which an 8-bit
 * step is 0.0078. -1 with `err` where the largest passes the tolerance. */
int nn_verify_generator(const char *path, const struct nn_graph *g, int64_t count,
                        size_t max_memory, double tolerance, int json, struct nn_err *err);

/* Prints each output's differences. -1 with `err` when one passes the tolerance. */
int nn_verify_rival(const char *path, const struct nn_verify_opts *o, struct nn_err *err);

#endif
