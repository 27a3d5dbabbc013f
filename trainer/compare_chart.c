/* Curves of the runs, and below them, in the same colours, what each reaches. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/axes.h"
#include "trainer/compare.h"

enum { EPOCHS = 2000, W = 1100, ROW = 28, CURVES = 400, FOREST = 70, MARGIN = 70 };
enum { LOSS, ACCURACY, PANELS };

struct curve {
    int n;
    double epoch[EPOCHS], value[EPOCHS];
};

struct curves {
    struct curve of[NN_CONTENDERS][PANELS];
};

static const unsigned colours[] = { NN_CYAN, NN_MAGENTA, NN_AMBER, 0x7dff6a, 0xa98bff, 0xff7d3c,
                                    0x4da3ff, NN_TEXT };
enum { COLOURS = sizeof colours / sizeof *colours };

static int collect(void *arg, const struct nn_metric *m)
{
    struct curve *panels = arg, *to;

    if (strcmp(m->split, "valid"))
        return 0;
    to = !strcmp(m->name, "loss") ? &panels[LOSS]
       : !strcmp(m->name, "accuracy") ? &panels[ACCURACY] : NULL;
    if (to && to->n < EPOCHS && isfinite(m->value)) {
        to->epoch[to->n] = (double)m->epoch;
        to->value[to->n++] = m->value;
    }
    return 0;
}

/* The ninth and later ones have a colour again, but in dashes. */
static void dash(struct nn_canvas *c, int k)
{
    cairo_set_dash(nn_canvas_cairo(c), (double[]){ 7, 5 }, k >= COLOURS ? 2 : 0, 0);
}

static void draw_curve(struct nn_canvas *c, const struct nn_axes *a, const struct curve *s, int k,
                       int panel)
{
    double x[EPOCHS], y[EPOCHS];
    int best = 0;

    for (int i = 0; i < s->n; i++) {
        x[i] = nn_axes_x(a, s->epoch[i]);
        y[i] = nn_axes_y(a, s->value[i]);
        best = s->value[i] > s->value[best] ? i : best;
    }
    nn_canvas_curve(c, x, y, s->n, colours[k % COLOURS], 6, 0.13);
    dash(c, k);
    nn_canvas_curve(c, x, y, s->n, colours[k % COLOURS], 2, 1);
    dash(c, 0);
    if (panel == ACCURACY) {        /* best.onnx is of that epoch */
        struct nn_box dot = { (float)x[best] - 4, (float)y[best] - 4, 8, 8 };
        nn_canvas_fill(c, dot, NN_PANEL, 1);
        nn_canvas_frame(c, dot, colours[k % COLOURS], 2);
    }
}

static void draw_panel(struct nn_canvas *c, const struct curves *all, int panel, double x0,
                       const char *title)
{
    struct nn_axes a = nn_axes(x0, 90, 450, 270);

    for (int k = 0; k < NN_CONTENDERS; k++)
        for (int i = 0; i < all->of[k][panel].n; i++)
            nn_axes_take(&a, all->of[k][panel].epoch[i], all->of[k][panel].value[i]);
    nn_axes_room(&a);
    nn_axes_draw(c, &a, title, panel == ACCURACY);
    for (int k = NN_CONTENDERS; k-- > 0;)
        if (all->of[k][panel].n)
            draw_curve(c, &a, &all->of[k][panel], k, panel);
}

/* A row: what curve it is, its name, its figure with the interval drawn and written. */
static void draw_row(struct nn_canvas *c, const struct nn_comparison *cmp, int k,
                     const struct nn_axes *a, double y)
{
    const struct nn_contender *one = cmp->who.one[k];
    const struct nn_figure *f = &cmp->score[k][NN_SCORE_ACCURACY];
    unsigned rgb = colours[k % COLOURS];
    double x[3] = { f->in.lo, f->value, f->in.hi };
    char text[80];

    for (int i = 0; i < 3; i++)
        x[i] = a->x0 + a->w * (x[i] - a->lo) / (a->hi - a->lo);
    dash(c, k);
    nn_canvas_line(c, MARGIN, y, MARGIN + 26, y, rgb, 3, 1);
    dash(c, 0);
    nn_canvas_title(c, MARGIN + 38, y + 5, a->x0 - MARGIN - (cmp->factor ? 150 : 60), 14, NN_TEXT,
                    one->name);
    nn_canvas_text(c, a->x0 - 16, y + 5, NN_RIGHT, 13, 0, NN_DIM, one->group);
    nn_canvas_line(c, x[0], y, x[2], y, rgb, 6, 0.15);
    nn_canvas_line(c, x[0], y, x[2], y, rgb, 2, 1);
    for (int i = 0; i < 3; i += 2)
        nn_canvas_line(c, x[i], y - 5, x[i], y + 5, rgb, 2, 1);
    nn_canvas_fill(c, (struct nn_box){ (float)x[1] - 4, (float)y - 4, 8, 8 }, rgb, 1);
    snprintf(text, sizeof text, "%.2f %%", 100 * f->value);
    nn_canvas_text(c, 930, y + 5, NN_RIGHT, 14, 1, rgb, text);
    snprintf(text, sizeof text, "%.2f to %.2f", 100 * f->in.lo, 100 * f->in.hi);
    nn_canvas_text(c, W - 30, y + 5, NN_RIGHT, 13, 0, NN_DIM, text);
}

