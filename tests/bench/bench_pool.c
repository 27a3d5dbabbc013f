/*
 * What the thread pool costs and how it bears a busy core: the time of one job, in
 * microseconds, median and 99th percentile, with our pool, with the plain design of a
 * mutex and two condition variables, and with OpenMP; quiet, then with a process that
 * keeps one core busy. Rounds are interleaved. `alone` is the same work on one thread.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/pool.h"
#include "common/progress.h"

enum { ROUNDS = 20, MOST = 2000 };

/* The plain design: workers and caller meet under a lock. */
static struct {
    pthread_t worker[64];
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    unsigned long job;
    int working, closing, n, threads;
    nn_pool_fn *work;
    void *arg;
    atomic_int next;
} plain = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER,
            .idle = PTHREAD_COND_INITIALIZER };

static void plain_take(nn_pool_fn *work, void *arg, int n)
{
    int i;

    while ((i = atomic_fetch_add(&plain.next, 1)) < n)
        work(arg, i);
}

static void *plain_main(void *unused)
{
    unsigned long seen = 0;

    pthread_mutex_lock(&plain.lock);
    for (;;) {
        while (!plain.closing && (plain.job == seen || !plain.work))
            pthread_cond_wait(&plain.wake, &plain.lock);
        if (plain.closing)
            break;
        seen = plain.job;
        plain.working++;
        nn_pool_fn *work = plain.work;
        void *arg = plain.arg;
        int n = plain.n;
        pthread_mutex_unlock(&plain.lock);
        plain_take(work, arg, n);
        pthread_mutex_lock(&plain.lock);
        if (--plain.working == 0)
            pthread_cond_signal(&plain.idle);
    }
    pthread_mutex_unlock(&plain.lock);
    return unused;
}

static void run_plain(int n, nn_pool_fn *work, void *arg)
{
    pthread_mutex_lock(&plain.lock);
    plain.work = work;
    plain.arg = arg;
    plain.n = n;
    atomic_store(&plain.next, 0);
    plain.job++;
    pthread_cond_broadcast(&plain.wake);
    pthread_mutex_unlock(&plain.lock);
    plain_take(work, arg, n);
    pthread_mutex_lock(&plain.lock);
    plain.work = NULL;
    while (plain.working)
        pthread_cond_wait(&plain.idle, &plain.lock);
    pthread_mutex_unlock(&plain.lock);
}

static struct nn_pool *pool;

static void run_ours(int n, nn_pool_fn *work, void *arg)
{
    nn_pool_run(pool, n, work, arg);
}

static void run_openmp(int n, nn_pool_fn *work, void *arg)
{
#pragma omp parallel for schedule(dynamic, 1)
    for (int i = 0; i < n; i++)
        work(arg, i);
}

static void run_alone(int n, nn_pool_fn *work, void *arg)
{
    nn_pool_run(NULL, n, work, arg);
}

typedef void run_fn(int n, nn_pool_fn *work, void *arg);
static const struct { const char *name; run_fn *run; } design[] = {
    { "alone", run_alone }, { "ours", run_ours }, { "condvar", run_plain },
    { "OpenMP", run_openmp },
};
enum { OURS = 1, DESIGNS = sizeof design / sizeof *design };

/* A chain of dependent multiplications: time without memory. */
static double per_us;       /* steps in a microsecond */

static void toil(void *arg, int i)
{
    volatile float sink;
    float x = 1.0f + (float)i;

    for (int k = *(const int *)arg; k > 0; k--)
        x = x * 0.999f + 0.001f;
    sink = x;
    (void)sink;
}

static void calibrate(void)
{
    int steps = 1000000;
    double best = 1e9;

    for (int k = 0; k < 5; k++) {
        double t0 = nn_now();
        toil(&steps, k);
        best = nn_now() - t0 < best ? nn_now() - t0 : best;
    }
    per_us = 1e-6 * steps / best;
}

static const struct {
    const char *name;
    int pieces;
    double work, pause;     /* microseconds: of a job in all, before it */
    int jobs;               /* in a round */
} load[] = {
    { "nothing, 2 pieces", 2, 0, 0, 2000 },
    { "nothing, 16 pieces", 16, 0, 0, 2000 },
    { "20 us in 4, back to back", 4, 20, 0, 1000 },
    { "100 us in 8, back to back", 8, 100, 0, 500 },
    { "1 ms in 40, back to back", 40, 1000, 0, 50 },
    { "1.2 ms in 3, back to back", 3, 1200, 0, 50 },
    { "100 us in 8, after 30 us", 8, 100, 30, 200 },
    { "100 us in 8, after 200 us", 8, 100, 200, 100 },
    { "100 us in 8, a frame later", 8, 100, 16000, 5 },
    { "1 ms in 40, a frame later", 40, 1000, 16000, 5 },
    { "nothing in 8, a frame later", 8, 0, 16000, 5 },
};
enum { LOADS = sizeof load / sizeof *load };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void pass(double us)
{
    double end = nn_now() + 1e-6 * us;

    if (us > 1000)
        nanosleep(&(struct timespec){ 0, (long)(1e3 * us) }, NULL);
    while (nn_now() < end)
        ;
}

static void time_load(int l)
{
    static double us[DESIGNS][ROUNDS * MOST];
    int steps = (int)(load[l].work * per_us / load[l].pieces), count = 0;

    for (int r = 0; r < ROUNDS; r++, count += load[l].jobs)
        for (int d = 0; d < DESIGNS; d++)
            for (int k = 0; k < load[l].jobs; k++) {
                pass(load[l].pause);
                double t0 = nn_now();
                design[d].run(load[l].pieces, toil, &steps);
                us[d][count + k] = 1e6 * (nn_now() - t0);
            }
    printf("  %-28s", load[l].name);
    for (int d = 0; d < DESIGNS; d++) {
        qsort(us[d], (size_t)count, sizeof **us, by_value);
        printf(" %8.2f %9.1f", us[d][count / 2], us[d][count * 99 / 100]);
    }
    printf("\n");
}

static void table(const char *title)
{
    printf("%s\n  %-28s", title, "us a job: median, p99");
    for (int d = 0; d < DESIGNS; d++)
        printf(" %18s", design[d].name);
    printf("\n");
    for (int l = 0; l < LOADS; l++)
        time_load(l);
}

int main(void)
{
    struct nn_err err = { 0 };
    pid_t hog;

    if (!(pool = nn_pool_new(0, &err))) {
        fprintf(stderr, "bench_pool: %s\n", err.msg);
        return 1;
    }
    calibrate();
    plain.threads = nn_pool_threads(pool);
    for (int i = 0; i < plain.threads - 1 && i < 64; i++)
        pthread_create(&plain.worker[i], NULL, plain_main, NULL);
    printf("%d threads, %d rounds\n", plain.threads, ROUNDS);
    table("quiet");
    if (!(hog = fork())) {
        for (volatile int k = 0;; k++)
            if (k % 1000000 == 0 && getppid() == 1)
                _exit(0);
    }
    table("one core kept busy");
    if (hog > 0 && !kill(hog, SIGKILL))
        waitpid(hog, NULL, 0);
    nn_pool_free(pool);
    return 0;
}
