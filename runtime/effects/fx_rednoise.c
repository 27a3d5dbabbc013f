/*
 * fx_rednoise.c - anger: red static that eats the shadows, and a picture that
 * tears sideways.
 *
 * Three scales of noise: blotches that creep, clots that crawl, grain that is
 * new in every frame. Together they decide how far each dark pixel burns, most
 * far from the face, as rage narrows the view; lit skin keeps its own light. Bands of rows slip
 * sideways for a few frames at a time, red a little further than the rest.
 */
#include <math.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/effects/effect.h"

enum { AMOUNT, GRAIN, TEAR, SHADE };
enum {
    SIDE = 512,             /* of the tiling noise pictures */
    SCALES = 3,             /* 0 the finest */
    BANDS = 6
};

struct band {
    float y, height;        /* frame heights */
    float shift;            /* frame heights, signed */
    float age, life;        /* seconds */
};

struct noise {
    float tile[SCALES][SIDE * SIDE];    /* mean 0, variance 1 */
    float spare[SIDE];
    int dx[SCALES], dy[SCALES];         /* where this frame looks */
    struct band band[BANDS];
    int slip[];                         /* pixels, for each row */
};

static size_t state_size(int w, int h)
{
    (void)w;
    return sizeof(struct noise) + (size_t)h * sizeof(int);
}

/* A running mean of 2 r + 1 along lines of `tile`, which wraps around. */
static void smear(float *tile, float *line, int r, int step, int next)
{
    for (int i = 0; i < SIDE; i++) {
        float *a = tile + i * next, sum = 0;
        for (int k = 0; k < SIDE; k++)
            line[k] = a[k * step];
        for (int k = -r; k <= r; k++)
            sum += line[k & (SIDE - 1)];
        for (int k = 0; k < SIDE; k++) {
            a[k * step] = sum;
            sum += line[(k + r + 1) & (SIDE - 1)] - line[(k - r) & (SIDE - 1)];
        }
    }
}

static void init(void *state, const struct nn_scene *sc)
{
    static const int radius[SCALES] = { 0, 2, 17 };
    struct noise *s = state;
    struct nn_rng rng;

    nn_rng_seed(&rng, sc->seed, 0x7ed);
    for (int k = 0; k < SCALES; k++) {
        float *t = s->tile[k];
        double sum2 = 0;
        for (int i = 0; i < SIDE * SIDE; i++)
            t[i] = nn_rng_normal(&rng);
        for (int pass = 0; pass < 2 && radius[k]; pass++) {
            smear(t, s->spare, radius[k], 1, SIDE);
            smear(t, s->spare, radius[k], SIDE, 1);
        }
        for (int i = 0; i < SIDE * SIDE; i++)
            sum2 += (double)t[i] * (double)t[i];
        float gain = (float)(1 / sqrt(sum2 / (SIDE * SIDE)));
        for (int i = 0; i < SIDE * SIDE; i++)
            t[i] *= gain;
    }
}

/* Bands come about `rate` times a second, mostly narrow ones. */
static void move_bands(struct noise *s, struct nn_rng *rng, float dt, float rate)
{
    for (int i = 0; i < BANDS; i++) {
        struct band *b = &s->band[i];
        float roll = nn_rng_float(rng), a = nn_rng_float(rng), y = nn_rng_float(rng);
        float shift = nn_rng_range(rng, -1, 1), life = nn_rng_range(rng, 0.08f, 0.30f);
        b->age += dt;
        if (b->age < b->life || roll > rate * dt / BANDS)
            continue;
        *b = (struct band){ y, 0.008f + 0.16f * a * a * a, 0.09f * shift * fabsf(shift), 0, life };
    }
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct noise *s = state;
    struct nn_rng rng;
    float h = (float)sc->h, t = (float)fmod(sc->t, 4096);

    nn_rng_seed(&rng, sc->seed, (uint64_t)sc->frame);
    s->dx[0] = (int)nn_rng_below(&rng, SIDE);
    s->dy[0] = (int)nn_rng_below(&rng, SIDE);
    s->dx[1] = (int)(t * 55);
    s->dy[1] = (int)(t * -34);
    s->dx[2] = (int)(t * -13);
    s->dy[2] = (int)(t * 21);
    move_bands(s, &rng, (float)sc->dt, 14 * p[AMOUNT] * p[TEAR]);
    for (int y = 0; y < sc->h; y++) {
        float v = (float)y / h, sum = 0;
        for (int i = 0; i < BANDS; i++) {
            const struct band *b = &s->band[i];
            float d = (v - b->y) / b->height;
            if (b->age < b->life && d > 0 && d < 1)     /* ragged at the edge, quick to come */
                sum += b->shift * (1 - 0.35f * d) * nn_smooth(0, 0.06f, b->life - b->age);
        }
        s->slip[y] = (int)(sum * p[TEAR] * p[AMOUNT] * h);
    }
}

