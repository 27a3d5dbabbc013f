#include "trainer/gan_sheet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/draw/canvas.h"

enum {
    EDGE = 24, HEAD = 84, CELL = 128, GAP = 8, TEXT = 20,
    GRID = 8,               /* samples across, and down at most */
    ROWS = 8, GAPS = 32,    /* rows of nearest.png in each half; between sample and neighbours */
    HALF = EDGE + CELL + GAPS + NN_NEAREST * (CELL + GAP)
};

static void put(struct nn_canvas *c, const struct nn_pictures *p, int64_t i, double x, double y)
{
    struct nn_image img = { p->size, p->size, 3, nn_pictures_px(p, i) };

    nn_canvas_picture(c, &img, (struct nn_box){ (float)x, (float)y, CELL, CELL });
}

static int write_free(struct nn_canvas *c, const char *path, struct nn_err *err)
{
    int ret = nn_canvas_write_png(c, path, err);

    nn_canvas_free(c);
    return ret;
}

int nn_gan_sheet_samples(const struct nn_gan_report *r, const char *path, struct nn_err *err)
{
    int n = (int)(r->fake.n < GRID * GRID ? r->fake.n : GRID * GRID);
    int rows = (n + GRID - 1) / GRID, w = 2 * EDGE + GRID * (CELL + GAP) - GAP;
    struct nn_canvas *c = nn_canvas_new(w, HEAD + rows * (CELL + GAP) + EDGE, NN_INK, err);
    char text[200];

    if (!c)
        return -1;
    nn_canvas_title(c, EDGE, 38, w - 2 * EDGE, 20, NN_AMBER, r->model);
    snprintf(text, sizeof text, "the first %d samples of seed %llu, unchosen", n,
             (unsigned long long)r->seed);
    nn_canvas_text(c, EDGE, 62, NN_LEFT, 14, 0, NN_DIM, text);
    for (int i = 0; i < n; i++)
        put(c, &r->fake, i, EDGE + i % GRID * (CELL + GAP), HEAD + i / GRID * (CELL + GAP));
    return write_free(c, path, err);
}

struct near {
    int64_t i;
    double ratio;           /* of its distance to its training picture's own nearest */
};

static int by_ratio(const void *a, const void *b)
{
    const struct near *x = a, *y = b;

    return x->ratio < y->ratio ? -1 : x->ratio > y->ratio ? 1 : x->i < y->i ? -1 : x->i > y->i;
}

static void draw_near(struct nn_canvas *c, const struct nn_gan_report *r, const struct near *m,
                      double x, double y)
{
    char text[64];

    put(c, &r->fake, m->i, x, y);
    nn_canvas_frame(c, (struct nn_box){ (float)x, (float)y, CELL, CELL }, NN_MAGENTA, 2);
    snprintf(text, sizeof text, "%s", r->fake.name[m->i]);
    nn_canvas_title(c, x, y + CELL + 15, CELL, 12, NN_MAGENTA, text);
    for (int k = 0; k < NN_NEAREST; k++) {
        double at = x + CELL + GAPS + k * (CELL + GAP);
        int64_t to = r->nearest.row[m->i][k];
        if (to < 0)
            return;
        put(c, &r->real, to, at, y);
        snprintf(text, sizeof text, "%.2f  %s", r->nearest.distance[m->i][k], r->real.name[to]);
        nn_canvas_title(c, at, y + CELL + 15, CELL, 12,
                        !k && m->ratio < 1 ? NN_AMBER : NN_DIM, text);
    }
}

static void draw_half(struct nn_canvas *c, const struct nn_gan_report *r, const struct near *all,
                      int rows, int spread, double x, const char *title)
{
    nn_canvas_text(c, x, 84, NN_LEFT, 15, 1, NN_CYAN, title);
    for (int i = 0; i < rows; i++) {
        int64_t at = spread ? (2 * i + 1) * r->fake.n / (2 * rows) : i;
        draw_near(c, r, &all[at], x, HEAD + 16 + i * (CELL + TEXT + GAP));
    }
}

int nn_gan_sheet_nearest(const struct nn_gan_report *r, const char *path, struct nn_err *err)
{
    int rows = (int)(r->fake.n < ROWS ? r->fake.n : ROWS), w = 2 * HALF + EDGE;
    struct near *all = malloc((size_t)r->fake.n * sizeof *all);
    struct nn_canvas *c = nn_canvas_new(w, HEAD + 16 + rows * (CELL + TEXT + GAP) + EDGE, NN_INK,
                                        err);
    char text[300];

    if (!c || !all) {
        nn_canvas_free(c);
        free(all);
        return all ? -1 : nn_fail_mem(err, "neighbours");
    }
    for (int64_t i = 0; i < r->fake.n; i++)
        all[i] = (struct near){ i, r->nearest.own[i] > 0
                 ? r->nearest.distance[i][0] / r->nearest.own[i]
                 : r->nearest.distance[i][0] > 0 ? INFINITY : 0 };
    qsort(all, (size_t)r->fake.n, sizeof *all, by_ratio);
    nn_canvas_title(c, EDGE, 34, w - 2 * EDGE, 20, NN_AMBER, r->model);
    snprintf(text, sizeof text, "samples (framed) and their nearest training pictures with the "
             "distance; amber: nearer than that picture is to any other of its set, as %.1f %% "
             "of %lld samples are", 100 * r->nearest.copied, (long long)r->fake.n);
    nn_canvas_title(c, EDGE, 58, w - 2 * EDGE, 14, NN_DIM, text);
    draw_half(c, r, all, rows, 0, EDGE, "the closest to a training picture");
    draw_half(c, r, all, rows, 1, EDGE + HALF, "from the closest to the farthest");
    free(all);
    return write_free(c, path, err);
}
