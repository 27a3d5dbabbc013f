/* Constants of a model: decoded, dequantised, in ONNX's order of axes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/tflite/convert.h"

enum nn_dtype tfl_type(const struct nn_tfl_tensor *t)
{
    if (nn_tfl_quantised(t))
        return NN_F32;
    switch (t->type) {
    case NN_TFL_F32:
    case NN_TFL_F16:
        return NN_F32;
    case NN_TFL_I32:
        return NN_I32;
    case NN_TFL_I64:
        return NN_I64;
    case NN_TFL_BOOL:
        return NN_BOOL;
    case NN_TFL_U8:
        return NN_U8;
    case NN_TFL_I8:
        return NN_I8;
    default:
        return NN_UNDEFINED;
    }
}

int tfl_is_const(const struct nn_tfl_conv *c, int t)
{
    return t >= 0 && (c->m->tensor[t].data || c->v[t].source >= 0);
}

void tfl_permute(void *to, const void *from, size_t size, int ndim, const int64_t *dim,
                 const int *perm)
{
    int64_t step[NN_MAX_DIMS] = { 0 }, at[NN_MAX_DIMS] = { 0 }, total = 1, source = 0;
    char *p = to;

    for (int i = ndim - 1; i >= 0; i--) {
        step[i] = total;
        total *= dim[i];
    }
    for (int64_t n = 0; n < total; n++, p += size) {
        memcpy(p, (const char *)from + (size_t)source * size, size);
        for (int i = ndim - 1; i >= 0; i--) {
            source += step[perm[i]];
            if (++at[i] < dim[perm[i]])
                break;
            source -= at[i] * step[perm[i]];
            at[i] = 0;
        }
    }
}

static float half(uint16_t h)
{
    int e = h >> 10 & 31, m = h & 1023;
    float v = e == 31 ? (m ? NAN : INFINITY)
                      : e ? ldexpf((float)(1024 + m), e - 25) : ldexpf((float)m, -24);

    return h >> 15 ? -v : v;
}

static int64_t code(const struct nn_tfl_tensor *t, size_t i)
{
    const uint8_t *p = t->data + i * nn_tfl_type_size(t->type);
    uint64_t v = 0;

    for (size_t k = 0; k < nn_tfl_type_size(t->type); k++)
        v |= (uint64_t)p[k] << (8 * k);
    switch (t->type) {
    case NN_TFL_I8:
        return (int8_t)v;
    case NN_TFL_I16:
        return (int16_t)v;
    case NN_TFL_I32:
        return (int32_t)(uint32_t)v;
    default:
        return (int64_t)v;
    }
}

/* real = scale * (code - zero point), one pair for all or one a slice of t->axis. */
static void dequantise(const struct nn_tfl_tensor *t, float *out, size_t n)
{
    size_t inner = 1;

    for (int i = t->axis + 1; t->scale.count > 1 && i < t->ndim; i++)
        inner *= (size_t)t->dim[i];
    for (size_t i = 0; i < n; i++) {
        size_t slice = t->scale.count > 1 ? i / inner % t->scale.count : 0;
        int64_t zero = t->zero.count ? nn_flat_at_i64(&t->zero, slice) : 0;
        out[i] = (float)((double)nn_flat_at_f32(&t->scale, slice) *
                         ((double)code(t, i) - (double)zero));
    }
}

float *tfl_floats(struct nn_tfl_conv *c, int t)
{
    while (t >= 0 && c->v[t].source >= 0)
        t = c->v[t].source;
    const struct nn_tfl_tensor *in = t < 0 ? NULL : &c->m->tensor[t];
    size_t n;
    float *out;

    if (!in || !in->data || tfl_type(in) != NN_F32) {
        tfl_fail(c, "'%s' (%s%s) is no constant of real numbers", in ? in->name : "none",
                 in ? nn_tfl_type_name(in->type) : "", in && in->sparse ? ", sparse" : "");
        return NULL;
    }
    n = (size_t)nn_tfl_elements(in);
    if (!(out = malloc(n * sizeof *out + 1))) {
        nn_fail_mem(c->err, "weights");
        return NULL;
    }
    if (nn_tfl_quantised(in))
        dequantise(in, out, n);
    else if (in->type == NN_TFL_F32)
        memcpy(out, in->data, n * sizeof *out);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = half((uint16_t)(in->data[2 * i] | in->data[2 * i + 1] << 8));
    return out;
}

