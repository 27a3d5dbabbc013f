/* Which tensors are rounded to eight bits: what integer layers read and make. */
#include <stdlib.h>
#include <string.h>

#include "export/quantise.h"
#include "export/quantise_layer.h"

static int is_one_of(const char *op, const char *const *list)
{
    while (*list && strcmp(op, *list))
        list++;
    return *list != NULL;
}

int nn_is_integer_layer(const struct nn_graph *g, const struct nn_node *n)
{
    static const char *const ops[] = { "Conv", "Gemm", "MatMul", NULL };
    const struct nn_tensor *w = n->nin > 1 && n->in[1] >= 0 ? &g->tensor[n->in[1]] : NULL;
    const struct nn_tensor *b = n->nin > 2 && n->in[2] >= 0 ? &g->tensor[n->in[2]] : NULL;

    if (!is_one_of(n->op, ops) || !w || !w->data || w->type != NN_F32 || g->tensor[n->in[0]].data ||
        nn_tensor_elements(w) < 1 || (b && (!b->data || b->type != NN_F32)))
        return 0;
    if (!strcmp(n->op, "Conv"))
        return w->ndim >= 3;
    if (!strcmp(n->op, "Gemm") && (nn_attr_int(n, "transA", 0) ||
                                   nn_attr_float(n, "alpha", 1) != 1 ||
                                   nn_attr_float(n, "beta", 1) != 1))
        return 0;
    return w->ndim == 2;
}

static int is_value(const struct nn_graph *g, int t)
{
    return t >= 0 && !g->tensor[t].data && g->tensor[t].type == NN_F32;
}

/* Sums and joins of values take part, since integers can do them too. */
static int takes_part(const struct nn_graph *g, const struct nn_node *n)
{
    static const char *const ops[] = { "Add", "Concat", "AveragePool", "GlobalAveragePool", NULL };

    if (nn_is_integer_layer(g, n))
        return 1;
    for (int k = 0; k < n->nin; k++)
        if (!is_value(g, n->in[k]))
            return 0;
    return is_one_of(n->op, ops);
}

/* These hand values on as they are: what comes out has the range of what went in. */
static int hands_on(const struct nn_node *n)
{
    static const char *const ops[] = { "MaxPool", "GlobalMaxPool", "Flatten", "Reshape",
                                       "Transpose",
                                       "Squeeze", "Unsqueeze", NULL };

    return is_one_of(n->op, ops);
}

/* The only node that reads a tensor which is no output of the graph; NULL: none or several. */
static const struct nn_node *only_reader(const struct nn_graph *g, int t)
{
    const struct nn_node *found = NULL;

    for (int i = 0; i < g->nout; i++)
        if (g->out[i] == t)
            return NULL;
    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nin; k++)
            if (g->node[i].in[k] == t) {
                if (found)
                    return NULL;
                found = &g->node[i];
            }
    return found;
}

/* A layer's activation is done before it rounds. A MatMul's bias comes as an Add. */
static int made_by(const struct nn_graph *g, const struct nn_node *n)
{
    static const char *const acts[] = { "Relu", "Clip", "LeakyRelu", "PRelu", NULL };
    int t = n->out[0];
    const struct nn_node *next;

    while ((next = only_reader(g, t)) && next->in[0] == t &&
           (is_one_of(next->op, acts) ||
            (!strcmp(next->op, "Add") && next->in[1] >= 0 && g->tensor[next->in[1]].data)))
        t = next->out[0];
    return t;
}

static void add(struct nn_quantise *q, const struct nn_graph *g, int t, int like)
{
    if (!is_value(g, t))
        return;
    for (int i = 0; i < q->n; i++)
        if (q->tensor[i] == t)
            return;
    q->like[q->n] = like;
    q->tensor[q->n++] = t;
}

static int find(const struct nn_quantise *q, int t)
{
    for (int i = 0; i < q->n; i++)
        if (q->tensor[i] == t)
            return i;
    return -1;
}

static int is_output(const struct nn_graph *g, int t)
{
    for (int i = 0; i < g->nout; i++)
        if (g->out[i] == t)
            return 1;
    return 0;
}

int nn_quantise_choose(struct nn_quantise *q, const struct nn_graph *g, int bits,
                       struct nn_err *err)
{
    size_t n = (size_t)g->ntensor + 1;

    *q = (struct nn_quantise){ .bits = bits, .tensor = malloc(n * sizeof *q->tensor),
                               .like = malloc(n * sizeof *q->like),
                               .range = calloc(n, sizeof *q->range) };
    if (!q->tensor || !q->like || !q->range)
        return nn_fail_mem(err, "quantisation");
    for (int i = 0; i < g->nnode; i++) {        /* in order: what a node reads is settled */
        const struct nn_node *node = &g->node[i];
        int out;
        if (hands_on(node) && find(q, node->in[0]) >= 0 && !is_output(g, node->out[0])) {
            add(q, g, node->out[0], find(q, node->in[0]));
            continue;
        }
        if (!takes_part(g, node))
            continue;
        q->layers += nn_is_integer_layer(g, node);
        for (int k = 0; k < node->nin; k++)
            add(q, g, node->in[k], -1);
        out = made_by(g, node);
        if (!is_output(g, out))                 /* the answer keeps its precision */
            add(q, g, out, -1);
    }
    if (!q->layers)
        return nn_fail(err, NN_EUNSUPPORTED, "%s has no Conv, Gemm or MatMul with constant float32 "
                       "weights: there is nothing to make int8 of", g->name);
    return 0;
}

void nn_quantise_release(struct nn_quantise *q)
{
    free(q->tensor);
    free(q->like);
    free(q->range);
    *q = (struct nn_quantise){ 0 };
}
