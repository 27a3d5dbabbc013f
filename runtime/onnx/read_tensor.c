/* TensorProto: shape first, then the values, wherever the writer put them. */
#include <stdlib.h>
#include <string.h>

#include "runtime/onnx/read.h"

enum { /* field numbers of TensorProto */
    DIMS = 1, DATA_TYPE = 2, FLOAT_DATA = 4, INT32_DATA = 5, STRING_DATA = 6, INT64_DATA = 7,
    NAME = 8, RAW_DATA = 9, DOUBLE_DATA = 10, UINT64_DATA = 11, EXTERNAL_DATA = 13,
    DATA_LOCATION = 14
};

struct found {
    struct nn_pb raw;
    int has_raw, external;
    int64_t type, location;
};

static int read_header(struct nn_pb s, struct nn_arena *a, struct nn_tensor *t, struct found *in)
{
    struct nn_pb_field f;
    size_t ndim = 0;
    int more, bad = 0;

    t->name = "";
    while (!bad && (more = nn_pb_next(&s, &f)) != 0) {
        if (more < 0)
            return -1;
        switch (f.id) {
        case DIMS:
            bad = nn_pb_ints(&f, t->dim, NN_MAX_DIMS, &ndim);
            break;
        case DATA_TYPE:
            bad = nn_pb_int(&f, &in->type);
            break;
        case NAME:
            bad = nn_pb_text(&f, a, &t->name);
            break;
        case RAW_DATA:
            bad = nn_pb_message(&f, &in->raw);
            in->has_raw = 1;
            break;
        case DATA_LOCATION:
            bad = nn_pb_int(&f, &in->location);
            break;
        case EXTERNAL_DATA:
            in->external = 1;
            break;
        }
    }
    t->ndim = (int)ndim;
    return bad;
}

/* Where values of a type stand when they are not in raw_data. */
static uint32_t data_field(enum nn_dtype type)
{
    switch (type) {
    case NN_F32: return FLOAT_DATA;
    case NN_F64: return DOUBLE_DATA;
    case NN_I64: return INT64_DATA;
    case NN_U32:
    case NN_U64: return UINT64_DATA;
    default: return INT32_DATA;
    }
}

/* One repeated field into `out`, or only counted when out is NULL. */
static int read_values(struct nn_pb s, enum nn_dtype type, void *out, size_t max, size_t *n)
{
    struct nn_pb_field f;
    int more, bad = 0;

    *n = 0;
    while (!bad && (more = nn_pb_next(&s, &f)) != 0) {
        if (more < 0)
            return -1;
        if (f.id != data_field(type))
            continue;
        if (type == NN_F32)
            bad = nn_pb_floats(&f, out, max, n);
        else if (type == NN_F64)
            bad = nn_pb_doubles(&f, out, max, n);
        else
            bad = nn_pb_ints(&f, out, max, n);
    }
    return bad;
}

static void narrow(void *to, size_t size, const int64_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)      /* little-endian: the low bytes come first */
        memcpy((char *)to + i * size, &from[i], size);
}

static int read_data(struct nn_pb s, struct nn_arena *a, struct nn_tensor *t)
{
    size_t want = (size_t)nn_tensor_elements(t), size = nn_dtype_size(t->type), n;
    int64_t *wide;
    int direct = t->type == NN_F32 || t->type == NN_F64 || size == 8, bad;

    if (read_values(s, t->type, NULL, want, &n))
        return -1;
    if (n != want)
        return nn_pb_fail(&s, NN_EFORMAT, "tensor '%s' has %zu of %zu values", t->name, n, want);
    if (!(t->data = nn_arena_alloc(a, want * size)))
        return nn_fail_mem(s.err, "weights");
    if (direct)
        return read_values(s, t->type, t->data, want, &n);
    if (!(wide = malloc(want * sizeof *wide + 1)))
        return nn_fail_mem(s.err, "weights");
    if (!(bad = read_values(s, t->type, wide, want, &n)))
        narrow(t->data, size, wide, n);
    free(wide);
    return bad;
}

int nn_onnx_read_tensor(struct nn_pb span, struct nn_arena *a, struct nn_tensor *t)
{
    struct found in = { 0 };
    char shape[120];

    *t = (struct nn_tensor){ 0 };
    if (read_header(span, a, t, &in))
        return -1;
    if (in.external || in.location)
        return nn_pb_fail(&span, NN_EUNSUPPORTED, "tensor '%s' keeps its data in another file; "
                          "save the model as one file", t->name);
    if (in.type < 0 || in.type > NN_BF16 || !nn_dtype_size((enum nn_dtype)in.type))
        return nn_pb_fail(&span, NN_EUNSUPPORTED, "tensor '%s': element type %lld is not supported",
                          t->name, (long long)in.type);
    t->type = (enum nn_dtype)in.type;
    if (nn_tensor_elements(t) < 0)
        return nn_pb_fail(&span, NN_EFORMAT, "tensor '%s': impossible shape %s", t->name,
                          nn_shape_text(t->ndim, t->dim, shape, sizeof shape));
    if (!in.has_raw)
        return read_data(span, a, t);
    if ((size_t)(in.raw.end - in.raw.p) != nn_tensor_bytes(t))
        return nn_pb_fail(&in.raw, NN_EFORMAT, "tensor '%s' (%s of %s) has %zu bytes of %zu",
                          t->name, nn_shape_text(t->ndim, t->dim, shape, sizeof shape),
                          nn_dtype_name(t->type), (size_t)(in.raw.end - in.raw.p),
                          nn_tensor_bytes(t));
    if (!(t->data = nn_arena_alloc(a, nn_tensor_bytes(t))))
        return nn_fail_mem(span.err, "weights");
    if (nn_tensor_bytes(t))
        memcpy(t->data, in.raw.p, nn_tensor_bytes(t));
    return 0;
}
