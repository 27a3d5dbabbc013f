/*
 * dream.h - a generator that plays: its pictures come at their own pace and cross into each other.
 *
 * Film time is cut into NN_DREAM_RATE ticks a second. At each tick the walk's latent is kept, and
 * a picture is a function of its tick's latent alone. What is shown crosses from one tick's
 * picture to a newer one's in as long as lies between them, so it is always a tick or two behind.
 *
 * A film has every tick's picture (`shown` 0), made as it is needed. A show has a thread of its
 * own that makes the newest it can; nn_dream_poll() says which one is there. That number is all
 * a replay needs to show the same pictures: it makes them from its own latents.
 *
 * One thread's but for nn_dream_row(). Nothing allocates after opening.
 */
#ifndef NN_RUNTIME_GAN_DREAM_H
#define NN_RUNTIME_GAN_DREAM_H

#include "runtime/gan/walk.h"

enum { NN_DREAM_RATE = 12 };

struct nn_dream;

/* A generator for w x h frames; the pool (may be NULL) enlarges its pictures. Free with
 * nn_dream_close(). NULL and `err`. */
struct nn_dream *nn_dream_open(const char *file, int w, int h, uint64_t seed, struct nn_pool *pool,
                               struct nn_err *err);
void nn_dream_close(struct nn_dream *d);        /* NULL is fine */

/* From now on its pictures come from a thread of its own. */
int nn_dream_live(struct nn_dream *d, struct nn_err *err);
/* Which picture is the newest there is: for `shown`. 0 where none comes from a thread. */
float nn_dream_poll(struct nn_dream *d);

/* The frame at t seconds, dt after the last. `wanted`: it is to be seen. */
void nn_dream_step(struct nn_dream *d, double t, double dt, const struct nn_gait *gait,
                   const struct nn_mood *mood, float shown, int wanted);
/* Whether there is a picture, and row y of one of its planes, in linear light. */
int nn_dream_ready(const struct nn_dream *d);
void nn_dream_row(const struct nn_dream *d, int plane, int y, float *out);

/* How far the latent went, radii of its sphere; how fast, radii a second; how hard its directions
 * push. */
struct nn_dream_told {
    float moved, pace, push;
};
struct nn_dream_told nn_dream_tell(const struct nn_dream *d);

#endif
