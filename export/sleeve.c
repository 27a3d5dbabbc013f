/* The art on the sleeve; sleeve_sheet.c puts it on a sheet. */
#include "export/sleeve_art.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "export/sign.h"
#include "runtime/draw/canvas.h"

enum { MAX_CELLS = 150 };       /* of a kernel drawn as vectors; more become a picture */

static void colour(cairo_t *cr, unsigned rgb, double alpha)
{
    cairo_set_source_rgba(cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
}

/* A small plate bent along the arc: each value a piece of the ring. Pieces reach
 * a little under their neighbours, or the ground would shine through the seams. */
static void bend_plate(const struct nn_ring *s, cairo_t *cr, const struct nn_image *img, double a,
                       double v, double w, double h)
{
    double r = s->inner + v + h / 2, da = w / r / img->w, dv = h / img->h;

    for (int j = 0; j < img->h; j++)
        for (int i = 0; i < img->w; i++) {
            const uint8_t *px = img->px + 3 * ((size_t)j * (size_t)img->w + (size_t)i);
            double left = a - w / r / 2 + i * da, low = v + h - (j + 1) * dv;
            double more = i + 1 < img->w ? .1 / r : 0, under = j + 1 < img->h ? .1 : 0;
            colour(cr, nn_rgb(px), 1);
            nn_ring_path(s, cr, left, left + da + more, low - under, low + dv);
            cairo_fill(cr);
        }
}

/* A large one as a picture, turned to stand on the arc; enlarged to the nearest
 * pixel first, since printers smooth small pictures. */
static void turn_plate(const struct nn_ring *s, cairo_t *cr, const struct nn_image *img, double a,
                       double v, double w, double h)
{
    int by = 1 + 240 / (img->w > img->h ? img->w : img->h);
    cairo_surface_t *p = cairo_image_surface_create(CAIRO_FORMAT_RGB24, img->w * by, img->h * by);
    int stride = cairo_image_surface_get_stride(p);
    unsigned char *base = cairo_image_surface_get_data(p);

    if (cairo_surface_status(p)) {
        cairo_surface_destroy(p);
        return;
    }
    cairo_surface_flush(p);
    for (int y = 0; y < img->h * by; y++)
        for (int x = 0; x < img->w * by; x++)
            ((uint32_t *)(void *)(base + (size_t)y * (size_t)stride))[x] =
                nn_rgb(img->px + 3 * ((size_t)(y / by) * (size_t)img->w + (size_t)(x / by)));
    cairo_surface_mark_dirty(p);
    cairo_save(cr);
    nn_ring_turn(s, cr, a, v + h / 2);
    cairo_translate(cr, -w / 2, -h / 2);
    cairo_scale(cr, w / (img->w * by), h / (img->h * by));
    cairo_set_source_surface(cr, p, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_rectangle(cr, 0, 0, img->w * by, img->h * by);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(p);
}

static void draw_plate(const struct nn_ring *s, cairo_t *cr, const struct nn_image *img, double a,
                       double v, double w, double h)
{
    if (img->w * img->h <= MAX_CELLS)
        bend_plate(s, cr, img, a, v, w, h);
    else
        turn_plate(s, cr, img, a, v, w, h);
}

/* Kernels all around at height v, `size` mm high, from number `first`. */
static void draw_strip(const struct nn_ring *s, cairo_t *cr, const struct nn_plates *k, double v,
                       double size, int first)
{
    const struct nn_image *one = &k->plate[0].img;
    double w = size * one->w / one->h, round = 2 * s->half * (s->inner + v + size / 2);
    int n = (int)(round / (w * 1.12));

    for (int i = 0; i < n; i++)
        draw_plate(s, cr, &k->plate[(i + first) % k->n].img,
                   s->half * ((2.0 * i + 1) / n - 1), v, w, size);
}

/* What stands beside the sign: the picture, then the stronger half of each
 * layer's maps; or kernels. */
static const struct nn_image *side_plate(const struct nn_sleeve_art *art, int i)
{
    const struct nn_features *f = art->features;

    if (!f)
        return &art->kernels->plate[i % art->kernels->n].img;
    while (i > 0)
        for (int l = 0; l < f->n; l++) {
            int half = (f->layer[l].n + 1) / 2;
            if (i <= half)
                return &f->layer[l].plate[i - 1].img;
            i -= half;
        }
    return &f->seen;
}

/* Rows of plates to the left and right of the sign, up to the seam. */
static void draw_sides(const struct nn_ring *s, cairo_t *cr, const struct nn_sleeve_art *art,
                       double v, double high, double from)
{
    const struct nn_image *one = side_plate(art, 0);
    int rows = art->features ? 2 : 1, number = 0;
    double gap = high * (rows > 1 ? .05 : .1), h = (high - (rows - 1) * gap) / rows;
    double w = h * one->w / one->h, mid = s->inner + v + high / 2;
    double room = s->half * mid - from - gap / 2;       /* half a gap is the seam's */
    int columns = (int)lrint(room / (w + gap));
    double shrink, step;

    if (columns < 1)
        return;
    step = room / columns;
    shrink = fmin(1, (step - gap) / w);     /* one more column, a little smaller */
    v += (1 - shrink) * high / 2;
    w *= shrink;
    h *= shrink;
    for (int i = 0; i < columns; i++)           /* the first ones beside the sign */
        for (int row = rows - 1; row >= 0; row--)
            for (int side = -1; side <= 1; side += 2)
                draw_plate(s, cr, side_plate(art, number++), side * (from + step * (i + .5)) / mid,
                           v + row * (h + gap), w, h);
}

struct bent {
    const struct nn_ring *s;
    double v, height, width;
};

static void place_bent(const void *arg, double u, double v, double *x, double *y)
{
    const struct bent *b = arg;

    nn_ring_point(b->s, (u - b->width / 2) * b->height / (b->s->inner + b->v + b->height / 2),
                   b->v + v * b->height, x, y);
}

/* Light on the wall behind the sign. */
static void draw_halo(const struct nn_ring *s, cairo_t *cr, double v, double width)
{
    static const struct { double a, alpha; unsigned rgb; } lamps[] = {
        { -.26, .30, NN_MAGENTA }, { .27, .22, NN_CYAN },
    };

    for (int i = 0; i < 2; i++) {
        double x, y, r = s->inner + v;
        cairo_pattern_t *p;
        nn_ring_point(s, lamps[i].a * width / r, v, &x, &y);
        p = cairo_pattern_create_radial(x, y, 0, x, y, width * .55);
        for (int k = 0; k <= 8; k++) {
            double t = k / 8.0, fade = (1 - t) * (1 - t);
            cairo_pattern_add_color_stop_rgba(p, t, (lamps[i].rgb >> 16 & 255) / 255.0,
                                              (lamps[i].rgb >> 8 & 255) / 255.0,
                                              (lamps[i].rgb & 255) / 255.0, lamps[i].alpha * fade);
        }
        cairo_set_source(cr, p);
        nn_ring_path(s, cr, -s->half - .02, s->half + .02, -NN_SLEEVE_BLEED,
                      s->slant + NN_SLEEVE_BLEED);
        cairo_fill(cr);
        cairo_pattern_destroy(p);
    }
}

static void draw_rail(const struct nn_ring *s, cairo_t *cr, double v, unsigned rgb)
{
    for (int i = 5; i >= 0; i--) {
        double w = i ? .28 + .42 * i : .28;
        colour(cr, rgb, i ? .07 : 1);
        nn_ring_path(s, cr, -s->half - .05, s->half + .05, v - w / 2, v + w / 2);
        cairo_fill(cr);
    }
}

void nn_sleeve_draw(const struct nn_ring *s, cairo_t *cr, const struct nn_sleeve_art *art)
{
    double unit = s->slant / 62, around = 2 * s->half * (s->inner + s->slant / 2);
    double size = fmin(13.5 * unit, around * .43 / nn_sign_width());
    struct bent sign = { s, 31 * unit - size / 2, size, nn_sign_width() };
    double wide = sign.width * size;
    char line[240];

    cairo_save(cr);
    nn_ring_path(s, cr, -s->half - NN_SLEEVE_BLEED / s->inner, s->half + NN_SLEEVE_BLEED / s->inner,
                  -NN_SLEEVE_BLEED, s->slant + NN_SLEEVE_BLEED);
    cairo_clip_preserve(cr);
    colour(cr, NN_INK, 1);
    cairo_fill(cr);
    draw_halo(s, cr, sign.v + size / 2, wide);
    draw_strip(s, cr, art->kernels, 47.5 * unit, 9 * unit, 0);
    draw_strip(s, cr, art->kernels, 6.5 * unit, 9 * unit, art->kernels->n / 2);
    draw_rail(s, cr, 59.2 * unit, NN_MAGENTA);
    draw_rail(s, cr, 44.6 * unit, NN_MAGENTA);
    draw_rail(s, cr, 18.4 * unit, NN_CYAN);
    draw_rail(s, cr, 3.8 * unit, NN_CYAN);
    draw_sides(s, cr, art, 21 * unit, 21 * unit, wide / 2 + 6 * unit);
    nn_sign_draw(cr, size, place_bent, &sign);
    colour(cr, NN_TEXT, .85);
    if (strlen(art->kernels->layer) < 24)
        snprintf(line, sizeof line, "%s   %s   %s", art->model, art->kernels->layer,
                 art->kernels->shape);
    else
        snprintf(line, sizeof line, "%s   %s", art->model, art->kernels->shape);
    nn_ring_text(s, cr, 0, 20.6 * unit, 2.1 * unit, 0, line);
    cairo_restore(cr);
}
