/* Shape rules of operators on values: many operands, losses, and those that make values. */
#include <math.h>
#include <string.h>

#include "runtime/onnx/einsum.h"
#include "runtime/onnx/infer.h"

/* Max, Min, Sum, Mean: any number of operands. */
int shape_variadic(struct nn_infer *in, const struct nn_node *n)
{
    int64_t all[NN_MAX_DIMS], next[NN_MAX_DIMS];
    int ndim = 0;

    for (int k = 0; k < n->nin; k++) {
        const struct nn_tensor *x = nn_infer_in(in, n, k);
        if (!x)
            return nn_infer_fail(in, n, "input %d is missing", k);
        if ((ndim = nn_broadcast(ndim, all, x->ndim, x->dim, next)) < 0)
            return nn_infer_fail(in, n, "the shapes do not broadcast");
        memcpy(all, next, sizeof all);
    }
    nn_infer_set(nn_infer_out(in, n, 0), nn_infer_in(in, n, 0)->type, ndim, all);
    nn_infer_know_binary(in, n);
    return 0;
}

/* IsNaN, IsInf, Not: a bool for each value. */
int shape_test(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 0), NN_BOOL, x->ndim, x->dim);
    return 0;
}

int shape_castlike(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 0), nn_infer_in(in, n, 1)->type, x->ndim, x->dim);
    return 0;
}

int shape_cumsum(struct nn_infer *in, const struct nn_node *n)
{
    int64_t axis;

    if (nn_infer_list(in, n, 1, NULL, &axis, 1) == 1 && axis != NN_UNKNOWN &&
        (axis < -nn_infer_in(in, n, 0)->ndim || axis >= nn_infer_in(in, n, 0)->ndim))
        return nn_infer_fail(in, n, "its axis does not exist");
    return shape_same(in, n);
}

int shape_size(struct nn_infer *in, const struct nn_node *n)
{
    int64_t count = nn_tensor_elements(nn_infer_in(in, n, 0));

    nn_infer_set(nn_infer_out(in, n, 0), NN_I64, 0, NULL);
    if (count >= 0)
        nn_infer_know(in, n, 1, &count);
    return 0;
}

int shape_range(struct nn_infer *in, const struct nn_node *n)
{
    double start, limit, delta, steps;
    int64_t count = NN_DYNAMIC, v[NN_MAX_KNOWN];
    enum nn_dtype type = nn_infer_in(in, n, 0)->type;
    int known = nn_infer_number(in, n, 0, &start);

    known &= nn_infer_number(in, n, 1, &limit);
    known &= nn_infer_number(in, n, 2, &delta);
    if (known) {
        steps = ceil((limit - start) / delta);
        if (delta == 0 || steps != steps || steps > (double)NN_MAX_ELEMENTS)
            return nn_infer_fail(in, n, "from %g to %g by %g does not end", start, limit, delta);
        count = steps > 0 ? (int64_t)steps : 0;
    }
    nn_infer_set(nn_infer_out(in, n, 0), type, 1, &count);
    if (type == NN_I64 || type == NN_I32) {
        const struct nn_known *first = nn_infer_known(in, n, 0), *step = nn_infer_known(in, n, 2);
        if (count < 1 || count > NN_MAX_KNOWN || first->n != 1 || step->n != 1)
            return 0;
        for (int64_t i = 0; i < count; i++)     /* unsigned: the last of a type's range wraps */
            v[i] = (int64_t)((uint64_t)*first->v + (uint64_t)i * (uint64_t)*step->v);
        nn_infer_know(in, n, (int)count, v);
    }
    return 0;
}

int shape_eyelike(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t type = nn_attr_int(n, "dtype", x->type);

    if (x->ndim != 2)
        return nn_infer_fail(in, n, "needs a matrix");
    if (type < 1 || type > NN_BF16 || !nn_dtype_size((enum nn_dtype)type))
        return nn_infer_fail(in, n, "element type %lld", (long long)type);
    nn_infer_set(nn_infer_out(in, n, 0), (enum nn_dtype)type, 2, x->dim);
    return 0;
}

