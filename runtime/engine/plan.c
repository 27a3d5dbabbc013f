#include "runtime/engine/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    nn_prepare *prepare;
} ops[] = {
#define OP(name, lo, hi, shape, kernel) { #name, prepare_##kernel },
#include "runtime/onnx/ops.def"
#undef OP
};

nn_prepare *nn_kernel_of(const char *op)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!strcmp(ops[i].name, op))
            return ops[i].prepare;
    return NULL;
}

/* Everything of a task but its kernel: the operands in form base + k for the first
 * `turned` inputs of rank 4 (and all outputs) when `nhwc`. */
static const char *fill_task(struct nn_plan *p, const struct nn_net *net, int i,
                             const struct nn_node *n, int nhwc, int turned, struct nn_task *t)
{
    *t = (struct nn_task){ .opset = p->g.opset, .node = n, .nin = n->nin, .nout = n->nout,
                           .number = i, .makes = 1, .fused = &net->fused[i], .pool = net->pool,
                           .simd = net->simd, .arena = &p->arena, .nhwc = nhwc };
    t->in = nn_arena_array(&p->arena, (size_t)n->nin, sizeof *t->in);
    t->outs = nn_arena_array(&p->arena, (size_t)n->nout, sizeof *t->outs);
    t->in_form = nn_arena_array(&p->arena, (size_t)(n->nin + n->nout), sizeof *t->in_form);
    if (!t->in || !t->outs || !t->in_form)
        return "out of memory";
    t->out_form = t->in_form + n->nin;
    if (n->nout < 1 || n->out[0] < 0)
        return "its first output is missing";
    for (int k = 0; k < n->nin; k++) {
        int form = n->in[k];
        if (form >= 0 && (nn_count(&p->g.tensor[form]) < 0 || p->open[form]))
            return "the shape of an input is not known";
        if (form >= 0 && nhwc && k < turned && nn_count(&p->g.tensor[form]) != 1)
            form = nn_nhwc_form(p, form);
        t->in_form[k] = form;
        t->in[k] = form < 0 ? NULL : &p->g.tensor[form];
        if (n->in[k] >= 0 && p->g.tensor[n->in[k]].data && k < 32)
            t->constant |= 1u << k;
    }
    for (int k = 0; k < n->nout; k++) {
        int form = n->out[k];
        t->out_form[k] = -1;
        if (form < 0 || (k && !p->used[form]))
            continue;
        if (nn_count(&p->g.tensor[form]) < 0 && nn_infer_wants(n) != NN_OPEN)
            return "the shape of its output depends on values";
        if (!nn_dtype_size(p->g.tensor[form].type))
            return "its element type is not supported";
        t->out_form[k] = form = nhwc ? nn_nhwc_form(p, form) : form;
        if (form < 0)
            return "out of memory";
        t->outs[k] = &p->g.tensor[form];
    }
    t->out = t->outs[0];
    t->residual_form = net->fused[i].residual;
    if (t->residual_form >= 0) {
        t->residual_form = nn_nhwc_form(p, t->residual_form);
        t->residual = &p->g.tensor[t->residual_form];
        if (t->residual->ndim != t->out->ndim ||
            memcmp(t->residual->dim, t->out->dim, (size_t)t->out->ndim * sizeof *t->out->dim))
            return "the sum behind it broadcasts, which is not supported";
    }
    return NULL;
}

static const char *prepare_task(nn_prepare *prepare, struct nn_task *t)
{
    const char *wrong = prepare(t);

    for (int k = t->makes; !wrong && k < t->nout; k++)
        if (t->outs[k])
            wrong = t->makes == 1 ? "only its first output is supported"
                                  : "not all of its outputs are supported";
    return wrong;
}

const char *nn_plain_task(struct nn_plan *p, const struct nn_net *net, int i, struct nn_task *t)
{
    nn_prepare *prepare = nn_kernel_of(p->g.node[i].op);
    const char *wrong;

    if (!prepare)
        return "this operator is not supported";
    if (net->fused[i].weight || net->fused[i].residual >= 0 || net->fused[i].act)
        return "it is too large for the kernel it was prepared for";
    if ((wrong = fill_task(p, net, i, &p->g.node[i], 0, 0, t)) ||
        (wrong = prepare_task(prepare, t)))
        return wrong;
    for (int k = 0; k < t->nout && nn_infer_wants(t->node) == NN_OPEN; k++)
        if (t->node->out[k] >= 0)
            p->open[t->node->out[k]] = 1;
    return NULL;
}

int nn_is_view(const struct nn_node *n)
{
    return nn_kernel_of(n->op) == prepare_view;
}

