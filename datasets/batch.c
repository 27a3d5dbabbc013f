#include "datasets/batch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"

/* A batch on its way: threads fill its samples, next() takes it when all are in. */
struct slot {
    struct nn_batch batch;
    int64_t number;         /* which batch of the epoch; -1: free */
    int64_t taken, done;    /* samples begun and finished */
};

struct nn_loader {
    struct nn_loader_opts o;
    int64_t *order;         /* permutation of the samples for this epoch */
    int64_t epoch, batches;
    int64_t assigned;       /* next batch to put into a slot */
    int64_t next;           /* next batch to hand out */
    struct slot *slot;      /* a ring: batch b lives in slot b % slots */
    int slots, held;        /* held: slot lent to the caller, -1 none */
    int closing, failed, running;
    struct nn_err err;      /* of the first failed sample */
    double waited;
    pthread_mutex_t lock;
    pthread_cond_t work, ready;
    pthread_t *thread;
    int threads;
};

static int64_t batch_size(const struct nn_loader *l, int64_t number)
{
    int64_t left = l->o.count - number * l->o.batch;

    return left < l->o.batch ? left : l->o.batch;
}

/* Puts upcoming batches into free slots. Called with the lock held. */
static void assign_slots(struct nn_loader *l)
{
    while (l->assigned < l->batches && l->assigned < l->next + l->slots) {
        int i = (int)(l->assigned % l->slots);
        struct slot *s = &l->slot[i];
        if (s->number >= 0 || i == l->held)
            break;
        s->number = l->assigned++;
        s->taken = s->done = 0;
        s->batch.n = batch_size(l, s->number);
        for (int64_t k = 0; k < s->batch.n; k++)
            s->batch.index[k] = l->order[s->number * l->o.batch + k];
    }
}

/* The oldest slot with a sample that nobody has begun. */
static struct slot *find_work(struct nn_loader *l)
{
    for (int64_t b = l->next; b < l->assigned; b++) {
        struct slot *s = &l->slot[b % l->slots];
        if (s->number == b && s->taken < s->batch.n)
            return s;
    }
    return NULL;
}

static void fill_sample(struct nn_loader *l, struct slot *s, int64_t k, int64_t epoch)
{
    int64_t index = s->batch.index[k];
    struct nn_err err = { 0 };
    struct nn_rng rng;
    int bad;

    pthread_mutex_unlock(&l->lock);
    nn_rng_seed(&rng, l->o.seed + (uint64_t)epoch * 0x9e3779b97f4a7c15u, (uint64_t)index + 1);
    bad = l->o.fill(l->o.arg, index, &rng, s->batch.x + k * l->o.floats, &s->batch.label[k], &err);
    pthread_mutex_lock(&l->lock);
    if (bad && !l->failed) {
        l->failed = 1;
        l->err = err;
    }
}

