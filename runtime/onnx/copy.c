/* A deep copy of a graph: everything it points to, into a new arena. */
#include <string.h>

#include "runtime/onnx/graph.h"

static void *dup_bytes(struct nn_arena *a, const void *p, size_t count, size_t size)
{
    void *q = nn_arena_array(a, count, size);

    if (q && count && size)
        memcpy(q, p, count * size);
    return q;
}

static int copy_tensor(struct nn_arena *a, struct nn_tensor *to, const struct nn_tensor *from)
{
    *to = *from;
    to->name = nn_arena_strdup(a, from->name ? from->name : "");
    if (from->data)
        to->data = dup_bytes(a, from->data, nn_tensor_bytes(from), 1);
    return !to->name || (from->data && !to->data);
}

static int copy_attr(struct nn_arena *a, struct nn_attr *to, const struct nn_attr *from)
{
    size_t n = (size_t)from->count;

    *to = *from;
    if (!(to->name = nn_arena_strdup(a, from->name)) ||
        (from->s && !(to->s = nn_arena_strdup(a, from->s))) ||
        (from->floats && !(to->floats = dup_bytes(a, from->floats, n, sizeof *to->floats))) ||
        (from->ints && !(to->ints = dup_bytes(a, from->ints, n, sizeof *to->ints))))
        return -1;
    if (from->strings) {
        const char **s = nn_arena_array(a, n, sizeof *s);
        for (size_t i = 0; s && i < n; i++)
            if (!(s[i] = nn_arena_strdup(a, from->strings[i])))
                return -1;
        if (!(to->strings = s))
            return -1;
    }
    if (from->t)
        return !(to->t = nn_arena_alloc(a, sizeof *to->t)) || copy_tensor(a, to->t, from->t);
    return 0;
}

static int copy_node(struct nn_arena *a, struct nn_node *to, const struct nn_node *from)
{
    *to = *from;
    to->name = nn_arena_strdup(a, from->name);
    to->op = nn_arena_strdup(a, from->op);
    to->in = dup_bytes(a, from->in, (size_t)from->nin, sizeof *to->in);
    to->out = dup_bytes(a, from->out, (size_t)from->nout, sizeof *to->out);
    to->attr = nn_arena_array(a, (size_t)from->nattr, sizeof *to->attr);
    if (!to->name || !to->op || !to->in || !to->out || !to->attr)
        return -1;
    for (int i = 0; i < from->nattr; i++)
        if (copy_attr(a, &to->attr[i], &from->attr[i]))
            return -1;
    return 0;
}

struct nn_graph *nn_graph_copy(const struct nn_graph *g, struct nn_err *err)
{
    struct nn_graph *c = nn_graph_new(g->name, err);
    struct nn_arena *a = c ? &c->arena : NULL;
    int bad = 0;

    if (!c)
        return NULL;
    c->opset = g->opset;
    c->failed = g->failed;
    c->tensor = nn_arena_array(a, (size_t)g->ntensor, sizeof *c->tensor);
    c->node = nn_arena_array(a, (size_t)g->nnode, sizeof *c->node);
    c->in = dup_bytes(a, g->in, (size_t)g->nin, sizeof *c->in);
    c->out = dup_bytes(a, g->out, (size_t)g->nout, sizeof *c->out);
    bad = !c->tensor || !c->node || !c->in || !c->out;
    for (int i = 0; !bad && i < g->ntensor; i++)
        bad = copy_tensor(a, &c->tensor[i], &g->tensor[i]);
    for (int i = 0; !bad && i < g->nnode; i++)
        bad = copy_node(a, &c->node[i], &g->node[i]);
    c->ntensor = c->tensor_cap = g->ntensor;
    c->nnode = c->node_cap = g->nnode;
    c->nin = g->nin;
    c->nout = g->nout;
    for (int i = 0; !bad && i < g->nmeta; i++)
        bad = nn_graph_set_meta(c, g->meta[i].key, g->meta[i].value);
    if (bad) {
        nn_graph_free(c);
        nn_fail_mem(err, "copy of a graph");
        return NULL;
    }
    return c;
}
