/* ONNX to graph: ModelProto, GraphProto, NodeProto and ValueInfoProto. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/onnx/names.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/read.h"

#define MAX_FILE ((size_t)2 << 30)      /* protobuf's own limit */
enum { MAX_LIST = 4096 };               /* graph inputs, outputs, metadata */

struct reader {
    struct nn_graph *g;
    struct nn_names names;
    struct nn_err *err;
};

/* The tensor of that name, made when nobody has named it before; -1. */
static int tensor_named(struct reader *r, const char *name)
{
    int t = nn_names_get(&r->names, name);

    if (t >= 0)
        return t;
    t = nn_graph_tensor(r->g, name, NN_UNDEFINED, -1, NULL);
    if (t < 0 || nn_names_add(&r->names, r->g->tensor[t].name, t))
        return nn_fail_mem(r->err, "tensors");
    return t;
}

/* Gives a named tensor its values. */
static int set_constant(struct reader *r, const struct nn_pb *at, int t, const struct nn_tensor *v)
{
    struct nn_tensor *to = &r->g->tensor[t];

    if (to->data)
        return nn_pb_fail(at, NN_EFORMAT, "two weights are called '%s'", to->name);
    to->type = v->type;
    to->ndim = v->ndim;
    memcpy(to->dim, v->dim, sizeof to->dim);
    to->data = v->data;
    return 0;
}

static int read_initializer(struct reader *r, struct nn_pb s)
{
    struct nn_tensor v;
    int t;

    if (nn_onnx_read_tensor(s, &r->g->arena, &v))
        return -1;
    if (!*v.name)
        return nn_pb_fail(&s, NN_EFORMAT, "a weight without a name");
    if ((t = tensor_named(r, v.name)) < 0)
        return -1;
    return set_constant(r, &s, t, &v);
}

static int read_dim(struct nn_pb s, int64_t *dim)
{
    struct nn_pb_field f;
    int more;

    *dim = NN_DYNAMIC;
    while ((more = nn_pb_next(&s, &f)) > 0)
        if (f.id == 1 && nn_pb_int(&f, dim))
            return -1;
    if (*dim < 0)
        *dim = NN_DYNAMIC;
    return more;
}

/* TypeProto.Tensor's shape. */
static int read_shape(struct nn_pb s, const char *name, struct nn_tensor *t)
{
    struct nn_pb_field f;
    struct nn_pb sub;
    int more;

    t->ndim = 0;
    while ((more = nn_pb_next(&s, &f)) > 0) {
        if (f.id != 1)
            continue;
        if (t->ndim == NN_MAX_DIMS)
            return nn_pb_fail(&s, NN_EUNSUPPORTED, "'%s' has more than %d dimensions", name,
                              NN_MAX_DIMS);
        if (nn_pb_message(&f, &sub) || read_dim(sub, &t->dim[t->ndim++]))
            return -1;
    }
    return more;
}

/* TypeProto: a tensor's element type and shape, or an error that names it. */
static int read_type(struct nn_pb s, const char *name, struct nn_tensor *t)
{
    struct nn_pb_field f, g;
    struct nn_pb sub;
    int64_t type;
    int more;

    while ((more = nn_pb_next(&s, &f)) > 0) {
        if (f.id == 6)      /* denotation */
            continue;
        if (f.id != 1)
            return nn_pb_fail(&s, NN_EUNSUPPORTED, "'%s' is no tensor", name);
        if (nn_pb_message(&f, &sub))
            return -1;
        while ((more = nn_pb_next(&sub, &g)) > 0) {
            struct nn_pb shape;
            if (g.id == 1) {
                if (nn_pb_int(&g, &type))
                    return -1;
                if (type < 0 || type > NN_BF16 || !nn_dtype_size((enum nn_dtype)type))
                    return nn_pb_fail(&sub, NN_EUNSUPPORTED,
                                      "'%s': element type %lld is not supported", name,
                                      (long long)type);
                t->type = (enum nn_dtype)type;
            } else if (g.id == 2 && (nn_pb_message(&g, &shape) || read_shape(shape, name, t))) {
                return -1;
            }
        }
        if (more < 0)
            return -1;
    }
    return more;
}

