#include "runtime/tflite/model.h"

#include <stdio.h>
#include <string.h>

enum { /* field numbers of schema.fbs, in the order of its tables */
    MODEL_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_DESCRIPTION = 3, MODEL_BUFFERS = 4,
    MODEL_METADATA = 6,
    CODE_OLD = 0, CODE_CUSTOM = 1, CODE_NEW = 3,
    GRAPH_TENSORS = 0, GRAPH_IN = 1, GRAPH_OUT = 2, GRAPH_OPS = 3, GRAPH_NAME = 4,
    TENSOR_SHAPE = 0, TENSOR_TYPE = 1, TENSOR_BUFFER = 2, TENSOR_NAME = 3, TENSOR_QUANT = 4,
    TENSOR_VARIABLE = 5, TENSOR_SPARSITY = 6, TENSOR_SIGNATURE = 7,
    QUANT_SCALE = 2, QUANT_ZERO = 3, QUANT_AXIS = 6,
    OP_CODE = 0, OP_IN = 1, OP_OUT = 2, OP_OPTIONS = 4, OP_CUSTOM = 5,
    BUFFER_DATA = 0, BUFFER_OFFSET = 1, BUFFER_SIZE = 2,
    META_NAME = 0, META_BUFFER = 1
};
enum {
    MAX_TENSORS = 1 << 18, MAX_OPS = 1 << 17, MAX_OPERANDS = 4096,
    MAX_NAME = 200, MAX_TEXT = 2000
};

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [NN_TFL_F32] = { "FLOAT32", 4 }, [NN_TFL_F16] = { "FLOAT16", 2 }, [NN_TFL_I32] = { "INT32", 4 },
    [NN_TFL_U8] = { "UINT8", 1 }, [NN_TFL_I64] = { "INT64", 8 }, [5] = { "STRING", 0 },
    [NN_TFL_BOOL] = { "BOOL", 1 }, [NN_TFL_I16] = { "INT16", 2 }, [8] = { "COMPLEX64", 0 },
    [NN_TFL_I8] = { "INT8", 1 }, [NN_TFL_F64] = { "FLOAT64", 8 }, [11] = { "COMPLEX128", 0 },
    [12] = { "UINT64", 0 }, [13] = { "RESOURCE", 0 }, [14] = { "VARIANT", 0 },
    [15] = { "UINT32", 0 }, [16] = { "UINT16", 0 }, [17] = { "INT4", 0 }, [18] = { "BFLOAT16", 0 },
};

const char *nn_tfl_type_name(int type)
{
    return type >= 0 && type < (int)(sizeof types / sizeof *types) ? types[type].name
                                                                   : "an unknown type";
}

size_t nn_tfl_type_size(int type)
{
    return type >= 0 && type < (int)(sizeof types / sizeof *types) ? types[type].size : 0;
}

int nn_tfl_quantised(const struct nn_tfl_tensor *t)
{
    return t->scale.count && (t->type == NN_TFL_I8 || t->type == NN_TFL_U8 ||
                              t->type == NN_TFL_I16 || t->type == NN_TFL_I32);
}

int64_t nn_tfl_elements(const struct nn_tfl_tensor *t)
{
    struct nn_tensor shape = { .ndim = t->ndim };

    memcpy(shape.dim, t->dim, sizeof shape.dim);
    return nn_tensor_elements(&shape);
}

