/* live_threads.c - the two threads beside the rendering: capture and analysis. */
#define _GNU_SOURCE     /* syscall */
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/live.h"

enum { NICENESS = 5 };
static const double NAP = 0.05, LAG = 0.5;      /* seconds */

static int ending(struct nn_show *show)
{
    return atomic_load(&show->quit) || nn_stopping();
}

/* Until `when`, in naps, so that an end does not wait for the next frame of a slow film. */
static void sleep_until(struct nn_show *show, double when)
{
    double left;

    while (!ending(show) && (left = when - nn_now()) > 0) {
        struct timespec ts = { 0, (long)(fmin(left, NAP) * 1e9) };
        nanosleep(&ts, NULL);
    }
}

static void copy(struct nn_captured *to, const struct nn_captured *head, const uint8_t *px)
{
    struct nn_image img = to->img;

    *to = *head;
    to->img = img;
    memcpy(to->img.px, px, nn_image_size(&img));
}

/* To the picture always; to the analysis when it waits, and the load allows it. */
static void hand_out(struct nn_show *show, const struct nn_captured *head, const uint8_t *px)
{
    copy(nn_mailbox_back(&show->frames), head, px);
    nn_mailbox_post(&show->frames);
    if (head->number % atomic_load(&show->every) || !atomic_exchange(&show->hungry, 0))
        return;
    copy(nn_mailbox_back(&show->look), head, px);
    nn_mailbox_post(&show->look);
}

static void *capture(void *arg)
{
    struct nn_show *show = arg;
    struct nn_source *source = show->s->source;
    struct nn_captured head = { .number = 0 };
    int paced = !nn_source_live(source), got = NN_SOURCE_FRAME;
    double start = 0, t0;
    int64_t first = 0;

    while (!ending(show)) {
        struct nn_source_frame f;
        t0 = nn_now();
        if ((got = nn_source_next(source, &f, &show->why)) == NN_SOURCE_NOTHING)
            continue;
        if (got <= 0)
            break;
        /* Of a camera: since the shutter; how long one waited for it says nothing. */
        head.read_ms = (float)(1e3 * (nn_now() - (paced ? t0 : f.captured)));
        if (!head.number) {
            first = f.pts;
            start = nn_now();
        }
        head.pts = f.pts;
        head.t = nn_session_seconds(show->s, f.pts - first);
        head.captured = f.captured;
        if (paced) {
            sleep_until(show, start + head.t);
            head.captured = nn_now();
            if (head.captured - start - head.t > LAG)   /* the film reads slower than it runs */
                start = head.captured - head.t;
        }
        hand_out(show, &head, f.img->px);
        head.number++;
        atomic_store(&show->captured, head.number);
    }
    if (got >= 0 || show->why.code == NN_EINTR)         /* a show is ended so: no failure */
        show->why.code = NN_OK;
    nn_mailbox_close(&show->frames);
    nn_mailbox_close(&show->look);
    return NULL;
}

static void *analysis(void *arg)
{
    struct nn_show *show = arg;
    struct nn_analyst *analyst = &show->s->player.analyst;
    struct nn_captured *f;
    struct nn_err err = { 0 };

    /* Where cores are few, the picture comes first. */
    if (nn_pool_threads(show->s->player.pool) < 4)
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICENESS);
    while (!atomic_load(&show->quit)) {
        atomic_store(&show->hungry, 1);
        if (!(f = nn_mailbox_take(&show->look, NAP))) {
            if (nn_mailbox_closed(&show->look))
                break;
            continue;
        }
        if (nn_analyst_look(analyst, &f->img, f->t, &err)) {
            nn_warn("%s; the picture goes on without faces", err.msg);
            break;
        }
        memcpy(nn_mailbox_back(&show->news), &analyst->seen, sizeof analyst->seen);
        nn_mailbox_post(&show->news);
    }
    return NULL;
}

int nn_show_start(struct nn_show *show, struct nn_err *err)
{
    show->analysing = !pthread_create(&show->analysis, NULL, analysis, show);
    show->capturing = show->analysing && !pthread_create(&show->capture, NULL, capture, show);
    return show->capturing ? 0 : nn_fail(err, NN_EMEM, "no threads for a live show");
}

void nn_show_stop(struct nn_show *show)
{
    atomic_store(&show->quit, 1);
    if (show->capturing)
        pthread_join(show->capture, NULL);
    if (show->analysing)
        pthread_join(show->analysis, NULL);
    show->capturing = show->analysing = 0;
}