/* The product of what is fixed must be possible. */
static int shape_possible(const struct nn_tensor *v)
{
    struct nn_tensor known = *v;

    for (int k = 0; k < known.ndim; k++)
        if (known.dim[k] <= 0)
            known.dim[k] = 1;
    return v->ndim < 0 || nn_tensor_elements(&known) >= 0;
}

/* ValueInfoProto of a graph input (`is_input`) or output. */
static int read_value_info(struct reader *r, struct nn_pb s, int is_input)
{
    struct nn_graph *g = r->g;
    struct nn_tensor v = { .ndim = -1 };
    struct nn_pb start = s, type = { 0 };
    struct nn_pb_field f;
    const char *name = "";
    int more, t;

    while ((more = nn_pb_next(&s, &f)) > 0)
        if ((f.id == 1 && nn_pb_text(&f, &g->arena, &name)) ||
            (f.id == 2 && nn_pb_message(&f, &type)))
            return -1;
    if (more < 0 || (type.p && read_type(type, name, &v)))
        return -1;
    if (!*name)
        return nn_pb_fail(&start, NN_EFORMAT, "a graph %s without a name",
                          is_input ? "input" : "output");
    if ((t = tensor_named(r, name)) < 0)
        return -1;
    if (is_input && g->tensor[t].data)
        return 0;               /* listed by old exporters, a constant all the same */
    if (!shape_possible(&v))
        return nn_pb_fail(&start, NN_EFORMAT, "'%s' has an impossible shape: more than 2^31 values",
                          name);
    if ((is_input ? g->nin : g->nout) >= MAX_LIST)
        return nn_pb_fail(&start, NN_EUNSUPPORTED, "more than %d graph inputs or outputs",
                          MAX_LIST);
    if (is_input) {
        g->tensor[t].type = v.type ? v.type : NN_F32;
        g->tensor[t].ndim = v.ndim;
        memcpy(g->tensor[t].dim, v.dim, sizeof v.dim);
        nn_graph_input_add(g, t);
    } else {
        nn_graph_output(g, t);
    }
    return g->failed ? nn_fail_mem(r->err, "graph inputs and outputs") : 0;
}

/* A Constant node's value becomes its output's; the node goes. */
static int absorb_constant(struct reader *r, const struct nn_pb *at)
{
    struct nn_graph *g = r->g;
    const struct nn_node *n = &g->node[g->nnode - 1];
    const struct nn_attr *a = n->nattr == 1 ? &n->attr[0] : NULL;
    struct nn_tensor v = { 0 };

    if (!a || n->nout != 1 || n->out[0] < 0)
        return nn_pb_fail(at, NN_EFORMAT, "node '%s': a Constant needs one value", n->name);
    v.ndim = a->kind == NN_ATTR_FLOATS || a->kind == NN_ATTR_INTS;
    v.dim[0] = a->count;
    if (a->kind == NN_ATTR_TENSOR) {
        v = *a->t;
    } else if (a->kind == NN_ATTR_FLOAT || a->kind == NN_ATTR_FLOATS) {
        v.type = NN_F32;
        v.data = a->kind == NN_ATTR_FLOAT ? (void *)&n->attr[0].f : (void *)a->floats;
    } else if (a->kind == NN_ATTR_INT || a->kind == NN_ATTR_INTS) {
        v.type = NN_I64;
        v.data = a->kind == NN_ATTR_INT ? (void *)&n->attr[0].i : (void *)a->ints;
    } else {
        return nn_pb_fail(at, NN_EUNSUPPORTED, "node '%s': a Constant of strings", n->name);
    }
    g->nnode--;
    return set_constant(r, at, n->out[0], &v);
}

