/*
 * bench_live.c - the live show measured: latency from the synthetic camera's shutter to the
 * output, memory over a soak, and what a process that takes one core away costs.
 *
 * NEONNOIR_SOAK=SECONDS for a longer soak (60). Pictures go to no output: what a window or an
 * encoder takes is theirs.
 */
#define _GNU_SOURCE     /* sched_setaffinity */
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/progress.h"
#include "runtime/live.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
static _Atomic int64_t allocations;
static _Thread_local int rendering;

void *malloc(size_t n)
{
    atomic_fetch_add(&allocations, rendering);
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    atomic_fetch_add(&allocations, rendering);
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    atomic_fetch_add(&allocations, rendering);
    return __libc_realloc(p, n);
}

static struct nn_show show;
static struct nn_session session;

static double resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (f && fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Plays, prints a row; returns frames a second, -1 when it cannot. */
static double play(const char *name, const char *camera, const char *patch)
{
    struct nn_run_opts o = { .input = camera, .patch = patch, .seed = 1, .engine = "ours",
                             .max_memory = NN_ENGINE_MEMORY, .run = 1 };
    struct nn_err err = { 0 };
    double rate = -1;
    int ret = nn_session_open(&session, &o, &err);

    rendering = 1;
    if (!ret)
        ret = nn_show_run(&show, &session, &err);
    rendering = 0;
    if (ret) {
        printf("bench_live: %s\n", err.msg);
    } else {
        rate = (double)session.player.frames / session.wall;
        printf("%-22s %6.1f %7.1f %7.1f %7.1f %9.1f %7lld %9lld %6d\n", name, rate,
               nn_times_at(&show.latency, 0.5), nn_times_at(&show.latency, 0.99),
               show.latency.max, show.longest, (long long)session.player.vitals.missed,
               (long long)session.player.vitals.looks, show.load.worst);
        fflush(stdout);
    }
    nn_show_release(&show);
    nn_session_close(&session);
    return rate;
}

static pid_t steal_core(void)
{
    pid_t pid = fork();
    cpu_set_t one;

    if (pid)
        return pid;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    for (volatile unsigned n = 0;; n++)
        ;
}

static void soak(int seconds)
{
    int64_t before;
    double rss[2];
    size_t used[2];
    char camera[64];

    for (int i = 0; i < 2; i++) {       /* the first one warms caches and arenas up */
        snprintf(camera, sizeof camera, "synthetic:640x360@30:%d", i ? seconds : 3);
        before = atomic_load(&allocations);
        play(i ? "soak 640x360" : "before it", camera, "neon-noir");
        rss[i] = resident();
        used[i] = mallinfo2().uordblks;
        printf("    %lld allocations by the rendering thread, %.1f MiB resident, %.0f kB in use\n",
               (long long)(atomic_load(&allocations) - before), rss[i], (double)used[i] / 1e3);
    }
    printf("    %d s more: %+.1f MiB resident, %+.0f kB in use\n", seconds - 3, rss[1] - rss[0],
           ((double)used[1] - (double)used[0]) / 1e3);
}

int main(void)
{
    const char *want = getenv("NEONNOIR_SOAK");
    double alone, robbed;
    pid_t thief;

    setenv("NEONNOIR_DATA", "runtime", 0);
    nn_log_level(0);
    printf("live, %ld cores       frames/s  median     p99     max   pause ms  missed  analysed  "
           "level\n",
           sysconf(_SC_NPROCESSORS_ONLN));
    if (play("640x360 at 30", "synthetic:640x360@30:8", "neon-noir") < 0)
        return 0;
    play("1280x720 at 30", "synthetic:1280x720@30:8", "neon-noir");
    play("1920x1080 at 30", "synthetic:1920x1080@30:8", "neon-noir");
    alone = play("720p, as fast as can", "synthetic:1280x720@200:8", "chaos");
    thief = steal_core();
    robbed = play("the same, one core gone", "synthetic:1280x720@200:8", "chaos");
    if (thief > 0) {
        kill(thief, SIGKILL);
        waitpid(thief, NULL, 0);
    }
    printf("    a stolen core leaves %.0f %% of the frame rate\n", 100 * robbed / alone);
    soak(want && atoi(want) > 3 ? atoi(want) : 60);
    return 0;
}