static void *thread_main(void *arg)
{
    struct nn_loader *l = arg;

    pthread_mutex_lock(&l->lock);
    while (!l->closing) {
        struct slot *s = l->failed ? NULL : find_work(l);
        if (!s) {
            pthread_cond_wait(&l->work, &l->lock);
            continue;
        }
        l->running++;
        fill_sample(l, s, s->taken++, l->epoch);
        l->running--;
        if (++s->done == s->batch.n || l->failed || !l->running)
            pthread_cond_broadcast(&l->ready);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static int alloc_slots(struct nn_loader *l)
{
    size_t n = (size_t)l->o.batch;

    l->slots = l->o.prefetch + 2;       /* one lent out, one being filled */
    if (!(l->slot = calloc((size_t)l->slots, sizeof *l->slot)))
        return -1;
    for (int i = 0; i < l->slots; i++) {
        struct nn_batch *b = &l->slot[i].batch;
        l->slot[i].number = -1;
        b->x = malloc(n * (size_t)l->o.floats * sizeof *b->x);
        b->label = malloc(n * sizeof *b->label);
        b->index = malloc(n * sizeof *b->index);
        if (!b->x || !b->label || !b->index)
            return -1;
    }
    return 0;
}

struct nn_loader *nn_loader_new(const struct nn_loader_opts *o, struct nn_err *err)
{
    struct nn_loader *l;

    if (o->count < 1 || o->batch < 1 || o->threads < 1 || o->prefetch < 1) {
        nn_fail(err, NN_EARG, "a loader needs samples, a batch size, a thread and a batch ahead");
        return NULL;
    }
    if (!(l = calloc(1, sizeof *l)))
        goto nomem;
    l->o = *o;
    l->held = -1;
    l->batches = o->drop_last ? o->count / o->batch : (o->count + o->batch - 1) / o->batch;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->work, NULL);
    pthread_cond_init(&l->ready, NULL);
    l->next = l->assigned = l->batches;     /* nothing to do before start() */
    if (alloc_slots(l) || !(l->order = malloc((size_t)o->count * sizeof *l->order)) ||
        !(l->thread = calloc((size_t)o->threads, sizeof *l->thread)))
        goto nomem;
    for (; l->threads < o->threads; l->threads++)
        if (pthread_create(&l->thread[l->threads], NULL, thread_main, l))
            break;
    if (!l->threads)
        goto nomem;
    return l;
nomem:
    nn_loader_free(l);
    nn_fail_mem(err, "loader");
    return NULL;
}

void nn_loader_free(struct nn_loader *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->closing = 1;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->threads; i++)
        pthread_join(l->thread[i], NULL);
    for (int i = 0; l->slot && i < l->slots; i++) {
        free(l->slot[i].batch.x);
        free(l->slot[i].batch.label);
        free(l->slot[i].batch.index);
    }
    pthread_cond_destroy(&l->work);
    pthread_cond_destroy(&l->ready);
    pthread_mutex_destroy(&l->lock);
    free(l->slot);
    free(l->order);
    free(l->thread);
    free(l);
}

int nn_loader_start(struct nn_loader *l, int64_t epoch, int64_t first, struct nn_err *err)
{
    struct nn_rng rng;

    if (epoch < 0 || first < 0 || first > l->batches)
        return nn_fail(err, NN_EARG, "no batch %lld in an epoch of %lld", (long long)first,
                       (long long)l->batches);
    pthread_mutex_lock(&l->lock);
    l->next = l->assigned = l->batches;     /* nobody begins more */
    while (l->running)
        pthread_cond_wait(&l->ready, &l->lock);
    for (int i = 0; i < l->slots; i++)
        l->slot[i].number = -1;
    for (int64_t i = 0; i < l->o.count; i++)
        l->order[i] = i;
    if (l->o.shuffle) {
        nn_rng_seed(&rng, l->o.seed, (uint64_t)epoch << 32);
        nn_rng_shuffle(&rng, l->order, (size_t)l->o.count);
    }
    l->held = -1;
    l->failed = 0;
    l->epoch = epoch;
    l->next = l->assigned = first;
    assign_slots(l);
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    return 0;
}

int64_t nn_loader_batches(const struct nn_loader *l)
{
    return l->batches;
}

int nn_loader_next(struct nn_loader *l, const struct nn_batch **b, struct nn_err *err)
{
    struct slot *s;
    double t0 = nn_now();
    int ret = 0;

    pthread_mutex_lock(&l->lock);
    l->held = -1;
    assign_slots(l);
    pthread_cond_broadcast(&l->work);
    if (l->next < l->batches) {
        s = &l->slot[l->next % l->slots];
        while (!l->failed && s->done < s->batch.n)
            pthread_cond_wait(&l->ready, &l->lock);
        if (l->failed) {
            if (err)
                *err = l->err;
            ret = -1;
        } else {
            *b = &s->batch;
            s->number = -1;
            l->held = (int)(l->next++ % l->slots);
            ret = 1;
        }
    }
    l->waited += nn_now() - t0;
    pthread_mutex_unlock(&l->lock);
    return ret;
}

double nn_loader_waited(const struct nn_loader *l)
{
    return l->waited;
}
