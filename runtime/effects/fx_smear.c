/*
 * fx_smear.c - datamosh: the present moves, and drags the past along.
 *
 * What a video decoder does when its key frames are lost. The motion between two frames is
 * estimated block by block (three-step search: Koga et al., "Motion-compensated interframe
 * coding for video conferencing", 1981) on a small grey picture, with still blocks preferred.
 * Those motions are then applied to the picture of before, which so is torn along by faces
 * that it does not hold; at a cut the old shot is moved by the new one. Block after block
 * is at last renewed from the present, at random, softly.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/field.h"

enum { AMOUNT, MEMORY, DRAG };
enum { BLOCK = 4, MARGIN = 2, REACH = 7 };      /* pixels of the small picture */

struct block {
    int8_t dx, dy;          /* where it was in the frame before, small pixels */
    float renew;            /* 0..1: how much of the present it takes in this frame */
};

struct smear {
    int q, w, h;            /* frame pixels to one of the small picture; its size */
    int bw, bh;             /* blocks */
    int turn;               /* which of the two is the newest */
    int64_t frame;          /* the last one seen */
    float *grey[2], *old[2][3];
    struct block *block;
};

struct pass {
    struct smear *s;
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    int fresh;
    float blend, chance;
};

static void sizes(struct smear *s, int w, int h)
{
    s->q = nn_clampi((h + 90) / 180, 1, 64);
    s->w = (w + s->q - 1) / s->q;
    s->h = (h + s->q - 1) / s->q;
    s->bw = (s->w + BLOCK - 1) / BLOCK;
    s->bh = (s->h + BLOCK - 1) / BLOCK;
}

static size_t state_size(int w, int h)
{
    struct smear s;

    sizes(&s, w, h);
    return sizeof s + (size_t)s.bw * (size_t)s.bh * sizeof(struct block) +
           (2 * (size_t)s.w * (size_t)s.h + 6 * (size_t)w * (size_t)h) * sizeof(float);
}

static void init(void *state, const struct nn_scene *sc)
{
    struct smear *s = state;
    size_t all = (size_t)sc->w * (size_t)sc->h;
    float *at;

    sizes(s, sc->w, sc->h);
    s->block = (struct block *)(s + 1);
    at = (float *)(void *)(s->block + (size_t)s->bw * (size_t)s->bh);
    for (int n = 0; n < 2; n++) {
        s->grey[n] = at;
        at += (size_t)s->w * (size_t)s->h;
        for (int i = 0; i < 3; i++, at += all)
            s->old[n][i] = at;
    }
    s->frame = -2;
}

/* A row of the small picture: means over two lines are enough to find motion by. */
static void grey_row(void *arg, int y)
{
    struct pass *k = arg;
    struct smear *s = k->s;
    float *out = s->grey[s->turn] + (size_t)y * (size_t)s->w;
    int y0 = nn_clampi(y * s->q, 0, k->f->h - 1), y1 = nn_clampi(y0 + s->q / 2, 0, k->f->h - 1);
    const float *r = k->f->plane[0] + (size_t)y0 * (size_t)k->f->w;
    const float *g = k->f->plane[1] + (size_t)y1 * (size_t)k->f->w;

    for (int x = 0; x < s->w; x++) {
        int x0 = x * s->q, x1 = x0 + s->q < k->f->w ? x0 + s->q : k->f->w;
        float sum = 0;
        for (int i = x0; i < x1; i++)
            sum += r[i] + g[i];
        out[x] = sqrtf(nn_maxf(sum, 0) / (float)(2 * (x1 - x0)));
    }
}

/* How badly block (bx, by) with its surroundings fits the frame before, moved by (dx, dy). */
static float misfit(const struct smear *s, int bx, int by, int dx, int dy)
{
    const float *now = s->grey[s->turn], *before = s->grey[!s->turn];
    int x0 = bx * BLOCK - MARGIN, y0 = by * BLOCK - MARGIN, side = BLOCK + 2 * MARGIN;
    float sum = 0;

    if (x0 < 0 || y0 < 0 || x0 + side > s->w || y0 + side > s->h || x0 + dx < 0 || y0 + dy < 0 ||
        x0 + dx + side > s->w || y0 + dy + side > s->h)
        return 1e9f;
    for (int y = 0; y < side; y++) {
        const float *a = now + (size_t)(y0 + y) * (size_t)s->w + x0;
        const float *b = before + (size_t)(y0 + dy + y) * (size_t)s->w + x0 + dx;
        for (int x = 0; x < BLOCK + 2 * MARGIN; x++)
            sum += fabsf(a[x] - b[x]);
    }
    return sum + 0.04f * (float)(abs(dx) + abs(dy));
}