/* A copy in one printable line of at most `max` bytes; "" where there is none. */
static const char *line(struct nn_tfl_model *m, const char *s, size_t n, size_t max)
{
    char *copy = nn_arena_strndup(&m->arena, s ? s : "", s ? n < max ? n : max : 0);

    for (char *p = copy; p && *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '_';
    return copy;
}

static const char *text(struct nn_tfl_model *m, const struct nn_flat_table *t, unsigned n)
{
    size_t length;
    const char *s = nn_flat_text(t, n, &length);

    return line(m, s, length, MAX_NAME);
}

/* The bytes of buffer `i`; count 0 where it is empty, which is no constant. */
static struct nn_flat_vec buffer(struct nn_tfl_model *m, const struct nn_flat_vec *buffers,
                                 uint32_t i)
{
    struct nn_flat_vec data = { 0 };
    struct nn_flat_table t;
    uint64_t offset, size;

    if (i >= buffers->count) {
        if (i)
            nn_flat_fail(&m->flat, buffers->at, "buffer %u of %zu", (unsigned)i, buffers->count);
        return data;
    }
    t = nn_flat_at_table(buffers, i);
    data = nn_flat_vec(&t, BUFFER_DATA, 1);
    offset = nn_flat_u64(&t, BUFFER_OFFSET);
    size = nn_flat_u64(&t, BUFFER_SIZE);
    if (data.count || offset <= 1)      /* 1: the writer's mark for "not yet placed" */
        return data;
    if (offset > m->flat.size || size > m->flat.size - offset) {
        nn_flat_fail(&m->flat, t.at, "buffer %u reaches past the file's end", (unsigned)i);
        return data;
    }
    return (struct nn_flat_vec){ &m->flat, (size_t)offset, (size_t)size, 1 };
}

static int read_shape(struct nn_tfl_model *m, const struct nn_flat_table *t,
                      struct nn_tfl_tensor *out)
{
    struct nn_flat_vec shape = nn_flat_vec(t, TENSOR_SHAPE, 4);
    struct nn_flat_vec signature = nn_flat_vec(t, TENSOR_SIGNATURE, 4);
    int64_t known[NN_MAX_DIMS];

    if (shape.count > NN_MAX_DIMS)
        return nn_flat_fail(&m->flat, shape.at, "tensor '%s' has %zu dimensions, %d at most",
                            out->name, shape.count, NN_MAX_DIMS);
    out->ndim = (int)shape.count;
    for (int i = 0; i < out->ndim; i++) {
        out->dim[i] = known[i] = nn_flat_at_i32(&shape, (size_t)i);
        if (signature.count == shape.count && nn_flat_at_i32(&signature, (size_t)i) == -1)
            out->dim[i] = NN_DYNAMIC;
    }
    struct nn_tfl_tensor fixed = *out;
    memcpy(fixed.dim, known, (size_t)out->ndim * sizeof *known);
    if (nn_tfl_elements(&fixed) < 0)
        return nn_flat_fail(&m->flat, shape.at, "tensor '%s': an impossible shape", out->name);
    return 0;
}

static int read_quantisation(struct nn_tfl_model *m, const struct nn_flat_table *t,
                             struct nn_tfl_tensor *out)
{
    struct nn_flat_table q = nn_flat_sub(t, TENSOR_QUANT);

    out->scale = nn_flat_vec(&q, QUANT_SCALE, 4);
    out->zero = nn_flat_vec(&q, QUANT_ZERO, 8);
    out->axis = (int)nn_flat_i32(&q, QUANT_AXIS, 0);
    if (m->flat.failed || !nn_tfl_quantised(out))
        return m->flat.failed ? -1 : 0;
    if (out->scale.count > 1 && (out->axis < 0 || out->axis >= out->ndim ||
                                 (int64_t)out->scale.count != out->dim[out->axis]))
        return nn_flat_fail(&m->flat, q.at, "tensor '%s': %zu scales do not fit its shape",
                            out->name, out->scale.count);
    if (out->zero.count && out->zero.count != out->scale.count)
        return nn_flat_fail(&m->flat, q.at, "tensor '%s': %zu zero points, %zu scales", out->name,
                            out->zero.count, out->scale.count);
    return 0;
}

static int read_tensor(struct nn_tfl_model *m, struct nn_flat_table t,
                       const struct nn_flat_vec *buffers, struct nn_tfl_tensor *out)
{
    struct nn_flat_vec data = buffer(m, buffers, nn_flat_u32(&t, TENSOR_BUFFER, 0));
    char shape[120];
    int64_t want;

    out->type = (int)nn_flat_i8(&t, TENSOR_TYPE, NN_TFL_F32);
    out->variable = nn_flat_i8(&t, TENSOR_VARIABLE, 0) != 0;
    out->sparse = nn_flat_sub(&t, TENSOR_SPARSITY).f != NULL;
    if (!(out->name = text(m, &t, TENSOR_NAME)))
        return nn_fail_mem(m->flat.err, "tensor names");
    if (m->flat.failed || read_shape(m, &t, out) || read_quantisation(m, &t, out))
        return -1;
    if (!data.count || !nn_tfl_type_size(out->type) || out->sparse)
        return 0;
    if ((want = nn_tfl_elements(out)) < 0)
        return nn_flat_fail(&m->flat, t.at, "constant '%s' has an open size", out->name);
    if (data.count != (size_t)want * nn_tfl_type_size(out->type))
        return nn_flat_fail(&m->flat, data.at, "tensor '%s' (%s of %s) has %zu bytes, needs %zu",
                            out->name, nn_shape_text(out->ndim, out->dim, shape, sizeof shape),
                            nn_tfl_type_name(out->type), data.count,
                            (size_t)want * nn_tfl_type_size(out->type));
    out->data = m->flat.bytes + data.at;
    return 0;
}

/* A list of tensor indices, each -1 (where that may be) or a tensor's. */
static int check_indices(struct nn_tfl_model *m, const struct nn_flat_vec *v, int lowest)
{
    if (v->count > MAX_OPERANDS)
        return nn_flat_fail(&m->flat, v->at, "%zu tensors in one list, %d at most", v->count,
                            MAX_OPERANDS);
    for (size_t i = 0; i < v->count; i++) {
        int32_t t = nn_flat_at_i32(v, i);
        if (t < lowest || t >= m->ntensor)
            return nn_flat_fail(&m->flat, v->at + 4 * i, "tensor %d of %d", (int)t, m->ntensor);
    }
    return 0;
}

static int read_op(struct nn_tfl_model *m, struct nn_flat_table t, const struct nn_flat_vec *codes,
                   struct nn_tfl_op *op)
{
    uint32_t code = nn_flat_u32(&t, OP_CODE, 0);
    struct nn_flat_table c = { 0 };
    int64_t old, new;

    if (m->flat.failed)
        return -1;
    if (code >= codes->count)
        return nn_flat_fail(&m->flat, t.at, "operator code %u of %zu", (unsigned)code,
                            codes->count);
    c = nn_flat_at_table(codes, code);
    old = nn_flat_i8(&c, CODE_OLD, 0);      /* codes up to 127, in files of any age */
    new = nn_flat_i32(&c, CODE_NEW, 0);
    op->code = (int)(new > old ? new : old);
    if (nn_flat_vec(&c, CODE_CUSTOM, 1).count && !(op->custom = text(m, &c, CODE_CUSTOM)))
        return nn_fail_mem(m->flat.err, "operators");
    op->in = nn_flat_vec(&t, OP_IN, 4);
    op->out = nn_flat_vec(&t, OP_OUT, 4);
    op->options = nn_flat_sub(&t, OP_OPTIONS);
    op->custom_options = nn_flat_vec(&t, OP_CUSTOM, 1);
    return m->flat.failed || check_indices(m, &op->in, -1) || check_indices(m, &op->out, 0) ? -1
                                                                                            : 0;
}

/* The sub-graph's inputs or outputs. */
static int *read_ends(struct nn_tfl_model *m, const struct nn_flat_table *graph, unsigned field,
                      int *count)
{
    struct nn_flat_vec v = nn_flat_vec(graph, field, 4);
    int *list;

    if (m->flat.failed || check_indices(m, &v, 0))
        return NULL;
    if (!(list = nn_arena_array(&m->arena, v.count, sizeof *list)))
        nn_fail_mem(m->flat.err, "inputs and outputs");
    for (size_t i = 0; list && i < v.count; i++)
        list[i] = nn_flat_at_i32(&v, i);
    *count = (int)v.count;
    return list;
}

static int add_meta(struct nn_tfl_model *m, const char *key, const char *value)
{
    char name[MAX_NAME + 8];

    if (!key || !value)
        return nn_fail_mem(m->flat.err, "metadata");
    snprintf(name, sizeof name, "tflite.%s", key);
    m->meta[m->nmeta].value = value;
    m->meta[m->nmeta].key = nn_arena_strdup(&m->arena, name);
    return m->meta[m->nmeta++].key ? 0 : nn_fail_mem(m->flat.err, "metadata");
}

/* The description and those metadata buffers that are text (others are binary
 * tables of other schemas, for which an ONNX file has no place). */
static int read_meta(struct nn_tfl_model *m, const struct nn_flat_table *model,
                     const struct nn_flat_vec *buffers)
{
    struct nn_flat_vec list = nn_flat_vec(model, MODEL_METADATA, 4);
    const char *description = text(m, model, MODEL_DESCRIPTION);

    if (list.count > 64)
        list.count = 64;
    if (!(m->meta = nn_arena_array(&m->arena, list.count + 1, sizeof *m->meta)) ||
        (description && *description && add_meta(m, "description", description)))
        return nn_fail_mem(m->flat.err, "metadata");
    for (size_t i = 0; i < list.count && !m->flat.failed; i++) {
        struct nn_flat_table t = nn_flat_at_table(&list, i);
        struct nn_flat_vec data = buffer(m, buffers, nn_flat_u32(&t, META_BUFFER, 0));
        const char *s = data.f ? (const char *)m->flat.bytes + data.at : "";
        size_t n = data.count;
        int printable = 1;
        while (n && !s[n - 1])          /* padded with zeros */
            n--;
        for (size_t k = 0; k < n && n <= MAX_TEXT; k++)
            printable &= s[k] >= ' ' && s[k] < 127;
        if (n && n <= MAX_TEXT && printable && !m->flat.failed &&
            add_meta(m, text(m, &t, META_NAME), line(m, s, n, MAX_TEXT)))
            return -1;
    }
    return m->flat.failed ? -1 : 0;
}

static int read_graph(struct nn_tfl_model *m, const struct nn_flat_table *model,
                      struct nn_flat_table *graph, const struct nn_flat_vec *buffers)
{
    struct nn_flat_vec codes = nn_flat_vec(model, MODEL_CODES, 4);
    struct nn_flat_vec tensors = nn_flat_vec(graph, GRAPH_TENSORS, 4);
    struct nn_flat_vec ops = nn_flat_vec(graph, GRAPH_OPS, 4);

    if (m->flat.failed)
        return -1;
    if (tensors.count > MAX_TENSORS || ops.count > MAX_OPS)
        return nn_flat_fail(&m->flat, graph->at, "%zu tensors and %zu operators are too many",
                            tensors.count, ops.count);
    m->tensor = nn_arena_array(&m->arena, tensors.count, sizeof *m->tensor);
    m->op = nn_arena_array(&m->arena, ops.count, sizeof *m->op);
    m->name = text(m, graph, GRAPH_NAME);
    if (!m->tensor || !m->op || !m->name)
        return nn_fail_mem(m->flat.err, "model");
    m->ntensor = (int)tensors.count;
    m->nop = (int)ops.count;
    for (int i = 0; i < m->ntensor; i++)
        if (read_tensor(m, nn_flat_at_table(&tensors, (size_t)i), buffers, &m->tensor[i]))
            return -1;
    for (int i = 0; i < m->nop; i++)
        if (read_op(m, nn_flat_at_table(&ops, (size_t)i), &codes, &m->op[i]))
            return -1;
    m->in = read_ends(m, graph, GRAPH_IN, &m->nin);
    m->out = m->in ? read_ends(m, graph, GRAPH_OUT, &m->nout) : NULL;
    return m->out ? 0 : -1;
}

int nn_tfl_parse(struct nn_tfl_model *m, const void *bytes, size_t size, const char *name,
                 struct nn_err *err)
{
    struct nn_flat_table model, graph;
    struct nn_flat_vec subgraphs, buffers;

    *m = (struct nn_tfl_model){ .flat = { bytes, size, name, err, 0 } };
    if (nn_flat_root(&m->flat, "TFL3", &model))
        return -1;
    subgraphs = nn_flat_vec(&model, MODEL_SUBGRAPHS, 4);
    buffers = nn_flat_vec(&model, MODEL_BUFFERS, 4);
    if (!m->flat.failed && !subgraphs.count)
        return nn_flat_fail(&m->flat, model.at, "no sub-graph in it");
    if (m->flat.failed)
        return -1;
    graph = nn_flat_at_table(&subgraphs, 0);
    return m->flat.failed || read_graph(m, &model, &graph, &buffers) ||
           read_meta(m, &model, &buffers) ? -1 : 0;
}

void nn_tfl_release(struct nn_tfl_model *m)
{
    nn_arena_release(&m->arena);
}
