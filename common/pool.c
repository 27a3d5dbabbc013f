#include "common/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct nn_pool {
    int threads;            /* with the caller */
    pthread_t *worker;
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    unsigned long job;      /* counts jobs; workers sleep until it changes */
    int working;            /* workers inside the current job */
    int closing;
    void (*work)(void *, int);
    void *arg;
    int n;
    atomic_int next;        /* first piece not yet taken */
};

static void take_pieces(struct nn_pool *p, void (*work)(void *, int), void *arg, int n)
{
    int i;

    while ((i = atomic_fetch_add(&p->next, 1)) < n)
        work(arg, i);
}

static void *worker_main(void *ptr)
{
    struct nn_pool *p = ptr;
    unsigned long seen = 0;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->closing && (p->job == seen || !p->work))
            pthread_cond_wait(&p->wake, &p->lock);
        if (p->closing)
            break;
        seen = p->job;
        p->working++;
        void (*work)(void *, int) = p->work;
        void *arg = p->arg;
        int n = p->n;
        pthread_mutex_unlock(&p->lock);
        take_pieces(p, work, arg, n);
        pthread_mutex_lock(&p->lock);
        if (--p->working == 0)
            pthread_cond_signal(&p->idle);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct nn_pool *nn_pool_new(int threads, struct nn_err *err)
{
    struct nn_pool *p = calloc(1, sizeof *p);

    if (threads <= 0)
        threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (threads < 1)
        threads = 1;
    if (!p || !(p->worker = calloc((size_t)threads, sizeof *p->worker))) {
        free(p);
        nn_fail_mem(err, "thread pool");
        return NULL;
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->idle, NULL);
    p->threads = 1;
    while (p->threads < threads &&
           !pthread_create(&p->worker[p->threads - 1], NULL, worker_main, p))
        p->threads++;       /* fewer threads than asked for still do the work */
    return p;
}

void nn_pool_free(struct nn_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = 1;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads - 1; i++)
        pthread_join(p->worker[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
    pthread_cond_destroy(&p->idle);
    free(p->worker);
    free(p);
}

int nn_pool_threads(const struct nn_pool *p)
{
    return p ? p->threads : 1;
}

void nn_pool_run(struct nn_pool *p, int n, void (*work)(void *arg, int i), void *arg)
{
    if (!p || p->threads == 1 || n <= 1) {
        for (int i = 0; i < n; i++)
            work(arg, i);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->work = work;
    p->arg = arg;
    p->n = n;
    atomic_store(&p->next, 0);
    p->job++;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    take_pieces(p, work, arg, n);
    pthread_mutex_lock(&p->lock);
    p->work = NULL;             /* late risers find nothing to begin */
    while (p->working)
        pthread_cond_wait(&p->idle, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
