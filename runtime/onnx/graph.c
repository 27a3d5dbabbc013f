#include "runtime/onnx/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nn_graph *nn_graph_new(const char *name, struct nn_err *err)
{
    struct nn_graph *g = calloc(1, sizeof *g);

    if (!g || !(g->name = nn_arena_strdup(&g->arena, name ? name : ""))) {
        nn_graph_free(g);
        nn_fail_mem(err, "graph");
        return NULL;
    }
    g->opset = 13;
    return g;
}

void nn_graph_free(struct nn_graph *g)
{
    if (!g)
        return;
    nn_arena_release(&g->arena);
    free(g);
}

/* -1, remembering the first reason. */
static int fail(struct nn_graph *g, const char *why)
{
    if (!g->failed)
        g->failed = why;
    return -1;
}

/* An array in the arena with room for `count` + 1 elements: doubles when
 * `count` is a power of two that fills it (or when *cap says so). The old copy
 * stays behind in the arena; doubling keeps that below what is in use. */
static int grow(struct nn_graph *g, void *array, int count, int *cap, size_t size)
{
    void *old, *now;

    memcpy(&old, array, sizeof old);
    if (count < *cap)
        return 0;
    int want = *cap ? *cap * 2 : 8;
    if (count >= 1 << 28 || !(now = nn_arena_array(&g->arena, (size_t)want, size)))
        return fail(g, "out of memory");
    if (count)
        memcpy(now, old, (size_t)count * size);
    memcpy(array, &now, sizeof now);
    *cap = want;
    return 0;
}

/* For the short lists without a stored capacity: one copy an addition. */
static int append(struct nn_graph *g, void *array, int count, size_t size)
{
    int cap = count;
    void *old, *now = nn_arena_array(&g->arena, (size_t)cap + 1, size);

    if (!now)
        return fail(g, "out of memory");
    memcpy(&old, array, sizeof old);
    if (count)
        memcpy(now, old, (size_t)count * size);
    memcpy(array, &now, sizeof now);
    return 0;
}

int nn_graph_tensor(struct nn_graph *g, const char *name, enum nn_dtype type, int ndim,
                    const int64_t *dim)
{
    struct nn_tensor t = { .type = type, .ndim = ndim };
    char made[32];

    if (g->failed)
        return -1;
    if (ndim > NN_MAX_DIMS || ndim < -1)
        return fail(g, "a tensor with more than 8 dimensions");
    if (!name) {
        snprintf(made, sizeof made, "tensor_%d", g->ntensor);
        name = made;
    }
    if (ndim > 0)
        memcpy(t.dim, dim, (size_t)ndim * sizeof *dim);
    if (!(t.name = nn_arena_strdup(&g->arena, name)))
        return fail(g, "out of memory");
    if (grow(g, &g->tensor, g->ntensor, &g->tensor_cap, sizeof t))
        return -1;
    g->tensor[g->ntensor] = t;
    return g->ntensor++;
}

int nn_graph_input(struct nn_graph *g, const char *name, int ndim, const int64_t *dim)
{
    int t = nn_graph_tensor(g, name, NN_F32, ndim, dim);

    return nn_graph_input_add(g, t) ? -1 : t;
}

int nn_graph_input_add(struct nn_graph *g, int tensor)
{
    if (tensor < 0 || append(g, &g->in, g->nin, sizeof *g->in))
        return -1;
    g->in[g->nin++] = tensor;
    return 0;
}

int nn_graph_const(struct nn_graph *g, const char *name, enum nn_dtype type, int ndim,
                   const int64_t *dim, const void *data)
{
    int i = nn_graph_tensor(g, name, type, ndim, dim);
    struct nn_tensor *t = i < 0 ? NULL : &g->tensor[i];

    if (!t)
        return -1;
    if (nn_tensor_elements(t) < 0 || !nn_dtype_size(type))
        return fail(g, "a constant without a known size");
    if (!(t->data = nn_arena_alloc(&g->arena, nn_tensor_bytes(t))))
        return fail(g, "out of memory");
    if (data && nn_tensor_bytes(t))
        memcpy(t->data, data, nn_tensor_bytes(t));
    return i;
}

static int *copy_ints(struct nn_graph *g, int n, const int *v)
{
    int *p = nn_arena_array(&g->arena, (size_t)n, sizeof *p);

    if (!p)
        fail(g, "out of memory");
    else if (n)
        memcpy(p, v, (size_t)n * sizeof *p);
    return p;
}