static void draw_forest(struct nn_canvas *c, const struct nn_comparison *cmp, double y0)
{
    struct nn_axes a = nn_axes(390, y0, 430, ROW * cmp->who.n + 10);
    struct nn_box plot = { (float)a.x0, (float)a.y0, (float)a.w, (float)a.h };
    double step, room;
    char text[32];

    for (int k = 0; k < cmp->who.n; k++) {
        nn_axes_take(&a, 1, cmp->score[k][NN_SCORE_ACCURACY].in.lo);
        nn_axes_take(&a, 1, cmp->score[k][NN_SCORE_ACCURACY].in.hi);
    }
    room = fmax(0.002, 0.06 * (a.hi - a.lo));
    a.lo -= room;
    a.hi += room;
    nn_canvas_fill(c, plot, NN_PANEL, 1);
    nn_canvas_text(c, a.x0, y0 - 14, NN_LEFT, 14, 0, NN_DIM, "accuracy, 95 % interval");
    step = nn_axes_step(a.hi - a.lo);
    for (double v = ceil(a.lo / step) * step; v <= a.hi + 1e-9; v += step) {
        double x = a.x0 + a.w * (v - a.lo) / (a.hi - a.lo);
        nn_canvas_line(c, x, a.y0, x, a.y0 + a.h, NN_GRID, 1, 1);
        nn_canvas_text(c, x, a.y0 + a.h + 18, NN_CENTRE, 12, 0, NN_DIM,
                       nn_axes_text(text, v, step, 1));
    }
    for (int k = 0; k < cmp->who.n; k++)
        draw_row(c, cmp, k, &a, y0 + ROW * k + ROW / 2.0 + 5);
}

static int read_curves(const struct nn_comparison *cmp, struct nn_catalog *cat, struct curves *all,
                       struct nn_err *err)
{
    int some = 0;

    for (int k = 0; k < cmp->who.n; k++) {
        if (cmp->who.one[k]->run &&
            nn_run_metric_each(cat, cmp->who.one[k]->run, collect, all->of[k], err))
            return -1;
        some |= all->of[k][ACCURACY].n > 0;
    }
    return some;
}

int nn_compare_draw(const struct nn_comparison *cmp, struct nn_catalog *cat, const char *path,
                    struct nn_err *err)
{
    struct curves *all = calloc(1, sizeof *all);
    int some = all ? read_curves(cmp, cat, all, err) : nn_fail_mem(err, "curves"), ret = -1;
    int top = FOREST + (some > 0 ? CURVES : 30);
    struct nn_canvas *c = NULL;
    char text[300];

    if (some < 0 || !(c = nn_canvas_new(W, top + ROW * cmp->who.n + 50, NN_INK, err)))
        goto out;
    snprintf(text, sizeof text, "%lld faces of %s", (long long)cmp->who.faces, cmp->who.origin);
    nn_canvas_title(c, MARGIN, 42, W - 2 * MARGIN, 20, NN_AMBER, text);
    if (some) {
        draw_panel(c, all, LOSS, MARGIN, "valid loss by epoch");
        draw_panel(c, all, ACCURACY, 620, "valid accuracy by epoch");
        nn_canvas_text(c, W - 30, 404, NN_RIGHT, 12, 0, NN_DIM,
                       "square: the epoch that is kept and compared");
    }
    draw_forest(c, cmp, top);
    ret = nn_canvas_write_png(c, path, err);
out:
    nn_canvas_free(c);
    free(all);
    return ret;
}
