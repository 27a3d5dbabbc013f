/*
 * fx_dream.c - walls that dissolve into what a generator dreams, steered by the face.
 *
 * The latent walks slowly; emotions push it along the model's directions, anger hastens and
 * widens it, sorrow slows it, a micro-expression kicks it and the heart moves it (gan/walk.h).
 * Its pictures come at their own pace (gan/dream.h) and lie over the frame, or over all of it but
 * the person. Unlike other effects this one has a model and, live, a thread: both are its asset's,
 * taken by open() and live(), and the frame loop waits for neither.
 */
#include "runtime/effects/blend.h"
#include "runtime/effects/oval.h"
#include "runtime/gan/dream.h"

enum { AMOUNT, MODE, PLACE, SPEED, MOOD, REACH, BREATH, KICK };

static void *open_dream(const char *file, const struct nn_scene *sc, struct nn_err *err)
{
    if (file)
        return nn_dream_open(file, sc->w, sc->h, sc->seed, sc->pool, err);
    nn_fail(err, NN_EUSAGE, "the effect dream needs a \"file\", a generator as ONNX");
    return NULL;
}

static void close_dream(void *asset)
{
    nn_dream_close(asset);
}

static int live(void *asset, struct nn_err *err)
{
    return nn_dream_live(asset, err);
}

static float poll(void *asset)
{
    return nn_dream_poll(asset);
}

static void tell(const void *asset, float out[NN_TOLD])
{
    struct nn_dream_told told = nn_dream_tell(asset);

    out[NN_TOLD_MOVED] = told.moved;
    out[NN_TOLD_PACE] = told.pace;
    out[NN_TOLD_PUSH] = told.push;
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct nn_gait gait = { p[SPEED], p[REACH], p[MOOD], p[BREATH], p[KICK] };

    (void)state;
    nn_dream_step(sc->asset, sc->t, sc->dt, &gait, &sc->who.mood, p[NN_PARAM_SHOWN],
                  p[AMOUNT] > 0);
}

/* How much of it each pixel gets: PLACE as of the overlay. */
static void weigh(const struct nn_scene *sc, const float *p, int y, float *weight)
{
    float behind = p[PLACE] < 1 ? p[PLACE] : 2 - p[PLACE], on = nn_maxf(p[PLACE] - 1, 0);
    float all = 1 - behind - on;

    for (int x = 0; x < sc->w; x++)
        weight[x] = p[AMOUNT];
    for (int x = 0; x < sc->w && all < 1; x++) {
        float m = nn_person_at(sc, (float)x, (float)y);
        weight[x] *= all + behind * (1 - m) + on * m;
    }
}

NN_WIDE static void lay(enum nn_blend mode, float *b, const float *s, const float *weight, int n)
{
    nn_blend_row(mode, b, s, weight, n);
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    float *weight = tmp, *light = tmp + sc->w;

    (void)state;
    if (!nn_dream_ready(sc->asset))
        return;
    weigh(sc, p, y, weight);
    for (int i = 0; i < 3; i++) {
        nn_dream_row(sc->asset, i, y, light);
        lay((enum nn_blend)(p[MODE] + 0.5f), rgb[i], light, weight, sc->w);
    }
}

const struct nn_effect_type fx_dream = {
    .name = "dream",
    .brief = "what a generator dreams, steered by the face, over the frame or behind the person",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of it" },
        { "mode", 0, 7, 2, "0 normal, 1 add, 2 screen, 3 multiply, 4 overlay, 5 soft light, "
                           "6 difference, 7 lighten" },
        { "place", 0, 2, 1, "0 everywhere, 1 behind the person, 2 on the person" },
        { "speed", 0, 4, 0.3f, "of the walk, points of its space a second" },
        { "mood", 0, 2, 1, "how far emotions carry it" },
        { "reach", 0, 1, 1, "0 stays at home, 1 goes anywhere" },
        { "breath", 0, 2, 1, "how far the heart moves it" },
        { "kick", 0, 2, 1, "how far micro-expressions throw it" },
    },
    .open = open_dream,
    .close = close_dream,
    .live = live,
    .poll = poll,
    .tell = tell,
    .wants_mask = 1,
    .advance = advance,
    .row = row,
};
