/* Shapes of QuantizeLinear and DequantizeLinear: the input's; types: the other side's. */
#include "runtime/onnx/infer.h"

int shape_quantise(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *zero = nn_infer_in(in, n, 2);
    int64_t type = nn_attr_int(n, "output_dtype", 0);

    if (zero)
        type = zero->type;
    nn_infer_set(nn_infer_out(in, n, 0), type ? (enum nn_dtype)type : NN_U8, x->ndim, x->dim);
    return 0;
}

int shape_dequantise(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *scale = nn_infer_in(in, n, 1);

    nn_infer_set(nn_infer_out(in, n, 0), scale->type, x->ndim, x->dim);
    return 0;
}
