/* Graph to ONNX: messages and field numbers of onnx.proto3, in file order. */
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/pb.h"

enum { IR_VERSION = 8 };

static void put_tensor(struct nn_pb_out *o, uint32_t id, const struct nn_tensor *t)
{
    size_t at = nn_pb_begin(o, id);

    for (int i = 0; i < t->ndim; i++)
        nn_pb_put_int(o, 1, t->dim[i]);         /* dims */
    nn_pb_put_int(o, 2, t->type);               /* data_type */
    nn_pb_put_text(o, 8, t->name);              /* name */
    nn_pb_put_bytes(o, 9, t->data, nn_tensor_bytes(t));     /* raw_data, little-endian */
    nn_pb_end(o, at);
}

static void put_attr(struct nn_pb_out *o, const struct nn_attr *a)
{
    size_t at = nn_pb_begin(o, 5);

    nn_pb_put_text(o, 1, a->name);
    switch (a->kind) {
    case NN_ATTR_FLOAT:
        nn_pb_put_float(o, 2, a->f);
        break;
    case NN_ATTR_INT:
        nn_pb_put_int(o, 3, a->i);
        break;
    case NN_ATTR_STRING:
        nn_pb_put_text(o, 4, a->s ? a->s : "");
        break;
    case NN_ATTR_TENSOR:
        put_tensor(o, 5, a->t);
        break;
    case NN_ATTR_FLOATS:
        for (int i = 0; i < a->count; i++)
            nn_pb_put_float(o, 7, a->floats[i]);
        break;
    case NN_ATTR_INTS:
        for (int i = 0; i < a->count; i++)
            nn_pb_put_int(o, 8, a->ints[i]);
        break;
    case NN_ATTR_STRINGS:
        for (int i = 0; i < a->count; i++)
            nn_pb_put_text(o, 9, a->strings[i]);
        break;
    }
    nn_pb_put_int(o, 20, a->kind);
    nn_pb_end(o, at);
}

static void put_node(struct nn_pb_out *o, const struct nn_graph *g, const struct nn_node *n)
{
    size_t at = nn_pb_begin(o, 1);
    const char *dot = strrchr(n->op, '.');      /* "com.microsoft.Gelu": domain and name */

    for (int i = 0; i < n->nin; i++)
        nn_pb_put_text(o, 1, n->in[i] < 0 ? "" : g->tensor[n->in[i]].name);
    for (int i = 0; i < n->nout; i++)
        nn_pb_put_text(o, 2, n->out[i] < 0 ? "" : g->tensor[n->out[i]].name);
    if (*n->name)
        nn_pb_put_text(o, 3, n->name);
    nn_pb_put_text(o, 4, dot ? dot + 1 : n->op);
    for (int i = 0; i < n->nattr; i++)
        put_attr(o, &n->attr[i]);
    if (dot)
        nn_pb_put_bytes(o, 7, n->op, (size_t)(dot - n->op));
    nn_pb_end(o, at);
}

static void put_value_info(struct nn_pb_out *o, uint32_t id, const struct nn_tensor *t)
{
    size_t info = nn_pb_begin(o, id), type, tensor, shape, dim;

    nn_pb_put_text(o, 1, t->name);
    type = nn_pb_begin(o, 2);
    tensor = nn_pb_begin(o, 1);
    nn_pb_put_int(o, 1, t->type ? t->type : NN_F32);
    if (t->ndim >= 0) {
        shape = nn_pb_begin(o, 2);
        for (int i = 0; i < t->ndim; i++) {
            dim = nn_pb_begin(o, 1);
            if (t->dim[i] >= 0)
                nn_pb_put_int(o, 1, t->dim[i]);
            else if (i == 0)    /* others stay unnamed: equal names would mean equal sizes */
                nn_pb_put_text(o, 2, "batch");
            nn_pb_end(o, dim);
        }
        nn_pb_end(o, shape);
    }
    nn_pb_end(o, tensor);
    nn_pb_end(o, type);
    nn_pb_end(o, info);
}

static void put_graph(struct nn_pb_out *o, const struct nn_graph *g)
{
    size_t at = nn_pb_begin(o, 7);

    for (int i = 0; i < g->nnode; i++)
        put_node(o, g, &g->node[i]);
    nn_pb_put_text(o, 2, *g->name ? g->name : "graph");
    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data)
            put_tensor(o, 5, &g->tensor[i]);
    for (int i = 0; i < g->nin; i++)
        put_value_info(o, 11, &g->tensor[g->in[i]]);
    for (int i = 0; i < g->nout; i++)
        put_value_info(o, 12, &g->tensor[g->out[i]]);
    nn_pb_end(o, at);
}

/* Domains other than ONNX's own that nodes use, each once. */
static void put_domains(struct nn_pb_out *o, const struct nn_graph *g)
{
    for (int i = 0; i < g->nnode; i++) {
        const char *op = g->node[i].op, *dot = strrchr(op, '.');
        int seen = !dot;
        for (int k = 0; k < i && !seen; k++) {
            const char *other = strrchr(g->node[k].op, '.');
            seen = other && other - g->node[k].op == dot - op &&
                   !strncmp(op, g->node[k].op, (size_t)(dot - op));
        }
        if (!seen) {
            size_t at = nn_pb_begin(o, 8);
            nn_pb_put_bytes(o, 1, op, (size_t)(dot - op));
            nn_pb_put_int(o, 2, 1);
            nn_pb_end(o, at);
        }
    }
}

/* Graph outputs need a shape in the file: a copy that has them, where `g` has
 * not been through inference. NULL: `g` will do. */
static struct nn_graph *with_shapes(const struct nn_graph *g)
{
    struct nn_graph *c = NULL;
    int known = 1;

    for (int i = 0; i < g->nout; i++)
        known &= g->tensor[g->out[i]].ndim >= 0;
    if (!known && (c = nn_graph_copy(g, NULL)) && nn_onnx_infer(c, NULL)) {
        nn_graph_free(c);
        c = NULL;
    }
    return c;
}

void *nn_onnx_format(const struct nn_graph *g, size_t *size, struct nn_err *err)
{
    struct nn_graph *inferred = with_shapes(g);
    struct nn_pb_out o = { 0 };
    size_t at;

    nn_pb_put_int(&o, 1, IR_VERSION);
    nn_pb_put_text(&o, 2, "neonnoir");
    put_graph(&o, inferred ? inferred : g);
    nn_graph_free(inferred);
    at = nn_pb_begin(&o, 8);
    nn_pb_put_text(&o, 1, "");
    nn_pb_put_int(&o, 2, g->opset);
    nn_pb_end(&o, at);
    put_domains(&o, g);
    for (int i = 0; i < g->nmeta; i++) {
        at = nn_pb_begin(&o, 14);
        nn_pb_put_text(&o, 1, g->meta[i].key);
        nn_pb_put_text(&o, 2, g->meta[i].value);
        nn_pb_end(&o, at);
    }
    if (o.failed) {
        free(o.data);
        nn_fail_mem(err, "ONNX file");
        return NULL;
    }
    *size = o.size;
    return o.data;
}

int nn_onnx_write(const struct nn_graph *g, const char *path, struct nn_err *err)
{
    size_t size;
    void *bytes = nn_onnx_format(g, &size, err);
    int ret = bytes ? nn_file_write(path, bytes, size, err) : -1;

    free(bytes);
    return ret;
}
