/* The sheet that a sleeve is printed on: lines to cut, fold and glue, a bar to measure. */
#include <cairo-svg.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "common/fs.h"
#include "export/sleeve_art.h"
#include "runtime/draw/canvas.h"

#define SCALE 10.0      /* pixels a mm of the preview */
#define MAX_PAGE 1000.0 /* mm */

int nn_sleeve_check(const struct nn_sleeve *s, struct nn_err *err)
{
    struct nn_ring shape;

    if (!(s->top > 0) || !(s->bottom > 0) || !(s->height > 0))
        return nn_fail(err, NN_EUSAGE, "a sleeve's diameters and height must be above 0 mm");
    if (s->top < s->bottom)
        return nn_fail(err, NN_EUSAGE, "a cup is wider at the top: --top-mm %g is less than "
                       "--bottom-mm %g", s->top, s->bottom);
    nn_ring_init(&shape, s);
    if (shape.half > 2.6)
        return nn_fail(err, NN_EUSAGE, "a cone from %g to %g mm within %g mm is too flat for a "
                       "sleeve", s->top, s->bottom, s->height);
    if (shape.page_w > MAX_PAGE || shape.page_h > MAX_PAGE)
        return nn_fail(err, NN_EUSAGE, "the sheet would be %g x %g mm; %g is the most",
                       shape.page_w, shape.page_h, MAX_PAGE);
    return 0;
}

static void grey(cairo_t *cr, double v, double width)
{
    cairo_set_source_rgb(cr, v, v, v);
    cairo_set_line_width(cr, width);
}

static void words(cairo_t *cr, double x, double y, double size, const char *text)
{
    cairo_set_font_size(cr, size);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, text);
}

/* A line across the ring at angle a, from v0 to v1. */
static void across(const struct nn_ring *s, cairo_t *cr, double a, double v0, double v1)
{
    double x, y;

    nn_ring_point(s, a, v0, &x, &y);
    cairo_move_to(cr, x, y);
    nn_ring_point(s, a, v1, &x, &y);
    cairo_line_to(cr, x, y);
    cairo_stroke(cr);
}

static void draw_tab(const struct nn_ring *s, cairo_t *cr)
{
    double first = s->half + NN_SLEEVE_BLEED / s->inner, step = 2.2 / s->inner;
    double lean = s->slant * .35 / s->inner;

    cairo_save(cr);
    nn_ring_outline(s, cr);
    cairo_clip(cr);
    nn_ring_path(s, cr, first, s->half + s->tab, 0, s->slant);
    cairo_clip(cr);
    grey(cr, .78, .15);
    for (double a = first - lean; a < s->half + s->tab + lean; a += step) {
        double x, y;
        nn_ring_point(s, a, 0, &x, &y);
        cairo_move_to(cr, x, y);
        nn_ring_point(s, a + lean, s->slant, &x, &y);
        cairo_line_to(cr, x, y);
    }
    cairo_stroke(cr);
    cairo_restore(cr);
    cairo_save(cr);
    nn_ring_turn(s, cr, s->half + s->tab * .58, s->slant / 2);
    cairo_rotate(cr, -acos(0));
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_rectangle(cr, -7.5, -2.2, 15, 4.4);
    cairo_fill(cr);
    grey(cr, .35, .2);
    words(cr, -5.6, 1.3, 3.6, "GLUE");
    cairo_restore(cr);
}