int nn_graph_node_raw(struct nn_graph *g, const char *op, const char *name, int nin, const int *in,
                      int nout, const int *out)
{
    struct nn_node n = { .nin = nin, .nout = nout };

    if (g->failed)
        return -1;
    n.in = copy_ints(g, nin, in);
    n.out = copy_ints(g, nout, out);
    n.op = nn_arena_strdup(&g->arena, op);
    n.name = nn_arena_strdup(&g->arena, name ? name : "");
    if (!n.in || !n.out || !n.op || !n.name)
        return fail(g, "out of memory");
    if (grow(g, &g->node, g->nnode, &g->node_cap, sizeof n))
        return -1;
    g->node[g->nnode] = n;
    return g->nnode++;
}

int nn_graph_node(struct nn_graph *g, const char *op, int nin, const int *in, const char *out)
{
    char made[80];
    int t;

    for (int i = 0; i < nin; i++)
        if (in[i] < 0)
            return fail(g, "a node's input failed");
    if (!out) {
        snprintf(made, sizeof made, "%.60s_%d", op, g->nnode);
        out = made;
    }
    if ((t = nn_graph_tensor(g, out, NN_UNDEFINED, -1, NULL)) < 0 ||
        nn_graph_node_raw(g, op, out, nin, in, 1, &t) < 0)
        return -1;
    return t;
}

struct nn_attr *nn_graph_attr_add(struct nn_graph *g, const char *name)
{
    struct nn_node *n = g->nnode ? &g->node[g->nnode - 1] : NULL;

    if (g->failed || !n || append(g, &n->attr, n->nattr, sizeof *n->attr))
        return NULL;
    struct nn_attr *a = &n->attr[n->nattr];
    *a = (struct nn_attr){ .name = nn_arena_strdup(&g->arena, name) };
    if (!a->name) {
        fail(g, "out of memory");
        return NULL;
    }
    n->nattr++;
    return a;
}

void nn_graph_attr_int(struct nn_graph *g, const char *name, int64_t v)
{
    struct nn_attr *a = nn_graph_attr_add(g, name);

    if (a) {
        a->kind = NN_ATTR_INT;
        a->i = v;
    }
}

void nn_graph_attr_float(struct nn_graph *g, const char *name, float v)
{
    struct nn_attr *a = nn_graph_attr_add(g, name);

    if (a) {
        a->kind = NN_ATTR_FLOAT;
        a->f = v;
    }
}

void nn_graph_attr_ints(struct nn_graph *g, const char *name, int count, const int64_t *v)
{
    struct nn_attr *a = nn_graph_attr_add(g, name);
    int64_t *p = a ? nn_arena_array(&g->arena, (size_t)count, sizeof *p) : NULL;

    if (!p) {
        fail(g, "out of memory");
        return;
    }
    if (count)
        memcpy(p, v, (size_t)count * sizeof *p);
    a->kind = NN_ATTR_INTS;
    a->ints = p;
    a->count = count;
}

void nn_graph_output(struct nn_graph *g, int tensor)
{
    if (tensor < 0) {
        fail(g, "the output failed");
        return;
    }
    if (!append(g, &g->out, g->nout, sizeof *g->out))
        g->out[g->nout++] = tensor;
}

int nn_graph_set_meta(struct nn_graph *g, const char *key, const char *value)
{
    const char *v = nn_arena_strdup(&g->arena, value), *k;

    if (!v)
        return fail(g, "out of memory");
    for (int i = 0; i < g->nmeta; i++)
        if (!strcmp(g->meta[i].key, key)) {
            g->meta[i].value = v;
            return 0;
        }
    if (!(k = nn_arena_strdup(&g->arena, key)))
        return fail(g, "out of memory");
    if (append(g, &g->meta, g->nmeta, sizeof *g->meta))
        return -1;
    g->meta[g->nmeta++] = (struct nn_meta){ k, v };
    return 0;
}

void nn_graph_drop_meta(struct nn_graph *g, const char *key)
{
    int n = 0;

    for (int i = 0; i < g->nmeta; i++)
        if (strcmp(g->meta[i].key, key))
            g->meta[n++] = g->meta[i];
    g->nmeta = n;
}

