/* Shape rules of operators that look at pictures by places given: GridSample, RoiAlign,
 * MaxUnpool. */
#include <string.h>

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

int shape_roialign(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *roi = nn_infer_in(in, n, 1);
    const struct nn_tensor *batch = nn_infer_in(in, n, 2);
    int64_t h = nn_attr_int(n, "output_height", 1), w = nn_attr_int(n, "output_width", 1);

    if (x->ndim != 4 || roi->ndim != 2 || differ(roi->dim[1], 4) || batch->ndim != 1 ||
        differ(batch->dim[0], roi->dim[0]))
        return nn_infer_fail(in, n, "needs N x C x H x W, regions of R x 4 and R indices");
    if (h < 1 || w < 1 || h > 1 << 20 || w > 1 << 20)
        return nn_infer_fail(in, n, "an impossible size of its output");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, 4, (int64_t[]){ roi->dim[0], x->dim[1], h, w });
    return 0;
}

/* What MaxPool made this from, or a larger size that is given. */
int shape_unpool(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *at = nn_infer_in(in, n, 1);
    int64_t dim[NN_MAX_DIMS], size[NN_MAX_DIMS], kernel[3], stride[3] = { 1, 1, 1 }, pad[6] = { 0 };
    int spatial = x->ndim - 2, given = nn_infer_list(in, n, 2, NULL, size, NN_MAX_DIMS);

    if (spatial < 1 || spatial > 3 || at->ndim != x->ndim ||
        nn_attr_ints(n, "kernel_shape", kernel, 3) != spatial)
        return nn_infer_fail(in, n, "needs N x C x spatial dimensions, as many places, a kernel");
    nn_attr_ints(n, "strides", stride, 3);
    nn_attr_ints(n, "pads", pad, 6);
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < spatial; i++) {
        int64_t by = x->dim[2 + i];
        if (kernel[i] < 1 || kernel[i] > 1 << 20 || stride[i] < 1 || stride[i] > 1 << 20 ||
            pad[i] < 0 || pad[i] > 1 << 20 || pad[spatial + i] < 0 || pad[spatial + i] > 1 << 20 ||
            by > NN_MAX_ELEMENTS)
            return nn_infer_fail(in, n, "kernel, strides or pads are wrong");
        dim[2 + i] = by < 0 ? NN_DYNAMIC
                   : (by - 1) * stride[i] + kernel[i] - pad[i] - pad[spatial + i];
        if (by >= 0 && dim[2 + i] < 0)
            return nn_infer_fail(in, n, "its pads leave nothing");
    }
    for (int i = 0; i < x->ndim && given; i++) {
        int64_t least = dim[i];
        dim[i] = given < 0 || size[i] == NN_UNKNOWN ? NN_DYNAMIC : size[i];
        if (given > 0 && (given != x->ndim || (dim[i] != NN_DYNAMIC && dim[i] < least)))
            return nn_infer_fail(in, n, "the size given does not fit");
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}
