#define _GNU_SOURCE     /* sched_getaffinity, syscall */
#include "common/pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/progress.h"

/*
 * The whole state of a job is one 64-bit ticket: its number, and how many of its
 * pieces nobody has taken yet. A piece is taken by compare-and-swap from
 * (job, left) to (job, left - 1). Why no thread can run a piece with the
 * arguments of another job:
 *
 *  - The caller writes `work`, `arg` and `end`, then publishes the ticket, and
 *    writes them again only when every piece of that job has been reported in
 *    `done`, which is after every piece has been taken.
 *  - A thread reads the ticket (acquire), then the three fields, then swaps. If the
 *    swap succeeds, the ticket still was (job, left > 0): a piece of this job was
 *    not taken, so the caller could not have moved on, and the three fields are
 *    this job's. The thread reports to `done` (release) after it, so the caller's
 *    next writes happen after those reads. If the swap fails, what was read, old or
 *    half new, is thrown away.
 *  - A value of the ticket never comes back: within a job `left` only falls, and the
 *    number of the job is its own for 2^44 jobs: at 100 ns a job, a thread would have
 *    to sit between those two instructions for 20 days, and wake to the very job.
 *
 * So a worker that wakes late finds `left` at 0, or a newer job whole, and the caller
 * waits for nobody but those who hold a piece.
 */
enum { LEFT_BITS = 20, LINE = 64, MAX_THREADS = 1024 };
#define LEFT_MASK (((uint64_t)1 << LEFT_BITS) - 1)
#define WAITING 0x80000000u     /* in `done`: the caller sleeps until the count is full */

/* Seconds: how long a worker looks for work before it sleeps, and the least that the caller
 * waits before it thinks a piece stuck. To be woken takes some 5 us on a bare machine, 60 on a
 * virtual one; a frame's jobs follow each other faster than that, the next frame's do not. */
static const double SPIN = 50e-6, PATIENCE = 50e-6;

struct worker {
    _Alignas(LINE) atomic_int holds;        /* it may have a piece in its hands */
    atomic_int hurried;                     /* the caller has moved it to its own core */
    int avoids;                             /* the core it keeps off; -1: none */
    pthread_t thread;
    struct nn_pool *pool;
};

struct nn_pool {
    _Alignas(LINE) _Atomic uint64_t ticket;         /* job << LEFT_BITS | pieces left */
    _Alignas(LINE) _Atomic uint32_t done;           /* pieces that workers finished | WAITING */
    /* Sleepers wait for `bell` to change; `asleep`: there may be some. */
    _Alignas(LINE) _Atomic uint32_t bell;
    atomic_int asleep, closing;
    _Alignas(LINE) _Atomic(nn_pool_fn *) work;      /* the job; piece i is end - left */
    _Atomic(void *) arg;
    atomic_int end;
    atomic_int core;                                /* the caller's, when it published */
    _Alignas(LINE) atomic_flag busy;                /* a job is running */
    int threads;                                    /* with the caller */
    cpu_set_t allowed;
    struct worker *worker;
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");           /* `yield` is a nop on Cortex-A */
#endif
}

static void sleep_on(_Atomic uint32_t *word, uint32_t value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word, int most)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most, NULL, NULL, 0);
}

/* A worker is of no use on the caller's core, where a kernel that looks for no idle one
 * wakes it, before the caller: it keeps off that core until the caller moves. */
static void step_aside(struct worker *w)
{
    int core = atomic_load_explicit(&w->pool->core, memory_order_relaxed);
    cpu_set_t set = w->pool->allowed;

    if (!atomic_load_explicit(&w->hurried, memory_order_relaxed) &&
        (core == w->avoids || sched_getcpu() != core))
        return;
    atomic_store(&w->hurried, 0);
    w->avoids = core;
    if (core >= 0)
        CPU_CLR((size_t)core, &set);
    if (CPU_COUNT(&set))
        sched_setaffinity(0, sizeof set, &set);
}

