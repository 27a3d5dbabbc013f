#include <lo/lo.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/signals/osc.h"

struct slot {
    uint32_t hash;
    int64_t number;                 /* of the message: the newest is the largest */
    struct nn_control control;
};

struct nn_osc_in {
    lo_server server;
    pthread_t thread;
    int started;
    atomic_int quit;
    pthread_mutex_t lock;           /* of what follows; held for a search of the box at most */
    struct slot box[NN_OSC_BOX];
    int count;
    struct nn_osc_stats stats;
};

static _Thread_local char lo_said[200];

static void complain(int num, const char *msg, const char *where)
{
    (void)num;
    (void)where;
    strncpy(lo_said, msg ? msg : "", sizeof lo_said - 1);
}

static uint32_t hash_of(const char *s)          /* FNV-1a */
{
    uint32_t h = 2166136261u;

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 16777619u;
    return h;
}

/* The first argument, when there is one. -1: of a kind that we cannot take. */
static int read_value(struct nn_control *c, const char *types, lo_arg **argv, int argc)
{
    c->kind = NN_CONTROL_NUMBER;
    if (!argc) {
        c->kind = NN_CONTROL_NONE;
        return 0;
    }
    switch (types[0]) {
    case LO_FLOAT: c->value = argv[0]->f; break;
    case LO_DOUBLE: c->value = (float)argv[0]->d; break;
    case LO_INT32: c->value = (float)argv[0]->i; break;
    case LO_INT64: c->value = (float)argv[0]->h; break;
    case LO_TRUE: c->value = 1; break;
    case LO_FALSE: c->value = 0; break;
    case LO_STRING: case LO_SYMBOL:
        c->kind = NN_CONTROL_TEXT;
        if (strlen(&argv[0]->s) >= sizeof c->text)
            return -1;
        memcpy(c->text, &argv[0]->s, strlen(&argv[0]->s) + 1);
        break;
    default: return -1;
    }
    return isfinite(c->value) ? 0 : -1;
}

/* The address's slot, else a free one, else the oldest. */
static struct slot *find_slot(struct nn_osc_in *o, uint32_t hash, const char *address)
{
    struct slot *oldest = o->box;

    for (int i = 0; i < o->count; i++) {
        struct slot *s = &o->box[i];
        if (s->hash == hash && !strcmp(s->control.address, address))
            return s;
        if (s->number < oldest->number)
            oldest = s;
    }
    if (o->count < NN_OSC_BOX)
        return &o->box[o->count++];
    o->stats.forgotten++;
    return oldest;
}

static int receive(const char *path, const char *types, lo_arg **argv, int argc, lo_message msg,
                   void *user)
{
    struct nn_control c = { .value = 0 };
    struct nn_osc_in *o = user;
    int ours = !strncmp(path, "/neonnoir/", 10) && strlen(path) < sizeof c.address &&
               !read_value(&c, types, argv, argc);

    (void)msg;
    if (ours)
        memcpy(c.address, path, strlen(path) + 1);
    pthread_mutex_lock(&o->lock);
    o->stats.messages++;
    if (ours) {
        uint32_t hash = hash_of(path);
        struct slot *s = find_slot(o, hash, path);
        *s = (struct slot){ hash, o->stats.messages, c };
    } else {
        o->stats.foreign++;
    }
    pthread_mutex_unlock(&o->lock);
    return 0;
}

static void *work(void *arg)
{
    struct nn_osc_in *o = arg;

    while (!atomic_load(&o->quit))
        lo_server_recv_noblock(o->server, 50);      /* ms */
    return NULL;
}

struct nn_osc_in *nn_osc_in_open(int port, struct nn_err *err)
{
    struct nn_osc_in *o = calloc(1, sizeof *o);
    char text[16];

    if (!o) {
        nn_fail_mem(err, "OSC");
        return NULL;
    }
    pthread_mutex_init(&o->lock, NULL);
    snprintf(text, sizeof text, "%d", port);
    if (!(o->server = lo_server_new(port ? text : NULL, complain))) {
        nn_fail(err, NN_EIO, "OSC cannot listen on port %d: %s", port, lo_said);
        goto fail;
    }
    lo_server_enable_queue(o->server, 0, 1);
    lo_server_add_method(o->server, NULL, NULL, receive, o);
    if (pthread_create(&o->thread, NULL, work, o)) {
        nn_fail(err, NN_EMEM, "no thread for OSC");
        goto fail;
    }
    o->started = 1;
    return o;
fail:
    nn_osc_in_close(o);
    return NULL;
}

void nn_osc_in_close(struct nn_osc_in *o)
{
    if (!o)
        return;
    atomic_store(&o->quit, 1);
    if (o->started)
        pthread_join(o->thread, NULL);
    if (o->server)
        lo_server_free(o->server);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

int nn_osc_in_port(const struct nn_osc_in *o)
{
    return lo_server_get_port(o->server);
}

int nn_osc_in_take(struct nn_osc_in *o, struct nn_control out[NN_OSC_BOX])
{
    int order[NN_OSC_BOX], n;

    if (pthread_mutex_trylock(&o->lock))
        return 0;
    n = o->count;
    for (int i = 0; i < n; i++) {
        int k = i;
        for (; k > 0 && o->box[order[k - 1]].number > o->box[i].number; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (int i = 0; i < n; i++)
        out[i] = o->box[order[i]].control;
    o->count = 0;
    pthread_mutex_unlock(&o->lock);
    return n;
}

struct nn_osc_stats nn_osc_in_stats(struct nn_osc_in *o)
{
    struct nn_osc_stats stats;

    pthread_mutex_lock(&o->lock);
    stats = o->stats;
    pthread_mutex_unlock(&o->lock);
    return stats;
}

void nn_osc_in_feed(struct nn_osc_in *o, const void *packet, size_t size)
{
    void *copy = malloc(size + 1);              /* liblo turns numbers round in place */

    if (!copy)
        return;
    memcpy(copy, packet, size);
    lo_server_dispatch_data(o->server, copy, size);
    free(copy);
}
