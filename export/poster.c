#include "export/poster.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export/sign.h"
#include "runtime/draw/canvas.h"

enum { WIDTH = 1600, EDGE = 110, FOOT = 200, SECTION = 96, MAX_HEIGHT = 20000 };

/* A grid of plates: cells of w x h, `gap` apart. */
struct grid {
    int columns, rows;
    double w, h, gap;
};

/* Fills `width` with at most `rows_max` rows; about `shape` times wider than high. */
static struct grid lay_out(const struct nn_plates *p, double width, double shape)
{
    double aspect = (double)p->plate[0].img.w / p->plate[0].img.h, step, wish;
    double best = INFINITY;
    struct grid g;

    wish = sqrt(p->n * shape / aspect);
    g.columns = p->n;
    for (int c = 1; c <= p->n; c++) {           /* near the wish, and no ragged last row */
        double off = fabs(log(c / wish)) + 1.5 * ((p->n + c - 1) / c * c - p->n) / c;
        if (off < best) {
            best = off;
            g.columns = c;
        }
    }
    g.rows = (p->n + g.columns - 1) / g.columns;
    step = width / g.columns;
    g.gap = fmax(1, fmin(14, floor(step * .06)));
    g.w = (width - g.gap * (g.columns - 1)) / g.columns;
    g.h = g.w / aspect;
    return g;
}

static double grid_height(const struct grid *g)
{
    return g->rows * g->h + (g->rows - 1) * g->gap;
}

/* A plate scaled to the nearest pixel, edges on whole pixels. */
static void draw_plate(struct nn_canvas *c, const struct nn_image *img, double x, double y,
                       double w,
                       double h)
{
    cairo_t *cr = nn_canvas_cairo(c);
    double x0 = round(x), y0 = round(y), wide = round(x + w) - x0, high = round(y + h) - y0;

    for (int j = 0; j < img->h; j++)
        for (int i = 0; i < img->w; i++) {
            const uint8_t *px = img->px + 3 * ((size_t)j * (size_t)img->w + (size_t)i);
            double a = round(x0 + wide * i / img->w), b = round(y0 + high * j / img->h);
            cairo_set_source_rgb(cr, px[0] / 255.0, px[1] / 255.0, px[2] / 255.0);
            cairo_rectangle(cr, a, b, round(x0 + wide * (i + 1) / img->w) - a,
                            round(y0 + high * (j + 1) / img->h) - b);
            cairo_fill(cr);
        }
}

static void draw_grid(struct nn_canvas *c, const struct nn_plates *p, const struct grid *g,
                      double x,
                      double y)
{
    for (int i = 0; i < p->n; i++)
        draw_plate(c, &p->plate[i].img, x + i % g->columns * (g->w + g->gap),
                   y + i / g->columns * (g->h + g->gap), g->w, g->h);
}

/* The light that bright parts throw on their surroundings: the picture itself,
 * shrunk `by` times and added back, large and soft. */
static void bloom(struct nn_canvas *c, int w, int h, int by, double strength)
{
    cairo_t *cr = nn_canvas_cairo(c), *small;
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w / by + 1, h / by + 1);

    small = cairo_create(s);
    cairo_scale(small, 1.0 / by, 1.0 / by);
    cairo_set_source_surface(small, cairo_get_target(cr), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(small), CAIRO_FILTER_BEST);
    cairo_paint(small);
    cairo_destroy(small);
    cairo_save(cr);
    cairo_scale(cr, by, by);
    cairo_set_operator(cr, CAIRO_OPERATOR_ADD);
    cairo_set_source_surface(cr, s, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
    cairo_paint_with_alpha(cr, strength);
    cairo_restore(cr);
    cairo_surface_destroy(s);
}

static void heading(struct nn_canvas *c, double y, const struct nn_plates *p)
{
    char line[320];

    nn_canvas_text(c, EDGE, y, NN_LEFT, 24, 1, NN_TEXT, p->layer);
    snprintf(line, sizeof line, "%s   %s", p->note, p->shape);
    nn_canvas_text(c, WIDTH - EDGE, y, NN_RIGHT, 20, 0, NN_DIM, line);
}

