/*
 * field.h - dice and smooth fields that effects share.
 *
 * Everything is a function of its arguments, so that strips on any thread, and
 * a replay, get the same numbers.
 */
#ifndef NN_RUNTIME_EFFECTS_FIELD_H
#define NN_RUNTIME_EFFECTS_FIELD_H

#include <math.h>
#include <stdint.h>

#include "runtime/effects/effect.h"

NN_INLINE float nn_minf(float a, float b) { return a < b ? a : b; }
NN_INLINE float nn_maxf(float a, float b) { return a > b ? a : b; }
NN_INLINE float nn_clampf(float v, float lo, float hi) { return nn_minf(nn_maxf(v, lo), hi); }
NN_INLINE int nn_clampi(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

/* The luminance of linear light (ITU-R BT.709). */
NN_INLINE float nn_luma(float r, float g, float b)
{
    return 0.2126f * r + 0.7152f * g + 0.0722f * b;
}

/* Mixes all bits of a number (the constants are Chris Wellons' lowbias32). */
NN_INLINE uint32_t nn_mix32(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* 0 <= v < 1, from 32 bits. */
NN_INLINE float nn_unit32(uint32_t v)
{
    return (float)(int)(v >> 8) * (1 / 16777216.0f);
}

/* 0 <= v < 1, of two whole numbers and a seed. */
NN_INLINE float nn_dice2(int x, int y, uint32_t seed)
{
    return nn_unit32(nn_mix32((uint32_t)x + nn_mix32((uint32_t)y + nn_mix32(seed))));
}

/* Value noise, 0..1, one cell a unit, smooth. */
static inline float nn_noise2(float x, float y, uint32_t seed)
{
    float fx = floorf(x), fy = floorf(y), u = x - fx, v = y - fy, a, b;
    int i = (int)fx, j = (int)fy;

    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    a = nn_dice2(i, j, seed) * (1 - u) + nn_dice2(i + 1, j, seed) * u;
    b = nn_dice2(i, j + 1, seed) * (1 - u) + nn_dice2(i + 1, j + 1, seed) * u;
    return a * (1 - v) + b * v;
}

/* Octaves of it, each twice as fine and half as strong; 0..1, mean about a half. */
static inline float nn_fbm2(float x, float y, int octaves, uint32_t seed)
{
    float sum = 0, weight = 0.5f, all = 0;

    for (int i = 0; i < octaves; i++, weight *= 0.5f) {
        sum += weight * nn_noise2(x, y, seed + (uint32_t)i * 0x9e3779b9u);
        all += weight;
        x = 2.03f * x + 17.3f;
        y = 2.01f * y - 9.1f;
    }
    return sum / all;
}

/* Noise that also moves with time: two planes of it cross-faded, `t` in cells. */
static inline float nn_fbm3(float x, float y, float t, int octaves, uint32_t seed)
{
    float cell = floorf(t), k = t - cell;
    uint32_t at = (uint32_t)(int)cell;

    k = k * k * (3 - 2 * k);
    return nn_fbm2(x, y, octaves, seed + at * 0x85ebca6bu) * (1 - k) +
           nn_fbm2(x, y, octaves, seed + (at + 1) * 0x85ebca6bu) * k;
}

/* A small grid of values laid over the frame, read between its points. */
struct nn_grid {
    int w, h;               /* points */
    float step;             /* pixels between them */
    float *v;               /* w h values, rows */
};

/* Points for a frame of w x h pixels, `step` apart, with one beyond every border. */
static inline void nn_grid_size(struct nn_grid *g, int w, int h, float step)
{
    g->step = nn_maxf(step, 1);
    g->w = (int)((float)w / g->step) + 2;
    g->h = (int)((float)h / g->step) + 2;
}

enum { NN_GRID_PART = 256 };

/* out[0..n): the grid at pixels x0 .. x0 + n - 1 of row y; n at most NN_GRID_PART. */
NN_INLINE void nn_grid_part(const struct nn_grid *g, int y, int x0, int n, float *restrict out)
{
    enum { LANES = 8 };
    float k = 1 / g->step, at = (float)y * k, v, line[NN_GRID_PART + 3];
    int j = nn_clampi((int)at, 0, g->h - 2), first = (int)((float)x0 * k), x = 0;
    int points = nn_clampi((int)((float)(x0 + n - 1) * k) - first + 2, 2, NN_GRID_PART + 2);
    const float *a = g->v + (size_t)j * (size_t)g->w + first, *b = a + g->w;

    v = at - (float)j;
    for (int i = 0; i < points; i++)
        line[i] = a[i] + v * (b[i] - a[i]);
    line[points] = a[points - 1] + v * (b[points - 1] - a[points - 1]);
    /* A line that bends once at most within LANES pixels needs no look at each one's own points. */
    for (; g->step >= LANES && x + LANES <= n; x += LANES) {
        int i = (int)((float)(x0 + x) * k) - first;
        float from = (float)(i + first), slope = line[i + 1] - line[i];
        float bend = line[i + 2] - line[i + 1] - slope;
        for (int t = 0; t < LANES; t++) {
            float u = (float)(x0 + x + t) * k - from;
            out[x + t] = line[i] + slope * u + bend * nn_maxf(u - 1, 0);
        }
    }
    for (; x < n; x++) {
        float fx = (float)(x0 + x) * k;
        int i = (int)fx;
        out[x] = line[i - first] + (fx - (float)i) * (line[i - first + 1] - line[i - first]);
    }
}

/* Where the two eyes are, in pixels: the person's points, or where they lie in a face's box
 * (a cascade's box has them at about 0.31 and 0.69 of its width, 0.40 of its height). */
static inline void nn_eyes(const struct nn_person *who, float eye[2][2])
{
    for (int i = 0; i < 2; i++) {
        float side = 0.31f + 0.38f * (float)i;
        eye[i][0] = who->points ? who->point[i][0] : who->face.x + side * who->face.w;
        eye[i][1] = who->points ? who->point[i][1] : who->face.y + 0.40f * who->face.h;
    }
}

#endif