static int add_task(struct nn_plan *p, const struct nn_task *t)
{
    if (p->ntask == p->task_cap) {
        int cap = p->task_cap ? 2 * p->task_cap : p->g.nnode + 8;
        struct nn_task *more = nn_arena_array(&p->arena, (size_t)cap, sizeof *more);
        if (!more)
            return -1;
        if (p->ntask)
            memcpy(more, p->task, (size_t)p->ntask * sizeof *more);
        p->task = more;
        p->task_cap = cap;
    }
    p->task[p->ntask++] = *t;
    p->cost += nn_task_cost(t);
    for (int k = 0; k < t->nout; k++)
        if (t->out_form[k] >= 0)
            p->made[t->out_form[k]] = 1;
    return 0;
}

static int make_view(struct nn_plan *p, int form, int of)
{
    p->root[form] = p->root[of];
    p->g.tensor[form].data = p->g.tensor[of].data;
    return p->made[form] = 1;
}

/* Sees to it that a form is there: constants are turned now, values by a task. */
static int need(struct nn_plan *p, const struct nn_net *net, int number, int form)
{
    int nhwc = form >= p->base, other = nhwc ? form - p->base : form + p->base;
    static const struct nn_fused nothing = { .residual = -1 };
    struct nn_task t = { .node = &p->g.node[number], .number = number, .nin = 1, .nout = 1,
                         .makes = 1, .fused = &nothing, .pool = net->pool, .simd = net->simd,
                         .arena = &p->arena, .nhwc = nhwc, .residual_form = -1 };

    if (form < 0 || p->made[form] || p->g.tensor[form].data)
        return 0;
    if (nn_same_in_both(&p->g.tensor[nhwc ? form : other])) {
        make_view(p, form, other);
        return 0;
    }
    t.in = nn_arena_array(&p->arena, 2, sizeof *t.in);
    t.in_form = nn_arena_array(&p->arena, 2, sizeof *t.in_form);
    if (!t.in || !t.in_form)
        return -1;
    t.outs = t.in + 1;
    t.out_form = t.in_form + 1;
    t.in_form[0] = other;
    t.out_form[0] = form;
    t.in[0] = &p->g.tensor[other];
    t.outs[0] = t.out = &p->g.tensor[form];
    if (nn_prepare_turn(&t))
        return -1;
    if (!t.in[0]->data)
        return add_task(p, &t);
    if (!(t.out->data = nn_arena_alloc(&p->arena, nn_tensor_bytes(t.out))))
        return -1;
    t.run(&t);
    return 0;
}

static int fail_node(struct nn_err *err, const struct nn_node *n, const char *why)
{
    return nn_fail(err, NN_EUNSUPPORTED, "node '%s' (%s): %s", n->name, n->op, why);
}

/* A pointwise convolution right behind the depthwise one whose output nobody else
 * wants takes that along, row by row, so that it never leaves the cache. Few rows
 * that would have to be shared out by columns stay apart. */
static int takes_before(struct nn_plan *p, const struct nn_net *net, struct nn_task *t)
{
    struct nn_task *last = p->ntask ? &p->task[p->ntask - 1] : NULL;
    const struct nn_conv *c = t->fused->conv;

    if (!last || t->planar || !nn_conv_pointwise(c) || c->group != 1 ||
        last->out_form[0] != t->in_form[0] || !last->fused->conv ||
        !last->fused->conv->depthwise || !last->nhwc || net->users[t->node->in[0]] != 1 ||
        t->residual_form == last->out_form[0] || last->residual_form >= 0 ||
        t->out->dim[1] != t->in[0]->dim[1] || t->out->dim[2] != t->in[0]->dim[2] ||
        (nn_pool_threads(net->pool) > 1 && t->out->dim[0] * t->out->dim[1] < 8))
        return 0;
    if (!(t->before = nn_arena_alloc(&p->arena, sizeof *t->before)))
        return 0;
    *t->before = *last;
    return 1;
}

/* A convolution that can read the picture before the doubling whose output nobody else wants. */
static int takes_small(struct nn_plan *p, const struct nn_net *net, struct nn_task *t)
{
    const struct nn_task *last = p->ntask ? &p->task[p->ntask - 1] : NULL;

    if (!last || !t->fused->upsampled || last->out_form[0] != t->in_form[0] || !last->nhwc ||
        net->users[t->node->in[0]] != 1 || !nn_resize_doubles(last))
        return 0;
    t->upsampled = 1;
    t->in_form[0] = last->in_form[0];
    t->in[0] = last->in[0];
    return 1;
}