int tfl_ints(struct nn_tfl_conv *c, size_t k, int64_t *out, int max)
{
    const struct nn_tfl_tensor *t = tfl_in(c, k);
    int64_t n = t && t->data ? nn_tfl_elements(t) : -1;

    if (n < 0 || (t->type != NN_TFL_I32 && t->type != NN_TFL_I64))
        return tfl_fail(c, "input %zu is no integer constant, which is not supported", k);
    if (n > max)
        return tfl_fail(c, "input %zu has %lld values, %d at most", k, (long long)n, max);
    for (size_t i = 0; i < (size_t)n; i++)
        out[i] = code(t, i);
    return (int)n;
}

static int add_const(struct nn_tfl_conv *c, const char *base, const char *suffix,
                     enum nn_dtype type, int ndim, const int64_t *dim, const void *data)
{
    char buf[300];

    tfl_new_name(c, base, suffix, buf, sizeof buf);
    return tfl_named(c, nn_graph_const(c->g, buf, type, ndim, dim, data));
}

int tfl_const_i64(struct nn_tfl_conv *c, int n, const int64_t *v)
{
    int64_t dim = n;

    return add_const(c, c->op ? tfl_out(c, 0)->name : "shape", "/ints", NN_I64, 1, &dim, v);
}

int tfl_const_f32(struct nn_tfl_conv *c, float v)
{
    int t;

    for (int i = 0; i < c->nscalar; i++)
        if (c->scalar[i].value == v)
            return c->scalar[i].tensor;
    t = add_const(c, "scalar", "", NN_F32, 0, NULL, &v);
    if (t >= 0 && c->nscalar < (int)(sizeof c->scalar / sizeof *c->scalar)) {
        c->scalar[c->nscalar].value = v;
        c->scalar[c->nscalar++].tensor = t;
    }
    return t;
}

/* Values of constant t with axes in the order of perm as an ONNX constant of shape out. */
static int make_const(struct nn_tfl_conv *c, int t, const char *suffix, int ndim,
                      const int64_t *dim, const int *perm, int nout, const int64_t *out)
{
    const struct nn_tfl_tensor *from = &c->m->tensor[t];
    enum nn_dtype type = tfl_type(from);
    float *floats = type == NN_F32 ? tfl_floats(c, t) : NULL;
    int made = -1;

    if (type == NN_F32 && !floats)
        return -1;
    if (!floats && !from->data)
        return tfl_fail(c, "'%s' is %s, which is not supported here", from->name,
                        nn_tfl_type_name(from->type));
    made = add_const(c, from->name, suffix, type, nout, out, NULL);
    if (made >= 0)
        tfl_permute(c->g->tensor[made].data, floats ? (const void *)floats : from->data,
                    nn_dtype_size(type), ndim, dim, perm);
    free(floats);
    return made;
}

int tfl_weights(struct nn_tfl_conv *c, int t, const int perm[4])
{
    const struct nn_tfl_tensor *from = &c->m->tensor[t];
    struct nn_tfl_value *v = &c->v[t];
    int64_t out[4];

    if (v->weights >= 0 && v->order == perm)
        return v->weights;
    if (!tfl_is_const(c, t) || from->ndim != 4 || nn_tfl_elements(from) < 1)
        return tfl_fail(c, "its weights '%s' are no 4-D constant", from->name);
    for (int i = 0; i < 4; i++)
        out[i] = from->dim[perm[i]];
    v->order = perm;
    return v->weights = make_const(c, t, "", 4, from->dim, perm, 4, out);
}

int tfl_vector(struct nn_tfl_conv *c, size_t k, int64_t n)
{
    static const int same[NN_MAX_DIMS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    const struct nn_tfl_tensor *t = tfl_in(c, k);

    if (!t)
        return ABSENT;
    if (nn_tfl_elements(t) != n)
        return tfl_fail(c, "'%s' has %lld values, needs %lld", t->name,
                        (long long)nn_tfl_elements(t), (long long)n);
    return make_const(c, tfl_in_index(c, k), "", t->ndim, t->dim, same, 1, &n);
}

int tfl_const_in(struct nn_tfl_conv *c, int t, enum nn_tfl_layout layout)
{
    static const int same[NN_MAX_DIMS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    const struct nn_tfl_tensor *from = &c->m->tensor[t];
    int64_t dim[4] = { 1, 1, 1, 1 }, out[4];
    int lead = 0;

    if (layout == PLAIN)
        return make_const(c, t, "", from->ndim, from->dim, same, from->ndim, from->dim);
    for (int i = 0; i < from->ndim; i++)
        dim[4 - from->ndim + i] = from->dim[i];
    for (int i = 0; i < 4; i++)
        out[i] = dim[tfl_to_channels[i]];
    if (from->ndim < 4)
        while (lead < 3 && out[lead] == 1)
            lead++;
    return make_const(c, t, "", 4, dim, tfl_to_channels, 4 - lead, out + lead);
}
