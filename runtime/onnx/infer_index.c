/* Shape rules of gathers and scatters by element, TopK and ReverseSequence. */
#include <string.h>

#include "runtime/onnx/infer.h"

static int axis_in(const struct nn_node *n, int64_t otherwise, int ndim)
{
    int64_t axis = nn_attr_int(n, "axis", otherwise);

    axis += axis < 0 ? ndim : 0;
    return axis < 0 || axis >= ndim ? -1 : (int)axis;
}

/* GatherElements, Scatter and ScatterElements: indices lie within the data but along
 * the axis. */
int shape_elements(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *at = nn_infer_in(in, n, 1);
    const struct nn_tensor *updates = nn_infer_in(in, n, 2), *like = updates ? x : at;
    int axis = axis_in(n, 0, x->ndim);

    if (axis < 0 || at->ndim != x->ndim || (updates && updates->ndim != x->ndim))
        return nn_infer_fail(in, n, "its axis does not exist or the ranks differ");
    if (!updates != !strcmp(n->op, "GatherElements"))
        return nn_infer_fail(in, n, "has another number of inputs than it needs");
    for (int i = 0; i < x->ndim; i++)
        if ((i != axis && x->dim[i] >= 0 && at->dim[i] > x->dim[i]) ||
            (updates && updates->dim[i] >= 0 && at->dim[i] >= 0 && updates->dim[i] != at->dim[i]))
            return nn_infer_fail(in, n, "the indices do not fit");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, like->ndim, like->dim);
    return 0;
}

static int differ(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a != b;
}

/* GatherND: batch_dims, then indices in rows of at most the data's rank. */
int shape_gathernd(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *at = nn_infer_in(in, n, 1);
    int64_t batch = nn_attr_int(n, "batch_dims", 0), dim[2 * NN_MAX_DIMS], k;
    int ndim = 0;

    if (batch < 0 || batch >= at->ndim || batch >= x->ndim)
        return nn_infer_fail(in, n, "needs indices behind its batch_dims");
    if ((k = at->dim[at->ndim - 1]) < 0) {
        nn_infer_set(nn_infer_out(in, n, 0), x->type, -1, NULL);
        return 0;
    }
    if (k < 1 || k > x->ndim - batch || at->ndim - 1 + x->ndim - batch - k > NN_MAX_DIMS)
        return nn_infer_fail(in, n, "rows of %lld indices do not fit", (long long)k);
    for (int i = 0; i < batch; i++)
        if (differ(x->dim[i], at->dim[i]))
            return nn_infer_fail(in, n, "the batches differ");
    for (int i = 0; i < at->ndim - 1; i++)
        dim[ndim++] = at->dim[i];
    for (int i = (int)(batch + k); i < x->ndim; i++)
        dim[ndim++] = x->dim[i];
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    return 0;
}

int shape_scatternd(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *at = nn_infer_in(in, n, 1);
    const struct nn_tensor *u = nn_infer_in(in, n, 2);
    int64_t k = at->ndim ? at->dim[at->ndim - 1] : 0;
    int rows = at->ndim - 1;

    if (k == 0 || k > x->ndim || (k > 0 && u->ndim != rows + x->ndim - k))
        return nn_infer_fail(in, n, "the indices do not fit");
    for (int i = 0; k > 0 && i < u->ndim; i++)
        if (differ(u->dim[i], i < rows ? at->dim[i] : x->dim[i - rows + k]))
            return nn_infer_fail(in, n, "the updates do not fit");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, x->dim);
    return 0;
}

int shape_topk(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int axis = axis_in(n, -1, x->ndim);
    int64_t dim[NN_MAX_DIMS], k = nn_attr_int(n, "k", NN_UNKNOWN);

    if (axis < 0)
        return nn_infer_fail(in, n, "its axis does not exist");
    if (nn_infer_in(in, n, 1) && nn_infer_list(in, n, 1, NULL, &k, 1) != 1)
        k = NN_UNKNOWN;
    if (k != NN_UNKNOWN && (k < 0 || (x->dim[axis] >= 0 && k > x->dim[axis])))
        return nn_infer_fail(in, n, "there are no %lld values", (long long)k);
    memcpy(dim, x->dim, sizeof dim);
    dim[axis] = k == NN_UNKNOWN ? NN_DYNAMIC : k;
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    nn_infer_set(nn_infer_out(in, n, 1), NN_I64, x->ndim, dim);
    return 0;
}

int shape_reverse(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *length = nn_infer_in(in, n, 1);
    int64_t batch = nn_attr_int(n, "batch_axis", 1), time = nn_attr_int(n, "time_axis", 0);

    if (x->ndim < 2 || batch < 0 || batch > 1 || time != 1 - batch || length->ndim != 1 ||
        differ(length->dim[0], x->dim[batch]))
        return nn_infer_fail(in, n, "its axes or lengths do not fit");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, x->dim);
    return 0;
}
