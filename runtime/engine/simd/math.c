/*
 * exp, the logistic function and tanh, without branches, so that the compiler makes
 * vectors of them. Within 4 units in the last place of libm's (tests/test_simd.c).
 */
#include <math.h>

#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

/* 2^n for -126 <= n <= 127. */
static inline float power_of_two(int32_t n)
{
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

/* e^x = 2^n e^r with |r| <= ln 2 / 2; e^r by its Taylor series, whose rest is below 2^-24. */
static inline float exp_of(float x)
{
    float c = x < -104 ? -104 : x > 89 ? 89 : x;
    float n = (c * 1.44269504f + 12582912.f) - 12582912.f;      /* rounded: 1.5 * 2^23 */
    float r = (c - n * 0.693359375f) + n * 2.12194440e-4f;      /* ln 2 in two parts */
    float p = 1 + r * (1 + r * (.5f + r * (1 / 6.f + r * (1 / 24.f + r * (1 / 120.f + r *
              (1 / 720.f + r * (1 / 5040.f)))))));
    int32_t whole = (int32_t)n, half = whole / 2;               /* halves reach subnormals */

    return p * power_of_two(half) * power_of_two(whole - half);
}

/* 1 - 2 / (e^2x + 1), which is 1 from 10 on; small values by Cephes' polynomial
 * (Moshier, netlib.org/cephes, tanhf). */
static inline float tanh_of(float x)
{
    float a = fabsf(x), s = x * x, e = exp_of(2 * (a > 10 ? 10 : a));
    float big = copysignf(1 - 2 / (e + 1), x);
    float small = x + x * s * (-3.33332819422e-1f + s * (1.33314422036e-1f + s *
                  (-5.37397155531e-2f + s * (2.06390887954e-2f + s * -5.70498872745e-3f))));

    return a < .625f ? small : big;
}

void NN_SIMD(nn_row_exp)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_exp)(float *y, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = exp_of(x[i]);
}

void NN_SIMD(nn_row_sigmoid)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_sigmoid)(float *y, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = 1 / (1 + exp_of(-x[i]));
}

void NN_SIMD(nn_row_tanh)(float *y, const float *x, int64_t n);
void NN_SIMD(nn_row_tanh)(float *y, const float *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = tanh_of(x[i]);
}
