#include "export/ring.h"

#include <math.h>

#define MARGIN 9.0      /* mm of white about the sleeve */
#define NOTES 46.0      /* mm below it */
#define EM 200.0        /* units of a letter while it is laid out */

static const double pi = 3.14159265358979323846;

void nn_ring_point(const struct nn_ring *s, double a, double v, double *x, double *y)
{
    *x = s->cx + (s->inner + v) * sin(a);
    *y = s->cy - (s->inner + v) * cos(a);
}

/* Bounds of the sleeve with its tab about the circles' centre. */
static void bounds(const struct nn_ring *s, double *x0, double *y0, double *x1, double *y1)
{
    *x0 = *y0 = INFINITY;
    *x1 = *y1 = -INFINITY;
    for (int i = 0; i <= 2000; i++) {
        double a = -s->half + (2 * s->half + s->tab) * i / 2000;
        for (int k = 0; k < 2; k++) {
            double r = s->inner + k * s->slant, x = r * sin(a), y = -r * cos(a);
            *x0 = fmin(*x0, x);
            *y0 = fmin(*y0, y);
            *x1 = fmax(*x1, x);
            *y1 = fmax(*y1, y);
        }
    }
}

void nn_ring_init(struct nn_ring *s, const struct nn_sleeve *cup)
{
    static const double sheet[2][2] = { { 297, 210 }, { 420, 297 } };   /* A4, A3 on their sides */
    double top = cup->top / 2, bottom = cup->bottom / 2, taper = fmax(top - bottom, .01);
    double x0, y0, x1, y1, w, h;

    *s = (struct nn_ring){ .slant = hypot(cup->height, taper) };
    s->inner = bottom * s->slant / taper;
    s->half = pi * taper / s->slant;
    s->tab = NN_SLEEVE_TAB / (s->inner + s->slant / 2);
    bounds(s, &x0, &y0, &x1, &y1);
    w = x1 - x0 + 2 * MARGIN;
    h = y1 - y0 + 2 * MARGIN + NOTES;
    s->page_w = ceil(w);
    s->page_h = ceil(h);
    for (int i = 1; i >= 0; i--)
        if (w <= sheet[i][0] && h <= sheet[i][1]) {
            s->page_w = sheet[i][0];
            s->page_h = sheet[i][1];
        }
    s->cx = s->page_w / 2 - (x0 + x1) / 2;
    s->cy = (s->page_h - NOTES) / 2 - (y0 + y1) / 2;
}

void nn_ring_path(const struct nn_ring *s, cairo_t *cr, double a0, double a1, double v0,
                   double v1)
{
    cairo_new_sub_path(cr);     /* cairo's angles run from the x axis, clockwise on the sheet */
    cairo_arc(cr, s->cx, s->cy, s->inner + v1, a0 - pi / 2, a1 - pi / 2);
    cairo_arc_negative(cr, s->cx, s->cy, s->inner + v0, a1 - pi / 2, a0 - pi / 2);
    cairo_close_path(cr);
}

void nn_ring_outline(const struct nn_ring *s, cairo_t *cr)
{
    double corner = fmin(NN_SLEEVE_TAB / 2, s->slant / 6), x, y;

    cairo_new_sub_path(cr);
    cairo_arc(cr, s->cx, s->cy, s->inner + s->slant, -s->half - pi / 2, s->half - pi / 2);
    nn_ring_point(s, s->half + s->tab, s->slant - corner, &x, &y);
    cairo_line_to(cr, x, y);
    nn_ring_point(s, s->half + s->tab, corner, &x, &y);
    cairo_line_to(cr, x, y);
    cairo_arc_negative(cr, s->cx, s->cy, s->inner, s->half - pi / 2, -s->half - pi / 2);
    cairo_close_path(cr);
}

void nn_ring_turn(const struct nn_ring *s, cairo_t *cr, double a, double v)
{
    double x, y;

    nn_ring_point(s, a, v, &x, &y);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, a);
}

void nn_ring_text(const struct nn_ring *s, cairo_t *cr, double a, double v, double size, int bold,
                  const char *text)
{
    /* Laid out on a surface without bounds: cairo leaves out letters beyond those of ours. */
    cairo_surface_t *plane = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
    cairo_t *line = cairo_create(plane);
    double r = s->inner + v, scale = size / EM;
    cairo_text_extents_t ext;
    cairo_path_t *path;

    cairo_select_font_face(line, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(line, EM);          /* large, or metrics are rounded */
    cairo_text_extents(line, text, &ext);
    cairo_move_to(line, 0, 0);
    cairo_text_path(line, text);
    path = cairo_copy_path(line);
    cairo_new_path(cr);
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        cairo_path_data_t *d = &path->data[i];
        double x[3] = { 0 }, y[3] = { 0 };
        for (int k = 1; k < d->header.length; k++)
            nn_ring_point(s, a + (d[k].point.x - ext.x_advance / 2) * scale / r,
                           v - d[k].point.y * scale,
                           &x[k - 1], &y[k - 1]);
        if (d->header.type == CAIRO_PATH_MOVE_TO)
            cairo_move_to(cr, x[0], y[0]);
        else if (d->header.type == CAIRO_PATH_LINE_TO)
            cairo_line_to(cr, x[0], y[0]);
        else if (d->header.type == CAIRO_PATH_CURVE_TO)
            cairo_curve_to(cr, x[0], y[0], x[1], y[1], x[2], y[2]);
        else
            cairo_close_path(cr);
    }
    cairo_fill(cr);
    cairo_path_destroy(path);
    cairo_destroy(line);
    cairo_surface_destroy(plane);
}
