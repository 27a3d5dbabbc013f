#include "runtime/effects/limit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

enum {
    ACROSS = 32, DOWN = 18,             /* cells; fewer where there are fewer pixels */
    CELLS = ACROSS * DOWN,
    SIDE = 8,                           /* samples of a cell, each way */
    MOST = 7,                           /* changes in a second: three flashes and the next's half */
    RING = 128,                         /* changes of which the times are known */
    ONE = 256                           /* the whole way from the last picture to the new one */
};

static const double TOGETHER = 0.1;     /* seconds within which changes belong together */
static const double SLOW = 0.35;        /* time constant of a held cell, seconds */
static const double LET_GO = 0.5;       /* seconds in which the hold fades when all is calm */

enum { GENERAL, RED, KINDS };
static const float STEP[KINDS] = { 0.1f, 20 };

/* What a cell looks like. */
struct look {
    float value[KINDS];                 /* relative luminance; (R - G - B) * 320 */
    int saturated;                      /* a red */
};

/* How one cell came to look so. */
struct cell {
    float turn[KINDS];                  /* the furthest value since the last change */
    int way[KINDS];                     /* of the last change: 1 up, -1 down, 0 none yet */
    int saturated[KINDS];               /* at that furthest value */
    double when[KINDS];                 /* of the last change that was not counted yet */
};

/* Counts changes of the whole picture. */
struct meter {
    struct cell cell[CELLS];
    double at[KINDS][RING];             /* of the last changes */
    int64_t changes[KINDS];
    int most[KINDS], way[KINDS];        /* changes within a second; direction of the last */
    double sum;
};

struct nn_limit {
    struct nn_arena arena;
    struct nn_pool *pool;
    int w, h, across, down;
    int64_t frames, held;
    double t;
    float light[256];                   /* sRGB decoded */
    struct meter before, after, trial;
    struct look in[CELLS], out[CELLS];
    float restless[CELLS];              /* changes of the cell that came in, of late */
    float hold;                         /* 1: cells that flash are held; fades to 0 */
    int share[CELLS], soft[CELLS];      /* of ONE: how far each cell moves; and as applied */
    int kept;                           /* `last` is the last picture shown */
    uint8_t *last;
    struct spot { int a, b, part; } *spot;      /* of each column: see place() */
    const struct nn_image *img;         /* the one at work */
    int blend;                          /* whether looks are taken of the blend of the two */
};

/* Pixel i of n lies `part` 64ths of the way from the centre of cell a to that of b. */
static struct spot place(int i, int n, int cells)
{
    int64_t at = (int64_t)(2 * i + 1) * cells * 32 / n - 32;
    int a, last = cells - 1;

    at = at < 0 ? 0 : at > 64 * last ? 64 * last : at;
    a = (int)(at / 64);
    return (struct spot){ a, a < last ? a + 1 : a, (int)(at % 64) };
}

