/*
 * fx_film.c - film: grain, a lens that darkens towards its corners, lifted blacks.
 *
 * Grain is strongest in the middle tones and fades in lights, as silver does;
 * it has two sizes, differs a little between the channels, and changes 24 times a
 * second whatever the film's frame rate. It averages to nothing.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, GRAIN, VIGNETTE, LIFT };

/* The sum of two dice of 16 bits, -1..1 times `scale`. */
NN_INLINE float pair(uint32_t bits, float scale)
{
    return (float)((int)(bits & 0xffff) + (int)(bits >> 16) - 65535) * (scale / 65536);
}

/* Row y's grain: of one pixel, and of `size` pixels. */
NN_INLINE void throw_grain(int w, int y, int size, uint32_t seed, float *restrict noise,
                           float *restrict coarse)
{
    uint32_t line = nn_mix32((uint32_t)y + nn_mix32(seed));
    uint32_t band = nn_mix32((uint32_t)(y / size) + seed);
    int n = (w + size - 1) / size;

    for (int i = 0; i < n; i++)
        coarse[i] = pair(nn_mix32((uint32_t)i + band), 0.5f);
    for (int x = 0; x < w; x++)
        noise[x] = pair(nn_mix32((uint32_t)x + line), 0.7f);
    if (size == 2) {
        for (int i = 0; i < w / 2; i++) {
            noise[2 * i] += coarse[i];
            noise[2 * i + 1] += coarse[i];
        }
        if (w & 1)
            noise[w - 1] += coarse[n - 1];
        return;
    }
    for (int i = 0; i < n; i++)
        for (int x = i * size; x < (i + 1) * size && x < w; x++)
            noise[x] += coarse[i];
}

NN_WIDE static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *restrict noise = tmp, *restrict keep = tmp + sc->w;
    uint32_t seed = (uint32_t)sc->seed + (uint32_t)(int64_t)(sc->t * 24 + 1e-6) * 0x9e3779b9u;
    float cx = 0.5f * (float)sc->w, cy = 0.5f * (float)sc->h, far = 1 / (cx * cx + cy * cy);
    float strong = 0.34f * p[AMOUNT] * p[GRAIN], dark = p[AMOUNT] * p[VIGNETTE];
    float lift = 0.008f * p[AMOUNT] * p[LIFT], dy = (float)y - cy;

    (void)state;
    throw_grain(sc->w, y, nn_clampi((int)(1.5f * sc->unit + 0.5f), 1, 16), seed, noise, keep);
    for (int x = 0; x < sc->w; x++) {
        float dx = (float)x - cx, d = (dx * dx + dy * dy) * far;
        keep[x] = 1 - dark * d * (0.85f * d + 0.25f);
    }
    for (int i = 0; i < 3; i++) {
        float *restrict out = rgb[i];
        float own = strong * (i == 1 ? 0.8f : i == 2 ? 1.25f : 1), up = lift * (i == 2 ? 1.6f : 1);
        for (int x = 0; x < sc->w; x++) {
            float v = nn_maxf(out[x], 0), eye = sqrtf(v);
            float g = own * noise[x] * eye * nn_maxf(1.1f - eye, 0.08f);
            out[x] = nn_maxf((v + g * (0.5f + eye)) * keep[x], 0) + up;
        }
    }
}

const struct nn_effect_type fx_film = {
    .name = "film",
    .brief = "film grain, darker corners and lifted blacks",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.7f, "all of it" },
        { "grain", 0, 1, 0.5f, "how coarse the silver is" },
        { "vignette", 0, 1, 0.5f, "how dark the corners are" },
        { "lift", 0, 1, 0.4f, "how far blacks are from black" },
    },
    .row = row,
};
