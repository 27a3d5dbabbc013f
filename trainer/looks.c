#include "trainer/looks.h"

#include <math.h>
#include <stddef.h>

const char *const nn_look_names[NN_LOOKS] = {
    "brightness", "contrast", "saturation", "warmth", "magenta", "detail", "neon",
};

/* 0 below middle - 0.1, 1 above middle + 0.1. */
static double slope(double v, double middle)
{
    return fmin(1, fmax(0, (v - middle) / 0.2 + 0.5));
}

static double luma(const float *image, size_t plane, size_t i)
{
    return (0.2126 * image[i] + 0.7152 * image[plane + i] + 0.0722 * image[2 * plane + i] + 1) / 2;
}

void nn_looks(const float *image, int size, double out[NN_LOOKS])
{
    size_t plane = (size_t)size * (size_t)size, edge = (size_t)size;
    double n = (double)plane, sum = 0, squares = 0, sat = 0, warm = 0, magenta = 0, detail = 0;
    double glow = 0, dark = 0;

    for (size_t i = 0; i < plane; i++) {
        double r = (image[i] + 1) / 2, g = (image[plane + i] + 1) / 2;
        double b = (image[2 * plane + i] + 1) / 2, y = luma(image, plane, i);
        double most = fmax(r, fmax(g, b)), least = fmin(r, fmin(g, b));
        sum += y;
        squares += y * y;
        sat += most - least;
        warm += r - b;
        magenta += (r + b) / 2 - g;
        if (i % edge)
            detail += fabs(y - luma(image, plane, i - 1));
        if (i >= edge)
            detail += fabs(y - luma(image, plane, i - edge));
        glow += slope(most, 0.5) * slope(most - least, 0.3);
        dark += slope(0.25, most);
    }
    out[NN_LOOK_BRIGHTNESS] = sum / n;
    out[NN_LOOK_CONTRAST] = sqrt(fmax(0, squares / n - sum / n * (sum / n)));
    out[NN_LOOK_SATURATION] = sat / n;
    out[NN_LOOK_WARMTH] = warm / n;
    out[NN_LOOK_MAGENTA] = magenta / n;
    out[NN_LOOK_DETAIL] = detail / (2 * n);
    out[NN_LOOK_NEON] = sqrt(glow / n * (dark / n));
}
