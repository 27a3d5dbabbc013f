/*
 * sleeve_art.h - what is drawn on a sleeve, apart from the sheet it is printed on.
 */
#ifndef NN_EXPORT_SLEEVE_ART_H
#define NN_EXPORT_SLEEVE_ART_H

#include "export/ring.h"

/* Ink to NN_SLEEVE_BLEED beyond the edges: bands of kernels, the name between
 * them, and at its sides the maps. In mm. */
void nn_sleeve_draw(const struct nn_ring *s, cairo_t *cr, const struct nn_sleeve_art *art);

#endif
