/* palette.c - colours of tubes, families of them, and what a mood makes of the dice. */
#include <string.h>

#include "runtime/synth/scene.h"

const char *const nn_synth_places[NN_PLACES] = {
    "street", "alley", "avenue", "diner", "waterfront", "doorway"
};

const char *const nn_synth_hues[NN_HUES] = {
    "pink", "red", "amber", "green", "cyan", "blue", "violet", "white"
};

/* Linear; what gas discharge and coated tubes look like, kept within BT.709. */
const float nn_synth_tube[NN_HUES][3] = {
    { 1.00f, 0.055f, 0.42f }, { 1.00f, 0.045f, 0.035f }, { 1.00f, 0.36f, 0.045f },
    { 0.09f, 1.00f, 0.26f },  { 0.03f, 0.78f, 0.95f },   { 0.07f, 0.20f, 1.00f },
    { 0.42f, 0.08f, 1.00f },  { 1.00f, 0.86f, 0.72f },
};

/*                pink  red  amber green cyan  blue violet white */
static const struct palette palettes[NN_PALETTES] = {
    { "electric",   { 5,   0.3f, 0.3f, 0,    4,    1,    1.5f, 0 },
      { 0.95f, 0.75f, 1.75f }, 0.35f, { 0.004f, 0.002f, 0.012f }, 1 },
    { "teal-amber", { 0,   0.5f, 5,    0,    4.5f, 0.4f, 0,    0.5f },
      { 0.55f, 1.08f, 1.15f }, 0.75f, { 0.000f, 0.006f, 0.008f }, 0.95f },
    { "crimson",    { 1.5f, 6,   0.6f, 0,    0.7f, 0.7f, 0,    0.5f },
      { 1.65f, 0.76f, 0.95f }, 0.5f,  { 0.006f, 0.001f, 0.004f }, 1 },
    { "blue-hour",  { 0.8f, 0.3f, 0.6f, 0,   3,    4.5f, 0.5f, 0.5f },
      { 0.55f, 0.95f, 2.10f }, 0.3f,  { 0.001f, 0.004f, 0.012f }, 0.9f },
    { "sodium",     { 0,   1.6f, 6,    0,    0.6f, 0,    0,    0.8f },
      { 1.70f, 0.86f, 0.30f }, 0.85f, { 0.006f, 0.003f, 0.001f }, 0.85f },
    { "jade",       { 0.3f, 0.9f, 1.2f, 5,   2,    0,    0,    0.3f },
      { 0.50f, 1.15f, 0.85f }, 0.45f, { 0.000f, 0.007f, 0.004f }, 0.9f },
    { "orchid",     { 4,   0,    0.5f, 0,    0.8f, 1.6f, 5,    0 },
      { 1.15f, 0.68f, 1.95f }, 0.4f,  { 0.005f, 0.001f, 0.010f }, 1 },
    { "noir",       { 0,   2,    1,    0,    0.8f, 0.3f, 0,    4 },
      { 0.92f, 1.00f, 1.15f }, 0.55f, { 0.002f, 0.003f, 0.005f }, 0.5f },
};

const struct palette *nn_synth_palette(int i)
{
    return &palettes[nn_clampi(i, 0, NN_PALETTES - 1)];
}

const char *nn_synth_palette_name(int i)
{
    return nn_synth_palette(i)->name;
}

int nn_synth_palette_find(const char *name)
{
    for (int i = 0; i < NN_PALETTES; i++)
        if (!strcmp(palettes[i].name, name))
            return i;
    return -1;
}

/* The dice's ranges, and the odds of each place and palette. */
struct lean {
    float rain[2], fog[2], smoke[2], neon[2], people[2], cars[2];
    float place[NN_PLACES], palette[NN_PALETTES];
};

