#include "runtime/effects/noise.h"

enum { PIECE = 128 };

/* One octave added to sum[0..n). */
NN_INLINE void add_octave(const float *restrict x, const float *restrict y, int n, uint32_t seed,
                          float weight, float *restrict sum)
{
    uint32_t dice = nn_mix32(seed);

    for (int i = 0; i < n; i++) {
        float fx = floorf(x[i]), fy = floorf(y[i]), u = x[i] - fx, v = y[i] - fy, a, b;
        uint32_t at = (uint32_t)(int)fx, row = (uint32_t)(int)fy;
        uint32_t top = nn_mix32(row + dice), low = nn_mix32(row + 1 + dice);

        u = u * u * (3 - 2 * u);
        v = v * v * (3 - 2 * v);
        a = nn_unit32(nn_mix32(at + top)) * (1 - u) + nn_unit32(nn_mix32(at + 1 + top)) * u;
        b = nn_unit32(nn_mix32(at + low)) * (1 - u) + nn_unit32(nn_mix32(at + 1 + low)) * u;
        sum[i] += weight * (a * (1 - v) + b * v);
    }
}

NN_WIDE static void fbm2_piece(const float *restrict u, const float *restrict v, int n,
                               int octaves, uint32_t seed, float *restrict out)
{
    float x[PIECE], y[PIECE], weight = 0.5f, all = 0;

    for (int i = 0; i < n; i++) {
        x[i] = u[i];
        y[i] = v[i];
        out[i] = 0;
    }
    for (int k = 0; k < octaves; k++, weight *= 0.5f) {
        add_octave(x, y, n, seed + (uint32_t)k * 0x9e3779b9u, weight, out);
        all += weight;
        for (int i = 0; i < n; i++) {
            x[i] = 2.03f * x[i] + 17.3f;
            y[i] = 2.01f * y[i] - 9.1f;
        }
    }
    for (int i = 0; i < n; i++)
        out[i] /= all;
}

void nn_fbm2_line(const float *u, const float *v, int n, int octaves, uint32_t seed, float *out)
{
    for (int x = 0; x < n; x += PIECE)
        fbm2_piece(u + x, v + x, n - x < PIECE ? n - x : PIECE, octaves, seed, out + x);
}

void nn_fbm3_line(const float *u, const float *v, float t, int n, int octaves, uint32_t seed,
                  float *out)
{
    float cell = floorf(t), k = t - cell, later[PIECE];
    uint32_t at = (uint32_t)(int)cell;

    k = k * k * (3 - 2 * k);
    for (int x = 0; x < n; x += PIECE) {
        int m = n - x < PIECE ? n - x : PIECE;
        fbm2_piece(u + x, v + x, m, octaves, seed + at * 0x85ebca6bu, out + x);
        fbm2_piece(u + x, v + x, m, octaves, seed + (at + 1) * 0x85ebca6bu, later);
        for (int i = 0; i < m; i++)
            out[x + i] = out[x + i] * (1 - k) + later[i] * k;
    }
}