static void foot(struct nn_canvas *c, double y, const char *model, const char *what,
                 const char *detail)
{
    nn_canvas_line(c, EDGE, y, WIDTH - EDGE, y, NN_GRID, 2, 1);
    nn_sign_draw_at(nn_canvas_cairo(c), EDGE + 8, y + 96, 40);
    nn_canvas_text(c, WIDTH - EDGE, y + 62, NN_RIGHT, 26, 1, NN_TEXT, model);
    nn_canvas_text(c, WIDTH - EDGE, y + 94, NN_RIGHT, 20, 0, NN_DIM, what);
    nn_canvas_text(c, WIDTH - EDGE, y + 122, NN_RIGHT, 20, 0, NN_DIM, detail);
}

/* The upper part with a picture: what was seen at the left, kernels at the right. */
static double draw_top(struct nn_canvas *c, const struct nn_plates *k, const struct nn_features *f)
{
    double half = (WIDTH - 2.0 * EDGE - 40) / 2, h = half * f->seen.h / f->seen.w;
    struct grid g = lay_out(k, half, half / h);
    double tall = grid_height(&g), shrink = tall > h ? h / tall : 1;

    if (!c)
        return h;
    g.w *= shrink;
    g.h *= shrink;
    g.gap *= shrink;
    draw_plate(c, &f->seen, EDGE, EDGE, half, h);
    draw_grid(c, k, &g, WIDTH - EDGE - half * (1 + shrink) / 2, EDGE + (h - grid_height(&g)) / 2);
    return h;
}

/* Everything but the foot. The height in pixels; c NULL: only that. */
static double draw_sections(struct nn_canvas *c, const struct nn_plates *k,
                            const struct nn_features *f, int words)
{
    double y = EDGE + draw_top(c, k, f), width = WIDTH - 2.0 * EDGE;

    for (int i = 0; i < f->n; i++) {
        const struct nn_plates *p = &f->layer[i];
        struct grid g = lay_out(p, width, i ? 3.2 : 2.2);
        if (c && words)
            heading(c, y + 64, p);
        if (c)
            draw_grid(c, p, &g, EDGE, y + SECTION);
        y += SECTION + grid_height(&g);
    }
    return y + 64;
}

static double draw_with_features(struct nn_canvas *c, const char *model, const struct nn_plates *k,
                                 const struct nn_features *f)
{
    double y = draw_sections(c, k, f, 0);
    char what[320];

    if (!c)
        return y + FOOT;
    bloom(c, WIDTH, (int)(y + FOOT), 14, .3);
    bloom(c, WIDTH, (int)(y + FOOT), 56, .24);
    draw_sections(c, k, f, 1);
    snprintf(what, sizeof what, "%s: %s", k->layer, k->note);
    foot(c, y, model, what, f->how);
    return y + FOOT;
}

static double draw_kernels(struct nn_canvas *c, const char *model, const struct nn_plates *k)
{
    struct grid g = lay_out(k, WIDTH - 2.0 * EDGE, .9);
    double y = EDGE + grid_height(&g) + 72;
    char what[200];

    if (!c)
        return y + FOOT;
    draw_grid(c, k, &g, EDGE, EDGE);
    bloom(c, WIDTH, (int)(y + FOOT), 20, .34);
    bloom(c, WIDTH, (int)(y + FOOT), 80, .3);
    draw_grid(c, k, &g, EDGE, EDGE);        /* once more, in their true colours */
    snprintf(what, sizeof what, "%s   %s", k->layer, k->shape);
    foot(c, y, model, what, k->note);
    return y + FOOT;
}

int nn_poster_write(const char *path, const char *model, const struct nn_plates *kernels,
                    const struct nn_features *f, struct nn_err *err)
{
    double h = f ? draw_with_features(NULL, model, kernels, f) : draw_kernels(NULL, model, kernels);
    struct nn_canvas *c;
    int ret;

    if (h > MAX_HEIGHT)
        return nn_fail(err, NN_EUNSUPPORTED, "the picture would be %.0f pixels high: choose one "
                       "layer with --layer", h);
    if (!(c = nn_canvas_new(WIDTH, (int)h, NN_INK, err)))
        return -1;
    if (f)
        draw_with_features(c, model, kernels, f);
    else
        draw_kernels(c, model, kernels);
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
