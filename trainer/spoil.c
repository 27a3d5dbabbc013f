#include "trainer/spoil.h"

#include <math.h>
#include <string.h>

enum { REACH = 64 };        /* pixels that a blur mixes at most, to either side */

const char *const nn_spoil_names[NN_SPOILS] = {
    "none", "blur", "noise", "hue", "fog", "mosaic", "dark", "holes", "swirl",
};

static uint8_t byte(double v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

static int inside(int v, int size)
{
    return v < 0 ? 0 : v >= size ? size - 1 : v;
}

/* One direction: `step` bytes from pixel to pixel, `line` from line to line; w[k]: weight of k
 * pixels away, all together 1. */
static void blur_lines(const uint8_t *from, uint8_t *to, int size, int step, int line,
                       const float *w, int reach)
{
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float sum[3] = { 0.5f, 0.5f, 0.5f };
            for (int k = -reach; k <= reach; k++) {
                const uint8_t *at = from + y * line + inside(x + k, size) * step;
                for (int c = 0; c < 3; c++)
                    sum[c] += w[k < 0 ? -k : k] * at[c];
            }
            for (int c = 0; c < 3; c++)
                to[y * line + x * step + c] = (uint8_t)sum[c];
        }
}

static void blur(double strength, uint8_t *px, int size, uint8_t *work)
{
    double dev = fmax(0.05, strength * size / 32), all = 0;
    int reach = (int)ceil(3 * dev);
    float w[REACH + 1];

    reach = reach > REACH ? REACH : reach;
    for (int k = -reach; k <= reach; k++)
        all += exp(-k * k / (2 * dev * dev));
    for (int k = 0; k <= reach; k++)
        w[k] = (float)(exp(-k * k / (2 * dev * dev)) / all);
    blur_lines(px, work, size, 3, 3 * size, w, reach);
    blur_lines(work, px, size, 3 * size, 3, w, reach);
}

/* Hue turned in YIQ: chroma is a plane that turns, brightness stays. */
static void turn(double strength, uint8_t *px, int pixels)
{
    double c = cos(strength * 2.0943951), s = sin(strength * 2.0943951);

    for (int i = 0; i < pixels; i++, px += 3) {
        double r = px[0], g = px[1], b = px[2];
        double y = 0.299 * r + 0.587 * g + 0.114 * b;
        double u = 0.596 * r - 0.274 * g - 0.322 * b, v = 0.211 * r - 0.523 * g + 0.312 * b;
        double p = c * u - s * v, q = s * u + c * v;
        px[0] = byte(y + 0.956 * p + 0.621 * q);
        px[1] = byte(y - 0.272 * p - 0.647 * q);
        px[2] = byte(y - 1.106 * p + 1.703 * q);
    }
}

static void mosaic(double strength, uint8_t *px, int size)
{
    int edge = 1 + (int)lrint(strength * (size / 8.0 - 1));

    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            memcpy(px + 3 * (y * size + x), px + 3 * (y / edge * edge * size + x / edge * edge), 3);
}

static void holes(double strength, uint8_t *px, int size, struct nn_rng *rng)
{
    int edge = size / 8, n = (int)lrint(strength * 32);

    for (int k = 0; k < n; k++) {
        int x0 = (int)nn_rng_below(rng, (uint32_t)(size - edge + 1));
        int y0 = (int)nn_rng_below(rng, (uint32_t)(size - edge + 1));
        for (int y = y0; y < y0 + edge; y++)
            memset(px + 3 * (y * size + x0), 0, 3 * (size_t)edge);
    }
}

/* Most in the middle, nothing at the border. */
static void swirl(double strength, uint8_t *px, int size, uint8_t *work)
{
    double half = (size - 1) / 2.0;

    memcpy(work, px, 3 * (size_t)size * (size_t)size);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            double dx = x - half, dy = y - half, r = sqrt(dx * dx + dy * dy) / half;
            double a = r < 1 ? 2 * strength * (1 - r) : 0;
            int u = inside((int)lrint(half + cos(a) * dx - sin(a) * dy), size);
            int v = inside((int)lrint(half + sin(a) * dx + cos(a) * dy), size);
            memcpy(px + 3 * (y * size + x), work + 3 * (v * size + u), 3);
        }
}

/* Every value v becomes to + (v - to) * keep, and noise is added. */
static void scale(uint8_t *px, int n, double to, double keep, double noise, struct nn_rng *rng)
{
    for (int i = 0; i < n; i++)
        px[i] = byte(to + (px[i] - to) * keep + (noise > 0 ? noise * nn_rng_normal(rng) : 0));
}

void nn_spoil(enum nn_spoil how, double strength, uint8_t *px, int size, uint8_t *work,
              struct nn_rng *rng)
{
    int n = size * size;

    if (!(strength > 0))
        return;
    switch (how) {
    case NN_SPOIL_BLUR: blur(strength, px, size, work); break;
    case NN_SPOIL_NOISE: scale(px, 3 * n, 0, 1, 64 * strength, rng); break;
    case NN_SPOIL_HUE: turn(strength, px, n); break;
    case NN_SPOIL_FOG: scale(px, 3 * n, 160, 1 - 0.8 * strength, 0, rng); break;
    case NN_SPOIL_MOSAIC: mosaic(strength, px, size); break;
    case NN_SPOIL_DARK: scale(px, 3 * n, 0, 1 - 0.8 * strength, 0, rng); break;
    case NN_SPOIL_HOLES: holes(strength, px, size, rng); break;
    case NN_SPOIL_SWIRL: swirl(strength, px, size, work); break;
    default: break;
    }
}
