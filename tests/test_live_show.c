/* test_live_show.c - a short show in memory: nothing is allocated while it plays, patches change
 * in the middle of it, and its log renders the same pictures again. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "runtime/live.h"
#include "test.h"

/* Every allocation of the rendering thread is counted. */
#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)
#define COUNTS 1
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
static _Atomic int64_t allocations;
static _Thread_local int rendering;

void *malloc(size_t n)
{
    if (rendering)
        atomic_fetch_add(&allocations, 1);
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    if (rendering)
        atomic_fetch_add(&allocations, 1);
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    if (rendering)
        atomic_fetch_add(&allocations, 1);
    return __libc_realloc(p, n);
}
#else
#define COUNTS 0
static _Atomic int64_t allocations;
static _Thread_local int rendering;
#endif

static struct nn_show show;
static int changes;

/* Somebody at the keys: the next patch of the folder, twice. */
static void *press(void *arg)
{
    const struct timespec wait = { 0, 400000000 };

    (void)arg;
    for (int i = 0; i < changes; i++) {
        nanosleep(&wait, NULL);
        atomic_fetch_add(&show.order, 1);
    }
    return NULL;
}

static int play(const char *camera, const char *log, struct nn_err *err)
{
    struct nn_run_opts o = { .input = camera, .patch = "rage", .seed = 3, .engine = "ours",
                             .max_memory = NN_ENGINE_MEMORY, .record = log, .run = 1 };
    static struct nn_session s;
    pthread_t hand;
    int ret = nn_session_open(&s, &o, err);

    if (!ret && !pthread_create(&hand, NULL, press, NULL)) {
        rendering = 1;
        ret = nn_show_run(&show, &s, err);
        rendering = 0;
        pthread_join(hand, NULL);
        CHECK(s.player.frames > 5 && s.player.vitals.looks > 0);
        CHECK(s.player.frames == show.latency.count);
        nn_show_release(&show);
    }
    nn_session_close(&s);
    return ret;
}

/* The show's log has as many patches as were played. */
static int patches_of(const char *path)
{
    struct nn_err err = { 0 };
    struct nn_log l;
    int n = 0, got = nn_log_open(&l, path, NULL, &err);

    while (!got && (got = nn_log_next(&l, &err)) > 0) {
        n += got == NN_LOG_PATCH;
        got = 0;
    }
    CHECK_OK(got, &err);
    nn_log_release(&l);
    return n;
}

int main(void)
{
    struct nn_err err = { 0 };
    char dir[256], log[300];
    int64_t quick, slow;

    if (!test_scratch(dir, sizeof dir))
        return 1;
    snprintf(log, sizeof log, "%s/show.nnlog", dir);
    if (play("synthetic:96x64@60:0.5", NULL, &err)) {
        rmdir(dir);
        if (err.code == NN_ENOTFOUND)
            SKIP("no bundled model");
        CHECK_OK(-1, &err);
        return test_done();
    }
    quick = atomic_exchange(&allocations, 0);
    CHECK_OK(play("synthetic:96x64@60:1.2", NULL, &err), &err);
    slow = atomic_exchange(&allocations, 0);
    /* What it takes to begin and to end; forty frames more need none. */
    CHECK(llabs(slow - quick) < 10);
    if (llabs(slow - quick) >= 10)
        fprintf(stderr, "allocations: %lld in a short show, %lld in a longer\n", (long long)quick,
                (long long)slow);
    CHECK(!COUNTS || quick > 0);
    changes = 2;
    CHECK_OK(play("synthetic:96x64@60:1.2", log, &err), &err);
    CHECK(patches_of(log) == 3);
    unlink(log);
    rmdir(dir);
    return test_done();
}
