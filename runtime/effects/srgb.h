/*
 * srgb.h - a row of a picture between its codes (sRGB, 8 bits) and linear light.
 *
 * Vectorised from plain loops of operations that IEEE 754 rounds exactly, so that every machine
 * gets the same bits.
 */
#ifndef NN_RUNTIME_EFFECTS_SRGB_H
#define NN_RUNTIME_EFFECTS_SRGB_H

#include <stdint.h>

/* The light of each code (IEC 61966-2-1). */
void nn_srgb_table(float light[256]);

/* w pixels of `channels` bytes (3 or 4) to three rows of floats. */
void nn_srgb_decode(const float light[256], const uint8_t *px, int channels, int w,
                     float *const rgb[3]);

/* And back; a fourth channel is left as it is. Light beyond white rolls off: it keeps its hue and
 * burns out towards white, as film does. NaN is black. `tmp` has w words. */
void nn_srgb_encode(float *const rgb[3], int w, uint8_t *px, int channels, uint32_t *tmp);

#endif
