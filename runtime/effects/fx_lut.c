/*
 * fx_lut.c - a look from a .cube file, as editors and colourists make them.
 *
 * Such tables work on display-encoded values, so a pixel is encoded as sRGB, looked up and
 * decoded again, by tables too fine for any of a byte's 256 values to move. Light beyond white
 * is looked up as what its largest channel clips to, and gets its excess back.
 */
#include <stdlib.h>

#include "runtime/effects/cube.h"
#include "runtime/effects/field.h"
#include "runtime/effects/oval.h"

enum { AMOUNT, FACE };
enum { STEPS = 4096 };

struct look {
    struct nn_cube cube;
    float encode[STEPS + 2];    /* sRGB of the square of i / STEPS: even steps for the eye */
    float decode[STEPS + 2];
};

static void close_look(void *asset)
{
    struct look *l = asset;

    nn_cube_release(&l->cube);
    free(l);
}

/* IEC 61966-2-1, both ways. */
static void fill_tables(struct look *l)
{
    for (int i = 0; i <= STEPS + 1; i++) {
        double v = (double)i / STEPS, light = v * v;
        l->encode[i] = (float)(light <= 0.0031308 ? 12.92 * light
                                                  : 1.055 * pow(light, 1 / 2.4) - 0.055);
        l->decode[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
}

static void *open_look(const char *file, const struct nn_scene *sc, struct nn_err *err)
{
    struct look *l;

    (void)sc;
    if (!file) {
        nn_fail(err, NN_EUSAGE, "the effect lut needs a \"file\", a look.cube");
        return NULL;
    }
    if (!(l = calloc(1, sizeof *l))) {
        nn_fail_mem(err, "a look");
        return NULL;
    }
    if (nn_cube_read(file, &l->cube, err)) {
        close_look(l);
        return NULL;
    }
    fill_tables(l);
    return l;
}

/* Light to what is displayed, as far as it can be: `over` becomes how far it goes beyond white. */
static void encode_row(const struct look *l, float *const rgb[3], float *const out[3],
                       float *restrict over, int w)
{
    const float *restrict R = rgb[0], *restrict G = rgb[1], *restrict B = rgb[2];

    for (int x = 0; x < w; x++)
        over[x] = nn_maxf(nn_maxf(R[x], G[x]), nn_maxf(B[x], 1));
    for (int i = 0; i < 3; i++) {
        const float *restrict in = rgb[i];
        float *restrict v = out[i];
        for (int x = 0; x < w; x++)
            v[x] = sqrtf(nn_minf(nn_maxf(in[x], 0) / over[x], 1)) * STEPS + 0.5f;
        for (int x = 0; x < w; x++)
            v[x] = l->encode[(int)v[x]];
    }
}

static void decode_row(const struct look *l, float *restrict v, const float *restrict over, int w)
{
    for (int x = 0; x < w; x++)
        v[x] = nn_clampf(v[x], 0, 1) * STEPS + 0.5f;
    for (int x = 0; x < w; x++)
        v[x] = over[x] * l->decode[(int)v[x]];
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    const struct look *l = sc->asset;
    struct nn_oval face = nn_oval_of(sc, 1.25f);
    int w = sc->w;
    float *const v[3] = { tmp, tmp + w, tmp + 2 * w }, *mix = tmp + 3 * w;

    (void)state;
    encode_row(l, rgb, v, mix, w);
    nn_cube_look(&l->cube, v, w);
    for (int i = 0; i < 3; i++)
        decode_row(l, v[i], mix, w);
    for (int x = 0; x < w; x++)
        mix[x] = p[AMOUNT];
    for (int x = 0; x < w && p[FACE] > 0; x++)
        mix[x] *= 1 - p[FACE] * nn_oval_at(&face, (float)x, (float)y, 0.4f);
    for (int i = 0; i < 3; i++) {
        const float *restrict to = v[i], *restrict part = mix;
        float *restrict out = rgb[i];
        for (int x = 0; x < w; x++)
            out[x] += part[x] * (to[x] - out[x]);
    }
}

const struct nn_effect_type fx_lut = {
    .name = "lut",
    .brief = "a look from a .cube file (3D or 1D), such as looks/noir.cube",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 1, "how much of the look" },
        { "face", 0, 1, 0, "how far the face keeps its own colours" },
    },
    .open = open_look,
    .close = close_look,
    .row = row,
};
