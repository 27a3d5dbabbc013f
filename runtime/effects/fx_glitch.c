/*
 * fx_glitch.c - a signal that breaks: colours part, blocks jump, a tear rolls.
 *
 * Red and blue part sideways, further from the centre more, like a cheap lens.
 * Blocks on a grid are fetched from elsewhere for a tenth of a second at a time.
 * A torn band rolls down the frame. All of it swells and ebbs with a slow noise,
 * so that it comes in fits; nothing changes the brightness of the whole frame.
 */
#include <math.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/effects/effect.h"

enum { AMOUNT, SPLIT, BLOCKS, TEAR, PACE };
enum { MOST = 28 };

struct block {
    int x, y, w, h;         /* pixels, clipped to the frame */
    int dx, dy;             /* from where, and by how much red and blue differ */
    int part;
};

struct glitch {
    struct block block[MOST];
    int count;
    float fit;              /* 0..1, the slow swelling */
    float tear_y;           /* frame heights, may be outside */
};

struct pass {
    const struct glitch *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *to, *from;
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

static int clampi(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Mostly flat, wide blocks on a grid of 8 units, thrown anew in every cell of time. */
static void throw_blocks(struct glitch *s, const struct nn_scene *sc, const float *p, int64_t cell)
{
    int grid = clampi((int)(8 * sc->unit), 1, 64), most;
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
        b.w = clampi((2 + (int)(wide * wide * 34)) * grid, 1, sc->w - b.x);
        b.h = clampi((1 + (int)(tall * tall * tall * 9)) * grid, 1, sc->h - b.y);
        b.dx = (int)(far * 20) * grid;
        b.dy = up > 0.6f ? (int)(up * 4) * grid : 0;
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
static float torn(const struct pass *k, int y)
{
    float d = ((float)y / (float)k->sc->h - k->s->tear_y) / 0.11f;
    float far = k->p[TEAR] * k->p[AMOUNT] * k->s->fit * 70 * k->sc->unit;

    if (d <= 0 || d >= 1)
        return 0;
    return far * d * (1 - d) * (1 - d) * 6 * (0.75f + 0.5f * dice(k->sc->seed, y / 3 * 977 + 5));
}

/* Samples a row at x * scale + shift, between pixels, borders repeated. */
NN_WIDE static void stretch(const float *in, float *out, int w, float scale, float shift)
{
    if (scale == 1 && shift == 0) {
        memcpy(out, in, (size_t)w * sizeof *out);
        return;
    }
    for (int x = 0; x < w; x++) {
        float at = (float)x * scale + shift, cut;
        at = at < 0 ? 0 : at > (float)(w - 1) ? (float)(w - 1) : at;
        int i = (int)at, j = i + 1 < w ? i + 1 : i;
        cut = at - (float)i;
        out[x] = in[i] + cut * (in[j] - in[i]);
    }
}

static void draw_row(void *arg, int y)
{
    struct pass *k = arg;
    const struct glitch *s = k->s;
    int w = k->to->w, h = k->to->h;
    size_t at = (size_t)y * (size_t)w;
    float a = k->p[AMOUNT], drag = torn(k, y), part = a * k->p[SPLIT] * (0.35f + 0.65f * s->fit);
    float px = part * 9 * k->sc->unit + 0.25f * drag, lens = 0.010f * part;
    float cx = k->sc->who.presence > 0 ? k->sc->who.face.x + k->sc->who.face.w / 2 : (float)w / 2;

    for (int i = 0; i < 3; i++) {
        float side = (float)(i - 1);        /* red one way, blue the other, green stays */
        stretch(k->from->plane[i] + at, k->to->plane[i] + at, w, 1 + lens * side,
                px * side - drag - cx * lens * side);
    }
    for (int n = 0; n < s->count; n++) {
        const struct block *b = &s->block[n];
        int sy = clampi(y + b->dy, 0, h - 1);
        if (y < b->y || y >= b->y + b->h)
            continue;
        for (int i = 0; i < 3; i++) {
            const float *in = k->from->plane[i] + (size_t)sy * (size_t)w;
            float *out = k->to->plane[i] + at;
            int dx = b->dx + (i - 1) * b->part;
            for (int x = b->x; x < b->x + b->w; x++)
                out[x] = in[clampi(x + dx, 0, w - 1)];
        }
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { state, sc, p, spare, f };
    struct nn_frame before = *f;

    nn_pool_run(sc->pool, f->h, draw_row, &k);
    *f = *spare;
    *spare = before;
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
    .render = render,
};