/* Input and output names of a node; the lists are counted first. */
static int read_names(struct reader *r, struct nn_pb s, int *nin, int **in, int *nout, int **out)
{
    struct nn_pb start = s;
    struct nn_pb_field f;
    const char *name;
    size_t n[3] = { 0 };

    while (nn_pb_next(&s, &f) > 0)
        if (f.id == 1 || f.id == 2)
            n[f.id]++;
    *in = nn_arena_array(&r->g->arena, n[1], sizeof **in);
    *out = nn_arena_array(&r->g->arena, n[2], sizeof **out);
    if (!*in || !*out)
        return nn_fail_mem(r->err, "node");
    for (s = start; nn_pb_next(&s, &f) > 0;) {
        int t = -1;
        if (f.id != 1 && f.id != 2)
            continue;
        if (nn_pb_text(&f, &r->g->arena, &name) || (*name && (t = tensor_named(r, name)) < 0))
            return -1;
        if (f.id == 1)
            (*in)[(*nin)++] = t;
        else
            (*out)[(*nout)++] = t;
    }
    return 0;
}

static int read_node(struct reader *r, struct nn_pb s)
{
    struct nn_graph *g = r->g;
    struct nn_pb start = s, sub;
    struct nn_pb_field f;
    const char *name = "", *op = "", *domain = "", *what;
    char full[200], unused[100];
    int more, nin = 0, nout = 0, *in, *out;

    while ((more = nn_pb_next(&s, &f)) > 0)
        if ((f.id == 3 && nn_pb_text(&f, &g->arena, &name)) ||
            (f.id == 4 && nn_pb_text(&f, &g->arena, &op)) ||
            (f.id == 7 && nn_pb_text(&f, &g->arena, &domain)))
            return -1;
    if (more < 0 || read_names(r, start, &nin, &in, &nout, &out))
        return -1;
    if (!*op)
        return nn_pb_fail(&start, NN_EFORMAT, "node '%s' has no operator", name);
    if (*domain && strcmp(domain, "ai.onnx")) {
        snprintf(full, sizeof full, "%.98s.%.98s", domain, op);
        op = full;
    }
    if (nout > 1 && out[0] < 0) {       /* everything else may rely on a first output */
        snprintf(unused, sizeof unused, "%.60s_%d_unused", op, g->nnode);
        if (!(what = nn_arena_strndup(&g->arena, unused, strlen(unused))))
            return nn_fail_mem(r->err, "node");
        if ((out[0] = tensor_named(r, what)) < 0)
            return -1;
    }
    if (nn_graph_node_raw(g, op, name, nin, in, nout, out) < 0)
        return nn_fail_mem(r->err, "node");
    what = *name ? name : nout && out[0] >= 0 ? g->tensor[out[0]].name : "unnamed";
    for (s = start; nn_pb_next(&s, &f) > 0;)
        if (f.id == 5 && (nn_pb_message(&f, &sub) || nn_onnx_read_attr(sub, g, what)))
            return -1;
    return strcmp(op, "Constant") ? 0 : absorb_constant(r, &start);
}

/* Weights first, so that inputs and nodes find them whatever the file's order. */
static int read_graph(struct reader *r, struct nn_pb span)
{
    for (int pass = 0; pass < 3; pass++) {
        struct nn_pb s = span, sub;
        struct nn_pb_field f;
        int more, bad = 0;
        while (!bad && (more = nn_pb_next(&s, &f)) != 0) {
            if (more < 0)
                return -1;
            uint32_t in_pass[] = { 5, 11, 1 };
            if (pass == 2 && f.id == 2)
                bad = nn_pb_text(&f, &r->g->arena, &r->g->name);
            else if (f.id == 15)
                bad = nn_pb_fail(&s, NN_EUNSUPPORTED, "sparse weights are not supported");
            else if (f.id != in_pass[pass] && !(pass == 2 && f.id == 12))
                continue;
            else if (!(bad = nn_pb_message(&f, &sub)))
                bad = f.id == 5 ? read_initializer(r, sub)
                      : f.id == 1 ? read_node(r, sub)
                                  : read_value_info(r, sub, f.id == 11);
        }
        if (bad)
            return -1;
    }
    return 0;
}