static void draw_lines(const struct nn_ring *s, cairo_t *cr)
{
    static const double dash[] = { 1.2, .8 };

    nn_ring_outline(s, cr);
    grey(cr, 1, .3);            /* on ink it must be light, on the tab dark */
    cairo_stroke_preserve(cr);
    grey(cr, .45, .15);
    cairo_stroke(cr);
    cairo_set_dash(cr, dash, 2, 0);
    grey(cr, .35, .2);
    for (int i = -1; i <= 1; i += 2) {          /* creases, so that it lies flat: marks outside */
        across(s, cr, i * s->half / 2, -6, -NN_SLEEVE_BLEED - .5);
        across(s, cr, i * s->half / 2, s->slant + NN_SLEEVE_BLEED + .5, s->slant + 6);
    }
    across(s, cr, s->half, -6, -NN_SLEEVE_BLEED - .5);
    across(s, cr, s->half, s->slant + NN_SLEEVE_BLEED + .5, s->slant + 6);
    cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_bar(cairo_t *cr, double x, double y)
{
    grey(cr, 0, .25);
    for (int i = 0; i < 5; i++) {
        cairo_rectangle(cr, x + 10 * i, y, 10, 2);
        cairo_stroke_preserve(cr);
        cairo_set_source_rgb(cr, i % 2, i % 2, i % 2);
        cairo_fill(cr);
        grey(cr, 0, .25);
    }
    words(cr, x, y - 1.6, 2.8, "50 mm: measure it");
}

static void draw_notes(const struct nn_ring *s, const struct nn_sleeve *cup, cairo_t *cr)
{
    char line[160];
    double x = 12, y = s->page_h - 31;

    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    draw_bar(cr, s->page_w - 12 - 50, y + 4);
    grey(cr, .15, .2);
    words(cr, x, y, 3.4, "Print at 100 %, not fitted to the page, on paper of 160 to 250 g/m².");
    words(cr, x, y + 5.2, 3.4, "Cut along the thin line. Fold where the dashed marks point: two "
          "creases, and the tab.");
    words(cr, x, y + 10.4, 3.4, "Glue the hatched tab under the other end, ink outwards.");
    grey(cr, .45, .2);
    snprintf(line, sizeof line,
             "For a cup of %g mm where the sleeve begins and %g mm where it ends, "
             "%g mm below. Sheet %g x %g mm.", cup->top, cup->bottom, cup->height, s->page_w,
             s->page_h);
    words(cr, x, y + 17, 2.8, line);
}

static void draw_sheet(const struct nn_sleeve *cup, const struct nn_sleeve_art *art, cairo_t *cr)
{
    struct nn_ring s;

    nn_ring_init(&s, cup);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    nn_sleeve_draw(&s, cr, art);
    draw_tab(&s, cr);
    draw_lines(&s, cr);
    draw_notes(&s, cup, cr);
}

static cairo_status_t put(void *arg, const unsigned char *bytes, unsigned n)
{
    return fwrite(bytes, 1, n, arg) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int nn_sleeve_write_svg(const struct nn_sleeve *cup, const struct nn_sleeve_art *art,
                        const char *path, struct nn_err *err)
{
    struct nn_atomic a;
    struct nn_ring s;
    cairo_surface_t *surface;
    cairo_status_t bad;
    cairo_t *cr;

    if (nn_sleeve_check(cup, err) || nn_atomic_open(&a, path, err))
        return -1;
    nn_ring_init(&s, cup);
    surface = cairo_svg_surface_create_for_stream(put, a.f, s.page_w, s.page_h);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_MM);
    cr = cairo_create(surface);
    draw_sheet(cup, art, cr);
    bad = cairo_status(cr);
    cairo_destroy(cr);
    errno = 0;
    cairo_surface_finish(surface);
    bad = bad ? bad : cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (!bad)
        return nn_atomic_commit(&a, err);
    if (bad == CAIRO_STATUS_WRITE_ERROR && errno)
        nn_fail_errno(err, "cannot write %s", path);
    else
        nn_fail(err, NN_EIO, "cannot draw %s: %s", path, cairo_status_to_string(bad));
    nn_atomic_abort(&a);
    return -1;
}

int nn_sleeve_write_png(const struct nn_sleeve *cup, const struct nn_sleeve_art *art,
                        const char *path, struct nn_err *err)
{
    struct nn_canvas *c;
    struct nn_ring s;
    int ret;

    if (nn_sleeve_check(cup, err))
        return -1;
    nn_ring_init(&s, cup);
    c = nn_canvas_new((int)(s.page_w * SCALE), (int)(s.page_h * SCALE), 0xffffff, err);
    if (!c)
        return -1;
    cairo_scale(nn_canvas_cairo(c), SCALE, SCALE);
    draw_sheet(cup, art, nn_canvas_cairo(c));
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
