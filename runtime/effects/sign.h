/*
 * sign.h - NEON NOIR as bent tubes: strokes whose distance tells how they glow.
 */
#ifndef NN_RUNTIME_EFFECTS_SIGN_H
#define NN_RUNTIME_EFFECTS_SIGN_H

/* Units: a letter is 1 high; the sign's middle is at 0, 0; y runs down. */
#define NN_SIGN_WIDE 6.9f

/* Distance from (x, y) to the nearest tube of word 0 (NEON) or 1 (NOIR). */
float nn_sign_distance(int word, float x, float y);

#endif
