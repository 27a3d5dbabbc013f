#include "trainer/charts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "trainer/axes.h"

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

static void draw_series(struct nn_canvas *c, const struct nn_axes *a, const struct series *s,
                        int row)
{
    double x[MAX_EPOCHS], y[MAX_EPOCHS];
    struct nn_box end;
    char text[64];

    if (!s->n)
        return;
    for (int i = 0; i < s->n; i++) {
        x[i] = nn_axes_x(a, s->epoch[i]);
        y[i] = nn_axes_y(a, s->value[i]);
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
    struct nn_axes a = nn_axes(x0, 80, 450, 310);
    int row = 0;

    for (const struct series *s = all; s->split; s++)
        for (int i = 0; s->panel == panel && i < s->n; i++)
            nn_axes_take(&a, s->epoch[i], s->value[i]);
    nn_axes_room(&a);
    nn_axes_draw(c, &a, title, panel);
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