static void motion_row(void *arg, int by)
{
    struct pass *k = arg;
    struct smear *s = k->s;

    for (int bx = 0; bx < s->bw; bx++) {
        struct block *b = &s->block[by * s->bw + bx];
        int x = 0, y = 0;
        float best = misfit(s, bx, by, 0, 0) - 0.25f;
        for (int step = 4; step > 0 && best > 0; step /= 2) {
            int cx = x, cy = y;
            for (int n = 0; n < 9; n++) {
                int dx = cx + (n % 3 - 1) * step, dy = cy + (n / 3 - 1) * step;
                float d = n == 4 ? 1e9f : misfit(s, bx, by, dx, dy);
                if (d < best) {
                    best = d;
                    x = dx;
                    y = dy;
                }
            }
        }
        b->dx = (int8_t)nn_clampi(x, -REACH, REACH);
        b->dy = (int8_t)nn_clampi(y, -REACH, REACH);
        if (nn_dice2(bx, by, (uint32_t)k->sc->seed + (uint32_t)k->sc->frame * 977u) < k->chance)
            b->renew = 1;
    }
}

/* Moves a row of blocks of the past, and shows it. */
static void draw_row(void *arg, int by)
{
    struct pass *k = arg;
    struct smear *s = k->s;
    int w = k->f->w, h = k->f->h, side = BLOCK * s->q, y1 = nn_clampi((by + 1) * side, 0, h);

    for (int bx = 0; bx < s->bw; bx++) {
        struct block *b = &s->block[by * s->bw + bx];
        int dx = (int)((float)(b->dx * s->q) * k->p[DRAG]), x1 = nn_clampi((bx + 1) * side, 0, w);
        int dy = (int)((float)(b->dy * s->q) * k->p[DRAG]);
        float take = k->fresh ? 1 : nn_minf(b->renew, 1) * 0.22f;
        for (int i = 0; i < 3; i++)
            for (int y = by * side; y < y1; y++) {
                float *now = k->f->plane[i] + (size_t)y * (size_t)w;
                float *out = s->old[s->turn][i] + (size_t)y * (size_t)w;
                const float *in = s->old[!s->turn][i] +
                                  (size_t)nn_clampi(y + dy, 0, h - 1) * (size_t)w;
                int inside = bx * side + dx >= 0 && x1 + dx <= w;
                for (int x = bx * side; x < x1 && inside; x++)
                    out[x] = in[x + dx] + take * (now[x] - in[x + dx]);
                for (int x = bx * side; x < x1 && !inside; x++) {
                    float v = in[nn_clampi(x + dx, 0, w - 1)];
                    out[x] = v + take * (now[x] - v);
                }
                for (int x = bx * side; x < x1; x++)
                    now[x] += k->blend * (out[x] - now[x]);
            }
        b->renew = k->fresh ? 0 : nn_maxf(b->renew - 3 * (float)k->sc->dt, 0);
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct smear *s = state;
    struct pass k = { .s = s, .sc = sc, .p = p, .f = f, .fresh = s->frame != sc->frame - 1,
                      .blend = nn_smooth(0, 0.3f, p[AMOUNT]) };

    (void)spare;
    k.chance = (float)sc->dt / (p[MEMORY] * (0.15f + 0.85f * p[AMOUNT]));
    s->frame = sc->frame;
    s->turn = !s->turn;
    nn_pool_run(sc->pool, s->h, grey_row, &k);
    if (!k.fresh)
        nn_pool_run(sc->pool, s->bh, motion_row, &k);
    nn_pool_run(sc->pool, s->bh, draw_row, &k);
}

const struct nn_effect_type fx_smear = {
    .name = "smear",
    .brief = "datamosh: what moves drags the picture of before along, cuts melt into each other",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of the past is kept" },
        { "memory", 0.1f, 20, 2.5f, "seconds until a block is renewed, about" },
        { "drag", 0, 2, 1, "how far motion carries it; 1 as far as it moved" },
    },
    .state_size = state_size,
    .init = init,
    .render = render,
};
