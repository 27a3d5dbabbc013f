/*
 * scenes.h - the chains of a patch's scenes, and the fade from one to another.
 *
 * A scene that is on runs as any chain does. While one fades into another, both run on the
 * same frame and their pictures are mixed in linear light, so that lights cross as they do
 * in the laboratory's printer; that costs both chains and some 7 ms a megapixel of one core.
 * A scene that is off costs nothing: its chain stands still, clock and all, and goes on
 * from there. All memory is taken by nn_scenes_new().
 */
#ifndef NN_RUNTIME_SCENES_H
#define NN_RUNTIME_SCENES_H

#include "runtime/effects/chain.h"
#include "runtime/signals/patch.h"

/* Which scenes are on: numbers of the patch. */
struct nn_fade {
    int now, last;              /* the same: no fade */
    float x;                    /* how much of `now` is in the picture, 0..1 */
};

enum { NN_SAYS = 1024 };        /* room for nn_scenes_says() */

struct nn_scenes;

/* For w x h frames of RGB. The pool may be NULL and stays the caller's. Free with
 * nn_scenes_free(). NULL and `err`. */
struct nn_scenes *nn_scenes_new(const struct nn_patch *patch, int w, int h, uint64_t seed,
                                struct nn_pool *pool, struct nn_err *err);
void nn_scenes_free(struct nn_scenes *s);       /* NULL is fine */

/* Whether an effect of the patch asks for the person's mask. */
int nn_scenes_want_mask(const struct nn_patch *patch);

/* nn_chain_says() of all. */
void nn_scenes_says(const struct nn_scenes *s, char *text, size_t size);

/* nn_chain_live() of all, nn_chain_poll() of all links, nn_chain_tell() of the scene that is on. */
int nn_scenes_live(struct nn_scenes *s, struct nn_err *err);
void nn_scenes_poll(struct nn_scenes *s, float value[NN_MAX_CHAIN][NN_MAX_PARAMS]);
int nn_scenes_tell(const struct nn_scenes *s, struct nn_fade fade, float out[NN_TOLD]);

/* The next frame, in place, shown at t seconds (never falling). value[i] are the parameters
 * of the patch's link i. What is out of range in `fade` counts as scene 0 without a fade. */
void nn_scenes_run(struct nn_scenes *s, float value[NN_MAX_CHAIN][NN_MAX_PARAMS],
                   struct nn_fade fade, const struct nn_person *who, struct nn_image *img,
                   double t);

#endif
