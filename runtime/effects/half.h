/*
 * half.h - rows of pictures of half the size, there and back. To be compiled into functions that
 * are NN_WIDE: loops without a look at borders inside, which go by vectors.
 */
#ifndef NN_RUNTIME_EFFECTS_HALF_H
#define NN_RUNTIME_EFFECTS_HALF_H

#include "runtime/effects/effect.h"

enum { NN_HALF_SPAN = 256 };    /* columns of the half picture at a time, at most */

/* out[0..n): the sums of four pixels each, columns [2 c, 2 (c + n)) of the w of two rows. At the
 * end of an odd row the last column counts twice. */
NN_INLINE void nn_sum_pairs(const float *a, const float *b, int w, int c, int n,
                            float *restrict out)
{
    int whole = w / 2 - c < n ? w / 2 - c : n;

    a += 2 * c;
    b += 2 * c;
    for (int x = 0; x < whole; x++)
        out[x] = (a[2 * x] + b[2 * x]) + (a[2 * x + 1] + b[2 * x + 1]);
    if (whole < n)
        out[whole] = 2 * (a[2 * whole] + b[2 * whole]);
}

/* out[0..2 n): columns [c, c + n) of a row at twice their size, by the tent [1 3 3 1] / 4; the row
 * lies between a and b, `v` of the way, w columns each. */
NN_INLINE void nn_mix_twice(const float *a, const float *b, float v, int w, int c, int n,
                            float *restrict out)
{
    float line[NN_HALF_SPAN + 2];
    int before = c > 0 ? c - 1 : 0, behind = c + n < w ? c + n : w - 1;

    line[0] = a[before] + v * (b[before] - a[before]);
    for (int i = 0; i < n; i++)
        line[i + 1] = a[c + i] + v * (b[c + i] - a[c + i]);
    line[n + 1] = a[behind] + v * (b[behind] - a[behind]);
    for (int i = 0; i < n; i++) {
        out[2 * i] = 0.75f * line[i + 1] + 0.25f * line[i];
        out[2 * i + 1] = 0.75f * line[i + 1] + 0.25f * line[i + 2];
    }
}

#endif
