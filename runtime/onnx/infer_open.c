/* Shape rules of NonZero, Compress, Unique and NonMaxSuppression: what is known without
 * the values, the rest is found by those who compute them. */
#include "runtime/onnx/infer.h"

int shape_nonzero(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 0), NN_I64, 2,
                 (int64_t[]){ x->ndim ? x->ndim : 1, NN_DYNAMIC });
    return 0;
}

/* Some slices along an axis, or some values where there is none. */
static int some_of(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", 0), dim[NN_MAX_DIMS] = { NN_DYNAMIC };
    int ndim = 1;

    axis += axis < 0 ? x->ndim : 0;
    if (nn_attr_find(n, "axis")) {
        if (axis < 0 || axis >= x->ndim)
            return nn_infer_fail(in, n, "its axis does not exist");
        for (ndim = 0; ndim < x->ndim; ndim++)
            dim[ndim] = ndim == axis ? NN_DYNAMIC : x->dim[ndim];
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    return 0;
}

int shape_compress(struct nn_infer *in, const struct nn_node *n)
{
    return some_of(in, n);
}

int shape_unique(struct nn_infer *in, const struct nn_node *n)
{
    int64_t unknown = NN_DYNAMIC;

    for (int k = 1; k < 4; k++)
        nn_infer_set(nn_infer_out(in, n, k), NN_I64, 1, &unknown);
    return some_of(in, n);
}

int shape_nms(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *score = nn_infer_in(in, n, 1);

    if (x->ndim != 3 || score->ndim != 3)
        return nn_infer_fail(in, n, "needs boxes N x B x 4 and scores N x classes x B");
    nn_infer_set(nn_infer_out(in, n, 0), NN_I64, 2, (int64_t[]){ NN_DYNAMIC, 3 });
    return 0;
}
