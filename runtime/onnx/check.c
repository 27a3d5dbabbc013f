/* What every user of a graph relies on; sorts the nodes where a file did not. */
#include <stdlib.h>
#include <string.h>

#include "runtime/onnx/graph.h"
#include "runtime/onnx/names.h"

enum { NOBODY = -1, INPUT = -2, CONSTANT = -3 };

struct check {
    struct nn_graph *g;
    struct nn_err *err;
    int *maker;             /* a tensor's node, or one of the above */
    int *waits;             /* a node's inputs that other nodes make */
    int *first, *user;      /* users of tensor t: user[first[t] .. first[t + 1]) */
    int *order;
};

static const char *node_name(const struct nn_node *n)
{
    return n->name && *n->name ? n->name : "unnamed";
}

static int check_tensors(struct check *c)
{
    struct nn_names names = { 0 };
    int ret = 0;

    for (int i = 0; !ret && i < c->g->ntensor; i++) {
        const struct nn_tensor *t = &c->g->tensor[i];
        if (nn_names_get(&names, t->name) >= 0)
            ret = nn_fail(c->err, NN_EFORMAT, "two tensors are called '%s'", t->name);
        else if (nn_names_add(&names, t->name, i))
            ret = nn_fail_mem(c->err, "tensor names");
        else if (t->data && (nn_tensor_elements(t) < 0 || !nn_dtype_size(t->type)))
            ret = nn_fail(c->err, NN_EFORMAT, "constant '%s' has no known size", t->name);
        c->maker[i] = t->data ? CONSTANT : NOBODY;
    }
    nn_names_release(&names);
    return ret;
}

/* Claims tensor `t` for `who`; an error when it has a maker already. */
static int claim(struct check *c, int t, int who, const char *what)
{
    if (t < 0 || t >= c->g->ntensor)
        return nn_fail(c->err, NN_EFORMAT, "%s: tensor %d does not exist", what, t);
    if (c->maker[t] != NOBODY)
        return nn_fail(c->err, NN_EFORMAT, "%s: tensor '%s' is made twice", what,
                       c->g->tensor[t].name);
    c->maker[t] = who;
    return 0;
}

static int check_makers(struct check *c)
{
    struct nn_graph *g = c->g;

    for (int i = 0; i < g->nin; i++)
        if (claim(c, g->in[i], INPUT, "graph input"))
            return -1;
    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nout; k++)
            if (g->node[i].out[k] != -1 && claim(c, g->node[i].out[k], i, node_name(&g->node[i])))
                return -1;
    for (int i = 0; i < g->nout; i++)
        if (g->out[i] < 0 || g->out[i] >= g->ntensor || c->maker[g->out[i]] == NOBODY)
            return nn_fail(c->err, NN_EFORMAT, "graph output '%s' is made by no node",
                           g->out[i] < 0 || g->out[i] >= g->ntensor ? "?"
                                                                    : g->tensor[g->out[i]].name);
    return 0;
}

/* Every input has a maker; counts those that are nodes, for the sort. */
static int check_inputs(struct check *c)
{
    struct nn_graph *g = c->g;

    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nin; k++) {
            const struct nn_node *n = &g->node[i];
            int t = n->in[k];
            if (t == -1)
                continue;
            if (t < -1 || t >= g->ntensor)
                return nn_fail(c->err, NN_EFORMAT, "node '%s' (%s): input %d does not exist",
                               node_name(n), n->op, k);
            if (c->maker[t] == NOBODY)
                return nn_fail(c->err, NN_EFORMAT, "node '%s' (%s): '%s' is missing: neither a "
                               "weight, an input, nor made by a node", node_name(n), n->op,
                               g->tensor[t].name);
            if (c->maker[t] >= 0) {
                c->waits[i]++;
                c->first[t + 1]++;
            }
        }
    return 0;
}

static int is_sorted(const struct check *c)
{
    for (int i = 0; i < c->g->nnode; i++)
        for (int k = 0; k < c->g->node[i].nin; k++) {
            int t = c->g->node[i].in[k];
            if (t >= 0 && c->maker[t] >= i)
                return 0;
        }
    return 1;
}

/* Some node waits for itself: walk back among the waiting until one repeats. */
static int name_cycle(const struct check *c)
{
    const struct nn_graph *g = c->g;
    int at = 0;

    while (c->waits[at] <= 0)
        at++;
    for (int step = 0; step <= g->nnode; step++)
        for (int k = 0; k < g->node[at].nin; k++) {
            int t = g->node[at].in[k];
            if (t >= 0 && c->maker[t] >= 0 && c->waits[c->maker[t]] > 0) {
                at = c->maker[t];
                break;
            }
        }
    return nn_fail(c->err, NN_EFORMAT, "the graph has a cycle through node '%s' (%s)",
                   node_name(&g->node[at]), g->node[at].op);
}

/* Kahn's algorithm ("Topological sorting of large networks", 1962). */
static int sort_nodes(struct check *c)
{
    struct nn_graph *g = c->g;
    struct nn_node *sorted;
    int done = 0, ready = 0;

    for (int t = 0; t < g->ntensor; t++)
        c->first[t + 1] += c->first[t];
    c->first[g->ntensor + 1] = c->first[g->ntensor];
    for (int i = g->nnode; i-- > 0;)    /* backwards: fills each list from its end */
        for (int k = 0; k < g->node[i].nin; k++) {
            int t = g->node[i].in[k];
            if (t >= 0 && c->maker[t] >= 0)
                c->user[--c->first[t + 1]] = i;
        }
    /* now users of t are user[first[t + 1] .. first[t + 2]) */
    for (int i = 0; i < g->nnode; i++)
        if (!c->waits[i])
            c->order[ready++] = i;
    for (; done < ready; done++)
        for (int k = 0; k < g->node[c->order[done]].nout; k++) {
            int t = g->node[c->order[done]].out[k];
            if (t < 0)
                continue;
            for (int u = c->first[t + 1]; u < c->first[t + 2]; u++)
                if (--c->waits[c->user[u]] == 0)
                    c->order[ready++] = c->user[u];
        }
    if (done < g->nnode)
        return name_cycle(c);
    if (!(sorted = nn_arena_array(&g->arena, (size_t)g->nnode, sizeof *sorted)))
        return nn_fail_mem(c->err, "node order");
    for (int i = 0; i < g->nnode; i++)
        sorted[i] = g->node[c->order[i]];
    g->node = sorted;
    g->node_cap = g->nnode;
    return 0;
}

int nn_graph_check(struct nn_graph *g, struct nn_err *err)
{
    struct check c = { .g = g, .err = err };
    size_t nt = (size_t)g->ntensor, nn = (size_t)g->nnode, uses = 0;
    int *memory, ret = -1;

    for (int i = 0; i < g->nnode; i++)
        uses += (size_t)g->node[i].nin;
    if (!(memory = calloc(2 * nt + 2 * nn + uses + 2, sizeof *memory)))
        return nn_fail_mem(err, "graph check");
    c.maker = memory;
    c.first = c.maker + nt;             /* nt + 2 */
    c.waits = c.first + nt + 2;
    c.order = c.waits + nn;
    c.user = c.order + nn;
    if (check_tensors(&c) || check_makers(&c) || check_inputs(&c))
        goto out;
    ret = is_sorted(&c) ? 0 : sort_nodes(&c);
out:
    free(memory);
    if (ret && err)
        nn_fail_in(err, "%s", *g->name ? g->name : "graph");
    return ret;
}
