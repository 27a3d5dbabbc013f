/* Reliability and coverage, drawn. */
#include <math.h>
#include <stdio.h>

#include "runtime/draw/canvas.h"
#include "trainer/report.h"

struct axes {
    double x0, y0, w, h;        /* the plot's rectangle */
    double lo, hi;              /* values at its bottom and top */
};

static double at_x(const struct axes *a, double v)
{
    return a->x0 + a->w * v;
}

static double at_y(const struct axes *a, double v)
{
    return a->y0 + a->h * (1 - (v - a->lo) / (a->hi - a->lo));
}

static struct nn_box box(double x, double y, double w, double h)
{
    return (struct nn_box){ (float)x, (float)y, (float)w, (float)h };
}

static void draw_grid(struct nn_canvas *c, const struct axes *a, double step, const char *below,
                      const char *above)
{
    char text[16];

    nn_canvas_fill(c, box(a->x0, a->y0, a->w, a->h), NN_PANEL, 1);
    for (double v = a->lo; v < a->hi + 1e-9; v += step) {
        nn_canvas_line(c, a->x0, at_y(a, v), a->x0 + a->w, at_y(a, v), NN_GRID, 1, 1);
        snprintf(text, sizeof text, "%.0f %%", 100 * v);
        nn_canvas_text(c, a->x0 - 8, at_y(a, v) + 4, NN_RIGHT, 12, 0, NN_DIM, text);
    }
    for (int i = 0; i <= 5; i++) {
        snprintf(text, sizeof text, "%d %%", 20 * i);
        nn_canvas_text(c, at_x(a, 0.2 * i), a->y0 + a->h + 20, NN_CENTRE, 12, 0, NN_DIM, text);
    }
    nn_canvas_text(c, a->x0 + a->w / 2, a->y0 + a->h + 42, NN_CENTRE, 13, 0, NN_DIM, below);
    nn_canvas_text(c, a->x0, a->y0 - 12, NN_LEFT, 13, 0, NN_DIM, above);
}

/* How often a bin is right as a bar, and what it lacks or has too much against what it says. */
static void draw_bins(struct nn_canvas *c, const struct axes *a, const struct nn_reliability *r)
{
    double wide = a->w / NN_BINS;

    for (int b = 0; b < NN_BINS; b++) {
        const struct nn_bin *bin = &r->bin[b];
        double x = a->x0 + wide * b + 1.5, right = at_y(a, bin->right), sure = at_y(a, bin->sure);
        double strength = bin->n < 20 ? 0.35 : 1;       /* few faces: little is known */
        if (!bin->n)
            continue;
        nn_canvas_fill(c, box(x, right, wide - 3, a->y0 + a->h - right), NN_CYAN, 0.5 * strength);
        nn_canvas_fill(c, box(x, fmin(right, sure), wide - 3, fabs(right - sure)), NN_MAGENTA,
                       0.75 * strength);
        nn_canvas_fill(c, box(x, right - 1.5, wide - 3, 3), NN_CYAN, strength);
    }
}

/* Where its answers lie: the share of them in each bin. */
static void draw_shares(struct nn_canvas *c, double x0, double y0, double w, double h,
                        const struct nn_reliability *r)
{
    double wide = w / NN_BINS, most = 0;

    for (int b = 0; b < NN_BINS; b++)
        most = fmax(most, (double)r->bin[b].n);
    for (int b = 0; b < NN_BINS && most > 0; b++) {
        double high = (h - 16) * (double)r->bin[b].n / most, share;
        char text[16];
        if (!r->bin[b].n)
            continue;
        share = 100 * (double)r->bin[b].n / (double)r->n;
        snprintf(text, sizeof text, share < 0.95 ? "<1" : "%.0f", share);
        nn_canvas_fill(c, box(x0 + wide * b + 1.5, y0 + h - high, wide - 3, high), NN_DIM, 0.6);
        nn_canvas_text(c, x0 + wide * (b + 0.5), y0 + h - high - 4, NN_CENTRE, 11, 0, NN_DIM, text);
    }
    nn_canvas_line(c, x0, y0 + h, x0 + w, y0 + h, NN_GRID, 1, 1);
    nn_canvas_text(c, x0, y0 - 6, NN_LEFT, 13, 0, NN_DIM, "share of its answers, %");
}

static void draw_reliability(struct nn_canvas *c, double x0, const char *title,
                             const struct nn_reliability *r)
{
    struct axes a = { x0, 150, 440, 360, 0, 1 };
    char text[100];

    nn_canvas_text(c, x0, 92, NN_LEFT, 17, 1, NN_TEXT, title);
    snprintf(text, sizeof text, "ECE %.2f %%   NLL %.4f   Brier %.4f", 100 * r->ece, r->nll,
             r->brier);
    nn_canvas_text(c, x0, 114, NN_LEFT, 14, 0, NN_AMBER, text);
    draw_grid(c, &a, 0.2, "how sure it says it is", "how often that is right");
    draw_bins(c, &a, r);
    nn_canvas_line(c, at_x(&a, 0), at_y(&a, 0), at_x(&a, 1), at_y(&a, 1), NN_TEXT, 1.5, 0.8);
    draw_shares(c, x0, 590, a.w, 80, r);
}

