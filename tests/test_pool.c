/* The pool: every piece once, of the right job, whatever the scheduler does. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "common/pool.h"
#include "common/progress.h"
#include "test.h"

enum { MAX = 3000 };

/* One job's own memory: a piece that ran twice, never, or with another job's
 * arguments shows in `ran` or in the magic. */
struct job {
    unsigned magic;
    int n;
    unsigned char ran[MAX];         /* not atomic: two threads in one piece are a race */
    double value[MAX];
};

static atomic_int strays;

static void mark(void *arg, int i)
{
    struct job *j = arg;

    if (j->magic != 0xfeed || i < 0 || i >= j->n) {
        atomic_fetch_add(&strays, 1);
        return;
    }
    j->ran[i]++;
    j->value[i] = 1.0 / (1 + i) + j->value[i] * 0.5;
}

static void spoil(struct job *j)
{
    memset(j, 0xee, sizeof *j);
}

/* Runs a job of n pieces and counts the pieces that did not run exactly once. */
static int bad_pieces(struct nn_pool *p, struct job *j, int n)
{
    int bad = 0;

    memset(j, 0, sizeof *j);
    j->magic = 0xfeed;
    j->n = n;
    nn_pool_run(p, n, mark, j);
    for (int i = 0; i < MAX; i++)
        bad += j->ran[i] != (i < n);
    spoil(j);                       /* a late worker that looks here is caught */
    return bad;
}

static void sizes(int threads)
{
    static const int n[] = { 0, 1, 2, 3, 7, 8, 64, 257, 1000, MAX };
    struct nn_err err = { 0 };
    struct nn_pool *p = nn_pool_new(threads, &err);
    static struct job job[2];
    int bad = 0;

    CHECK(p && nn_pool_threads(p) == threads);
    for (int round = 0; round < 20; round++)
        for (size_t i = 0; i < sizeof n / sizeof *n; i++)
            bad += bad_pieces(p, &job[round % 2], n[i]);
    CHECK(bad == 0);
    CHECK(strays == 0);
    nn_pool_free(p);
}

/* Tiny jobs back to back: workers are late for most of them. */
static void tiny(int threads, int jobs)
{
    struct nn_pool *p = nn_pool_new(threads, NULL);
    struct job *j = calloc(2, sizeof *j);
    long ran = 0;

    for (int k = 0; k < jobs; k++) {
        int n = 2 + k % 5;
        struct job *own = &j[k % 2];
        own->magic = 0xfeed;
        own->n = n;
        memset(own->ran, 0, sizeof own->ran[0] * 8);
        nn_pool_run(p, n, mark, own);
        for (int i = 0; i < n; i++)
            ran += own->ran[i] == 1;
        own->magic = 0;
    }
    for (int k = 0; k < jobs; k++)
        ran -= 2 + k % 5;
    CHECK(ran == 0);
    CHECK(strays == 0);
    free(j);
    nn_pool_free(p);
}

static atomic_int helped;
static pthread_t self;

static void sleepy(void *arg, int i)
{
    nanosleep(&(struct timespec){ 0, 300000 }, NULL);
    if (!pthread_equal(pthread_self(), self))
        atomic_fetch_add(&helped, 1);
    mark(arg, i);
}

/* Pauses longer and shorter than the spinning: sleepers are woken, none is lost. */
static void pauses(void)
{
    struct nn_pool *p = nn_pool_new(3, NULL);
    static struct job job;
    int bad = 0;

    for (int k = 0; k < 300; k++) {
        nanosleep(&(struct timespec){ 0, k % 3 * 40000 }, NULL);
        bad += bad_pieces(p, &job, 5);
    }
    CHECK(bad == 0);
    memset(&job, 0, sizeof job);
    job.magic = 0xfeed;
    job.n = 9;
    self = pthread_self();
    nn_pool_run(p, 9, sleepy, &job);    /* the caller waits for pieces in others' hands */
    CHECK(helped > 0);
    for (int i = 0; i < 9; i++)
        CHECK(job.ran[i] == 1);
    nn_pool_free(p);
}