/* Takes and runs pieces until none is left; returns how many. After the first one the
 * job cannot end before the caller of this has reported, so all are of the same job. */
static uint32_t take_pieces(struct nn_pool *p, struct worker *w)
{
    uint64_t t = atomic_load_explicit(&p->ticket, memory_order_acquire);
    uint32_t taken = 0;

    while (t & LEFT_MASK) {
        nn_pool_fn *work = atomic_load_explicit(&p->work, memory_order_relaxed);
        void *arg = atomic_load_explicit(&p->arg, memory_order_relaxed);
        int end = atomic_load_explicit(&p->end, memory_order_relaxed);
        if (w)
            atomic_store_explicit(&w->holds, 1, memory_order_relaxed);
        if (!atomic_compare_exchange_weak_explicit(&p->ticket, &t, t - 1, memory_order_acq_rel,
                                                   memory_order_acquire))
            continue;
        work(arg, end - (int)(t & LEFT_MASK));
        taken++;
        t = atomic_load_explicit(&p->ticket, memory_order_acquire);
    }
    return taken;
}

/* Until there is something to take, or SPIN after the last new job. */
static int look_for_work(struct worker *w)
{
    struct nn_pool *p = w->pool;
    uint64_t t = atomic_load(&p->ticket), seen = t;
    double until = nn_now() + SPIN;

    step_aside(w);
    for (unsigned k = 1; !(t & LEFT_MASK); k++) {
        relax();
        t = atomic_load_explicit(&p->ticket, memory_order_acquire);
        if (k % 16)
            continue;
        double now = nn_now();
        if (t != seen)
            until = now + SPIN;
        else if (now > until)
            return 0;
        seen = t;
        step_aside(w);
    }
    return 1;
}

static void *worker_main(void *ptr)
{
    struct worker *w = ptr;
    struct nn_pool *p = w->pool;
    uint32_t bell, taken;

    while (!atomic_load(&p->closing)) {
        if (look_for_work(w)) {
            taken = take_pieces(p, w);
            if (taken && atomic_fetch_add(&p->done, taken) & WAITING)
                wake(&p->done, 1);
            atomic_store_explicit(&w->holds, 0, memory_order_relaxed);
            continue;
        }
        /* A caller publishes, then looks at `asleep`; this is the other order, so one of the
         * two sees the other. A bell rung from here on makes the sleep return at once. */
        bell = atomic_load(&p->bell);
        atomic_store(&p->asleep, 1);
        if (!(atomic_load(&p->ticket) & LEFT_MASK) && !atomic_load(&p->closing))
            sleep_on(&p->bell, bell);
    }
    return NULL;
}

/* Wakes up to `most` sleepers. Whoever falls asleep meanwhile has read the bell before it
 * rang, and will not sleep, or sets `asleep` after it was cleared. */
static void ring(struct nn_pool *p, int most)
{
    if (!atomic_load(&p->asleep))
        return;
    if (most >= p->threads - 1)
        atomic_store(&p->asleep, 0);
    atomic_fetch_add(&p->bell, 1);
    wake(&p->bell, most);
}

struct nn_pool *nn_pool_new(int threads, struct nn_err *err)
{
    struct nn_pool *p = aligned_alloc(LINE, sizeof *p);
    struct worker *w;

    if (p) {
        memset(p, 0, sizeof *p);
        atomic_flag_clear(&p->busy);
        p->core = -1;
        if (sched_getaffinity(0, sizeof p->allowed, &p->allowed))
            CPU_ZERO(&p->allowed);          /* more cores than a cpu_set_t holds: steer nobody */
        if (threads <= 0)
            threads = CPU_COUNT(&p->allowed);
        if (threads <= 0)
            threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
        p->threads = threads = threads < 1 ? 1 : threads > MAX_THREADS ? MAX_THREADS : threads;
        p->worker = aligned_alloc(LINE, (size_t)threads * sizeof *p->worker);
    }
    if (!p || !p->worker) {
        free(p);
        nn_fail_mem(err, "thread pool");
        return NULL;
    }
    memset(p->worker, 0, (size_t)threads * sizeof *p->worker);
    for (p->threads = 1; p->threads < threads; p->threads++) {
        w = &p->worker[p->threads - 1];
        w->pool = p;
        w->avoids = -1;
        if (pthread_create(&w->thread, NULL, worker_main, w))
            break;          /* fewer threads than asked for still do the work */
    }
    return p;
}

