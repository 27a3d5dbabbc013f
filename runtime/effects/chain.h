/*
 * chain.h - effects one after the other over a frame, in place.
 *
 * The frame is decoded to linear light once and encoded once. Effects that work
 * row by row share one pass over memory with their neighbours, the decoding and
 * the encoding; strips of rows go to the pool. An effect whose amount is 0 is
 * left out, and a frame without any effect is not touched at all. All memory is
 * taken by nn_chain_new(); the result does not depend on the number of threads.
 */
#ifndef NN_RUNTIME_EFFECTS_CHAIN_H
#define NN_RUNTIME_EFFECTS_CHAIN_H

#include "common/err.h"
#include "runtime/effects/effect.h"

struct nn_chain;

/* One effect of a chain, and the file it is to open (NULL: none). */
struct nn_slot {
    const struct nn_effect_type *fx;
    const char *file;
};

/* slot[0..count) for w x h frames, each with its own state; the types and the pool
 * (may be NULL) stay the caller's. Free with nn_chain_free(). */
struct nn_chain *nn_chain_new(const struct nn_slot *slot, int count, int w, int h,
                              uint64_t seed, struct nn_pool *pool, struct nn_err *err);
void nn_chain_free(struct nn_chain *c);     /* NULL is fine */

/* Parameters of effect i, in its table's order; copied. Presets until then. */
void nn_chain_set(struct nn_chain *c, int i, const float value[NN_MAX_PARAMS]);

/* Appends what files that show it must say to `text`, each thing once, "; " between. */
void nn_chain_says(const struct nn_chain *c, char *text, size_t size);

/* A live show begins: effects with a pace of their own get going, before the first frame. */
int nn_chain_live(struct nn_chain *c, struct nn_err *err);
/* Live: what effect i has to show now, into value[NN_PARAM_SHOWN]. */
void nn_chain_poll(struct nn_chain *c, int i, float value[NN_MAX_PARAMS]);
/* What the first effect that tells of its way says; 0: there is none. */
int nn_chain_tell(const struct nn_chain *c, float out[NN_TOLD]);

/* The person that matters in the next frame; copied, but for the mask, which must stay until
 * the frame is done. A face with w = 0 leaves the last one's box, so that it can fade there. */
void nn_chain_person(struct nn_chain *c, const struct nn_person *who);

/* The next frame, of the chain's size, RGB or RGB with alpha, which is kept; shown at t seconds
 * (never falling). */
void nn_chain_run(struct nn_chain *c, struct nn_image *img, double t);

#endif
