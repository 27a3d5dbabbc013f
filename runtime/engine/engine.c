#include "runtime/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "runtime/engine/load.h"
#include "runtime/engine/plan.h"
#include "runtime/onnx/onnx.h"

enum { MAX_PLANS = 8 };             /* sets of input shapes kept */
#define WARM_UP 4e9                 /* operations; larger networks start cold */

struct nn_engine {
    struct nn_graph *g;             /* as loaded */
    struct nn_ort *ort;             /* not NULL: it does everything; g may be NULL */
    struct nn_pool *pool;           /* of its own, or NULL */
    struct nn_net net;
    struct nn_plan *plans;          /* the last used first */
    int64_t (*dim)[NN_MAX_DIMS];    /* of the inputs of this run */
    void **data;
    struct nn_value *out;
    double *ms;                     /* per node; NULL: no profile */
};

/* A graph that shares everything with `g` but what rewriting changes. */
static int share_graph(struct nn_net *net, const struct nn_graph *g, size_t limit)
{
    net->g = *g;
    net->g.arena = (struct nn_arena){ .limit = limit };
    net->g.node = nn_arena_array(&net->g.arena, (size_t)g->nnode, sizeof *g->node);
    net->g.tensor = nn_arena_array(&net->g.arena, (size_t)g->ntensor, sizeof *g->tensor);
    if (!net->g.node || !net->g.tensor)
        return -1;
    if (g->ntensor)
        memcpy(net->g.tensor, g->tensor, (size_t)g->ntensor * sizeof *g->tensor);
    if (g->nnode)
        memcpy(net->g.node, g->node, (size_t)g->nnode * sizeof *g->node);
    return 0;
}

/* The inputs' shapes with every unknown dimension filled in: 1 picture, and
 * `size` for others. Returns how many others there were. */
static int assume(const struct nn_graph *g, int64_t (*dim)[NN_MAX_DIMS], int64_t size)
{
    int others = 0;

    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        others += t->ndim < 0;
        for (int k = 0; k < t->ndim; k++) {
            dim[i][k] = t->dim[k] >= 0 ? t->dim[k] : k ? size : 1;
            others += k && t->dim[k] < 0;
        }
    }
    return others;
}

/* Within `limit` bytes: constants are worked out on the way. */
static int lacks(const struct nn_graph *g, size_t limit,
                 void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg)
{
    struct nn_net net = { .limit = limit, .simd = nn_simd_choose() };
    struct nn_arena a = { 0 };
    int64_t (*dim)[NN_MAX_DIMS] = nn_arena_array(&a, (size_t)g->nin, sizeof *dim);
    int count;

    net.g = *g;
    net.fused = nn_arena_array(&a, (size_t)g->nnode, sizeof *net.fused);
    for (int i = 0; net.fused && i < g->nnode; i++)
        net.fused[i].residual = -1;
    if (dim)
        assume(g, dim, 256);
    count = nn_net_lacks(&net, net.fused ? dim : NULL, tell, arg);
    nn_arena_release(&a);
    return count;
}

int nn_engine_lacks(const struct nn_graph *g,
                    void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg)
{
    return lacks(g, NN_ENGINE_MEMORY, tell, arg);
}

struct complaint {
    struct nn_err *err;
    int count;
};

static void complain(void *arg, const struct nn_node *n, const char *reason)
{
    struct complaint *c = arg;

    if (!c->count++)
        nn_fail(c->err, NN_EUNSUPPORTED, "node '%s' (%s): %s", n->name, n->op, reason);
}

static struct nn_plan *plan_for(struct nn_engine *e, struct nn_err *err)
{
    struct nn_plan **at = &e->plans, *p;
    int kept = 0;

    for (; (p = *at); at = &p->next, kept++) {
        int same = 1;
        for (int i = 0; i < e->g->nin && same; i++) {
            const struct nn_tensor *t = &p->g.tensor[e->g->in[i]];
            for (int k = 0; k < t->ndim; k++)
                same &= t->dim[k] == e->dim[i][k];
        }
        if (same) {
            *at = p->next;
            break;
        }
        if (kept == MAX_PLANS - 1) {    /* the one not used for longest makes room */
            nn_plan_free(p);
            *at = p = NULL;
            break;
        }
    }
    if (!p && !(p = nn_plan_new(&e->net, e->dim, err)))
        return NULL;
    p->next = e->plans;
    return e->plans = p;
}

