#include "runtime/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "runtime/engine/load.h"
#include "runtime/engine/stage.h"
#include "runtime/onnx/onnx.h"

enum { MAX_PLANS = 8 };             /* kept of a stage */
#define WARM_UP 2e9                 /* multiply-adds, as engine.h says */

struct nn_engine {
    struct nn_graph *g;             /* as loaded */
    struct nn_ort *ort;             /* not NULL: it does everything; g may be NULL */
    struct nn_pool *pool;           /* of its own, or NULL */
    int nstage;
    struct nn_stage *stage;
    size_t limit;                   /* bytes, for all plans together */
    struct nn_value *value;         /* per tensor: inputs, outputs, what stages hand on */
    double *ms;                     /* per node; NULL: no profile */
};

/* Fills in the inputs' shapes, every unknown dimension too: 1 picture, and `size` for
 * others. Returns how many others there were. */
static int assume(const struct nn_graph *g, struct nn_value *value, int64_t size)
{
    int others = 0;

    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        struct nn_value *v = &value[g->in[i]];
        *v = (struct nn_value){ t->name, t->type, t->ndim, { 0 }, NULL };
        others += t->ndim < 0;
        for (int k = 0; k < t->ndim; k++) {
            v->dim[k] = t->dim[k] >= 0 ? t->dim[k] : k ? size : 1;
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
    struct nn_value *value = nn_arena_array(&a, (size_t)g->ntensor, sizeof *value);
    int count;

    net.g = *g;
    net.fused = nn_arena_array(&a, (size_t)g->nnode, sizeof *net.fused);
    for (int i = 0; net.fused && i < g->nnode; i++)
        net.fused[i].residual = -1;
    if (value)
        assume(g, value, 256);
    count = nn_net_lacks(&net, net.fused ? value : NULL, tell, arg);
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

static size_t plan_bytes(const struct nn_plan *p)
{
    return p ? p->arena.total + p->bytes : 0;
}

/* A new plan for what e->value says. What this run has made already stays, the rest makes room. */
static struct nn_plan *new_plan(struct nn_engine *e, int s, struct nn_err *err)
{
    struct nn_stage *st = &e->stage[s];
    size_t kept = 0, others = 0;
    struct nn_plan *p, **at;

    for (int i = 0; i < s; i++)
        kept += plan_bytes(e->stage[i].plans);
    st->net.limit = nn_stage_left(e->limit, kept);
    if (!(p = nn_plan_new(&st->net, e->value, err)))
        return NULL;
    if ((kept += plan_bytes(p)) > e->limit) {
        nn_fail(err, NN_EMEM, "one run needs more than the %zu MB allowed", e->limit >> 20);
        nn_plan_free(p);
        return NULL;
    }
    for (int i = 0; i < e->nstage; i++) {
        at = i < s && e->stage[i].plans ? &e->stage[i].plans->next : &e->stage[i].plans;
        for (int n = 0; *at; n++) {
            struct nn_plan *old = *at;
            if (n < MAX_PLANS - 1 && plan_bytes(old) <= e->limit - kept - others) {
                others += plan_bytes(old);
                at = &old->next;
                continue;
            }
            *at = old->next;
            nn_plan_free(old);
        }
    }
    return p;
}

/* The plan of stage s for what e->value says; it becomes the first one. */
static struct nn_plan *plan_for(struct nn_engine *e, int s, struct nn_err *err)
{
    struct nn_stage *st = &e->stage[s];
    struct nn_plan **at = &st->plans, *p;

    while ((p = *at) && !nn_plan_fits(p, e->value))
        at = &p->next;
    if (p)
        *at = p->next;
    else if (!(p = new_plan(e, s, err)))
        return NULL;
    p->next = st->plans;
    return st->plans = p;
}

static void run_plan(struct nn_engine *e, const struct nn_stage *st, struct nn_plan *p)
{
    struct nn_graph *g = &p->g;

    for (int i = 0; i < g->nin; i++)
        if (!p->key[i])
            g->tensor[g->in[i]].data = e->value[g->in[i]].data;
    for (int i = 0; i < 2 * p->base; i++)
        if (p->root[i] != i)
            g->tensor[i].data = g->tensor[p->root[i]].data;
    for (int i = 0; i < p->ntask; i++) {
        double start = e->ms ? nn_now() : 0;
        p->task[i].run(&p->task[i]);
        if (e->ms)
            e->ms[st->first + p->task[i].number] += (nn_now() - start) * 1e3;
    }
    for (int i = 0; i < g->nout; i++) {
        const struct nn_tensor *t = &g->tensor[g->out[i]];
        struct nn_value *v = &e->value[g->out[i]];
        if (p->copy[i] && nn_tensor_bytes(t))
            memcpy(p->copy[i], t->data, nn_tensor_bytes(t));
        *v = (struct nn_value){ t->name, t->type, t->ndim, { 0 },
                                p->copy[i] ? p->copy[i] : t->data };
        memcpy(v->dim, t->dim, sizeof t->dim);
    }
}

/* Plans the first stage for one picture and runs it on zeros, so that the first real
 * run finds code and memory warm; where sizes are open, there is nothing to plan yet. */
static int warm_up(struct nn_engine *e, struct nn_err *err)
{
    struct nn_arena a = { .limit = e->limit };
    struct nn_plan *p;
    int ret = -1;

    if (e->stage[0].net.key || assume(e->g, e->value, 1))
        return 0;
    if (!(p = plan_for(e, 0, err)))
        return -1;
    for (int i = 0; i < e->g->nin; i++) {
        int t = e->g->in[i];
        if (!(e->value[t].data = nn_arena_alloc(&a, nn_tensor_bytes(&p->g.tensor[t])))) {
            nn_fail_mem(err, "inputs");
            goto out;
        }
    }
    if (p->cost < WARM_UP)
        run_plan(e, &e->stage[0], p);
    for (int i = 0; e->ms && i < e->g->nnode; i++)
        e->ms[i] = 0;
    memset(e->value, 0, (size_t)e->g->ntensor * sizeof *e->value);
    ret = 0;
out:
    nn_arena_release(&a);
    return ret;
}

static int rewrite(struct nn_engine *e, struct nn_pool *pool, struct nn_err *err)
{
    size_t left = e->limit;

    for (int s = 0; s < e->nstage; s++) {
        struct nn_net *net = &e->stage[s].net;
        net->simd = nn_simd_choose();
        net->pool = pool;
        net->g.arena.limit = left;
        if (nn_net_rewrite(net, err))
            return -1;
        left = nn_stage_left(left, net->g.arena.total);
    }
    return 0;
}

static int set_up(struct nn_engine *e, const struct nn_graph *g, const struct nn_engine_opts *opts,
                  struct nn_err *err)
{
    struct complaint c = { err, 0 };
    struct nn_arena *a;

    if (!(e->g = nn_graph_copy(g, err)) || nn_graph_check(e->g, err) || nn_onnx_infer(e->g, err))
        return -1;
    e->limit = opts && opts->max_memory ? opts->max_memory : NN_ENGINE_MEMORY;
    if (lacks(e->g, e->limit, complain, &c)) {
        if (c.count > 1)
            nn_fail_in(err, "%d nodes cannot run; the first", c.count);
        return -1;
    }
    if (opts && !opts->pool && opts->threads > 1 && !(e->pool = nn_pool_new(opts->threads, err)))
        return -1;
    if (e->g->arena.total > e->limit)
        return nn_fail(err, NN_EMEM, "the weights need %zu MB, %zu MB are allowed",
                       e->g->arena.total >> 20, e->limit >> 20);
    a = &e->g->arena;
    e->value = nn_arena_array(a, (size_t)g->ntensor, sizeof *e->value);
    e->ms = opts && opts->profile ? nn_arena_array(a, (size_t)g->nnode, sizeof *e->ms) : NULL;
    if (!e->value)
        return nn_fail_mem(err, "engine");
    if (!(e->stage = nn_stages_new(e->g, e->limit, &e->nstage, err)))
        return -1;
    return rewrite(e, opts && opts->pool ? opts->pool : e->pool, err) ? -1 : warm_up(e, err);
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
    for (int s = 0; s < e->nstage; s++)
        nn_stage_release(&e->stage[s]);
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
    e->value[e->g->in[i]] = *v;
    return i;
}

int nn_engine_run(struct nn_engine *e, const struct nn_value *in, int nin, struct nn_err *err)
{
    if (e->ort)
        return nn_ort_run(e->ort, in, nin, err);
    for (int i = 0; i < e->g->nin; i++)
        e->value[e->g->in[i]].data = NULL;
    for (int i = 0; i < nin; i++)
        if (take_input(e, &in[i], err) < 0)
            return -1;
    for (int i = 0; i < e->g->nin; i++)
        if (!e->value[e->g->in[i]].data)
            return nn_fail(err, NN_EARG, "input '%s' is missing", e->g->tensor[e->g->in[i]].name);
    for (int s = 0; s < e->nstage; s++) {
        struct nn_plan *p = plan_for(e, s, err);
        if (!p)
            return -1;
        run_plan(e, &e->stage[s], p);
    }
    return 0;
}

const struct nn_value *nn_engine_output(const struct nn_engine *e, int i)
{
    if (e->ort)
        return nn_ort_output(e->ort, i);
    return i >= 0 && i < e->g->nout ? &e->value[e->g->out[i]] : NULL;
}

double nn_engine_node_ms(const struct nn_engine *e, int i)
{
    return e->ms && i >= 0 && i < e->g->nnode ? e->ms[i] : 0;
}

size_t nn_engine_memory(const struct nn_engine *e)
{
    size_t bytes = e->ort ? 0 : e->g->arena.total;

    for (int s = 0; s < e->nstage; s++) {
        bytes += e->stage[s].net.g.arena.total;
        for (const struct nn_plan *p = e->stage[s].plans; p; p = p->next)
            bytes += plan_bytes(p);
    }
    return bytes;
}
