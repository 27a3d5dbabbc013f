#define _GNU_SOURCE     /* syscall */
#include "runtime/mailbox.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/progress.h"

enum { INDEX = 3, FRESH = 4, CLOSED = 8 };

void nn_mailbox_init(struct nn_mailbox *m, void *a, void *b, void *c)
{
    m->slot[0] = a;
    m->slot[1] = b;
    m->slot[2] = c;
    m->back = 0;
    m->front = 1;
    atomic_init(&m->box, 2);
    atomic_init(&m->bell, 0);
    atomic_init(&m->asleep, 0);
    atomic_init(&m->missed, 0);
}

void *nn_mailbox_back(const struct nn_mailbox *m)
{
    return m->slot[m->back];
}

/* Who rings after the reader has looked into the box finds `asleep` set, or the reader
 * finds another bell than it read before it looked. */
static void ring(struct nn_mailbox *m)
{
    atomic_fetch_add(&m->bell, 1);
    if (atomic_load(&m->asleep))
        syscall(SYS_futex, &m->bell, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

int nn_mailbox_post(struct nn_mailbox *m)
{
    uint32_t old = atomic_load(&m->box);

    /* Closing may come between, and must not be lost: hence no plain exchange. */
    while (!atomic_compare_exchange_weak(&m->box, &old,
                                         (uint32_t)m->back | FRESH | (old & CLOSED)))
        ;
    m->back = (int)(old & INDEX);
    ring(m);
    if (!(old & FRESH))
        return 0;
    atomic_fetch_add(&m->missed, 1);
    return 1;
}

void nn_mailbox_close(struct nn_mailbox *m)
{
    atomic_fetch_or(&m->box, CLOSED);
    ring(m);
}

static void *take(struct nn_mailbox *m)
{
    uint32_t old = atomic_load(&m->box);

    do
        if (!(old & FRESH))
            return NULL;
    while (!atomic_compare_exchange_weak(&m->box, &old, (uint32_t)m->front | (old & CLOSED)));
    m->front = (int)(old & INDEX);
    return m->slot[m->front];
}

void *nn_mailbox_take(struct nn_mailbox *m, double seconds)
{
    double until = nn_now() + seconds, left;
    struct timespec ts;
    uint32_t bell;
    void *value;

    for (;;) {
        bell = atomic_load(&m->bell);
        atomic_store(&m->asleep, 1);
        value = take(m);
        left = until - nn_now();
        if (value || left <= 0 || nn_mailbox_closed(m))
            break;
        ts.tv_sec = (time_t)left;
        ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
        syscall(SYS_futex, &m->bell, FUTEX_WAIT_PRIVATE, bell, &ts, NULL, 0);
    }
    atomic_store(&m->asleep, 0);
    if (!value)         /* it may have come between the look and the closing */
        value = take(m);
    return value;
}

int nn_mailbox_closed(const struct nn_mailbox *m)
{
    return !!(atomic_load(&m->box) & CLOSED);
}

int64_t nn_mailbox_missed(const struct nn_mailbox *m)
{
    return atomic_load(&m->missed);
}