/* In NHWC, where that is the way. 1 when done, 0 when not, -1 without memory. */
static int nhwc_task(struct nn_plan *p, const struct nn_net *net, int i)
{
    const struct nn_node *as;
    int turned, takes, small;
    nn_prepare *prepare = nn_nhwc_rule(p, net, i, &as, &turned);
    struct nn_task t;

    if (!prepare || fill_task(p, net, i, as, 1, turned, &t))
        return 0;
    /* The first convolution reads a colour picture as it comes. */
    if ((prepare == prepare_nhwc_conv || prepare == prepare_nhwc_conv8) &&
        !p->made[t.in_form[0]] &&
        p->g.tensor[as->in[0]].dim[1] <= 4) {
        t.planar = 1;
        t.in_form[0] = as->in[0];
        t.in[0] = &p->g.tensor[as->in[0]];
    }
    for (int k = 0; k < turned && k < t.nin; k++)   /* constants: the kernel may look at them */
        if (t.constant & 1u << k && need(p, net, i, t.in_form[k]))
            return -1;
    takes = prepare == prepare_nhwc_conv && takes_before(p, net, &t);
    small = prepare == prepare_nhwc_conv && takes_small(p, net, &t);
    if (prepare_task(prepare, &t))
        return 0;
    if (takes)
        t.in_form[0] = t.before->in_form[0];
    p->ntask -= takes || small;
    for (int k = 0; k < t.nin; k++)
        if (need(p, net, i, t.in_form[k]))
            return -1;
    return need(p, net, i, t.residual_form) || add_task(p, &t) ? -1 : 1;
}

/* A Dropout that is asked to train, or may be. */
static int may_drop(const struct nn_plan *p, const struct nn_node *n)
{
    int training = !strcmp(n->op, "Dropout") && n->nin > 2 ? n->in[2] : -1;
    const struct nn_tensor *t = training < 0 ? NULL : &p->g.tensor[training];

    return t && (!t->data || nn_count(t) != 1 || *(const uint8_t *)t->data);
}

/* What only renames memory: Reshape's kin, and a Transpose that NHWC makes void. */
static int is_free(struct nn_plan *p, const struct nn_net *net, int i)
{
    const struct nn_node *n = &p->g.node[i];
    int in = n->nin ? n->in[0] : -1, out = n->out[0], form;
    int64_t perm[4];

    if (in < 0 || p->g.tensor[in].data || nn_count(&p->g.tensor[out]) < 0 || may_drop(p, n) ||
        (n->nout > 1 && n->out[1] >= 0 && p->used[n->out[1]]))
        return 0;
    if (!strcmp(n->op, "Transpose") && nn_attr_ints(n, "perm", perm, 4) == 4) {
        int to_pixels = perm[0] == 0 && perm[1] == 2 && perm[2] == 3 && perm[3] == 1;
        int to_planes = perm[0] == 0 && perm[1] == 3 && perm[2] == 1 && perm[3] == 2;
        if (to_pixels && p->made[in + p->base])
            return make_view(p, out, in + p->base);
        if (to_planes && p->made[in] && (form = nn_nhwc_form(p, out)) >= 0)
            return make_view(p, form, in);
        return 0;
    }
    if (!nn_is_view(n))
        return 0;
    if (p->made[in + p->base] && p->g.tensor[out].ndim == 4 &&
        !memcmp(p->g.tensor[out].dim, p->g.tensor[in].dim, 4 * sizeof *perm) &&
        (form = nn_nhwc_form(p, out)) >= 0)
        make_view(p, form, in + p->base);
    else if (need(p, net, i, in))
        return -1;
    if (p->made[in])
        make_view(p, out, in);
    return 1;
}

static int make_node(struct nn_plan *p, const struct nn_net *net, int i, struct nn_err *err)
{
    struct nn_node *node = &p->g.node[i];
    struct nn_task t;
    const char *wrong;
    int done = is_free(p, net, i);

    if (!done)
        done = nhwc_task(p, net, i);
    if (!done) {
        if ((wrong = nn_plain_task(p, net, i, &t)))
            return fail_node(err, node, wrong);
    }
    for (int k = 0; !done && k < t.nin; k++)
        if (need(p, net, i, t.in_form[k]))
            done = -1;
    if (done < 0 || (!done && add_task(p, &t)))
        return fail_node(err, node, "it needs more memory than is allowed");
    return 0;
}

/* Tasks for each node that is neither swallowed, known nor a view. */
static int make_tasks(struct nn_plan *p, const struct nn_net *net, struct nn_err *err)
{
    for (int i = 0; i < p->g.nin; i++)
        p->made[p->g.in[i]] = 1;
    for (int i = 0; i < p->g.nnode; i++) {
        if (net->fused[i].skip || p->g.tensor[p->g.node[i].out[0]].data)
            continue;
        if (make_node(p, net, i, err))
            return -1;
    }
    for (int i = 0; i < p->g.nout; i++) {
        int t = p->g.out[i], last = p->g.nnode - 1;
        if (!p->g.tensor[t].data && !p->made[t] && need(p, net, last, t))
            return nn_fail_mem(err, "plan");
    }
    return 0;
}

struct nn_plan *nn_plan_new(const struct nn_net *net, const struct nn_value *value,
                            struct nn_err *err)
{
    struct nn_plan *p = calloc(1, sizeof *p);

    if (!p) {
        nn_fail_mem(err, "plan");
        return NULL;
    }
    if (nn_plan_shapes(p, net, value, err) || make_tasks(p, net, err))
        goto fail;
    if (nn_plan_chain(p)) {
        nn_fail_mem(err, "plan");
        goto fail;
    }
    if (nn_plan_values(p, net->limit, err))
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

