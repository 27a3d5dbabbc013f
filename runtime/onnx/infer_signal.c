/* Shape rules of windows and of the discrete Fourier transform. */
#include "runtime/onnx/infer.h"

int shape_window(struct nn_infer *in, const struct nn_node *n)
{
    int64_t type = nn_attr_int(n, "output_datatype", NN_F32), size;
    double given;
    int known = nn_infer_number(in, n, 0, &given);

    if (type < 1 || type > NN_BF16 || !nn_dtype_size((enum nn_dtype)type))
        return nn_infer_fail(in, n, "its output's type is not supported");
    if (known && !(given >= 0 && given <= (double)NN_MAX_ELEMENTS))
        return nn_infer_fail(in, n, "an impossible size");
    size = known ? (int64_t)given : NN_DYNAMIC;
    nn_infer_set(nn_infer_out(in, n, 0), (enum nn_dtype)type, 1, &size);
    return 0;
}

/* Opset 17: real (1) or complex (2) values last; onesided keeps the lower half. */
int shape_dft(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", 1), dim[NN_MAX_DIMS];
    double length;
    int last = x->ndim - 1, given = nn_infer_in(in, n, 1) != NULL;
    int known = given && nn_infer_number(in, n, 1, &length);

    axis += axis < 0 ? x->ndim : 0;
    if (x->ndim < 2 || axis < 0 || axis >= last ||
        (x->dim[last] >= 0 && x->dim[last] != 1 && x->dim[last] != 2))
        return nn_infer_fail(in, n, "needs values x 1 or 2 and an axis before these");
    if (known && !(length >= 1 && length <= (double)NN_MAX_ELEMENTS))
        return nn_infer_fail(in, n, "an impossible length");
    for (int i = 0; i < last; i++)
        dim[i] = x->dim[i];
    dim[last] = 2;
    if (given)
        dim[axis] = known ? (int64_t)length : NN_DYNAMIC;
    if (nn_attr_int(n, "onesided", 0) && dim[axis] >= 0)
        dim[axis] = dim[axis] / 2 + 1;
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}
