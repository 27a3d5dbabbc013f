/*
 * fx_film.c - film: grain, a lens that darkens towards its corners, lifted blacks.
 *
 * Grain is strongest in the middle tones and fades in lights, as silver does;
 * it has two sizes, differs a little between the channels, and changes 24 times a
 * second whatever the film's frame rate. It averages to nothing.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, GRAIN, VIGNETTE, LIFT };

NN_WIDE static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *restrict noise = tmp, *restrict coarse = tmp + sc->w;
    uint32_t seed = (uint32_t)sc->seed + (uint32_t)(int64_t)(sc->t * 24 + 1e-6) * 0x9e3779b9u;
    float cx = 0.5f * (float)sc->w, cy = 0.5f * (float)sc->h, far = 1 / (cx * cx + cy * cy);
    float strong = 0.34f * p[AMOUNT] * p[GRAIN], dark = p[AMOUNT] * p[VIGNETTE];
    float lift = 0.008f * p[AMOUNT] * p[LIFT], dy = (float)y - cy;
    int size = nn_clampi((int)(1.5f * sc->unit + 0.5f), 1, 16);
    uint32_t line = nn_mix32((uint32_t)y + nn_mix32(seed));
    uint32_t band = nn_mix32((uint32_t)(y / size) + seed);

    (void)state;
    for (int x = 0; x < sc->w; x++) {
        uint32_t a = nn_mix32((uint32_t)x + line);
        noise[x] = (float)((int)(a & 0xffff) + (int)(a >> 16) - 65535) * (0.7f / 65536);
    }
    for (int x = 0, i = 0; x < sc->w; i++) {
        uint32_t b = nn_mix32((uint32_t)i + band);
        float v = (float)((int)(b & 0xffff) + (int)(b >> 16) - 65535) * (0.5f / 65536);
        for (int end = x + size; x < end && x < sc->w; x++)
            coarse[x] = v;
    }
    for (int i = 0; i < 3; i++) {
        float *restrict out = rgb[i];
        float own = i == 1 ? 0.8f : i == 2 ? 1.25f : 1, cold = i == 2 ? 1.6f : 1;
        for (int x = 0; x < sc->w; x++) {
            float dx = (float)x - cx, d = (dx * dx + dy * dy) * far;
            float v = nn_maxf(out[x], 0), eye = sqrtf(v);
            float g = strong * own * (noise[x] + coarse[x]) * eye * nn_maxf(1.1f - eye, 0.08f);
            v = (v + g * (0.5f + eye)) * (1 - dark * 0.85f * d * d - dark * 0.25f * d);
            out[x] = nn_maxf(v, 0) + lift * cold;
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
