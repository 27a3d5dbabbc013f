/*
 * fx_glitch.c - a signal that breaks: colours part, blocks jump, a tear rolls.
 *
 * Red and blue part sideways, further from the centre more, like a cheap lens.
 * Blocks on a grid jump sideways, some of them slanting, for a tenth of a second at a time.
 * A torn band rolls down the frame. All of it swells and ebbs with a slow noise,
 * so that it comes in fits; nothing changes the brightness of the whole frame.
 */
#include <math.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/effects/field.h"

enum { AMOUNT, SPLIT, BLOCKS, TEAR, PACE };
enum { MOST = 28 };

struct block {
    int x, y, w, h;         /* pixels, clipped to the frame */
    int dx, part;           /* from where, and by how much red and blue differ */
    float slant;            /* and farther at each row */
};

struct glitch {
    struct block block[MOST];
    int count;
    float fit;              /* 0..1, the slow swelling */
    float tear_y;           /* frame heights, may be outside */
};

static size_t state_size(int w, int h)
{
    (void)w;
    (void)h;
    return sizeof(struct glitch);
}

static float dice(uint64_t seed, int64_t cell)
{
    struct nn_rng r;

    nn_rng_seed(&r, seed, (uint64_t)cell);
    return nn_rng_float(&r);
}

/* Smooth noise of time: dice at whole numbers, a soft way between. */
static float drift(uint64_t seed, double t)
{
    double cell = floor(t);
    float a = dice(seed, (int64_t)cell), b = dice(seed, (int64_t)cell + 1);

    return a + (b - a) * nn_smooth(0, 1, (float)(t - cell));
}

/* Mostly flat, wide blocks on a grid of 8 units, thrown anew in every cell of time. */
static void throw_blocks(struct glitch *s, const struct nn_scene *sc, const float *p, int64_t cell)
{
    int grid = nn_clampi((int)(8 * sc->unit), 1, 64), most;
    struct nn_rng r;

    nn_rng_seed(&r, sc->seed, (uint64_t)cell * 7 + 3);
    most = (int)(MOST * p[BLOCKS] * p[AMOUNT] * s->fit + nn_rng_float(&r));
    s->count = 0;
    for (int i = 0; i < MOST; i++) {
        float u = nn_rng_float(&r), v = nn_rng_float(&r), wide = nn_rng_float(&r);
        float tall = nn_rng_float(&r), far = nn_rng_range(&r, -1, 1), up = nn_rng_range(&r, -1, 1);
        struct block b;
        if (i >= most)
            continue;
        b.x = (int)(u * (float)sc->w) / grid * grid;
        b.y = (int)(v * (float)sc->h) / grid * grid;
        b.w = nn_clampi((2 + (int)(wide * wide * 34)) * grid, 1, sc->w - b.x);
        b.h = nn_clampi((1 + (int)(tall * tall * tall * 9)) * grid, 1, sc->h - b.y);
        b.dx = (int)(far * 20) * grid;
        b.slant = up > 0.6f ? 4 * up - 3.2f : 0;
        b.part = (int)((2 + 5 * tall) * sc->unit);
        s->block[s->count++] = b;
    }
}

static void advance(void *state, const struct nn_scene *sc, const float *p)
{
    struct glitch *s = state;
    float swell = drift(sc->seed ^ 0x51, sc->t * 1.7);

    s->fit = 0.55f + 0.45f * nn_smooth(0.30f, 0.65f, swell);
    s->tear_y = (float)fmod(sc->t * 0.37 + 0.3 * (double)drift(sc->seed ^ 0xa7, sc->t * 0.8), 1.0) *
                1.5f - 0.25f;
    throw_blocks(s, sc, p, (int64_t)floor(sc->t * (double)p[PACE]));
}

/* How far the rolling tear drags row y, pixels. */
static float torn(const struct glitch *s, const struct nn_scene *sc, const float *p, int y)
{
    float d = ((float)y / (float)sc->h - s->tear_y) / 0.11f;
    float far = p[TEAR] * p[AMOUNT] * s->fit * 70 * sc->unit;

    if (d <= 0 || d >= 1)
        return 0;
    return far * d * (1 - d) * (1 - d) * 6 * (0.75f + 0.5f * dice(sc->seed, y / 3 * 977 + 5));
}

/* Samples a row at x * scale + shift, between pixels, borders repeated. As scale is about 1, long
 * runs of pixels come from equally far away, and go by vectors. */
NN_WIDE static void stretch(const float *restrict in, float *restrict out, int w, float scale,
                            float shift)
{
    float slope = scale - 1, each = slope != 0 ? 1 / slope : 0;

    for (int x = 0; x < w;) {
        float by = slope * (float)x + shift;
        int k = (int)floorf(by), end = w, a, b;
        if (slope != 0)             /* where `by` reaches the next whole number, or falls below */
            end = (int)nn_clampf(((float)(slope > 0 ? k + 1 : k) - shift) * each + 1,
                                 (float)(x + 1), (float)w);
        a = nn_clampi(-k, x, end);
        b = nn_clampi(w - 1 - k, a, end);
        for (; x < a; x++)
            out[x] = in[0];
        for (; x < b; x++)
            out[x] = in[x + k] +
                     (slope * (float)x + shift - (float)k) * (in[x + k + 1] - in[x + k]);
        for (; x < end; x++)
            out[x] = in[w - 1];
    }
}

/* Columns [x, end) of a row from `by` farther right, borders repeated. */
static void jump(const float *in, float *out, int w, int x, int end, int by)
{
    int a = nn_clampi(-by, x, end), b = nn_clampi(w - by, a, end);

    for (; x < a; x++)
        out[x] = in[0];
    memcpy(out + a, in + a + by * (b > a), (size_t)(b - a) * sizeof *out);
    for (x = b; x < end; x++)
        out[x] = in[w - 1];
}

static void row(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp)
{
    const struct glitch *s = state;
    int w = sc->w;
    float drag = torn(s, sc, p, y), part = p[AMOUNT] * p[SPLIT] * (0.35f + 0.65f * s->fit);
    float px = part * 9 * sc->unit + 0.25f * drag, lens = 0.010f * part;
    float cx = sc->who.presence > 0 ? sc->who.face.x + sc->who.face.w / 2 : (float)w / 2;

    for (int i = 0; i < 3; i++) {
        float side = (float)(i - 1), *in = tmp + i * w;     /* red one way, blue the other */
        memcpy(in, rgb[i], (size_t)w * sizeof *in);
        stretch(in, rgb[i], w, 1 + lens * side, px * side - drag - cx * lens * side);
    }
    for (int n = 0; n < s->count; n++) {
        const struct block *b = &s->block[n];
        int dx = b->dx + (int)(b->slant * (float)(y - b->y));
        if (y < b->y || y >= b->y + b->h)
            continue;
        for (int i = 0; i < 3; i++)
            jump(tmp + i * w, rgb[i], w, b->x, b->x + b->w, dx + (i - 1) * b->part);
    }
}

const struct nn_effect_type fx_glitch = {
    .name = "glitch",
    .brief = "colours part, blocks jump and a tear rolls through, in fits",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.6f, "how broken the signal is" },
        { "split", 0, 1, 0.6f, "how far red and blue part" },
        { "blocks", 0, 1, 0.5f, "how many blocks jump" },
        { "tear", 0, 1, 0.5f, "how far the rolling tear drags" },
        { "pace", 1, 12, 7, "times a second that blocks are thrown anew" },
    },
    .state_size = state_size,
    .advance = advance,
    .row = row,
};
