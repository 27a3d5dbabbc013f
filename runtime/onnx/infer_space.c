/* Shape rules of operators that rearrange, split and spread out pictures. */
#include <string.h>

#include "runtime/onnx/infer.h"

/* What is padded when the output's size is asked for, by ONNX's rule: the odd one
 * in front unless SAME_UPPER. */
static const char *fit(struct nn_window *w, int i, int64_t natural, int64_t want, int upper)
{
    int64_t total = natural - want;

    if (want < 1 || want > NN_MAX_ELEMENTS)
        return "output_shape is impossible";
    total = total < 0 ? 0 : total;
    w->begin[i] = upper ? total / 2 : total - total / 2;
    w->end[i] = total - w->begin[i];
    w->out[i] = want;
    return NULL;
}

const char *nn_window_transposed(struct nn_window *w, const struct nn_node *n, int spatial,
                                 const int64_t *in, const int64_t *kernel)
{
    static const int64_t unknown[3] = { NN_DYNAMIC, NN_DYNAMIC, NN_DYNAMIC };
    const char *pad = nn_attr_text(n, "auto_pad", "NOTSET"), *wrong;
    int64_t more[3] = { 0 }, want[3 + 2];
    int nmore, nwant = nn_attr_ints(n, "output_shape", want, 5);

    if ((wrong = nn_window_init(w, n, spatial, unknown, kernel)))
        return wrong;
    if (((nmore = nn_attr_ints(n, "output_padding", more, 3)) && nmore != spatial) ||
        (nwant && nwant != spatial && nwant != spatial + 2))
        return "output_padding or output_shape does not fit";
    for (int i = 0; i < spatial; i++) {
        int64_t natural;
        if (more[i] < 0 || more[i] > 1 << 20)
            return "output_padding is impossible";
        if (in[i] < 0)
            continue;
        if (in[i] < 1 || in[i] > NN_MAX_ELEMENTS)
            return "there is nothing to convolve";
        natural = (in[i] - 1) * w->stride[i] + more[i] + (w->kernel[i] - 1) * w->dilation[i] + 1;
        if (nwant)
            wrong = fit(w, i, natural, want[nwant - spatial + i], !strcmp(pad, "SAME_UPPER"));
        else if (!strncmp(pad, "SAME_", 5))
            wrong = fit(w, i, natural, in[i] * w->stride[i], !strcmp(pad, "SAME_UPPER"));
        else if (!strcmp(pad, "VALID"))
            wrong = fit(w, i, natural, natural, 0);
        else
            w->out[i] = natural - w->begin[i] - w->end[i];
        if (wrong || w->out[i] < 1)
            return wrong ? wrong : "the padding leaves nothing";
    }
    return NULL;
}