struct nn_limit *nn_limit_new(int w, int h, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_limit *l = calloc(1, sizeof *l);

    if (l) {
        l->last = nn_arena_array(&l->arena, (size_t)w * (size_t)h, 3);
        l->spot = nn_arena_array(&l->arena, (size_t)w, sizeof *l->spot);
    }
    if (!l || !l->last || !l->spot) {
        nn_limit_free(l);
        nn_fail_mem(err, "flash limiter");
        return NULL;
    }
    l->pool = pool;
    l->w = w;
    l->h = h;
    l->across = w < ACROSS ? w : ACROSS;
    l->down = h < DOWN ? h : DOWN;
    for (int x = 0; x < w; x++)
        l->spot[x] = place(x, w, l->across);
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        l->light[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return l;
}

void nn_limit_free(struct nn_limit *l)
{
    if (!l)
        return;
    nn_arena_release(&l->arena);
    free(l);
}

static int between(int a, int b, int part)
{
    return a + (b - a) * part / 64;
}

/* The soft shares of all columns of cells for row y. */
static void shares_of_row(const struct nn_limit *l, int y, int out[ACROSS])
{
    struct spot at = place(y, l->h, l->down);

    for (int i = 0; i < l->across; i++)
        out[i] = between(l->soft[at.a * l->across + i], l->soft[at.b * l->across + i], at.part);
}

static int share_at(const struct nn_limit *l, const int row[ACROSS], int x)
{
    const struct spot *at = &l->spot[x];

    return between(row[at->a], row[at->b], at->part);
}

/* In squares, which are close to light, so that a strobe becomes as bright as its mean. */
static uint8_t mix(uint8_t from, uint8_t to, int share)
{
    int square = from * from * (ONE - share) + to * to * share;

    return (uint8_t)(sqrtf((float)square * (1.0f / ONE)) + 0.5f);
}

static void look_at_row(void *arg, int cy)
{
    struct nn_limit *l = arg;
    int y0 = cy * l->h / l->down, tall = (cy + 1) * l->h / l->down - y0;
    float sum[ACROSS][3] = { { 0 } };

    for (int j = 0; j < SIDE; j++) {
        int y = y0 + (2 * j + 1) * tall / (2 * SIDE), row[ACROSS];
        if (l->blend)
            shares_of_row(l, y, row);
        for (int cx = 0; cx < l->across; cx++) {
            int x0 = cx * l->w / l->across, wide = (cx + 1) * l->w / l->across - x0;
            for (int i = 0; i < SIDE; i++) {
                int x = x0 + (2 * i + 1) * wide / (2 * SIDE);
                size_t at = ((size_t)y * (size_t)l->w + (size_t)x) * 3;
                const uint8_t *p = l->img->px + at, *q = l->last + at;
                int share = l->blend ? share_at(l, row, x) : ONE;
                for (int k = 0; k < 3; k++)
                    sum[cx][k] += l->light[share == ONE ? p[k] : mix(q[k], p[k], share)];
            }
        }
    }
    for (int cx = 0; cx < l->across; cx++) {
        struct look *look = &l->out[cy * l->across + cx];
        float r = sum[cx][0] / (SIDE * SIDE), g = sum[cx][1] / (SIDE * SIDE);
        float b = sum[cx][2] / (SIDE * SIDE), red = (r - g - b) * 320;
        look->value[GENERAL] = 0.2126f * r + 0.7152f * g + 0.0722f * b;
        look->value[RED] = red > 0 ? red : 0;
        look->saturated = r > 0 && r >= 0.8f * (r + g + b);
    }
}

static int in_last_second(const struct meter *m, int kind, double t)
{
    int n = 0;
    int64_t known = m->changes[kind] < RING ? m->changes[kind] : RING;

    for (int i = 0; i < known; i++)
        n += m->at[kind][i] > t - 1 + 1e-6;
    return n;
}

/* Whether the cell just went through a change, and which way. Values that go on the same way as
 * the last change only move the turning point. */
static int follow(struct cell *c, const struct look *v, int kind, double t)
{
    float now = v->value[kind], d = now - c->turn[kind];
    int way = d > 0 ? 1 : -1, counts;

    counts = kind == GENERAL ? (d > 0 ? c->turn[kind] : now) < 0.80f
                             : v->saturated || c->saturated[kind];
    if ((c->way[kind] ? way != c->way[kind] : 1) && fabsf(d) >= STEP[kind] && counts) {
        c->way[kind] = way;
        c->when[kind] = t;
    } else if (way != c->way[kind]) {
        return 0;
    } else {
        way = 0;
    }
    c->turn[kind] = now;
    c->saturated[kind] = v->saturated;
    return way;
}

/* A frame of looks: which cells change, and whether enough do so together to be a change of the
 * picture. At most one of each kind a frame: a chessboard that swaps is one. */
static void feed(struct nn_limit *l, struct meter *m, const struct look *look, double t,
                 float *restless)
{
    int cells = l->across * l->down;

    for (int kind = 0; kind < KINDS; kind++) {
        int n[2] = { 0 }, way;
        for (int i = 0; i < cells; i++) {
            struct cell *c = &m->cell[i];
            if (l->frames == 0) {
                c->turn[kind] = look[i].value[kind];
                c->saturated[kind] = look[i].saturated;
                c->when[kind] = -1;
            } else if (follow(c, &look[i], kind, t) && restless) {
                restless[i] += 1;
            }
            if (c->when[kind] >= 0 && c->when[kind] > t - TOGETHER)
                n[c->way[kind] > 0]++;
        }
        way = m->way[kind] > 0 ? -1 : m->way[kind] < 0 ? 1 : n[1] >= n[0] ? 1 : -1;
        if (4 * n[way > 0] < cells)
            continue;
        m->way[kind] = way;
        m->at[kind][m->changes[kind]++ % RING] = t;
        way = 4 * n[way < 0] >= cells ? 0 : way;        /* 0: those the other way went along */
        for (int i = 0; i < cells; i++)
            if (!way || m->cell[i].way[kind] == way)
                m->cell[i].when[kind] = -1;
        n[0] = in_last_second(m, kind, t);
        m->most[kind] = n[0] > m->most[kind] ? n[0] : m->most[kind];
    }
}

static int too_many(const struct meter *m, double t)
{
    return in_last_second(m, GENERAL, t) > MOST || in_last_second(m, RED, t) > MOST;
}

static void look_at(struct nn_limit *l, const struct nn_image *img, int blend)
{
    l->img = img;
    l->blend = blend;
    nn_pool_run(l->pool, l->down, look_at_row, l);
}

/* Lets cells that flash move `share` of the way; the least of the neighbours, so that no pixel
 * between cells moves further than its own cell may. */
static void lay_out(struct nn_limit *l, float share, int all)
{
    int w = l->across, h = l->down;

    for (int i = 0; i < w * h; i++) {
        float part = all ? 1 : l->restless[i] - 0.5f;
        part = part < 0 ? 0 : part > 1 ? 1 : part;
        l->share[i] = (int)((1 - part * (1 - share)) * ONE);
    }
    for (int i = 0; i < w * h; i++) {
        int x = i % w, y = i / w, least = ONE;
        for (int v = y ? y - 1 : 0; v <= y + 1 && v < h; v++)
            for (int u = x ? x - 1 : 0; u <= x + 1 && u < w; u++)
                least = l->share[v * w + u] < least ? l->share[v * w + u] : least;
        l->soft[i] = least;
    }
}

/* One row of the picture moves its shares of the way. */
static void move_row(void *arg, int y)
{
    struct nn_limit *l = arg;
    size_t at = (size_t)y * (size_t)l->w * 3;
    uint8_t *p = l->img->px + at, *q = l->last + at;
    int row[ACROSS];

    shares_of_row(l, y, row);
    for (int x = 0; x < l->w; x++, p += 3, q += 3) {
        int share = share_at(l, row, x);
        for (int k = 0; k < 3; k++)
            p[k] = mix(q[k], p[k], share);
    }
}

/* Finds how far the frame may move without one change too many, and moves it. */
static void restrain(struct nn_limit *l, struct nn_image *img, double t, double dt)
{
    float share = 1 - l->hold * (float)exp(-dt / SLOW);

    for (int attempt = 0; attempt < 4; attempt++) {
        lay_out(l, share, attempt == 3);    /* at the last nothing moves, so nothing changes */
        look_at(l, img, 1);
        l->trial = l->after;
        feed(l, &l->trial, l->out, t, NULL);
        if (!too_many(&l->trial, t))
            break;
        share = attempt == 2 ? 0 : share * 0.3f;
    }
    l->after = l->trial;
    nn_pool_run(l->pool, l->h, move_row, l);
    l->held++;
}

static double mean_light(const struct look *look, int cells)
{
    double sum = 0;

    for (int i = 0; i < cells; i++)
        sum += (double)look[i].value[GENERAL];
    return sum / cells;
}

void nn_limit_run(struct nn_limit *l, struct nn_image *img, double t, int hold)
{
    double dt = l->frames ? t - l->t : 0;
    int cells = l->across * l->down;
    float calm = (float)exp(-dt);

    look_at(l, img, 0);
    memcpy(l->in, l->out, sizeof l->in);
    for (int i = 0; i < cells; i++)
        l->restless[i] *= calm;
    feed(l, &l->before, l->in, t, l->restless);
    l->before.sum += mean_light(l->in, cells);
    if (l->hold > 0 && !too_many(&l->before, t))
        l->hold = l->hold > (float)(dt / LET_GO) ? l->hold - (float)(dt / LET_GO) : 0;
    l->trial = l->after;
    feed(l, &l->trial, l->in, t, NULL);
    if (hold && l->kept && (l->hold > 0 || too_many(&l->trial, t))) {
        l->hold = too_many(&l->trial, t) ? 1 : l->hold;
        restrain(l, img, t, dt);
    } else {
        l->after = l->trial;
    }
    l->after.sum += mean_light(l->out, cells);
    /* Only a picture close to one change too many can be needed: calm films are never copied. */
    l->kept = hold && (l->hold > 0 || in_last_second(&l->after, GENERAL, t) >= MOST - 1 ||
                       in_last_second(&l->after, RED, t) >= MOST - 1);
    if (l->kept)
        memcpy(l->last, img->px, nn_image_size(img));
    l->t = t;
    l->frames++;
}

static struct nn_flashes flashes(const struct nn_limit *l, const struct meter *m)
{
    return (struct nn_flashes){ m->changes[GENERAL] / 2, m->changes[RED] / 2,
                                m->most[GENERAL] / 2, m->most[RED] / 2,
                                l->frames ? m->sum / (double)l->frames : 0 };
}

struct nn_limit_report nn_limit_report(const struct nn_limit *l)
{
    return (struct nn_limit_report){ l->frames, l->held, flashes(l, &l->before),
                                     flashes(l, &l->after) };
}
