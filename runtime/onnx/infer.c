#include "runtime/onnx/infer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/onnx/onnx.h"

static const struct {
    const char *name;
    int lo, hi;
    nn_shape_rule *rule;
} ops[] = {
#define OP(name, lo, hi, shape, kernel) { #name, lo, hi, shape_##shape },
#include "runtime/onnx/ops.def"
#undef OP
};

struct nn_tensor *nn_infer_in(const struct nn_infer *in, const struct nn_node *n, int k)
{
    return k < n->nin && n->in[k] >= 0 ? &in->g->tensor[n->in[k]] : NULL;
}

struct nn_tensor *nn_infer_out(const struct nn_infer *in, const struct nn_node *n, int k)
{
    return k < n->nout && n->out[k] >= 0 ? &in->g->tensor[n->out[k]] : NULL;
}

int nn_infer_fail(struct nn_infer *in, const struct nn_node *n, const char *fmt, ...)
{
    char what[200], shapes[200] = "", one[80];
    size_t used = 0;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    for (int k = 0; k < n->nin && k < 4 && used < sizeof shapes; k++) {
        const struct nn_tensor *t = nn_infer_in(in, n, k);
        used += (size_t)snprintf(shapes + used, sizeof shapes - used, "%s%s", k ? ", " : "",
                                 t ? nn_shape_text(t->ndim, t->dim, one, sizeof one) : "none");
    }
    return nn_fail(in->err, NN_EFORMAT, "node '%s' (%s): %s; its inputs are %s", n->name, n->op,
                   what, shapes);
}

void nn_infer_set(struct nn_tensor *t, enum nn_dtype type, int ndim, const int64_t *dim)
{
    if (!t)
        return;
    t->type = type;
    t->ndim = ndim;
    for (int i = 0; i < ndim; i++)
        t->dim[i] = dim[i];
}

const struct nn_known *nn_infer_known(const struct nn_infer *in, const struct nn_node *n, int k)
{
    static const struct nn_known nothing;

    return nn_infer_in(in, n, k) ? &in->known[n->in[k]] : &nothing;
}

int nn_infer_list(struct nn_infer *in, const struct nn_node *n, int k, const char *attr,
                  int64_t *out, int max)
{
    const struct nn_tensor *t = k >= 0 ? nn_infer_in(in, n, k) : NULL;
    const struct nn_known *known = k >= 0 ? nn_infer_known(in, n, k) : NULL;

    if (!t)
        return attr ? nn_attr_ints(n, attr, out, max) : 0;
    if (nn_tensor_elements(t) == 0)
        return 0;
    if (!known->n || known->n > max)
        return -1;
    memcpy(out, known->v, (size_t)known->n * sizeof *out);
    return known->n;
}

int nn_infer_number(struct nn_infer *in, const struct nn_node *n, int k, double *out)
{
    const struct nn_tensor *t = nn_infer_in(in, n, k);
    const struct nn_known *known = nn_infer_known(in, n, k);

    *out = 0;
    if (t && known->n == 1 && known->v[0] != NN_UNKNOWN)
        *out = (double)known->v[0];
    else if (t && t->data && nn_tensor_elements(t) == 1 && t->type == NN_F32)
        *out = (double)*(const float *)t->data;
    else if (t && t->data && nn_tensor_elements(t) == 1 && t->type == NN_F64)
        *out = *(const double *)t->data;
    else if (t && t->data && nn_tensor_elements(t) == 1 && t->type == NN_I16)
        *out = *(const int16_t *)t->data;
    else
        return 0;
    return 1;
}

void nn_infer_know(struct nn_infer *in, const struct nn_node *n, int count, const int64_t *v)
{
    struct nn_known *known = &in->known[n->out[0]];

    if (count < 1 || count > NN_MAX_KNOWN ||
        !(known->v = nn_arena_array(&in->g->arena, (size_t)count, sizeof *v)))
        return;
    memcpy(known->v, v, (size_t)count * sizeof *v);
    known->n = count;
}

static int64_t sum_of(const char *op, int64_t x, int64_t y)
{
    int64_t v = NN_UNKNOWN;

    if (x == NN_UNKNOWN || y == NN_UNKNOWN)
        return NN_UNKNOWN;
    if (!strcmp(op, "Add"))
        return __builtin_add_overflow(x, y, &v) ? NN_UNKNOWN : v;
    if (!strcmp(op, "Sub"))
        return __builtin_sub_overflow(x, y, &v) ? NN_UNKNOWN : v;
    if (!strcmp(op, "Mul"))
        return __builtin_mul_overflow(x, y, &v) ? NN_UNKNOWN : v;
    if (!strcmp(op, "Div"))
        return y == 0 || y == -1 ? NN_UNKNOWN : x / y;
    if (!strcmp(op, "Mod"))
        return x < 0 || y <= 0 ? NN_UNKNOWN : x % y;
    if (!strcmp(op, "Max"))
        return x > y ? x : y;
    if (!strcmp(op, "Min"))
        return x < y ? x : y;
    if (!strcmp(op, "Equal"))
        return x == y;
    if (!strcmp(op, "Greater"))
        return x > y;
    return !strcmp(op, "Less") ? x < y : NN_UNKNOWN;
}

