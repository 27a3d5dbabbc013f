/* Shapes of products of integers: those of the float operators, whose operands stand elsewhere. */
#include "runtime/onnx/infer.h"

/* Rule `rule` of operands a, b and c (-1: none) of the node; the result has `type`. */
static int like(struct nn_infer *in, const struct nn_node *n, nn_shape_rule *rule, int a, int b,
                int c, enum nn_dtype type)
{
    int operand[3] = { n->in[a], n->in[b], c >= 0 && c < n->nin ? n->in[c] : -1 };
    struct nn_node plain = *n;

    plain.in = operand;
    plain.nin = operand[2] >= 0 ? 3 : 2;
    if (operand[0] < 0 || operand[1] < 0)
        return nn_infer_fail(in, n, "one of its operands is missing");
    if (rule(in, &plain))
        return -1;
    nn_infer_out(in, n, 0)->type = type;
    return 0;
}

int shape_convinteger(struct nn_infer *in, const struct nn_node *n)
{
    return like(in, n, shape_conv, 0, 1, -1, NN_I32);
}

int shape_matmulinteger(struct nn_infer *in, const struct nn_node *n)
{
    return like(in, n, shape_matmul, 0, 1, -1, NN_I32);
}

int shape_qlinearconv(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *zero = nn_infer_in(in, n, 7);

    return zero ? like(in, n, shape_conv, 0, 3, 8, zero->type)
                : nn_infer_fail(in, n, "its output's zero point is missing");
}

int shape_qlinearmatmul(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *zero = nn_infer_in(in, n, 7);

    return zero ? like(in, n, shape_matmul, 0, 3, -1, zero->type)
                : nn_infer_fail(in, n, "its output's zero point is missing");
}

int shape_dynamicquantise(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 0), NN_U8, x->ndim, x->dim);
    nn_infer_set(nn_infer_out(in, n, 1), NN_F32, 0, NULL);
    nn_infer_set(nn_infer_out(in, n, 2), NN_U8, 0, NULL);
    return 0;
}
