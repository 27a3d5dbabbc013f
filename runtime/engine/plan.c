#include "runtime/engine/plan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CHEAP 1e8       /* operations worth doing once, at planning */

static const struct {
    const char *name;
    nn_prepare *prepare;
} ops[] = {
#define OP(name, lo, hi, shape, kernel) { #name, prepare_##kernel },
#include "runtime/onnx/ops.def"
#undef OP
};

static nn_prepare *kernel_of(const char *op)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!strcmp(ops[i].name, op))
            return ops[i].prepare;
    return NULL;
}

/* A shallow copy of the net's graph with the inputs' shapes filled in and
 * everything inferred. -1 when a node does not fit. */
static int shape_plan(struct nn_plan *p, const struct nn_net *net, int64_t (*dim)[NN_MAX_DIMS],
                      struct nn_err *err)
{
    struct nn_infer in = { .g = &p->g, .err = err };
    size_t n = (size_t)net->g.ntensor;
    int ret;

    p->arena.limit = net->limit;
    p->g = net->g;
    p->g.arena = p->arena;
    p->g.tensor = nn_arena_array(&p->g.arena, n, sizeof *p->g.tensor);
    p->used = nn_arena_array(&p->g.arena, n, sizeof *p->used);
    if (!p->g.tensor || !p->used) {
        p->arena = p->g.arena;
        return nn_fail_mem(err, "plan");
    }
    memcpy(p->g.tensor, net->g.tensor, n * sizeof *p->g.tensor);
    for (int i = 0; i < p->g.nin; i++)
        memcpy(p->g.tensor[p->g.in[i]].dim, dim[i], sizeof dim[i]);
    for (int i = 0; i < p->g.nout; i++)
        p->used[p->g.out[i]] = 1;
    for (int i = 0; i < p->g.nnode; i++) {
        for (int k = 0; k < p->g.node[i].nin; k++)
            if (p->g.node[i].in[k] >= 0)
                p->used[p->g.node[i].in[k]] = 1;
        if (net->fused[i].residual >= 0)
            p->used[net->fused[i].residual] = 1;
    }
    ret = nn_infer_all(&in);
    p->known = in.known;
    p->arena = p->g.arena;      /* the arena has grown inside the graph */
    return ret;
}

/* Integer tensors whose values inference knows are constants now. */
static void fold_known(struct nn_plan *p)
{
    for (int i = 0; i < p->g.ntensor; i++) {
        struct nn_tensor *t = &p->g.tensor[i];
        const struct nn_known *k = &p->known[i];
        int64_t n = t->data || t->ndim < 0 ? -1 : nn_count(t);
        if (!k->n || n != k->n || (t->type != NN_I64 && t->type != NN_I32))
            continue;
        for (int j = 0; j < k->n; j++)
            if (k->v[j] == NN_UNKNOWN)
                n = -1;
        void *data = n < 0 ? NULL : nn_arena_alloc(&p->arena, nn_tensor_bytes(t));
        for (int j = 0; data && j < k->n; j++)
            if (t->type == NN_I64)
                ((int64_t *)data)[j] = k->v[j];
            else
                ((int32_t *)data)[j] = (int32_t)k->v[j];
        t->data = data;
    }
}

/* Fills a task for node `i`. NULL, or why it cannot run. */
static const char *make_task(struct nn_plan *p, const struct nn_net *net, int i, struct nn_task *t)
{
    struct nn_node *n = &p->g.node[i];
    nn_prepare *prepare = kernel_of(n->op);
    const char *wrong;

    if (!prepare)
        return "this operator is not supported";
    *t = (struct nn_task){ .opset = p->g.opset, .node = n, .nin = n->nin, .nout = n->nout,
                           .makes = 1, .fused = &net->fused[i], .pool = net->pool,
                           .arena = &p->arena };
    t->in = nn_arena_array(&p->arena, (size_t)n->nin, sizeof *t->in);
    t->outs = nn_arena_array(&p->arena, (size_t)n->nout, sizeof *t->outs);
    if (!t->in || !t->outs)
        return "out of memory";
    if (n->nout < 1 || n->out[0] < 0)
        return "its first output is missing";
    for (int k = 0; k < n->nin; k++) {
        t->in[k] = n->in[k] < 0 ? NULL : &p->g.tensor[n->in[k]];
        if (t->in[k] && nn_count(t->in[k]) < 0)
            return "the shape of an input is not known";
        if (t->in[k] && t->in[k]->data && k < 32)
            t->constant |= 1u << k;
    }
    for (int k = 0; k < n->nout; k++) {
        int made = n->out[k] >= 0 && (k == 0 || p->used[n->out[k]]);
        t->outs[k] = made ? &p->g.tensor[n->out[k]] : NULL;
        if (made && nn_count(t->outs[k]) < 0)
            return "the shape of its output depends on values";
        if (made && !nn_dtype_size(t->outs[k]->type))
            return "its element type is not supported";
    }
    t->out = t->outs[0];
    if (net->fused[i].residual >= 0) {
        t->residual = &p->g.tensor[net->fused[i].residual];
        if (t->residual->ndim != t->out->ndim ||
            memcmp(t->residual->dim, t->out->dim, (size_t)t->out->ndim * sizeof *t->out->dim))
            return "the sum behind it broadcasts, which is not supported";
    }
    if ((wrong = prepare(t)))
        return wrong;
    for (int k = t->makes; k < t->nout; k++)
        if (t->outs[k])
            return t->makes == 1 ? "only its first output is supported"
                                 : "not all of its outputs are supported";
    return NULL;
}