static void run_plan(struct nn_engine *e, struct nn_plan *p)
{
    struct nn_graph *g = &p->g;

    for (int i = 0; i < g->nin; i++)
        g->tensor[g->in[i]].data = e->data[i];
    for (int i = 0; i < 2 * p->base; i++)
        if (p->root[i] != i)
            g->tensor[i].data = g->tensor[p->root[i]].data;
    for (int i = 0; i < p->ntask; i++) {
        double start = e->ms ? nn_now() : 0;
        p->task[i].run(&p->task[i]);
        if (e->ms)
            e->ms[p->task[i].number] += (nn_now() - start) * 1e3;
    }
    for (int i = 0; i < g->nout; i++) {
        const struct nn_tensor *t = &g->tensor[g->out[i]];
        if (p->copy[i] && nn_tensor_bytes(t))
            memcpy(p->copy[i], t->data, nn_tensor_bytes(t));
        e->out[i] = (struct nn_value){ t->name, t->type, t->ndim, { 0 },
                                       p->copy[i] ? p->copy[i] : t->data };
        memcpy(e->out[i].dim, t->dim, sizeof t->dim);
    }
}

/* Plans for one picture and runs it on zeros, so that the first real run finds
 * code and memory warm; where sizes are open, there is nothing to plan yet. */
static int warm_up(struct nn_engine *e, struct nn_err *err)
{
    struct nn_arena a = { .limit = e->net.limit };
    struct nn_plan *p;
    int ret = -1;

    if (assume(e->g, e->dim, 1))
        return 0;
    if (!(p = plan_for(e, err)))
        return -1;
    for (int i = 0; i < e->g->nin; i++)
        if (!(e->data[i] = nn_arena_alloc(&a, nn_tensor_bytes(&p->g.tensor[e->g->in[i]])))) {
            nn_fail_mem(err, "inputs");
            goto out;
        }
    if (p->cost < WARM_UP)
        run_plan(e, p);
    memset(e->out, 0, (size_t)e->g->nout * sizeof *e->out);
    for (int i = 0; e->ms && i < e->g->nnode; i++)
        e->ms[i] = 0;
    ret = 0;
out:
    nn_arena_release(&a);
    return ret;
}

static int set_up(struct nn_engine *e, const struct nn_graph *g, const struct nn_engine_opts *opts,
                  struct nn_err *err)
{
    struct complaint c = { err, 0 };
    struct nn_arena *a;

    if (!(e->g = nn_graph_copy(g, err)) || nn_graph_check(e->g, err) || nn_onnx_infer(e->g, err))
        return -1;
    e->net.limit = opts && opts->max_memory ? opts->max_memory : NN_ENGINE_MEMORY;
    if (lacks(e->g, e->net.limit, complain, &c)) {
        if (c.count > 1)
            nn_fail_in(err, "%d nodes cannot run; the first", c.count);
        return -1;
    }
    e->net.simd = nn_simd_choose();
    if (opts && !opts->pool && opts->threads > 1 && !(e->pool = nn_pool_new(opts->threads, err)))
        return -1;
    e->net.pool = opts && opts->pool ? opts->pool : e->pool;
    if (e->g->arena.total > e->net.limit)
        return nn_fail(err, NN_EMEM, "the weights need %zu MB, %zu MB are allowed",
                       e->g->arena.total >> 20, e->net.limit >> 20);
    a = &e->g->arena;
    e->dim = nn_arena_array(a, (size_t)g->nin, sizeof *e->dim);
    e->data = nn_arena_array(a, (size_t)g->nin, sizeof *e->data);
    e->out = nn_arena_array(a, (size_t)g->nout, sizeof *e->out);
    e->ms = opts && opts->profile ? nn_arena_array(a, (size_t)g->nnode, sizeof *e->ms) : NULL;
    if (!e->dim || !e->data || !e->out || share_graph(&e->net, e->g, e->net.limit))
        return nn_fail_mem(err, "engine");
    return nn_net_rewrite(&e->net, err) ? -1 : warm_up(e, err);
}

struct nn_engine *nn_engine_ours(const struct nn_graph *g, const struct nn_engine_opts *opts,
                                 struct nn_err *err)
{
    struct nn_engine *e = calloc(1, sizeof *e);

