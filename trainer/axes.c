#include "trainer/axes.h"

#include <math.h>
#include <stdio.h>

struct nn_axes nn_axes(double x0, double y0, double w, double h)
{
    return (struct nn_axes){ x0, y0, w, h, 1e9, -1e9, 1 };
}

void nn_axes_take(struct nn_axes *a, double epoch, double value)
{
    a->lo = fmin(a->lo, value);
    a->hi = fmax(a->hi, value);
    a->epochs = fmax(a->epochs, epoch);
}

void nn_axes_room(struct nn_axes *a)
{
    double room;

    if (a->hi < a->lo)
        a->lo = 0, a->hi = 1;
    room = fmax(0.02, 0.06 * (a->hi - a->lo));
    a->lo -= room;
    a->hi += room;
}

double nn_axes_x(const struct nn_axes *a, double epoch)
{
    return a->x0 + a->w * (a->epochs > 1 ? (epoch - 1) / (a->epochs - 1) : 0.5);
}

double nn_axes_y(const struct nn_axes *a, double value)
{
    return a->y0 + a->h * (1 - (value - a->lo) / (a->hi - a->lo));
}

double nn_axes_step(double range)
{
    double p = pow(10, floor(log10(range / 5))), f = range / 5 / p;

    return p * (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10);
}

const char *nn_axes_text(char out[32], double v, double step, int percent)
{
    double by = percent ? 100 : 1;
    int decimals = (int)fmax(0, ceil(-log10(by * step) - 1e-9));

    if (fabs(v) < step / 2)
        v = 0;                          /* not "-0" */
    snprintf(out, 32, percent ? "%.*f %%" : "%.*f", decimals, by * v);
    return out;
}

void nn_axes_draw(struct nn_canvas *c, const struct nn_axes *a, const char *title, int percent)
{
    struct nn_box plot = { (float)a->x0, (float)a->y0, (float)a->w, (float)a->h };
    double step = nn_axes_step(a->hi - a->lo), every = ceil(a->epochs / 12);
    char text[32];

    nn_canvas_fill(c, plot, NN_PANEL, 1);
    nn_canvas_text(c, a->x0, a->y0 - 14, NN_LEFT, 16, 1, NN_TEXT, title);
    for (double v = ceil(a->lo / step) * step; v <= a->hi + 1e-9; v += step) {
        double y = nn_axes_y(a, v);
        nn_canvas_line(c, a->x0, y, a->x0 + a->w, y, NN_GRID, 1, 1);
        nn_canvas_text(c, a->x0 - 8, y + 4, NN_RIGHT, 12, 0, NN_DIM,
                       nn_axes_text(text, v, step, percent));
    }
    for (double e = 1; e <= a->epochs; e += every) {
        snprintf(text, sizeof text, "%.0f", e);
        nn_canvas_text(c, nn_axes_x(a, e), a->y0 + a->h + 18, NN_CENTRE, 12, 0, NN_DIM, text);
    }
}
