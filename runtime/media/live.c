#include "runtime/media/live.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"

enum { WAIT_MS = 50 };
static const double FIRST_RETRY = 0.25, LAST_RETRY = 4;     /* seconds */

/* One picture is the writer's, one the reader's, one waits between them. */
struct slot {
    struct nn_image img;
    int64_t pts;
    double captured;
};

struct nn_live {
    struct nn_feed *feed;
    pthread_t thread;
    pthread_mutex_t lock;           /* of all below */
    pthread_cond_t news;
    struct slot slot[3];
    int back, ready, front;         /* indices of slot */
    int fresh;                      /* slot[ready] has not been asked for */
    int ended, lost;
    int64_t missed;
    /* The thread's own: */
    int open;
    double start, offset;           /* of time; of the feed's stamps against the clock */
    int64_t last;
};

static void until(struct timespec *ts, double seconds)
{
    clock_gettime(CLOCK_MONOTONIC, ts);
    seconds += (double)ts->tv_nsec * 1e-9;
    ts->tv_sec += (time_t)floor(seconds);
    ts->tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
}

/* Waits, but for nn_live_stop(), which it does not keep waiting. */
static void rest(struct nn_live *l, double seconds)
{
    struct timespec ts;

    until(&ts, seconds);
    pthread_mutex_lock(&l->lock);
    while (!atomic_load(&l->feed->quit) &&
           pthread_cond_timedwait(&l->news, &l->lock, &ts) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&l->lock);
}

/* The feed's stamps are smoother than the moments at which frames arrive; but they begin
 * anywhere, and anew after a loss. */
static void stamp(struct nn_live *l, struct slot *s)
{
    struct nn_rational tb = l->feed->info.time_base;
    double own = (double)s->pts * (double)tb.num / (double)tb.den;

    if (l->start < 0)
        l->start = s->captured;
    if (fabs(own + l->offset - s->captured) > 0.5)
        l->offset = s->captured - own;
    s->pts = llrint((own + l->offset - l->start) * 1e6);
    if (s->pts <= l->last)
        s->pts = l->last + 1;
    l->last = s->pts;
}

static void publish(struct nn_live *l)
{
    int done = l->back;

    stamp(l, &l->slot[done]);
    pthread_mutex_lock(&l->lock);
    l->missed += l->fresh;
    l->back = l->ready;
    l->ready = done;
    l->fresh = 1;
    pthread_cond_signal(&l->news);
    pthread_mutex_unlock(&l->lock);
}

static void set_lost(struct nn_live *l, int lost)
{
    pthread_mutex_lock(&l->lock);
    l->lost = lost;
    pthread_mutex_unlock(&l->lock);
}

static void lose(struct nn_live *l, const struct nn_err *why)
{
    l->feed->type->close(l->feed);
    l->open = 0;
    if (!l->lost && !atomic_load(&l->feed->quit) && !nn_stopping())
        nn_warn("%s; it is tried again until it is back", why->msg);
    set_lost(l, 1);
}

static int come_back(struct nn_live *l)
{
    struct nn_media_info old = l->feed->info;

    l->feed->hushed = 1;
    if (l->feed->type->open(l->feed, NULL)) {
        l->feed->type->close(l->feed);
        l->feed->info = old;
        return -1;
    }
    l->open = 1;
    return 0;
}

static void *work(void *arg)
{
    struct nn_live *l = arg;
    double pause = FIRST_RETRY;

    while (!atomic_load(&l->feed->quit) && !nn_stopping()) {
        struct nn_err err = { 0 };
        struct slot *s = &l->slot[l->back];
        int got;
        if (!l->open && come_back(l)) {
            rest(l, pause);
            pause = fmin(2 * pause, LAST_RETRY);
            continue;
        }
        s->captured = nn_now();
        got = l->feed->type->next(l->feed, &s->img, &s->pts, &s->captured, &err);
        if (got == NN_SOURCE_END)
            break;
        if (got < 0) {
            lose(l, &err);
            rest(l, pause);
            pause = fmin(2 * pause, LAST_RETRY);
        } else if (got == NN_SOURCE_FRAME) {
            if (l->lost)
                nn_info("%s is back", l->feed->word);
            set_lost(l, 0);
            pause = FIRST_RETRY;
            publish(l);
        }
    }
    pthread_mutex_lock(&l->lock);
    l->ended = 1;
    pthread_cond_signal(&l->news);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

struct nn_live *nn_live_start(struct nn_feed *f, struct nn_err *err)
{
    struct nn_live *l = calloc(1, sizeof *l);
    pthread_condattr_t attr;

    if (!l) {
        nn_fail_mem(err, "live source");
        return NULL;
    }
    l->feed = f;
    l->open = 1;
    l->start = -1;
    l->last = -1;
    l->ready = 1;
    l->front = 2;
    for (int i = 0; i < 3; i++)
        l->slot[i].img.channels = 3;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->news, &attr);
    pthread_condattr_destroy(&attr);
    if (!pthread_create(&l->thread, NULL, work, l))
        return l;
    nn_fail(err, NN_EMEM, "no thread for %s", f->word);
    pthread_cond_destroy(&l->news);
    pthread_mutex_destroy(&l->lock);
    free(l);
    return NULL;
}

void nn_live_stop(struct nn_live *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    atomic_store(&l->feed->quit, 1);
    pthread_cond_broadcast(&l->news);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    l->feed->type->close(l->feed);
    for (int i = 0; i < 3; i++)
        nn_image_release(&l->slot[i].img);
    pthread_cond_destroy(&l->news);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

int nn_live_next(struct nn_live *l, struct nn_source_frame *f, struct nn_err *err)
{
    struct timespec ts;
    int got, late = 0;

    if (nn_check_stop("run", err))
        return -1;
    until(&ts, WAIT_MS * 1e-3);
    pthread_mutex_lock(&l->lock);
    while (!l->fresh && !l->ended && !late)
        late = pthread_cond_timedwait(&l->news, &l->lock, &ts) == ETIMEDOUT;
    got = l->fresh ? NN_SOURCE_FRAME : l->ended ? NN_SOURCE_END : NN_SOURCE_NOTHING;
    if (l->fresh) {
        int taken = l->ready;
        l->ready = l->front;
        l->front = taken;
        l->fresh = 0;
    }
    pthread_mutex_unlock(&l->lock);
    if (got == NN_SOURCE_END && nn_check_stop("run", err))
        return -1;
    if (got == NN_SOURCE_FRAME && f) {
        const struct slot *s = &l->slot[l->front];
        *f = (struct nn_source_frame){ &s->img, s->pts, s->captured };
    }
    return got;
}

int64_t nn_live_missed(struct nn_live *l)
{
    int64_t n;

    pthread_mutex_lock(&l->lock);
    n = l->missed;
    pthread_mutex_unlock(&l->lock);
    return n;
}

int nn_live_lost(struct nn_live *l)
{
    int lost;

    pthread_mutex_lock(&l->lock);
    lost = l->lost;
    pthread_mutex_unlock(&l->lock);
    return lost;
}