int nn_report_reliability(const struct nn_report *r, const char *path, struct nn_err *err)
{
    struct nn_canvas *c = nn_canvas_new(1080, 730, NN_INK, err);
    char title[200], text[120];
    int ret;

    if (!c)
        return -1;
    nn_canvas_title(c, 70, 42, 960, 20, NN_AMBER, nn_report_title(r, title, sizeof title));
    draw_reliability(c, 70, "as the network says it", &r->all.raw);
    if (r->all.half[0] > 0 && r->all.half[1] > 0) {
        snprintf(text, sizeof text, "with a temperature (%.2f and %.2f)", r->all.half[0],
                 r->all.half[1]);
        draw_reliability(c, 590, text, &r->all.unseen);
        nn_canvas_text(c, 1030, 712, NN_RIGHT, 12, 0, NN_DIM,
                       "each half of the faces with the temperature that fits the other half");
    } else {
        nn_canvas_text(c, 810, 330, NN_CENTRE, 15, 0, NN_DIM, "no temperature fits these faces");
    }
    nn_canvas_fill(c, box(70, 700, 14, 14), NN_CYAN, 0.7);
    nn_canvas_text(c, 92, 712, NN_LEFT, 12, 0, NN_DIM, "right");
    nn_canvas_fill(c, box(140, 700, 14, 14), NN_MAGENTA, 0.75);
    nn_canvas_text(c, 162, 712, NN_LEFT, 12, 0, NN_DIM, "gap to what it says");
    nn_canvas_text(c, 310, 712, NN_LEFT, 12, 0, NN_DIM, "pale: fewer than 20 faces");
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}

static void draw_coverage(struct nn_canvas *c, const struct axes *a, const struct nn_coverage *v,
                          unsigned rgb)
{
    double x[NN_COVER_POINTS], y[NN_COVER_POINTS];

    for (int i = 0; i < NN_COVER_POINTS; i++) {
        x[i] = at_x(a, v->point[i].coverage);
        y[i] = at_y(a, v->point[i].accuracy);
    }
    nn_canvas_curve(c, x, y, NN_COVER_POINTS, rgb, 7, 0.18);    /* the glow of a neon tube */
    nn_canvas_curve(c, x, y, NN_COVER_POINTS, rgb, 2.2, 1);
}

static void say_coverage(struct nn_canvas *c, double x, double y, unsigned rgb, const char *whom,
                         const struct nn_figures *f)
{
    const struct nn_cover *at = &f->coverage.point[NN_COVER_SHOWN - 1];
    char text[160];

    snprintf(text, sizeof text, "%s: %.2f %% right on all, %.2f %% on the surest %.0f %% "
             "(from %.1f %% sure)", whom, 100 * nn_confusion_accuracy(&f->confusion),
             100 * at->accuracy, 100 * at->coverage, 100 * at->threshold);
    nn_canvas_text(c, x, y, NN_LEFT, 14, 0, rgb, text);
}

/* Both curves' lowest point, down to a multiple of ten per cent. */
static double floor_of(const struct nn_report *r)
{
    double lo = 0.9;

    for (int i = 0; i < NN_COVER_POINTS; i++)
        lo = fmin(lo, fmin(r->all.coverage.point[i].accuracy, r->clean.coverage.n ?
                           r->clean.coverage.point[i].accuracy : 1));
    return fmax(0, floor(10 * lo + 1e-9) / 10);
}

int nn_report_coverage(const struct nn_report *r, const char *path, struct nn_err *err)
{
    int leaked = r->clean.coverage.n > 0 && r->clean.coverage.n < r->all.coverage.n;
    struct axes a = { 90, 140, 850, 400, floor_of(r), 1 };
    struct nn_canvas *c = nn_canvas_new(990, 610, NN_INK, err);
    const struct nn_cover *at = &r->all.coverage.point[NN_COVER_SHOWN - 1];
    char title[200], text[32];
    int ret;

    if (!c)
        return -1;
    nn_canvas_title(c, 90, 42, 850, 20, NN_AMBER, nn_report_title(r, title, sizeof title));
    say_coverage(c, 90, 72, NN_CYAN, "all faces", &r->all);
    if (leaked)
        say_coverage(c, 90, 94, NN_MAGENTA, "without leaked", &r->clean);
    draw_grid(c, &a, 0.1, "share of the faces that get an answer, the surest first",
              "how often the answer is right");
    nn_canvas_line(c, at_x(&a, at->coverage), a.y0, at_x(&a, at->coverage), a.y0 + a.h, NN_TEXT, 1,
                   0.5);
    if (leaked)
        draw_coverage(c, &a, &r->clean.coverage, NN_MAGENTA);
    draw_coverage(c, &a, &r->all.coverage, NN_CYAN);
    nn_canvas_fill(c, box(at_x(&a, at->coverage) - 4, at_y(&a, at->accuracy) - 4, 8, 8), NN_AMBER,
                   1);
    snprintf(text, sizeof text, "%.2f %%", 100 * at->accuracy);
    /* Beside the line, at the end of it that is far from the curve. */
    nn_canvas_text(c, at_x(&a, at->coverage) + 8,
                   at->accuracy > (a.lo + a.hi) / 2 ? a.y0 + a.h - 12 : a.y0 + 24, NN_LEFT, 15, 1,
                   NN_AMBER, text);
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
