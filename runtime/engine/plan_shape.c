/* What a plan knows before it has tasks: every shape, and the values of all that is constant. */
#include "runtime/engine/plan.h"

#include <string.h>

#define CHEAP 1e9       /* cost of all that is worth doing once, at planning */

/* A task of constants alone is done now, while there are not too many. 1 when it was, -1
 * without memory. */
static int run_now(struct nn_plan *p, struct nn_task *t)
{
    double cost = nn_task_cost(t);

    if (p->folded + cost > CHEAP)
        return 0;
    p->folded += cost;
    if (nn_is_view(t->node) && !t->outs[t->nout - 1]) {
        t->out->data = t->in[0]->data;
        return 1;
    }
    if (!(t->memory = nn_arena_alloc(&p->arena, t->scratch)))
        return -1;
    for (int k = 0; k < t->nout; k++)
        if (t->outs[k] &&
            !(t->outs[k]->data = nn_arena_alloc(&p->arena, nn_tensor_bytes(t->outs[k]))))
            return -1;
    t->run(t);
    return 1;
}

/* An integer tensor whose values inference knows is a constant now. */
static void fold_known(struct nn_plan *p, struct nn_tensor *t, const struct nn_known *k)
{
    int64_t n = t->data || t->ndim < 0 ? -1 : nn_count(t);
    void *data;

    if (!k->n || n != k->n || (t->type != NN_I64 && t->type != NN_I32))
        return;
    for (int j = 0; j < k->n; j++)
        if (k->v[j] == NN_UNKNOWN)
            return;
    data = nn_arena_alloc(&p->arena, nn_tensor_bytes(t));
    for (int j = 0; data && j < k->n; j++)
        if (t->type == NN_I64)
            ((int64_t *)data)[j] = k->v[j];
        else
            ((int32_t *)data)[j] = (int32_t)k->v[j];
    t->data = data;
}

struct folding {
    struct nn_plan *p;
    const struct nn_net *net;
};

/* Node `i` of constants alone, unless another one took it in. -1 without memory. */
static int fold_node(struct nn_plan *p, const struct nn_net *net, int i)
{
    const struct nn_node *n = &p->g.node[i];
    struct nn_task t;
    int done;

    if (net->fused[i].skip || !nn_kernel_of(n->op) || n->nout < 1 || n->out[0] < 0 ||
        p->g.tensor[n->out[0]].data)
        return 0;
    for (int k = 0; k < n->nin; k++)
        if (n->in[k] >= 0 && !p->g.tensor[n->in[k]].data)
            return 0;
    if (nn_plain_task(p, net, i, &t))
        return 0;
    done = run_now(p, &t);
    for (int k = 0; k < n->nout; k++)
        if (n->out[k] >= 0 && p->open[n->out[k]]) {
            p->open[n->out[k]] = 0;
            if (done <= 0)      /* what prepare() said of its size is a bound, no more */
                p->g.tensor[n->out[k]].ndim = -1;
        }
    return done;
}

/* What nn_infer calls behind each node's rule: shapes computed by any operator are found. */
static int fold(struct nn_infer *in, int i)
{
    const struct folding *f = in->arg;
    struct nn_plan *p = f->p;
    const struct nn_node *n = &p->g.node[i];
    int done;

    p->arena = p->g.arena;      /* the arena is in the graph's care meanwhile */
    for (int k = 0; k < n->nout; k++)
        if (n->out[k] >= 0)
            fold_known(p, &p->g.tensor[n->out[k]], &in->known[n->out[k]]);
    done = fold_node(p, f->net, i);
    p->g.arena = p->arena;
    for (int k = 0; done > 0 && k < n->nout; k++)
        if (n->out[k] >= 0)
            nn_infer_constant(in, n->out[k]);
    return done < 0 ? nn_fail_mem(in->err, "plan") : 0;
}

/* Fills in the inputs' shapes, and the values of those that decide shapes. */
static int take_inputs(struct nn_plan *p, const struct nn_net *net, const struct nn_value *value,
                       struct nn_err *err)
{
    for (int i = 0; i < p->g.nin; i++) {
        struct nn_tensor *t = &p->g.tensor[p->g.in[i]];
        const struct nn_value *v = &value[p->g.in[i]];
        t->type = v->type;
        t->ndim = v->ndim;
        memcpy(t->dim, v->dim, sizeof t->dim);
        if (!net->key || !net->key[i] || !v->data)
            continue;
        if (nn_count(t) > NN_MAX_KNOWN && net->key[i] == NN_KEY_IF_SMALL)
            continue;
        if (nn_count(t) > NN_MAX_KNOWN)
            return nn_fail(err, NN_EUNSUPPORTED, "'%s' decides shapes; at most %d values can",
                           t->name, NN_MAX_KNOWN);
        if (!(p->key[i] = nn_arena_alloc(&p->g.arena, nn_tensor_bytes(t))))
            return nn_fail_mem(err, "plan");
        if (nn_tensor_bytes(t))
            memcpy(p->key[i], v->data, nn_tensor_bytes(t));
        t->data = p->key[i];
    }
    return 0;
}

