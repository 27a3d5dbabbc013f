#include "runtime/gan/dream.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/pool.h"
#include "runtime/gan/enlarge.h"
#include "runtime/mailbox.h"

enum { KEPT = 128, OLDEST = 100 };      /* latents, ticks: what a replay must still have */
enum { NONE = 1, FIRST = 2 };           /* of `shown`: no picture; tick 0's */
static const double NAP = 0.05;         /* seconds */

struct latent {
    int64_t tick;
    float *zc;
};

struct picture {
    int64_t tick;               /* -1: none yet */
    float *rgb;
};

struct nn_dream {
    struct nn_arena arena;
    struct nn_generator *g;
    struct nn_walk walk;
    struct nn_enlarge big;
    struct nn_pool *pool;
    struct latent kept[KEPT];
    int64_t tick;               /* the last one kept; -1: none */
    double told_moved;          /* by the walk, at the tick before */
    struct nn_dream_told told;
    struct picture a, b;        /* what is shown crosses from a to b */
    double from, span;          /* seconds: when it began to, and how long it takes */
    float *mixed;
    /* live: latents go, pictures come */
    pthread_t thread;
    int live;
    struct latent ask[3];
    struct picture answer[3];
    struct nn_mailbox asks, answers;
    const struct picture *newest;
};

static float *floats(struct nn_dream *d, size_t n)
{
    return nn_arena_array(&d->arena, n, sizeof(float));
}

static int make(struct nn_dream *d, struct nn_err *err)
{
    size_t all = (size_t)d->g->latent + (size_t)d->g->conditions;
    size_t n = 3 * (size_t)d->g->size * (size_t)d->g->size;

    d->tick = d->a.tick = d->b.tick = -1;
    d->a.rgb = floats(d, n);
    d->b.rgb = floats(d, n);
    d->mixed = floats(d, n);
    if (!d->a.rgb || !d->b.rgb || !d->mixed)
        return nn_fail_mem(err, "a dream");
    for (int i = 0; i < KEPT; i++) {
        d->kept[i].tick = -1;
        if (!(d->kept[i].zc = floats(d, all)))
            return nn_fail_mem(err, "a dream");
    }
    return 0;
}

struct nn_dream *nn_dream_open(const char *file, int w, int h, uint64_t seed, struct nn_pool *pool,
                               struct nn_err *err)
{
    struct nn_dream *d = calloc(1, sizeof *d);

    if (!d) {
        nn_fail_mem(err, "a dream");
        return NULL;
    }
    d->pool = pool;
    if ((d->g = nn_generator_open(file, NULL, err)) && !make(d, err) &&
        !nn_walk_init(&d->walk, d->g, seed, 0, &d->arena, err) &&
        !nn_enlarge_init(&d->big, d->g->size, w, h, &d->arena, err))
        return d;
    nn_dream_close(d);
    return NULL;
}

void nn_dream_close(struct nn_dream *d)
{
    if (!d)
        return;
    if (d->live) {
        nn_mailbox_close(&d->asks);
        pthread_join(d->thread, NULL);
    }
    nn_generator_free(d->g);
    nn_arena_release(&d->arena);
    free(d);
}

/* The thread: the newest latent's picture, as soon as it can be. */
static void *work(void *arg)
{
    struct nn_dream *d = arg;
    const struct latent *ask;

    for (;;) {
        struct picture *to = nn_mailbox_back(&d->answers);
        struct nn_err err = { 0 };
        if (nn_mailbox_closed(&d->asks))
            return NULL;
        if (!(ask = nn_mailbox_take(&d->asks, NAP)))
            continue;
        to->tick = ask->tick;
        if (nn_generator_run(d->g, ask->zc, to->rgb, &err)) {
            nn_warn("%s; the dream stands still", err.msg);
            return NULL;
        }
        nn_mailbox_post(&d->answers);
    }
}

int nn_dream_live(struct nn_dream *d, struct nn_err *err)
{
    size_t all = (size_t)d->g->latent + (size_t)d->g->conditions;

    for (int i = 0; i < 3; i++)
        if (!(d->ask[i].zc = floats(d, all)) ||
            !(d->answer[i].rgb = floats(d, 3 * (size_t)d->g->size * (size_t)d->g->size)))
            return nn_fail_mem(err, "a dream");
    nn_mailbox_init(&d->asks, &d->ask[0], &d->ask[1], &d->ask[2]);
    nn_mailbox_init(&d->answers, &d->answer[0], &d->answer[1], &d->answer[2]);
    if (pthread_create(&d->thread, NULL, work, d))
        return nn_fail(err, NN_EMEM, "no thread for a dream");
    d->live = 1;
    return 0;
}

