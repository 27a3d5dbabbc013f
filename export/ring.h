/*
 * ring.h - the unrolled sleeve: where things lie on the sheet.
 *
 * A point of the sleeve is (a, v): a radians from the middle, to the right, v
 * millimetres up from the lower edge. The tab stands at the
 * right edge and is glued under the left one.
 */
#ifndef NN_EXPORT_RING_H
#define NN_EXPORT_RING_H

#include <cairo.h>

#include "export/sleeve.h"

#define NN_SLEEVE_TAB 12.0      /* mm */
#define NN_SLEEVE_BLEED 2.0     /* mm of ink beyond the cut line */

struct nn_ring {
    double inner, slant;        /* radius of the lower edge; width of the ring */
    double half;                /* angle from the middle to either edge */
    double tab;                 /* angle of the glue tab */
    double cx, cy;              /* centre of the circles on the sheet */
    double page_w, page_h;
};

/* Cones alone; a cylinder is a cone whose radii differ by a hundredth. */
void nn_ring_init(struct nn_ring *s, const struct nn_sleeve *cup);
void nn_ring_point(const struct nn_ring *s, double a, double v, double *x, double *y);
/* The ring's piece from angle a0 to a1, from v0 to v1, as a closed path. */
void nn_ring_path(const struct nn_ring *s, cairo_t *cr, double a0, double a1, double v0,
                   double v1);
/* The outline to cut: the sleeve and the tab with its corners taken off. */
void nn_ring_outline(const struct nn_ring *s, cairo_t *cr);
/* Text on the arc, centred at (a, v), `size` mm high, filled with the source. */
void nn_ring_text(const struct nn_ring *s, cairo_t *cr, double a, double v, double size, int bold,
                   const char *text);
/* Turns the user space about (a, v): x runs along the arc there, y towards the
 * lower edge, in mm. */
void nn_ring_turn(const struct nn_ring *s, cairo_t *cr, double a, double v);

#endif
