#include <math.h>
#include <string.h>

#include "trainer/augment.h"

enum { LEVELS = 256, ROW = 4096 };

static float limit(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Each value is moved by `amount` of its distance to the mean of its 3 x 3 neighbours: towards
 * it, or away where that is negative. */
static void smooth(int w, int h, float amount, float *v)
{
    float above[ROW], here[ROW];

    if (w > ROW)
        return;
    memcpy(above, v, (size_t)w * sizeof *v);
    for (int y = 0; y < h; y++) {
        const float *below = v + (y + 1 < h ? y + 1 : y) * w;
        memcpy(here, v + y * w, (size_t)w * sizeof *v);
        for (int x = 0; x < w; x++) {
            float sum = 0;
            for (int k = -1; k <= 1; k++) {
                int at = x + k < 0 ? 0 : x + k >= w ? w - 1 : x + k;
                sum += above[at] + here[at] + (y + 1 < h ? below[at] : here[at]);
            }
            v[y * w + x] = limit(here[x] + amount * (sum / 9 - here[x]));
        }
        memcpy(above, here, (size_t)w * sizeof *v);
    }
}

/* Values move by `amount` to their rank among all. */
static void equalise(int n, float amount, float *v)
{
    int count[LEVELS] = { 0 }, below = 0;
    float rank[LEVELS];

    for (int i = 0; i < n; i++)
        count[(int)(v[i] * (LEVELS - 1))]++;
    for (int k = 0; k < LEVELS; k++) {
        rank[k] = ((float)below + (float)count[k] / 2) / (float)n;
        below += count[k];
    }
    for (int i = 0; i < n; i++)
        v[i] += amount * (rank[(int)(v[i] * (LEVELS - 1))] - v[i]);
}

static void one(int which, float strength, struct nn_rng *rng, int w, int h, float *v)
{
    int n = w * h;
    float gamma = expf(.7f * strength * (nn_rng_below(rng, 2) ? 1 : -1));
    float steps = roundf(exp2f(6 - 4 * strength)), above = 1 - strength / 2;

    switch (which) {
    case 0:
        for (int i = 0; i < n; i++)
            v[i] = powf(v[i], gamma);
        return;
    case 1:
        smooth(w, h, strength, v);
        return;
    case 2:
        smooth(w, h, -2 * strength, v);
        return;
    case 3:
        for (int i = 0; i < n; i++)
            v[i] = roundf(v[i] * steps) / steps;
        return;
    case 4:
        for (int i = 0; i < n; i++)
            v[i] = v[i] > above ? 1 - v[i] : v[i];
        return;
    case 5:
        for (int i = 0; i < n; i++)
            v[i] = limit(v[i] + .1f * strength * nn_rng_normal(rng));
        return;
    default:
        equalise(n, strength, v);
    }
}

void nn_augment_greys(const struct nn_augment *a, struct nn_rng *rng, int w, int h, float *v)
{
    for (int64_t i = 0; i < a->ops; i++) {
        int which = (int)nn_rng_below(rng, 7);
        one(which, nn_rng_float(rng) * (float)a->magnitude, rng, w, h, v);
        for (int k = 0; k < w * h; k++)
            v[k] = limit(v[k]);     /* each counts on it */
    }
}