    if (!e) {
        nn_fail_mem(err, "engine");
        return NULL;
    }
    if (set_up(e, g, opts, err)) {
        nn_engine_free(e);
        return NULL;
    }
    return e;
}

struct nn_engine *nn_engine_over(struct nn_ort *o, struct nn_graph *g, struct nn_err *err)
{
    struct nn_engine *e = o ? calloc(1, sizeof *e) : NULL;

    if (e) {
        e->ort = o;
        e->g = g;
        return e;
    }
    if (o)
        nn_fail_mem(err, "engine");
    nn_ort_free(o);
    nn_graph_free(g);
    return NULL;
}

void nn_engine_free(struct nn_engine *e)
{
    if (!e)
        return;
    while (e->plans) {
        struct nn_plan *p = e->plans;
        e->plans = p->next;
        nn_plan_free(p);
    }
    nn_arena_release(&e->net.g.arena);
    nn_ort_free(e->ort);
    nn_pool_free(e->pool);
    nn_graph_free(e->g);
    free(e);
}

const struct nn_graph *nn_engine_graph(const struct nn_engine *e)
{
    return e->g ? e->g : nn_ort_graph(e->ort);
}

/* Matches value `v` with a graph input: its number, or -1. */
static int take_input(struct nn_engine *e, const struct nn_value *v, struct nn_err *err)
{
    char want[100], got[100];
    int i = 0, fits;

    while (i < e->g->nin && strcmp(e->g->tensor[e->g->in[i]].name, v->name))
        i++;
    if (i == e->g->nin)
        return nn_fail(err, NN_ENOTFOUND, "the model has no input '%s'", v->name);
    const struct nn_tensor *t = &e->g->tensor[e->g->in[i]];
    if (v->type != t->type)
        return nn_fail(err, NN_EARG, "input '%s' is %s, the model wants %s", v->name,
                       nn_dtype_name(v->type), nn_dtype_name(t->type));
    fits = v->ndim >= 0 && v->ndim <= NN_MAX_DIMS && (t->ndim < 0 || v->ndim == t->ndim) &&
           nn_shape_possible(v->ndim, v->dim);
    for (int k = 0; fits && k < v->ndim; k++)
        fits = v->dim[k] >= 0 && (t->ndim < 0 || t->dim[k] < 0 || t->dim[k] == v->dim[k]);
    if (!fits)
        return nn_fail(err, NN_EARG, "input '%s' is %s, the model wants %s", v->name,
                       nn_shape_text(v->ndim, v->dim, got, sizeof got),
                       nn_shape_text(t->ndim, t->dim, want, sizeof want));
    memcpy(e->dim[i], v->dim, sizeof v->dim);
    e->data[i] = v->data;
    return i;
}

int nn_engine_run(struct nn_engine *e, const struct nn_value *in, int nin, struct nn_err *err)
{
    struct nn_plan *p;

    if (e->ort)
        return nn_ort_run(e->ort, in, nin, err);
    for (int i = 0; i < e->g->nin; i++)
        e->data[i] = NULL;
    for (int i = 0; i < nin; i++)
        if (take_input(e, &in[i], err) < 0)
            return -1;
    for (int i = 0; i < e->g->nin; i++)
        if (!e->data[i])
            return nn_fail(err, NN_EARG, "input '%s' is missing", e->g->tensor[e->g->in[i]].name);
    if (!(p = plan_for(e, err)))
        return -1;
    run_plan(e, p);
    return 0;
}

const struct nn_value *nn_engine_output(const struct nn_engine *e, int i)
{
    if (e->ort)
        return nn_ort_output(e->ort, i);
    return i >= 0 && i < e->g->nout ? &e->out[i] : NULL;
}

double nn_engine_node_ms(const struct nn_engine *e, int i)
{
    return e->ms && i >= 0 && i < e->g->nnode ? e->ms[i] : 0;
}

size_t nn_engine_memory(const struct nn_engine *e)
{
    size_t bytes = e->ort ? 0 : e->g->arena.total + e->net.g.arena.total;

    for (const struct nn_plan *p = e->plans; p; p = p->next)
        bytes += p->arena.total + p->bytes;
    return bytes;
}
