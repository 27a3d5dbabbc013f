/*
 * walk.h - a slow walk through a generator's latent space, steered by what a face says.
 *
 * Seeded points of the space, standard normal, are joined by a cubic B-spline whose sum is scaled
 * back to the sphere of radius sqrt(Z), where nearly all of a normal distribution lies: velocity
 * and acceleration are smooth, and every place of the way is as likely as any other. A walk of
 * `loop` points closes perfectly. On top of that come the model's directions times the emotions,
 * the conditions as the face has them, a step forward and back with each heartbeat, and a push to
 * somewhere else by each micro-expression. Anger hastens and widens the walk, sorrow slows it.
 *
 * A function of the seed and of the steps taken: the same calls give the same latents.
 */
#ifndef NN_RUNTIME_GAN_WALK_H
#define NN_RUNTIME_GAN_WALK_H

#include "common/emotion.h"
#include "runtime/gan/generator.h"

/* How it is to walk. */
struct nn_gait {
    float speed;                /* points passed in a second by a calm face */
    float reach;                /* 0: stays at home; 1: goes anywhere */
    float mood, breath, kick;   /* how far emotions, heart and micro-expressions carry it; 0..2 */
};

struct nn_walk {
    const struct nn_generator *g;
    uint64_t seed;
    int64_t loop;               /* points until it begins again; 0: never */
    double s;                   /* points passed */
    struct nn_mood mood;        /* smoothed */
    struct nn_gait gait;        /* of the last step */
    int started, strays;
    int64_t kicks;
    int64_t first;              /* of the four points held; -1: none yet */
    float *point[4], *home, *shove;     /* latent floats each */
    float *stray[NN_EMOTIONS];  /* directions where the model brings none, by chance */
    float *last;                /* what nn_walk_at() gave last */
    int64_t places;             /* that it gave */
    double moved;               /* latent distance between them all, in radii of the sphere */
    float push;                 /* strength of all directions together, at the last place */
};

/* Memory is the arena's, the generator stays the caller's. */
int nn_walk_init(struct nn_walk *w, const struct nn_generator *g, uint64_t seed, int64_t loop,
                 struct nn_arena *arena, struct nn_err *err);

/* dt seconds on. The first call settles at once. */
void nn_walk_step(struct nn_walk *w, double dt, const struct nn_gait *gait,
                  const struct nn_mood *mood);

/* Where it is, as latent + conditions floats. */
void nn_walk_at(struct nn_walk *w, float *zc);

/* The way alone, s points from its start; `width` times the sphere's radius. Conditions are the
 * model's means. */
void nn_walk_way(struct nn_walk *w, double s, float reach, float width, float *zc);

/* Adds a direction of the model, `strength` times. */
void nn_walk_push(const struct nn_walk *w, int direction, float strength, float *zc);

#endif