int shape_convtranspose(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *w = nn_infer_in(in, n, 1);
    const struct nn_tensor *b = nn_infer_in(in, n, 2);
    int64_t group = nn_attr_int(n, "group", 1), dim[NN_MAX_DIMS];
    struct nn_window win;
    const char *wrong;

    if (x->ndim < 3 || x->ndim > 5 || w->ndim != x->ndim)
        return nn_infer_fail(in, n, "needs input and weights of the same rank");
    if (w->dim[0] < 0 || w->dim[1] < 0) {
        nn_infer_set(nn_infer_out(in, n, 0), x->type, -1, NULL);
        return 0;
    }
    if (group < 1 || group > 1 << 20 || w->dim[0] < 1 || w->dim[1] < 1 || w->dim[0] % group ||
        w->dim[1] > NN_MAX_ELEMENTS / group || (x->dim[1] >= 0 && x->dim[1] != w->dim[0]))
        return nn_infer_fail(in, n, "weights do not fit the input's channels in %lld groups",
                             (long long)group);
    if (b && (b->ndim != 1 || (b->dim[0] >= 0 && b->dim[0] != w->dim[1] * group)))
        return nn_infer_fail(in, n, "the bias does not fit");
    if ((wrong = nn_window_transposed(&win, n, x->ndim - 2, x->dim + 2, w->dim + 2)))
        return nn_infer_fail(in, n, "%s", wrong);
    dim[0] = x->dim[0];
    dim[1] = w->dim[1] * group;
    memcpy(dim + 2, win.out, (size_t)win.n * sizeof *dim);
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

/* DepthToSpace and SpaceToDepth. */
int shape_blocks(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t b = nn_attr_int(n, "blocksize", 0), dim[4];
    int deep = !strcmp(n->op, "SpaceToDepth");

    if (x->ndim != 4 || b < 1 || b > 1 << 15)
        return nn_infer_fail(in, n, "needs N x C x H x W and a blocksize");
    dim[0] = x->dim[0];
    for (int i = 1; i < 4; i++) {
        int64_t by = i > 1 ? b : b * b;
        int shrink = deep == (i > 1);
        dim[i] = NN_DYNAMIC;
        if (x->dim[i] >= 0 && shrink && x->dim[i] % by)
            return nn_infer_fail(in, n, "blocks of %lld do not fit", (long long)b);
        if (x->dim[i] > NN_MAX_ELEMENTS)
            return nn_infer_fail(in, n, "too large");
        if (x->dim[i] >= 0)
            dim[i] = shrink ? x->dim[i] / by : x->dim[i] * by;
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, 4, dim);
    return 0;
}

int shape_tile(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *r = nn_infer_in(in, n, 1);
    int64_t times[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int count = nn_infer_list(in, n, 1, NULL, times, NN_MAX_DIMS);

    if (r->ndim != 1 || (count >= 0 && count != x->ndim))
        return nn_infer_fail(in, n, "needs one repeat for each dimension");
    for (int i = 0; i < x->ndim; i++) {
        dim[i] = NN_DYNAMIC;
        if (count < 0 || times[i] == NN_UNKNOWN)
            continue;
        if (times[i] < 0 || (times[i] && x->dim[i] > NN_MAX_ELEMENTS / times[i]))
            return nn_infer_fail(in, n, "an impossible repeat");
        dim[i] = x->dim[i] < 0 ? NN_DYNAMIC : x->dim[i] * times[i];
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

/* Sizes given as an attribute, an input, or equal with the last one smaller. */
int shape_split(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *given = nn_infer_in(in, n, 1);
    int64_t axis = nn_attr_int(n, "axis", 0), part[NN_MAX_KNOWN], dim[NN_MAX_DIMS], sum = 0;
    int count = nn_infer_list(in, n, 1, "split", part, NN_MAX_KNOWN);

    axis += axis < 0 ? x->ndim : 0;
    if (axis < 0 || axis >= x->ndim)
        return nn_infer_fail(in, n, "its axis does not exist");
    if (x->dim[axis] > NN_MAX_ELEMENTS)
        return nn_infer_fail(in, n, "too large");
    if (count > 0 && count != n->nout)
        return nn_infer_fail(in, n, "has %d sizes for %d outputs", count, n->nout);
    memcpy(dim, x->dim, sizeof dim);
    for (int k = 0; k < n->nout; k++) {
        int64_t each = x->dim[axis] < 0 ? 0 : (x->dim[axis] + n->nout - 1) / n->nout;
        int64_t size = count > 0 ? part[k] : given || x->dim[axis] < 0 ? NN_UNKNOWN : each;
        if (count <= 0 && size > 0)
            size = size > x->dim[axis] - sum ? x->dim[axis] - sum : size;
        if (size != NN_UNKNOWN && (size < 0 || size > NN_MAX_ELEMENTS))
            return nn_infer_fail(in, n, "an impossible size");
        sum = sum < 0 || size == NN_UNKNOWN ? -1 : sum + size;
        dim[axis] = size == NN_UNKNOWN ? NN_DYNAMIC : size;
        nn_infer_set(nn_infer_out(in, n, k), x->type, x->ndim, dim);
    }
    if (sum >= 0 && x->dim[axis] >= 0 && sum != x->dim[axis])
        return nn_infer_fail(in, n, "its sizes are not the axis' in sum");
    return 0;
}