/* OperatorSetIdProto: notes the default domain's version. */
static int read_opset(struct nn_pb s, struct nn_graph *g, int64_t *opset)
{
    struct nn_pb_field f;
    const char *domain = "";
    int64_t version = 0;
    int more;

    while ((more = nn_pb_next(&s, &f)) > 0)
        if ((f.id == 1 && nn_pb_text(&f, &g->arena, &domain)) ||
            (f.id == 2 && nn_pb_int(&f, &version)))
            return -1;
    if (!*domain || !strcmp(domain, "ai.onnx"))
        *opset = version;
    return more;
}

/* StringStringEntryProto */
static int read_meta(struct nn_pb s, struct nn_graph *g)
{
    struct nn_pb_field f;
    const char *key = "", *value = "";
    int more;

    while ((more = nn_pb_next(&s, &f)) > 0)
        if ((f.id == 1 && nn_pb_text(&f, &g->arena, &key)) ||
            (f.id == 2 && nn_pb_text(&f, &g->arena, &value)))
            return -1;
    if (more < 0)
        return -1;
    if (g->nmeta >= MAX_LIST)
        return nn_pb_fail(&s, NN_EUNSUPPORTED, "more than %d metadata entries", MAX_LIST);
    return nn_graph_set_meta(g, key, value) ? nn_fail_mem(s.err, "metadata") : 0;
}

static int read_model(struct reader *r, struct nn_pb s)
{
    struct nn_pb start = s, graph = { 0 }, sub;
    struct nn_pb_field f;
    int64_t ir = 0, opset = 0;
    int more, bad = 0;

    while (!bad && (more = nn_pb_next(&s, &f)) != 0) {
        if (more < 0)
            return -1;
        if (f.id == 1)
            bad = nn_pb_int(&f, &ir);
        else if (f.id == 7 && graph.p)
            bad = nn_pb_fail(&s, NN_EFORMAT, "two graphs");
        else if (f.id == 7)
            bad = nn_pb_message(&f, &graph);
        else if (f.id == 8)
            bad = nn_pb_message(&f, &sub) || read_opset(sub, r->g, &opset);
        else if (f.id == 14)
            bad = nn_pb_message(&f, &sub) || read_meta(sub, r->g);
        else if (f.id == 25)
            bad = nn_pb_fail(&s, NN_EUNSUPPORTED, "model-local functions are not supported");
    }
    if (bad)
        return -1;
    if (!graph.p)
        return nn_pb_fail(&start, NN_EFORMAT, "no ONNX model: it has no graph");
    if (ir < 3 || ir > 10)
        return nn_pb_fail(&start, NN_EUNSUPPORTED, "ONNX IR version %lld; 3 to 10 are supported",
                          (long long)ir);
    if (opset < 1 || opset > 22)
        return nn_pb_fail(&start, NN_EUNSUPPORTED, "opset %lld; 1 to 22 are supported",
                          (long long)opset);
    r->g->opset = opset;
    return read_graph(r, graph) ? -1 : nn_onnx_check_legacy(r->g, r->err);
}

struct nn_graph *nn_onnx_parse(const void *bytes, size_t size, const char *name,
                               struct nn_err *err)
{
    const uint8_t *p = bytes ? bytes : (const uint8_t *)"";
    struct nn_err own = { 0 };
    struct reader r = { .err = err ? err : &own };
    struct nn_pb s = { p, p + size, p, name, r.err };
    int bad;

    if (!(r.g = nn_graph_new("", r.err)))
        return NULL;
    bad = read_model(&r, s);
    nn_names_release(&r.names);
    if (!bad && (bad = nn_graph_check(r.g, r.err)))
        nn_fail_in(r.err, "%s", name);
    if (bad) {
        nn_graph_free(r.g);
        return NULL;
    }
    nn_onnx_mark_weights(r.g);
    return r.g;
}

struct nn_graph *nn_onnx_read(const char *path, struct nn_err *err)
{
    size_t size;
    char *bytes = nn_file_read(path, MAX_FILE, &size, err);
    struct nn_graph *g = bytes ? nn_onnx_parse(bytes, size, path, err) : NULL;

    free(bytes);
    return g;
}
