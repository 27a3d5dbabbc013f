/* Shape rules of operators that look at pictures by places given: GridSample, RoiAlign. */
#include "runtime/onnx/infer.h"

static int differ(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a != b;
}

int shape_gridsample(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *grid = nn_infer_in(in, n, 1);

    if (x->ndim != 4 || grid->ndim != 4 || differ(grid->dim[3], 2) ||
        differ(grid->dim[0], x->dim[0]))
        return nn_infer_fail(in, n, "needs N x C x H x W and a grid of N x H x W x 2");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, 4,
                 (int64_t[]){ x->dim[0], x->dim[1], grid->dim[1], grid->dim[2] });
    return 0;
}
