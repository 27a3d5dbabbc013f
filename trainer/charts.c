#include "trainer/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/draw/canvas.h"

enum { MAX_EPOCHS = 2000, W = 1100, H = 460 };

struct series {
    const char *split, *metric, *label;
    unsigned colour;
    int panel;
    int n;
    double epoch[MAX_EPOCHS], value[MAX_EPOCHS];
};

static int collect(void *arg, const struct nn_metric *m)
{
    for (struct series *s = arg; s->split; s++) {
        if (!strcmp(s->split, m->split) && !strcmp(s->metric, m->name) && s->n < MAX_EPOCHS &&
            isfinite(m->value)) {
            s->epoch[s->n] = (double)m->epoch;
            s->value[s->n++] = m->value;
        }
    }
    return 0;
}

struct axes {
    double x0, y0, w, h;            /* the plot's rectangle */
    double lo, hi, epochs;          /* value range; last epoch */
};

static double at_x(const struct axes *a, double epoch)
{
    return a->x0 + a->w * (a->epochs > 1 ? (epoch - 1) / (a->epochs - 1) : 0.5);
}

static double at_y(const struct axes *a, double v)
{
    return a->y0 + a->h * (1 - (v - a->lo) / (a->hi - a->lo));
}

/* A step of 1, 2 or 5 times a power of ten that gives about five lines. */
static double grid_step(double range)
{
    double p = pow(10, floor(log10(range / 5))), f = range / 5 / p;

    return p * (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10);
}

static void draw_grid(struct nn_canvas *c, const struct axes *a, const char *title, int percent)
{
    double step = grid_step(a->hi - a->lo), every = ceil(a->epochs / 12);
    char text[32];

    struct nn_box plot = { (float)a->x0, (float)a->y0, (float)a->w, (float)a->h };

    nn_canvas_fill(c, plot, NN_PANEL, 1);
    nn_canvas_text(c, a->x0, a->y0 - 14, NN_LEFT, 16, 1, NN_TEXT, title);
    for (double v = ceil(a->lo / step) * step; v <= a->hi + 1e-9; v += step) {
        nn_canvas_line(c, a->x0, at_y(a, v), a->x0 + a->w, at_y(a, v), NN_GRID, 1, 1);
        snprintf(text, sizeof text, percent ? "%.0f %%" : "%.2g", percent ? 100 * v : v);
        nn_canvas_text(c, a->x0 - 8, at_y(a, v) + 4, NN_RIGHT, 12, 0, NN_DIM, text);
    }
    for (double e = 1; e <= a->epochs; e += every) {
        snprintf(text, sizeof text, "%.0f", e);
        nn_canvas_text(c, at_x(a, e), a->y0 + a->h + 18, NN_CENTRE, 12, 0, NN_DIM, text);
    }
}

static void draw_series(struct nn_canvas *c, const struct axes *a, const struct series *s, int row)
{
    double x[MAX_EPOCHS], y[MAX_EPOCHS];
    struct nn_box end;
    char text[64];

    if (!s->n)
        return;
    for (int i = 0; i < s->n; i++) {
        x[i] = at_x(a, s->epoch[i]);
        y[i] = at_y(a, s->value[i]);
    }
    nn_canvas_curve(c, x, y, s->n, s->colour, 7, 0.18);      /* the glow of a neon tube */
    nn_canvas_curve(c, x, y, s->n, s->colour, 2.2, 1);
    end = (struct nn_box){ (float)x[s->n - 1] - 3, (float)y[s->n - 1] - 3, 6, 6 };
    nn_canvas_fill(c, end, s->colour, 1);
    snprintf(text, sizeof text, s->panel ? "%s %.2f %%" : "%s %.3f", s->label,
             (s->panel ? 100 : 1) * s->value[s->n - 1]);
    nn_canvas_text(c, a->x0 + a->w - 10, a->y0 + (s->panel ? a->h - 30 : 22) + 18 * row, NN_RIGHT,
                   13, 0, s->colour, text);
}

static void draw_panel(struct nn_canvas *c, const struct series *all, int panel, const char *title,
                       double x0)
{
    struct axes a = { x0, 80, 450, 310, 1e9, -1e9, 1 };
    double room;
    int row = 0;

    for (const struct series *s = all; s->split; s++) {
        for (int i = 0; s->panel == panel && i < s->n; i++) {
            a.lo = fmin(a.lo, s->value[i]);
            a.hi = fmax(a.hi, s->value[i]);
            a.epochs = fmax(a.epochs, s->epoch[i]);
        }
    }
    if (a.hi < a.lo)
        a.lo = 0, a.hi = 1;
    room = fmax(0.02, 0.06 * (a.hi - a.lo));
    a.lo -= room;
    a.hi += room;
    draw_grid(c, &a, title, panel);
    for (const struct series *s = all; s->split; s++)
        if (s->panel == panel)
            draw_series(c, &a, s, row++);
}

int nn_chart_run(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    static struct series all[5];
    struct nn_canvas *c;
    char path[NN_PATH], text[200];
    int ret;

    memset(all, 0, sizeof all);
    all[0] = (struct series){ "train", "loss", "train", NN_CYAN, 0, 0, { 0 }, { 0 } };
    all[1] = (struct series){ "valid", "loss", "valid", NN_MAGENTA, 0, 0, { 0 }, { 0 } };
    all[2] = (struct series){ "train", "accuracy", "train", NN_CYAN, 1, 0, { 0 }, { 0 } };
    all[3] = (struct series){ "valid", "accuracy", "valid", NN_MAGENTA, 1, 0, { 0 }, { 0 } };
    if (nn_run_metric_each(cat, run->id, collect, all, err) ||
        nn_run_path(cat, run->name, "loss.png", path, err) ||
        !(c = nn_canvas_new(W, H, NN_INK, err)))
        return -1;
    snprintf(text, sizeof text, run->best_metric > 0 ? "%s   best valid accuracy %.2f %%" : "%s",
             run->name, 100 * run->best_metric);
    nn_canvas_text(c, 24, 34, NN_LEFT, 20, 1, NN_AMBER, text);
    draw_panel(c, all, 0, "loss (cross-entropy)", 70);
    draw_panel(c, all, 1, "accuracy", 620);
    nn_canvas_text(c, W / 2.0, H - 22, NN_CENTRE, 13, 0, NN_DIM, "epoch");
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