void nn_infer_know_binary(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_known *a = nn_infer_known(in, n, 0), *b = nn_infer_known(in, n, 1);
    int64_t v[NN_MAX_KNOWN];
    int count = a->n > b->n ? a->n : b->n;

    if (n->nin != 2 || !a->n || !b->n || (a->n != b->n && a->n != 1 && b->n != 1))
        return;
    for (int i = 0; i < count; i++)
        v[i] = sum_of(n->op, a->v[a->n == 1 ? 0 : i], b->v[b->n == 1 ? 0 : i]);
    nn_infer_know(in, n, count, v);
}

void nn_infer_constant(struct nn_infer *in, int i)
{
    const struct nn_tensor *t = &in->g->tensor[i];
    int64_t count = t->data ? nn_tensor_elements(t) : 0, *v;

    if (count < 1 || count > NN_MAX_KNOWN ||
        (t->type != NN_I64 && t->type != NN_I32 && t->type != NN_BOOL) ||
        !(v = nn_arena_array(&in->g->arena, (size_t)count, sizeof *v)))
        return;
    for (int64_t k = 0; k < count; k++)
        v[k] = t->type == NN_I64 ? ((const int64_t *)t->data)[k]
               : t->type == NN_I32 ? ((const int32_t *)t->data)[k]
                                   : ((const uint8_t *)t->data)[k] != 0;
    in->known[i] = (struct nn_known){ (int)count, v };
}

int nn_shape_possible(int ndim, const int64_t *dim)
{
    int64_t n = 1;

    for (int i = 0; i < ndim; i++) {
        if (dim[i] <= 0)
            continue;
        if (dim[i] > NN_MAX_ELEMENTS / n)
            return 0;
        n *= dim[i];
    }
    return 1;
}

static int check_outputs(struct nn_infer *in, const struct nn_node *n)
{
    char text[100];

    for (int k = 0; k < n->nout; k++) {
        const struct nn_tensor *t = nn_infer_out(in, n, k);
        if (t && t->ndim > 0 && !nn_shape_possible(t->ndim, t->dim))
            return nn_infer_fail(in, n, "output of %s has more than 2^31 values",
                                 nn_shape_text(t->ndim, t->dim, text, sizeof text));
    }
    return 0;
}

static int infer_node(struct nn_infer *in, const struct nn_node *n)
{
    size_t op = 0;

    for (int k = 0; k < n->nout; k++)
        nn_infer_set(nn_infer_out(in, n, k), NN_UNDEFINED, -1, NULL);
    while (op < sizeof ops / sizeof *ops && strcmp(ops[op].name, n->op))
        op++;
    if (op == sizeof ops / sizeof *ops)
        return 0;
    if (n->nin > ops[op].hi || n->nin < ops[op].lo) {
        nn_infer_fail(in, n, "has %d inputs, %d to %d are supported", n->nin, ops[op].lo,
                      ops[op].hi);
        if (in->err)
            in->err->code = NN_EUNSUPPORTED;
        return -1;
    }
    for (int k = 0; k < ops[op].lo; k++)
        if (!nn_infer_in(in, n, k))
            return nn_infer_fail(in, n, "input %d is missing", k);
    if (!nn_infer_out(in, n, 0))
        return nn_infer_fail(in, n, "has no output");
    for (int k = 0; k < n->nin; k++)
        if (n->in[k] >= 0 && nn_infer_in(in, n, k)->ndim < 0)
            return 0;
    return ops[op].rule(in, n) ? -1 : check_outputs(in, n);
}

/* Every size that a rule meets is at most NN_MAX_ELEMENTS, so that the sum of two and the
 * product of two fit 64 bits: of inputs it is seen to here, of outputs in check_outputs(). */
static int check_inputs(struct nn_infer *in)
{
    const struct nn_graph *g = in->g;
    char text[100];

    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        if (t->ndim > 0 && !nn_shape_possible(t->ndim, t->dim))
            return nn_fail(in->err, NN_EFORMAT, "input '%s' of %s has more than 2^31 values",
                           t->name, nn_shape_text(t->ndim, t->dim, text, sizeof text));
    }
    return 0;
}

int nn_infer_all(struct nn_infer *in)
{
    struct nn_graph *g = in->g;

    if (check_inputs(in))
        return -1;
    if (!(in->known = nn_arena_array(&g->arena, (size_t)g->ntensor, sizeof *in->known)))
        return nn_fail_mem(in->err, "shape inference");
    for (int i = 0; i < g->ntensor; i++)
        nn_infer_constant(in, i);
    for (int i = 0; i < g->nnode; i++)
        if (infer_node(in, &g->node[i]) || (in->fold && in->fold(in, i)))
            return -1;
    return 0;
}

int nn_onnx_infer(struct nn_graph *g, struct nn_err *err)
{
    struct nn_infer in = { .g = g, .err = err };

    return nn_infer_all(&in);
}