static const struct lean leans[NN_EMOTIONS + 1] = {
    [NN_ANGRY] = { { 0.4f, 1 }, { 0.05f, 0.3f }, { 0.2f, 0.9f }, { 0.6f, 1 }, { 0.3f, 0.9f },
                   { 0.3f, 1 }, { 3, 2, 3, 0.5f, 0.5f, 1 }, { 1, 0, 8, 0, 1, 0, 0, 1 } },
    [NN_DISGUST] = { { 0, 0.5f }, { 0.3f, 0.7f }, { 0.6f, 1 }, { 0.2f, 0.6f }, { 0, 0.3f },
                     { 0, 0.3f }, { 1, 5, 0.3f, 0.5f, 0.5f, 2 }, { 0, 0, 1, 0, 2, 6, 0, 1 } },
    [NN_FEAR] = { { 0, 0.8f }, { 0.3f, 0.9f }, { 0.3f, 0.9f }, { 0.25f, 0.7f }, { 0.05f, 0.16f },
                  { 0, 0.2f }, { 1, 6, 0, 0, 0, 4 }, { 0, 0, 6, 1, 0, 1, 0, 3 } },
    [NN_HAPPY] = { { 0, 0.15f }, { 0, 0.15f }, { 0, 0.3f }, { 0.65f, 1 }, { 0.6f, 1 },
                   { 0.1f, 0.6f }, { 3, 2, 2, 3, 1, 0 }, { 4, 6, 0, 0, 2, 0, 2, 0 } },
    [NN_NEUTRAL] = { { 0, 0.5f }, { 0.1f, 0.4f }, { 0, 0.5f }, { 0.3f, 0.7f }, { 0.1f, 0.6f },
                     { 0.1f, 0.6f }, { 3, 1, 2, 1, 2, 0.5f }, { 1, 3, 0.3f, 2, 2, 1, 1, 2 } },
    [NN_SAD] = { { 0.55f, 1 }, { 0.3f, 0.8f }, { 0, 0.4f }, { 0.08f, 0.35f }, { 0.05f, 0.16f },
                 { 0, 0.2f }, { 2, 1, 0.5f, 2, 3, 2 }, { 0.5f, 0, 0, 6, 0.3f, 0, 1, 4 } },
    [NN_SURPRISE] = { { 0, 0.5f }, { 0, 0.2f }, { 0, 0.6f }, { 0.8f, 1 }, { 0.4f, 1 },
                      { 0.3f, 1 }, { 3, 2, 4, 0.5f, 1, 0 }, { 5, 2, 1, 0, 0, 1, 4, 0 } },
    [NN_EMOTIONS] = { { -0.5f, 1 }, { 0, 0.8f }, { -0.3f, 1 }, { 0.15f, 1 }, { 0, 1 },
                      { -0.3f, 1 }, { 3, 2, 2, 1.4f, 1.4f, 1.3f },
                      { 2.4f, 3, 1.4f, 2.2f, 1.6f, 1.6f, 1.5f, 1.6f } },
};

static int throw_weighted(struct nn_rng *r, const float *weight, int n)
{
    float sum = 0, at;

    for (int i = 0; i < n; i++)
        sum += weight[i];
    at = nn_rng_float(r) * sum;
    for (int i = 0; i < n; i++) {
        if (at < weight[i])
            return i;
        at -= weight[i];
    }
    return 0;
}

/* The die falls whether it is asked or not, so that one wish moves nothing else. */
static void throw_share(struct nn_rng *r, const float range[2], float *v)
{
    float thrown = nn_rng_range(r, range[0], range[1]);

    *v = nn_clampf(*v >= 0 ? *v : thrown, 0, 1);
}

void nn_synth_throw(struct nn_synth *s, struct nn_rng *r)
{
    struct nn_synth_look *l = &s->look;
    int mood = l->mood >= 0 && l->mood < NN_EMOTIONS ? l->mood : NN_EMOTIONS;
    const struct lean *lean = &leans[mood];
    int place = throw_weighted(r, lean->place, NN_PLACES);
    int palette = throw_weighted(r, lean->palette, NN_PALETTES);

    throw_share(r, lean->rain, &l->rain);
    l->rain = l->rain < 0.1f ? 0 : l->rain;     /* less would be neither seen nor tagged */
    throw_share(r, lean->fog, &l->fog);
    throw_share(r, lean->smoke, &l->smoke);
    throw_share(r, lean->neon, &l->neon);
    throw_share(r, lean->people, &l->people);
    throw_share(r, lean->cars, &l->cars);
    l->place = l->place >= 0 && l->place < NN_PLACES ? l->place : place;
    l->palette = l->palette >= 0 && l->palette < NN_PALETTES ? l->palette : palette;
    s->pal = &palettes[l->palette];
}

int nn_synth_throw_hue(const struct nn_synth *s, struct nn_rng *r)
{
    return throw_weighted(r, s->pal->weight, NN_HUES);
}

struct nn_synth_look nn_synth_look_any(void)
{
    return (struct nn_synth_look){ -1, -1, -1, -1, -1, -1, -1, -1, -1 };
}