void nn_pool_free(struct nn_pool *p)
{
    if (!p)
        return;
    atomic_store(&p->closing, 1);
    atomic_fetch_add(&p->bell, 1);
    wake(&p->bell, INT_MAX);
    for (int i = 0; i < p->threads - 1; i++)
        pthread_join(p->worker[i].thread, NULL);
    free(p->worker);
    free(p);
}

int nn_pool_threads(const struct nn_pool *p)
{
    return p ? p->threads : 1;
}

/* Who still has a piece in its hands must have been taken off its core: the caller, which is
 * going to sleep, gives it its own. A worker that waits in a queue moves at once. */
static void hurry(struct nn_pool *p)
{
    int core = sched_getcpu();
    cpu_set_t mine;

    CPU_ZERO(&mine);
    if (core < 0 || CPU_COUNT(&p->allowed) < 2)
        return;
    CPU_SET((size_t)core, &mine);
    for (int i = 0; i < p->threads - 1; i++)
        if (atomic_load(&p->worker[i].holds) &&
            !pthread_setaffinity_np(p->worker[i].thread, sizeof mine, &mine))
            atomic_store(&p->worker[i].hurried, 1);
}

/* Until workers have reported `count` pieces: those in their hands now. `patience`: how long
 * a piece may take, in seconds. */
static void wait_for(struct nn_pool *p, uint32_t count, double patience)
{
    double until = 0;
    uint32_t d;

    for (unsigned k = 1; atomic_load(&p->done) != count; k++) {
        relax();
        if (k % 16)
            continue;
        if (until <= 0)
            until = nn_now() + patience;
        if (nn_now() > until) {
            hurry(p);
            break;
        }
    }
    while (((d = atomic_load(&p->done)) & ~WAITING) != count)
        if (d & WAITING || atomic_compare_exchange_strong(&p->done, &d, d | WAITING))
            sleep_on(&p->done, d | WAITING);
}

static void run_job(struct nn_pool *p, int first, int n)
{
    uint64_t job = (atomic_load_explicit(&p->ticket, memory_order_relaxed) >> LEFT_BITS) + 1;
    double start, piece;
    uint32_t mine;

    atomic_store_explicit(&p->end, first + n, memory_order_relaxed);
    atomic_store_explicit(&p->core, sched_getcpu(), memory_order_relaxed);
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    atomic_store(&p->ticket, job << LEFT_BITS | (uint64_t)n);
    ring(p, n - 1);
    start = nn_now();
    mine = take_pieces(p, NULL);
    piece = mine ? (nn_now() - start) / mine : 0;
    wait_for(p, (uint32_t)n - mine, 2 * piece < PATIENCE ? PATIENCE : 2 * piece);
}

void nn_pool_run(struct nn_pool *p, int n, nn_pool_fn *work, void *arg)
{
    int most = (int)LEFT_MASK;

    if (!p || p->threads == 1 || n <= 1 || atomic_flag_test_and_set(&p->busy)) {
        for (int i = 0; i < n; i++)
            work(arg, i);
        return;
    }
    atomic_store_explicit(&p->work, work, memory_order_relaxed);
    atomic_store_explicit(&p->arg, arg, memory_order_relaxed);
    for (int i = 0; i < n; i += most) {
        run_job(p, i, n - i < most ? n - i : most);
        if (n - i <= most)
            break;
    }
    atomic_flag_clear(&p->busy);
}