int nn_graph_finish(struct nn_graph *g, struct nn_err *err)
{
    if (g->failed)
        return nn_fail(err, NN_EMEM, "graph '%s': %s", g->name, g->failed);
    return nn_graph_check(g, err);
}

int nn_graph_find(const struct nn_graph *g, const char *tensor)
{
    for (int i = 0; i < g->ntensor; i++)
        if (!strcmp(g->tensor[i].name, tensor))
            return i;
    return -1;
}

const char *nn_graph_meta(const struct nn_graph *g, const char *key)
{
    for (int i = 0; i < g->nmeta; i++)
        if (!strcmp(g->meta[i].key, key))
            return g->meta[i].value;
    return NULL;
}

const struct nn_attr *nn_attr_find(const struct nn_node *n, const char *name)
{
    for (int i = 0; i < n->nattr; i++)
        if (!strcmp(n->attr[i].name, name))
            return &n->attr[i];
    return NULL;
}

int64_t nn_attr_int(const struct nn_node *n, const char *name, int64_t otherwise)
{
    const struct nn_attr *a = nn_attr_find(n, name);

    return a && a->kind == NN_ATTR_INT ? a->i : otherwise;
}

float nn_attr_float(const struct nn_node *n, const char *name, float otherwise)
{
    const struct nn_attr *a = nn_attr_find(n, name);

    return a && a->kind == NN_ATTR_FLOAT ? a->f : otherwise;
}

const char *nn_attr_text(const struct nn_node *n, const char *name, const char *otherwise)
{
    const struct nn_attr *a = nn_attr_find(n, name);

    return a && a->kind == NN_ATTR_STRING ? a->s : otherwise;
}

int nn_attr_ints(const struct nn_node *n, const char *name, int64_t *out, int max)
{
    const struct nn_attr *a = nn_attr_find(n, name);
    int count = a && a->kind == NN_ATTR_INTS ? a->count : 0;

    if (count > max)
        count = max;
    if (count)
        memcpy(out, a->ints, (size_t)count * sizeof *out);
    return count;
}

int64_t nn_tensor_elements(const struct nn_tensor *t)
{
    int64_t n = 1;

    if (t->ndim < 0)
        return -1;
    for (int i = 0; i < t->ndim; i++)
        if (t->dim[i] < 0)
            return -1;
        else if (t->dim[i] == 0)
            n = 0;
    for (int i = 0; n && i < t->ndim; i++) {
        if (t->dim[i] > NN_MAX_ELEMENTS / n)
            return -1;
        n *= t->dim[i];
    }
    return n;
}

size_t nn_tensor_bytes(const struct nn_tensor *t)
{
    int64_t n = nn_tensor_elements(t);

    return n < 0 ? 0 : (size_t)n * nn_dtype_size(t->type);
}

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [NN_UNDEFINED] = { "unknown", 0 }, [NN_F32] = { "float32", 4 }, [NN_U8] = { "uint8", 1 },
    [NN_I8] = { "int8", 1 }, [NN_U16] = { "uint16", 2 }, [NN_I16] = { "int16", 2 },
    [NN_I32] = { "int32", 4 }, [NN_I64] = { "int64", 8 }, [NN_STRING] = { "string", 0 },
    [NN_BOOL] = { "bool", 1 }, [NN_F16] = { "float16", 2 }, [NN_F64] = { "float64", 8 },
    [NN_U32] = { "uint32", 4 }, [NN_U64] = { "uint64", 8 }, [NN_BF16] = { "bfloat16", 2 },
};

size_t nn_dtype_size(enum nn_dtype type)
{
    return (size_t)type < sizeof types / sizeof *types ? types[type].size : 0;
}

const char *nn_dtype_name(enum nn_dtype type)
{
    const char *name = (size_t)type < sizeof types / sizeof *types ? types[type].name : NULL;

    return name ? name : "unknown";
}

const char *nn_shape_text(int ndim, const int64_t *dim, char *buf, size_t size)
{
    size_t used = 0;

    snprintf(buf, size, "%s", ndim < 0 ? "unknown" : "scalar");
    for (int i = 0; i < ndim && used < size; i++)
        if (dim[i] < 0)
            used += (size_t)snprintf(buf + used, size - used, "%s?", i ? "x" : "");
        else
            used += (size_t)snprintf(buf + used, size - used, "%s%lld", i ? "x" : "",
                                     (long long)dim[i]);
    return buf;
}
