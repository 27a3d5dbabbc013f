/*
 * generator.h - a picture from a point of a latent space, by an ONNX model.
 *
 * The model takes `z` (N x Z, standard normal) and, when it has conditions, `c` (N x C), and
 * gives `image` (N x 3 x S x S), sRGB codes over -1..1. Its metadata say what is what:
 * neonnoir.kind "generator", neonnoir.size S, neonnoir.latent Z, neonnoir.conditions (names, as
 * JSON), neonnoir.condition_mean, and neonnoir.directions: an object, name -> { "v": [Z + C] },
 * to be added to (z, c) times a strength.
 *
 * What is inside is open to be read; it changes through these functions. One thread's.
 */
#ifndef NN_RUNTIME_GAN_GENERATOR_H
#define NN_RUNTIME_GAN_GENERATOR_H

#include "common/arena.h"
#include "runtime/engine/engine.h"

enum { NN_GAN_SIZE = 1024, NN_GAN_LATENT = 4096, NN_GAN_CONDITIONS = 256, NN_GAN_DIRECTIONS = 64 };

struct nn_direction {
    const char *name;
    const float *v;             /* latent + conditions floats */
};

struct nn_generator {
    int size, latent, conditions, directions;
    const char *condition[NN_GAN_CONDITIONS];
    const float *mean;          /* of each condition over what it was trained on */
    struct nn_direction direction[NN_GAN_DIRECTIONS];
    struct nn_engine *engine;
    struct nn_arena arena;      /* of all names and numbers */
    const float *light;         /* of codes from -1 to 1 */
};

/* Reads, checks and runs it once, so that what it takes is taken. The pool may be NULL: one
 * thread. Free with nn_generator_free(). NULL and `err`. */
struct nn_generator *nn_generator_open(const char *path, struct nn_pool *pool, struct nn_err *err);
void nn_generator_free(struct nn_generator *g);         /* NULL is fine */

/* The picture at zc (latent + conditions floats) in linear light: three planes of size x size
 * floats, red first. Allocates nothing. */
int nn_generator_run(struct nn_generator *g, const float *zc, float *rgb, struct nn_err *err);

/* Number of a direction or condition by its name or, for emotions, any synonym; -1: none. */
int nn_generator_direction(const struct nn_generator *g, const char *name);
int nn_generator_condition(const struct nn_generator *g, const char *name);

#endif
