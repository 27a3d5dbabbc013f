/* AttributeProto: a named value on a node. */
#include <string.h>

#include "runtime/onnx/read.h"

enum { /* field numbers of AttributeProto */
    NAME = 1, FLOAT = 2, INT = 3, STRING = 4, TENSOR = 5, GRAPH = 6, FLOATS = 7, INTS = 8,
    STRINGS = 9, TENSORS = 10, GRAPHS = 11, TYPE = 20, REF_NAME = 21
};
enum { MAX_ATTRS = 128 };       /* no operator has more than a dozen */

struct found {
    const char *name;
    int64_t type;
    uint32_t holds;             /* the value field seen */
    size_t floats, ints, strings;
};

static int survey(struct nn_pb s, struct nn_graph *g, struct found *in)
{
    struct nn_pb_field f;
    int more, bad = 0;

    while (!bad && (more = nn_pb_next(&s, &f)) != 0) {
        if (more < 0)
            return -1;
        switch (f.id) {
        case NAME:
            bad = nn_pb_text(&f, &g->arena, &in->name);
            break;
        case TYPE:
            bad = nn_pb_int(&f, &in->type);
            break;
        case FLOATS:
            bad = nn_pb_floats(&f, NULL, 1 << 28, &in->floats);
            break;
        case INTS:
            bad = nn_pb_ints(&f, NULL, 1 << 28, &in->ints);
            break;
        case STRINGS:
            in->strings++;
            break;
        }
        if ((f.id >= FLOAT && f.id <= GRAPHS) || f.id == REF_NAME)
            in->holds = f.id;
    }
    return bad;
}

/* AttributeType of a field, for files older than the type field. */
static int64_t type_of(uint32_t field)
{
    static const int64_t type[] = {
        [FLOAT] = NN_ATTR_FLOAT, [INT] = NN_ATTR_INT, [STRING] = NN_ATTR_STRING,
        [TENSOR] = NN_ATTR_TENSOR, [GRAPH] = 5, [FLOATS] = NN_ATTR_FLOATS, [INTS] = NN_ATTR_INTS,
        [STRINGS] = NN_ATTR_STRINGS, [TENSORS] = 9, [GRAPHS] = 10,
    };
    return field < sizeof type / sizeof *type ? type[field] : 0;
}

static int read_value(struct nn_pb s, struct nn_graph *g, struct nn_attr *a,
                      const struct found *in)
{
    float *floats = nn_arena_array(&g->arena, in->floats, sizeof *floats);
    int64_t *ints = nn_arena_array(&g->arena, in->ints, sizeof *ints);
    const char **strings = nn_arena_array(&g->arena, in->strings, sizeof *strings);
    size_t nf = 0, ni = 0, ns = 0;
    struct nn_pb_field f;
    struct nn_pb sub;
    int bad = 0;

    if (!floats || !ints || !strings)
        return nn_fail_mem(s.err, "attribute");
    while (!bad && nn_pb_next(&s, &f) > 0) {
        if (f.id == FLOAT)
            bad = nn_pb_float(&f, &a->f);
        else if (f.id == INT)
            bad = nn_pb_int(&f, &a->i);
        else if (f.id == STRING)
            bad = nn_pb_text(&f, &g->arena, &a->s);
        else if (f.id == FLOATS)
            bad = nn_pb_floats(&f, floats, in->floats, &nf);
        else if (f.id == INTS)
            bad = nn_pb_ints(&f, ints, in->ints, &ni);
        else if (f.id == STRINGS)
            bad = nn_pb_text(&f, &g->arena, &strings[ns++]);
        else if (f.id == TENSOR && a->t)
            bad = nn_pb_fail(&s, NN_EFORMAT, "attribute '%s' has two tensors", a->name);
        else if (f.id == TENSOR && !(a->t = nn_arena_alloc(&g->arena, sizeof *a->t)))
            bad = nn_fail_mem(s.err, "attribute");
        else if (f.id == TENSOR)
            bad = nn_pb_message(&f, &sub) || nn_onnx_read_tensor(sub, &g->arena, a->t);
    }
    if (a->kind == NN_ATTR_FLOATS) {
        a->floats = floats;
        a->count = (int)nf;
    } else if (a->kind == NN_ATTR_INTS) {
        a->ints = ints;
        a->count = (int)ni;
    } else if (a->kind == NN_ATTR_STRINGS) {
        a->strings = strings;
        a->count = (int)ns;
    } else if (a->kind == NN_ATTR_STRING && !a->s) {
        a->s = "";
    }
    return bad;
}

int nn_onnx_read_attr(struct nn_pb span, struct nn_graph *g, const char *what)
{
    struct nn_node *n = &g->node[g->nnode - 1];
    struct found in = { .name = "" };
    struct nn_attr *a;

    if (survey(span, g, &in))
        return -1;
    if (!in.type)
        in.type = type_of(in.holds);
    if (in.type == 5 || in.type == 10 || in.holds == GRAPH || in.holds == GRAPHS)
        return nn_pb_fail(&span, NN_EUNSUPPORTED, "node '%s' (%s): attribute '%s' is a sub-graph, "
                          "which is not supported", what, n->op, in.name);
    if (in.holds == REF_NAME || in.type < NN_ATTR_FLOAT || in.type > NN_ATTR_STRINGS)
        return nn_pb_fail(&span, NN_EUNSUPPORTED, "node '%s' (%s): attribute '%s' is of a kind "
                          "that is not supported", what, n->op, in.name);
    if (n->nattr >= MAX_ATTRS || nn_attr_find(n, in.name))
        return nn_pb_fail(&span, NN_EFORMAT, "node '%s' (%s): %s '%s'", what, n->op,
                          n->nattr >= MAX_ATTRS ? "too many attributes at" : "two attributes are",
                          in.name);
    if (!(a = nn_graph_attr_add(g, in.name)))
        return nn_fail_mem(span.err, "attribute");
    a->kind = (enum nn_attr_kind)in.type;
    if (read_value(span, g, a, &in))
        return -1;
    if (a->kind == NN_ATTR_TENSOR && !a->t)
        return nn_pb_fail(&span, NN_EFORMAT, "node '%s' (%s): attribute '%s' has no tensor", what,
                          n->op, in.name);
    return 0;
}