static double cost_of(const struct nn_task *t)
{
    double out = (double)nn_count(t->out);

    if (nn_op_is(t, "Conv"))
        return out * (double)nn_dims(t->in[1], 1, t->in[1]->ndim);
    if (nn_op_is(t, "MatMul") || nn_op_is(t, "Gemm"))
        return out * (double)nn_count(t->in[0]) /
               (double)(nn_count(t->out) ? t->out->dim[0] + 1 : 1) * 2;
    return out + (t->nin && t->in[0] ? (double)nn_count(t->in[0]) : 0);
}

/* Reshape and its like share their input's memory. */
static int is_view(const struct nn_task *t)
{
    return kernel_of(t->node->op) == prepare_view;
}

/* A node of constants alone is done now. 1 when it was, -1 without memory. */
static int run_now(struct nn_plan *p, struct nn_task *t)
{
    for (int k = 0; k < t->nin; k++)
        if (t->in[k] && !t->in[k]->data)
            return 0;
    if (t->residual || cost_of(t) > CHEAP)
        return 0;
    if (is_view(t)) {
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

static int fail_node(struct nn_err *err, const struct nn_node *n, const char *why)
{
    return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (%s): %s", n->name, n->op, why);
}

/* One task for each node that is neither swallowed, known nor a view. */
static int make_tasks(struct nn_plan *p, const struct nn_net *net, struct nn_err *err)
{
    size_t n = (size_t)p->g.nnode;

    p->task = nn_arena_array(&p->arena, n, sizeof *p->task);
    p->node = nn_arena_array(&p->arena, n, sizeof *p->node);
    p->root = nn_arena_array(&p->arena, (size_t)p->g.ntensor, sizeof *p->root);
    if (!p->task || !p->node || !p->root)
        return nn_fail_mem(err, "plan");
    for (int i = 0; i < p->g.ntensor; i++)
        p->root[i] = i;
    for (int i = 0; i < p->g.nnode; i++) {
        struct nn_node *node = &p->g.node[i];
        struct nn_task *t = &p->task[p->ntask];
        const char *wrong;
        int done;
        if (net->fused[i].skip || p->g.tensor[node->out[0]].data)
            continue;
        if ((wrong = make_task(p, net, i, t)))
            return fail_node(err, node, wrong);
        if ((done = run_now(p, t)) < 0)
            return fail_node(err, node, "its constants need more memory than is allowed");
        if (done)
            continue;
        p->cost += cost_of(t);
        if (is_view(t) && !t->in[0]->data) {
            p->root[node->out[0]] = p->root[node->in[0]];
            continue;
        }
        p->node[p->ntask++] = i;
    }
    return 0;
}

struct lives {
    int *from, *to, *tensor, *slot, *live;
    size_t *size, *offset;
    int n;
};

static void use(const struct nn_plan *p, struct lives *l, int tensor, int when)
{
    int s = tensor < 0 ? -1 : l->slot[p->root[tensor]];

    if (s >= 0 && l->to[s] < when)
        l->to[s] = when;
}

/* When each value is made and last used, by task number. */
static void find_lives(struct nn_plan *p, struct lives *l)
{
    for (int i = 0; i < p->g.ntensor; i++)
        l->slot[i] = -1;
    for (int i = 0; i < p->ntask; i++) {
        const struct nn_node *n = p->task[i].node;
        for (int k = 0; k < n->nout; k++) {
            if (!p->task[i].outs[k])
                continue;
            int t = n->out[k];
            l->tensor[l->n] = t;
            l->slot[t] = l->n;
            l->from[l->n] = l->to[l->n] = i;
            l->size[l->n++] = (nn_tensor_bytes(&p->g.tensor[t]) + 64) / 64 * 64;
        }
        for (int k = 0; k < n->nin; k++)
            use(p, l, n->in[k], i);
        use(p, l, p->task[i].fused->residual, i);
    }
    for (int i = 0; i < p->g.nout; i++)
        use(p, l, p->g.out[i], INT_MAX);
}

/* Graph outputs that are the caller's input get memory of their own, so that
 * they stay valid. */
static int own_outputs(struct nn_plan *p)
{
    if (!(p->copy = nn_arena_array(&p->arena, (size_t)p->g.nout, sizeof *p->copy)))
        return -1;
    for (int i = 0; i < p->g.nout; i++) {
        size_t bytes = nn_tensor_bytes(&p->g.tensor[p->g.out[i]]);
        for (int k = 0; k < p->g.nin; k++)
            if (p->root[p->g.out[i]] == p->g.in[k] && !p->copy[i] &&
                !(p->copy[i] = nn_arena_alloc(&p->arena, bytes)))
                return -1;
    }
    return 0;
}

static int place_values(struct nn_plan *p, const struct nn_net *net, struct nn_err *err)
{
    size_t n = (size_t)p->g.ntensor + 1, values, scratch = 0;
    struct lives l = { 0 };
    struct nn_arena a = { 0 };
    int ret = -1;

    l.from = nn_arena_array(&a, 5 * n + (size_t)p->g.ntensor, sizeof *l.from);
    l.size = nn_arena_array(&a, 2 * n, sizeof *l.size);
    if (!l.from || !l.size || own_outputs(p)) {
        nn_fail(err, NN_EMEM, "the values need more memory than is allowed");
        goto out;
    }
    l.to = l.from + n;
    l.tensor = l.to + n;
    l.live = l.tensor + n;
    l.slot = l.live + n;
    l.offset = l.size + n;
    find_lives(p, &l);
    values = nn_plan_place(l.n, l.from, l.to, l.size, l.offset, l.live);
    for (int i = 0; i < p->ntask; i++)
        if (p->task[i].scratch > scratch)
            scratch = p->task[i].scratch;
    p->bytes = (values + scratch + 127) / 64 * 64;
    if (p->bytes > net->limit || !(p->memory = aligned_alloc(64, p->bytes))) {
        nn_fail(err, NN_EMEM, "the values need %zu MB, %zu MB are allowed", p->bytes >> 20,
                net->limit >> 20);
        goto out;
    }
    memset(p->memory, 0, p->bytes);     /* page faults now, not in the first run */
    for (int i = 0; i < l.n; i++)
        p->g.tensor[l.tensor[i]].data = p->memory + l.offset[i];
    for (int i = 0; i < p->g.ntensor; i++)
        if (p->root[i] != i)
            p->g.tensor[i].data = p->g.tensor[p->root[i]].data;
    for (int i = 0; i < p->ntask; i++)
        p->task[i].memory = p->memory + values;
    ret = 0;
out:
    nn_arena_release(&a);
    return ret;
}

struct nn_plan *nn_plan_new(const struct nn_net *net, int64_t (*dim)[NN_MAX_DIMS],
                            struct nn_err *err)
{
    struct nn_plan *p = calloc(1, sizeof *p);

    if (!p) {
        nn_fail_mem(err, "plan");
        return NULL;
    }
    if (shape_plan(p, net, dim, err))
        goto fail;
    fold_known(p);
    if (make_tasks(p, net, err) || place_values(p, net, err))
        goto fail;
    return p;
fail:
    nn_plan_free(p);
    return NULL;
}

void nn_plan_free(struct nn_plan *p)
{
    if (!p)
        return;
    nn_arena_release(&p->arena);
    free(p->memory);
    free(p);
}

int nn_net_lacks(const struct nn_net *net, int64_t (*dim)[NN_MAX_DIMS],
                 void (*tell)(void *arg, const struct nn_node *n, const char *reason), void *arg)
{
    struct nn_plan p = { 0 };
    struct nn_err unused;
    int count = 0, shaped = dim && !shape_plan(&p, net, dim, &unused);

    if (shaped)
        fold_known(&p);
    for (int i = 0; i < net->g.nnode; i++) {
        const struct nn_node *n = &net->g.node[i];
        const char *why = kernel_of(n->op) ? NULL : "this operator is not supported";
        int known = shaped && !why && !p.g.tensor[n->out[0]].data;
        struct nn_task t;
        for (int k = 0; known && k < n->nin; k++)
            known = n->in[k] < 0 || nn_count(&p.g.tensor[n->in[k]]) >= 0;
        if (known)
            why = make_task(&p, net, i, &t);
        if (known && !why)
            run_now(&p, &t);    /* its values may be someone's axes */
        if (why && ++count && tell)
            tell(arg, n, why);
    }
    nn_arena_release(&p.arena);
    return count;
}