/* A row of noise `k`, magnified `zoom` times, into `out`. */
NN_WIDE static void noise_row(const struct noise *s, int k, int zoom, int y, int w, float *out)
{
    const float *tile = s->tile[k] + ((y / zoom + s->dy[k]) & (SIDE - 1)) * SIDE;
    int x = 0, at = s->dx[k] & (SIDE - 1);

    while (zoom == 2 && x < w) {
        int n = SIDE - at < (w - x) / 2 ? SIDE - at : (w - x) / 2;
        const float *restrict in = tile + at;
        float *restrict to = out + x;
        for (int i = 0; i < n; i++)
            to[2 * i] = to[2 * i + 1] = in[i];
        x += 2 * n;
        at = (at + n) & (SIDE - 1);
        if (x + 1 == w)
            out[x++] = tile[at];
    }
    if (zoom > 1) {                     /* nothing is left of it at 2 */
        for (; x < w; x++)
            out[x] = tile[(x / zoom + at) & (SIDE - 1)];
        return;
    }
    while (x < w) {
        int n = SIDE - at < w - x ? SIDE - at : w - x;
        memcpy(out + x, tile + at, (size_t)n * sizeof *out);
        x += n;
        at = 0;
    }
}

NN_WIDE static void slip_row(float *row, int w, int by, float *tmp)
{
    int from;

    if (by == 0)
        return;
    memcpy(tmp, row, (size_t)w * sizeof *row);
    for (int x = 0; x < w; x++) {
        from = x - by;
        row[x] = tmp[from < 0 ? 0 : from >= w ? w - 1 : from];
    }
}

NN_INLINE float clamp01(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* What a row of pixels needs to know to burn. */
struct heat {
    float amount, grain, shade;
    float cx, dy, away;         /* distance from the face: (x - cx) away, and dy so scaled */
};

/* noise: fine, clot, blot; w each. */
NN_WIDE
static void burn_row(const struct heat *k, float *restrict R, float *restrict G, float *restrict B,
                     const float *restrict noise, int w)
{
    const float *fine = noise, *clot = noise + w, *blot = noise + 2 * w;
    float a = k->amount, grain = k->grain, shade = k->shade, cx = k->cx, away = k->away;
    float dy2 = k->dy * k->dy;

    for (int x = 0; x < w; x++) {
        float l = 0.30f * R[x] + 0.58f * G[x] + 0.12f * B[x];
        float dark = 1 / (1 + 14 * l);                  /* 1 in black, a tenth in lit skin */
        float dx = ((float)x - cx) * away, edge = dx * dx + dy2;
        float field = clamp01(0.20f + 0.30f * (edge < 1.6f ? edge : 1.6f) + 0.24f * blot[x] +
                              0.10f * clot[x] + 0.12f * fine[x] - 0.28f * (1 - a));
        float burn = a * dark * field;                  /* where the red has eaten in */
        float spark = grain * (0.8f * fine[x] + 0.2f * clot[x]);
        float hot = spark > 0.9f ? spark : 0.9f;
        float film = 1 + 0.30f * a * grain * fine[x] * (0.35f + 0.65f * dark);
        float keep = 1 - shade * burn * 1.15f;

        hot = a * dark * (hot - 0.9f);
        keep = keep > 0.04f ? keep : 0.04f;
        R[x] = R[x] * film * (1 + 0.25f * a) + burn * (0.060f + 0.09f * clamp01(spark + 0.4f)) +
               hot * 0.34f;
        G[x] = G[x] * film * keep * (1 - 0.42f * a * shade) + hot * 0.012f;
        B[x] = B[x] * film * keep * (1 - 0.36f * a * shade) + burn * 0.006f + hot * 0.030f;
    }
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    const struct noise *s = state;
    int w = sc->w, zoom = sc->unit >= 1.5f ? (int)(sc->unit + 0.5f) : 1, slip = s->slip[y];
    struct heat k = { .amount = p[AMOUNT], .grain = p[GRAIN], .shade = p[SHADE],
                      .cx = (float)w / 2, .dy = (float)(y - sc->h / 2),
                      .away = 1.25f / (float)sc->h };

    if (sc->who.face.w > 0) {
        k.cx = sc->who.face.x + sc->who.face.w / 2;
        k.dy = (float)y - (sc->who.face.y + sc->who.face.h / 2);
    }
    k.dy *= k.away;
    slip_row(rgb[0], w, slip + slip / 6, tmp);      /* red goes further than the rest */
    slip_row(rgb[1], w, slip, tmp);
    slip_row(rgb[2], w, slip - slip / 9, tmp);
    for (int i = 0; i < SCALES; i++)
        noise_row(s, i, zoom, y, w, tmp + i * w);
    burn_row(&k, rgb[0], rgb[1], rgb[2], tmp, w);
}

const struct nn_effect_type fx_rednoise = {
    .name = "rednoise",
    .brief = "red static eats the shadows while the picture tears sideways",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.6f, "how angry" },
        { "grain", 0, 1, 0.6f, "strength of the finest noise" },
        { "tear", 0, 1, 0.5f, "how often and how far rows slip" },
        { "shade", 0, 1, 0.8f, "how much green and blue the red eats" },
    },
    .state_size = state_size,
    .init = init,
    .advance = advance,
    .row = row,
};
