/*
 * canvas.h - drawing for charts, sheets and the debug display, over cairo.
 *
 * A canvas is made from a size or a picture and turned back into a picture.
 * Coordinates in pixels, origin top left, colours 0xRRGGBB with an alpha 0..1.
 * For what is not here take cairo itself: nn_canvas_cairo().
 */
#ifndef NN_RUNTIME_DRAW_CANVAS_H
#define NN_RUNTIME_DRAW_CANVAS_H

#include <cairo.h>

#include "common/err.h"
#include "common/image.h"

/* The palette of everything we draw: near-black blue, cool greys, neon. */
enum {
    NN_INK = 0x0b0d14, NN_PANEL = 0x151926, NN_GRID = 0x2a3042, NN_DIM = 0x8089a0,
    NN_TEXT = 0xe6e9f2, NN_MAGENTA = 0xff2d95, NN_CYAN = 0x2de2e6, NN_AMBER = 0xffc828
};

enum nn_anchor { NN_LEFT, NN_CENTRE, NN_RIGHT };

struct nn_canvas;

/* Filled with `rgb`. Free with nn_canvas_free(). */
struct nn_canvas *nn_canvas_new(int w, int h, unsigned rgb, struct nn_err *err);
void nn_canvas_free(struct nn_canvas *c);       /* NULL is fine */
cairo_t *nn_canvas_cairo(struct nn_canvas *c);

/* Copies a picture of the canvas's size in, and the drawing out (img: RGB, the
 * canvas's size, initialised). */
void nn_canvas_load(struct nn_canvas *c, const struct nn_image *img);
void nn_canvas_store(struct nn_canvas *c, struct nn_image *img);
int nn_canvas_write_png(struct nn_canvas *c, const char *path, struct nn_err *err);

/* A picture scaled into a box. */
void nn_canvas_picture(struct nn_canvas *c, const struct nn_image *img, struct nn_box box);
void nn_canvas_fill(struct nn_canvas *c, struct nn_box box, unsigned rgb, double alpha);
void nn_canvas_frame(struct nn_canvas *c, struct nn_box box, unsigned rgb, double width);
void nn_canvas_line(struct nn_canvas *c, double x0, double y0, double x1, double y1, unsigned rgb,
                    double width, double alpha);
/* A poly-line through n points. */
void nn_canvas_curve(struct nn_canvas *c, const double *x, const double *y, int n, unsigned rgb,
                     double width, double alpha);
/* Base line at y; size in pixels; sans serif, `bold` or not. */
void nn_canvas_text(struct nn_canvas *c, double x, double y, enum nn_anchor anchor, double size,
                    int bold, unsigned rgb, const char *text);
/* On the left at x, smaller than `size` where it would be wider than `room`. */
void nn_canvas_title(struct nn_canvas *c, double x, double y, double room, double size,
                     unsigned rgb, const char *text);
unsigned nn_rgb(const uint8_t rgb[3]);

#endif