struct nest {
    struct nn_pool *pool;
    atomic_int sum;
};

static void count(void *arg, int i)
{
    atomic_fetch_add(&((struct nest *)arg)->sum, i);
}

static void inner(void *arg, int i)
{
    (void)i;
    nn_pool_run(((struct nest *)arg)->pool, 10, count, arg);
}

static void *other_caller(void *arg)
{
    for (int k = 0; k < 300; k++)
        nn_pool_run(((struct nest *)arg)->pool, 10, count, arg);
    return NULL;
}

/* Calls from inside a job, and from two threads at once, are done in line. */
static void callers(void)
{
    struct nest n = { .pool = nn_pool_new(3, NULL) };
    pthread_t second;

    nn_pool_run(n.pool, 20, inner, &n);
    CHECK(n.sum == 20 * 45);
    n.sum = 0;
    CHECK(!pthread_create(&second, NULL, other_caller, &n));
    other_caller(&n);
    pthread_join(second, NULL);
    CHECK(n.sum == 2 * 300 * 45);
    nn_pool_free(n.pool);
}

static void many(void *arg, int i)
{
    atomic_fetch_add((atomic_llong *)arg, i);
}

/* More pieces than a ticket can count. */
static void huge(void)
{
    struct nn_pool *p = nn_pool_new(2, NULL);
    long long n = (1 << 20) + 12345;
    atomic_llong sum = 0;

    nn_pool_run(p, (int)n, many, &sum);
    CHECK(sum == n * (n - 1) / 2);
    nn_pool_free(p);
}

static void edges(void)
{
    struct nn_pool *one = nn_pool_new(1, NULL), *all = nn_pool_new(0, NULL);
    struct nest n = { 0 };
    cpu_set_t set;

    nn_pool_run(NULL, 10, count, &n);
    nn_pool_run(one, 10, count, &n);
    nn_pool_run(one, -1, count, &n);
    CHECK(n.sum == 90);
    CHECK(nn_pool_threads(NULL) == 1 && nn_pool_threads(one) == 1);
    CHECK(!sched_getaffinity(0, sizeof set, &set) && nn_pool_threads(all) == CPU_COUNT(&set));
    nn_pool_free(NULL);
    nn_pool_free(one);
    nn_pool_free(all);
    for (int k = 0; k < 50; k++) {              /* freed while workers start, spin or sleep */
        struct nn_pool *p = nn_pool_new(4, NULL);
        if (k % 2)
            nn_pool_run(p, 4, count, &n);
        nn_pool_free(p);
    }
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Between frames the workers sleep: 20 frames of nothing in 200 ms. */
static void idleness(void)
{
    struct nn_pool *p = nn_pool_new(4, NULL);
    struct nest n = { 0 };
    double cpu = cpu_seconds();

    for (int k = 0; k < 20; k++) {
        nn_pool_run(p, 8, count, &n);
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    }
    CHECK(cpu_seconds() - cpu < 0.05);          /* spinning on would take 0.2 and more */
    nn_pool_free(p);
}

/* The same with a core taken away by another process. */
static void beside_a_hog(void)
{
    pid_t hog = fork();

    if (!hog) {
        for (double end = nn_now() + 20; nn_now() < end;)
            ;
        _exit(0);
    }
    CHECK(hog > 0);
    tiny(4, 4000);
    sizes(3);
    if (hog > 0 && !kill(hog, SIGKILL))
        waitpid(hog, NULL, 0);
}

int main(void)
{
    for (int threads = 1; threads <= 8; threads += threads)
        sizes(threads);
    for (int threads = 2; threads <= 9; threads++)
        tiny(threads, 4000);
    pauses();
    callers();
    huge();
    edges();
    idleness();
    beside_a_hog();
    return test_done();
}
