/*
 * mask_guess.h - a person from its face: head and shoulders, colours, motion.
 */
#ifndef NN_RUNTIME_FACE_MASK_GUESS_H
#define NN_RUNTIME_FACE_MASK_GUESS_H

#include "runtime/effects/effect.h"

enum { NN_MASK_BINS = 16 };         /* of a colour channel */

struct nn_mask_guess {              /* zeroed when a shot begins */
    int frames;
    float in[NN_MASK_BINS * NN_MASK_BINS * NN_MASK_BINS];
    float out[NN_MASK_BINS * NN_MASK_BINS * NN_MASK_BINS];
};

/* Likelihoods 0..1 of w x h fields into p, from their colours (three planes of 0..1) and
 * those of the frame before (NULL: there was none). The face is in fields. */
void nn_mask_guess(struct nn_mask_guess *g, int w, int h, const float *const rgb[3],
                   const float *const before[3], const struct nn_box *face, float lean, float *p);

#endif
