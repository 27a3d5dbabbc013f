#include "runtime/draw/canvas.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fs.h"

#if defined(__SANITIZE_ADDRESS__)
/* Fontconfig keeps its caches of patterns until the process ends, out of reach
 * of the leak checker, which would blame us for them. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

/* Cairo keeps 32-bit pixels 0x00RRGGBB in the machine's byte order. */
struct nn_canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    int w, h;
};

static void copy_in(cairo_surface_t *s, const struct nn_image *img)
{
    unsigned char *base = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s), n = img->channels;

    cairo_surface_flush(s);
    for (int y = 0; y < img->h; y++) {
        uint32_t *out = (uint32_t *)(void *)(base + (size_t)y * (size_t)stride);
        const uint8_t *in = img->px + (size_t)y * (size_t)img->w * (size_t)n;
        for (int x = 0; x < img->w; x++, in += n)
            out[x] = n == 3 ? (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2]
                            : in[0] * 0x010101u;
    }
    cairo_surface_mark_dirty(s);
}

static void set_colour(struct nn_canvas *c, unsigned rgb, double alpha)
{
    cairo_set_source_rgba(c->cr, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
}

struct nn_canvas *nn_canvas_new(int w, int h, unsigned rgb, struct nn_err *err)
{
    struct nn_canvas *c = calloc(1, sizeof *c);

    if (!c) {
        nn_fail_mem(err, "canvas");
        return NULL;
    }
    c->w = w;
    c->h = h;
    c->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    c->cr = cairo_create(c->surface);
    if (cairo_status(c->cr)) {
        nn_fail(err, NN_EMEM, "cannot make a canvas of %d x %d: %s", w, h,
                cairo_status_to_string(cairo_status(c->cr)));
        nn_canvas_free(c);
        return NULL;
    }
    set_colour(c, rgb, 1);
    cairo_paint(c->cr);
    return c;
}

void nn_canvas_free(struct nn_canvas *c)
{
    if (!c)
        return;
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
    free(c);
}

cairo_t *nn_canvas_cairo(struct nn_canvas *c)
{
    return c->cr;
}

void nn_canvas_load(struct nn_canvas *c, const struct nn_image *img)
{
    if (img->w == c->w && img->h == c->h)
        copy_in(c->surface, img);
}

void nn_canvas_store(struct nn_canvas *c, struct nn_image *img)
{
    const unsigned char *base = cairo_image_surface_get_data(c->surface);
    int stride = cairo_image_surface_get_stride(c->surface);

    if (img->w != c->w || img->h != c->h || img->channels != 3)
        return;
    cairo_surface_flush(c->surface);
    for (int y = 0; y < c->h; y++) {
        const uint32_t *in = (const uint32_t *)(const void *)(base + (size_t)y * (size_t)stride);
        uint8_t *out = img->px + (size_t)y * (size_t)c->w * 3;
        for (int x = 0; x < c->w; x++, out += 3) {
            out[0] = (uint8_t)(in[x] >> 16);
            out[1] = (uint8_t)(in[x] >> 8);
            out[2] = (uint8_t)in[x];
        }
    }
}

int nn_canvas_write_png(struct nn_canvas *c, const char *path, struct nn_err *err)
{
    struct nn_atomic a;
    cairo_status_t bad = cairo_status(c->cr);

    if (bad)
        return nn_fail(err, NN_EMEM, "cannot draw %s: %s", path, cairo_status_to_string(bad));
    if (nn_atomic_name(&a, path, err))
        return -1;
    errno = 0;
    if ((bad = cairo_surface_write_to_png(c->surface, a.tmp))) {
        if (errno)
            nn_fail_errno(err, "cannot write %s", path);
        else
            nn_fail(err, NN_EIO, "cannot write %s: %s", path, cairo_status_to_string(bad));
        nn_atomic_abort(&a);
        return -1;
    }
    return nn_atomic_commit(&a, err);
}

void nn_canvas_picture(struct nn_canvas *c, const struct nn_image *img, struct nn_box box)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, img->w, img->h);

    if (!cairo_surface_status(s)) {
        copy_in(s, img);
        cairo_save(c->cr);
        cairo_rectangle(c->cr, box.x, box.y, box.w, box.h);
        cairo_clip(c->cr);
        cairo_translate(c->cr, box.x, box.y);
        cairo_scale(c->cr, box.w / (double)img->w, box.h / (double)img->h);
        cairo_set_source_surface(c->cr, s, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(c->cr), CAIRO_FILTER_GOOD);
        cairo_pattern_set_extend(cairo_get_source(c->cr), CAIRO_EXTEND_PAD);
        cairo_paint(c->cr);
        cairo_restore(c->cr);
    }
    cairo_surface_destroy(s);
}

void nn_canvas_fill(struct nn_canvas *c, struct nn_box box, unsigned rgb, double alpha)
{
    set_colour(c, rgb, alpha);
    cairo_rectangle(c->cr, box.x, box.y, box.w, box.h);
    cairo_fill(c->cr);
}

void nn_canvas_frame(struct nn_canvas *c, struct nn_box box, unsigned rgb, double width)
{
    set_colour(c, rgb, 1);
    cairo_set_line_width(c->cr, width);
    cairo_rectangle(c->cr, box.x, box.y, box.w, box.h);
    cairo_stroke(c->cr);
}

void nn_canvas_line(struct nn_canvas *c, double x0, double y0, double x1, double y1, unsigned rgb,
                    double width, double alpha)
{
    set_colour(c, rgb, alpha);
    cairo_set_line_width(c->cr, width);
    cairo_move_to(c->cr, x0, y0);
    cairo_line_to(c->cr, x1, y1);
    cairo_stroke(c->cr);
}

void nn_canvas_curve(struct nn_canvas *c, const double *x, const double *y, int n, unsigned rgb,
                     double width, double alpha)
{
    set_colour(c, rgb, alpha);
    cairo_set_line_width(c->cr, width);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_ROUND);
    cairo_new_path(c->cr);          /* text leaves a point behind */
    for (int i = 0; i < n; i++)
        cairo_line_to(c->cr, x[i], y[i]);
    cairo_stroke(c->cr);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
}

void nn_canvas_text(struct nn_canvas *c, double x, double y, enum nn_anchor anchor, double size,
                    int bold, unsigned rgb, const char *text)
{
    cairo_text_extents_t ext;

    cairo_select_font_face(c->cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cr, size);
    if (anchor != NN_LEFT) {
        cairo_text_extents(c->cr, text, &ext);
        x -= anchor == NN_CENTRE ? ext.x_advance / 2 : ext.x_advance;
    }
    set_colour(c, rgb, 1);
    cairo_move_to(c->cr, x, y);
    cairo_show_text(c->cr, text);
}

void nn_canvas_title(struct nn_canvas *c, double x, double y, double room, double size,
                     unsigned rgb, const char *text)
{
    cairo_text_extents_t ext;

    cairo_select_font_face(c->cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(c->cr, size);
    cairo_text_extents(c->cr, text, &ext);
    nn_canvas_text(c, x, y, NN_LEFT, ext.x_advance > room ? size * room / ext.x_advance : size, 1,
                   rgb, text);
}

unsigned nn_rgb(const uint8_t rgb[3])
{
    return (unsigned)rgb[0] << 16 | (unsigned)rgb[1] << 8 | rgb[2];
}