float nn_dream_poll(struct nn_dream *d)
{
    const struct picture *p;

    if (!d->live)
        return 0;
    if ((p = nn_mailbox_take(&d->answers, 0)))
        d->newest = p;
    return d->newest && d->tick - d->newest->tick <= OLDEST ? (float)(d->newest->tick + FIRST)
                                                            : NONE;
}

/* Keeps the walk's latent at a new tick; the thread is asked for its picture. */
static void keep(struct nn_dream *d, int64_t tick, int wanted)
{
    size_t size = ((size_t)d->g->latent + (size_t)d->g->conditions) * sizeof(float);
    struct latent *to = &d->kept[tick % KEPT];
    double ticks = (double)(tick - d->tick);

    to->tick = tick;
    nn_walk_at(&d->walk, to->zc);
    d->told.pace = d->tick < 0 ? 0 : (float)((d->walk.moved - d->told_moved) / ticks *
                                             NN_DREAM_RATE);
    d->told.moved = (float)d->walk.moved;
    d->told.push = d->walk.push;
    d->told_moved = d->walk.moved;
    d->tick = tick;
    if (d->live && wanted) {
        struct latent *ask = nn_mailbox_back(&d->asks);
        ask->tick = tick;
        memcpy(ask->zc, to->zc, size);
        nn_mailbox_post(&d->asks);
    }
}

/* The picture of a tick: what the thread made, or made here and now. */
static void fetch(struct nn_dream *d, struct picture *p, int64_t tick)
{
    size_t n = 3 * (size_t)d->g->size * (size_t)d->g->size;
    const struct latent *from = &d->kept[tick % KEPT];

    p->tick = tick;
    if (d->live && d->newest && d->newest->tick == tick)
        memcpy(p->rgb, d->newest->rgb, n * sizeof *p->rgb);
    else if (d->live || from->tick != tick || nn_generator_run(d->g, from->zc, p->rgb, NULL))
        memset(p->rgb, 0, n * sizeof *p->rgb);  /* a log that lies; nothing of ours */
}

/* Begins to cross to the newest picture, once the last crossing is over. */
static void cross(struct nn_dream *d, double t, int64_t newest)
{
    const double tick = 1.0 / NN_DREAM_RATE;
    double over = d->from + d->span;

    if (d->b.tick < 0) {
        fetch(d, &d->b, newest);
        memcpy(d->a.rgb, d->b.rgb, 3 * (size_t)d->g->size * (size_t)d->g->size * sizeof(float));
        d->a.tick = newest;
        d->from = t;
        d->span = tick;
    } else if (newest > d->b.tick && t >= over - 1e-6) {
        struct picture last = d->a;
        d->a = d->b;
        d->b = last;
        fetch(d, &d->b, newest);
        d->from = t - over < tick ? over : t;   /* no drift, and no leap after a rest */
        d->span = fmin((double)(d->b.tick - d->a.tick) * tick, 1);
    }
}

static void widen_row(void *arg, int y)
{
    struct nn_dream *d = arg;

    nn_enlarge_take_row(&d->big, d->mixed, y);
}

void nn_dream_step(struct nn_dream *d, double t, double dt, const struct nn_gait *gait,
                   const struct nn_mood *mood, float shown, int wanted)
{
    size_t n = 3 * (size_t)d->g->size * (size_t)d->g->size;
    int64_t tick = (int64_t)(t * NN_DREAM_RATE + 1e-6);
    int64_t newest = shown > 0 ? shown >= FIRST && shown < 1e9f ? (int64_t)shown - FIRST : -1
                               : tick;
    float x;

    nn_walk_step(&d->walk, dt, gait, mood);
    if (tick > d->tick)
        keep(d, tick, wanted);
    if (!wanted || newest < 0 || newest > tick)
        return;
    cross(d, t, newest);
    x = (float)((t - d->from) / d->span);
    x = x < 0 ? 0 : x < 1 ? x : 1;
    for (size_t i = 0; i < n; i++)
        d->mixed[i] = d->a.rgb[i] + x * (d->b.rgb[i] - d->a.rgb[i]);
    nn_pool_run(d->pool, 3 * d->g->size, widen_row, d);
}

int nn_dream_ready(const struct nn_dream *d)
{
    return d->b.tick >= 0;
}

void nn_dream_row(const struct nn_dream *d, int plane, int y, float *out)
{
    nn_enlarge_row(&d->big, plane, y, out);
}

struct nn_dream_told nn_dream_tell(const struct nn_dream *d)
{
    return d->told;
}