int nn_plan_shapes(struct nn_plan *p, const struct nn_net *net, const struct nn_value *value,
                   struct nn_err *err)
{
    struct folding f = { p, net };
    struct nn_infer in = { .g = &p->g, .err = err, .fold = fold, .arg = &f };
    size_t n = (size_t)net->g.ntensor;
    int ret;

    p->arena.limit = net->limit;
    p->g = net->g;
    p->g.arena = p->arena;
    p->base = net->g.ntensor;
    p->g.tensor = nn_arena_array(&p->g.arena, 2 * n, sizeof *p->g.tensor);
    p->root = nn_arena_array(&p->g.arena, 2 * n, sizeof *p->root);
    p->made = nn_arena_alloc(&p->g.arena, 2 * n);
    p->used = nn_arena_array(&p->g.arena, n, sizeof *p->used);
    p->open = nn_arena_alloc(&p->g.arena, n);
    p->key = nn_arena_array(&p->g.arena, (size_t)p->g.nin, sizeof *p->key);
    if (!p->g.tensor || !p->root || !p->made || !p->used || !p->open || !p->key) {
        p->arena = p->g.arena;
        return nn_fail_mem(err, "plan");
    }
    memcpy(p->g.tensor, net->g.tensor, n * sizeof *p->g.tensor);
    for (int i = 0; i < 2 * p->base; i++)
        p->root[i] = i;
    for (int i = 0; i < p->g.nout; i++)
        p->used[p->g.out[i]] = 1;
    for (int i = 0; i < p->g.nnode; i++) {
        for (int k = 0; k < p->g.node[i].nin; k++)
            if (p->g.node[i].in[k] >= 0)
                p->used[p->g.node[i].in[k]] = 1;
        if (net->fused[i].residual >= 0)
            p->used[net->fused[i].residual] = 1;
    }
    ret = take_inputs(p, net, value, err) ? -1 : nn_infer_all(&in);
    p->known = in.known;
    p->arena = p->g.arena;      /* the arena has grown inside the graph */
    return ret;
}

int nn_plan_fits(const struct nn_plan *p, const struct nn_value *value)
{
    for (int i = 0; i < p->g.nin; i++) {
        const struct nn_tensor *t = &p->g.tensor[p->g.in[i]];
        const struct nn_value *v = &value[p->g.in[i]];
        if (t->ndim != v->ndim || (p->key[i] && !v->data))
            return 0;
        for (int k = 0; k < t->ndim; k++)
            if (t->dim[k] != v->dim[k])
                return 0;
        if (p->key[i] && nn_tensor_bytes(t) && memcmp(p->key[i], v->data, nn_tensor_bytes(t)))
            return 0;
    }
    return 1;
}

/* Are all shapes and values there that node `i` is planned with? */
static int is_plannable(const struct nn_plan *p, int i)
{
    const struct nn_node *n = &p->g.node[i];
    uint32_t wants = nn_infer_wants(n);

    for (int k = 0; k < n->nin; k++) {
        const struct nn_tensor *t = n->in[k] < 0 ? NULL : &p->g.tensor[n->in[k]];
        if (t && (nn_count(t) < 0 || p->open[n->in[k]] ||
                  (wants != NN_OPEN && k < 32 && wants & 1u << k && !t->data)))
            return 0;
    }
    return !p->g.tensor[n->out[0]].data;
}

int nn_net_lacks(const struct nn_net *net, const struct nn_value *value,
                 void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg)
{
    struct nn_plan p = { 0 };
    struct nn_err unused;
    int count = 0, shaped = value && !nn_plan_shapes(&p, net, value, &unused);

    for (int i = 0; i < net->g.nnode; i++) {
        const struct nn_node *n = &net->g.node[i];
        const char *why = nn_kernel_of(n->op) ? NULL : "this operator is not supported";
        struct nn_task t;
        if (!why && shaped && is_plannable(&p, i))
            why = nn_plain_task(&p, net, i, &t);
        if (why && ++count && tell)
            tell(arg, n, why);
    }
    nn_arena_release(&p.arena);
    return count;
}