int shape_onehot(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *values = nn_infer_in(in, n, 2);
    int64_t axis = nn_attr_int(n, "axis", -1), dim[NN_MAX_DIMS];
    double depth;

    if (axis < -x->ndim - 1 || axis > x->ndim || x->ndim + 1 > NN_MAX_DIMS)
        return nn_infer_fail(in, n, "its axis does not exist");
    if (values->ndim != 1 || (values->dim[0] >= 0 && values->dim[0] != 2))
        return nn_infer_fail(in, n, "needs a value for off and one for on");
    axis = axis < 0 ? axis + x->ndim + 1 : axis;
    for (int i = 0; i <= x->ndim; i++)
        dim[i] = i < axis ? x->dim[i] : i > axis ? x->dim[i - 1] : NN_DYNAMIC;
    if (nn_infer_number(in, n, 1, &depth)) {
        if (!(depth >= 0 && depth <= (double)NN_MAX_ELEMENTS))
            return nn_infer_fail(in, n, "a depth of %g", depth);
        dim[axis] = (int64_t)depth;
    }
    nn_infer_set(nn_infer_out(in, n, 0), values->type, x->ndim + 1, dim);
    return 0;
}

int shape_trilu(struct nn_infer *in, const struct nn_node *n)
{
    if (nn_infer_in(in, n, 0)->ndim < 2)
        return nn_infer_fail(in, n, "needs matrices");
    return shape_same(in, n);
}

int shape_det(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    if (x->ndim < 2 || (x->dim[x->ndim - 1] >= 0 && x->dim[x->ndim - 2] >= 0 &&
                        x->dim[x->ndim - 1] != x->dim[x->ndim - 2]))
        return nn_infer_fail(in, n, "needs square matrices");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim - 2, x->dim);
    return 0;
}

int shape_einsum(struct nn_infer *in, const struct nn_node *n)
{
    struct nn_tensor *x[NN_EINSUM_INPUTS] = { 0 };
    int64_t dim[NN_MAX_DIMS];
    struct nn_einsum e;
    const char *wrong;

    for (int k = 0; k < n->nin && k < NN_EINSUM_INPUTS; k++)
        if (!(x[k] = nn_infer_in(in, n, k)))
            return nn_infer_fail(in, n, "input %d is missing", k);
    if ((wrong = nn_einsum_parse(&e, nn_attr_text(n, "equation", ""), n->nin, x)))
        return nn_infer_fail(in, n, "%s", wrong);
    for (int i = 0; i < e.nout; i++)
        dim[i] = e.size[e.out[i]];
    nn_infer_set(nn_infer_out(in, n, 0), x[0]->type, e.nout, dim);
    return 0;
}

/* Scores N x C x ..., one class number for each N x ...; perhaps a weight a class. */
int shape_loss(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *target = nn_infer_in(in, n, 1);
    const struct nn_tensor *w = nn_infer_in(in, n, 2);
    int none = !strcmp(nn_attr_text(n, "reduction", "mean"), "none");

    if (x->ndim < 2 || target->ndim != x->ndim - 1)
        return nn_infer_fail(in, n, "needs scores N x C x ... and classes N x ...");
    for (int i = 0; i < target->ndim; i++) {
        int64_t d = x->dim[i ? i + 1 : 0];
        if (d >= 0 && target->dim[i] >= 0 && d != target->dim[i])
            return nn_infer_fail(in, n, "scores and classes do not fit");
    }
    if (w && (w->ndim != 1 || (w->dim[0] >= 0 && x->dim[1] >= 0 && w->dim[0] != x->dim[1])))
        return nn_infer_fail(in, n, "needs one weight a class");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, none ? target->ndim : 0, target->dim);
    nn_infer_set(nn_infer_out(in, n, 1), x->type, x->ndim, x->dim);
    return 0;
}
