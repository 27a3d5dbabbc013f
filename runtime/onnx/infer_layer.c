/* Shape rules of layers: elementwise, convolution, pooling, products, reductions. */
#include <string.h>

#include "runtime/onnx/infer.h"

int shape_same(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, x->dim);
    if (!strcmp(n->op, "Identity"))
        nn_infer_know(in, n, nn_infer_known(in, n, 0)->n, nn_infer_known(in, n, 0)->v);
    return 0;
}

int shape_dropout(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    nn_infer_set(nn_infer_out(in, n, 1), NN_BOOL, x->ndim, x->dim);
    return shape_same(in, n);
}

int nn_broadcast(int na, const int64_t *a, int nb, const int64_t *b, int64_t *out)
{
    int n = na > nb ? na : nb;

    for (int i = 0; i < n; i++) {
        int64_t x = i < n - na ? 1 : a[i - (n - na)], y = i < n - nb ? 1 : b[i - (n - nb)];
        if (x != y && x != 1 && y != 1 && x >= 0 && y >= 0)
            return -1;
        out[i] = x == 1 ? y : y == 1 ? x : x < 0 ? y : x;
    }
    return n;
}

int shape_broadcast(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *a = nn_infer_in(in, n, 0), *b = nn_infer_in(in, n, 1);
    int64_t dim[NN_MAX_DIMS], axis = nn_attr_int(n, "axis", INT64_MIN);
    int ndim = nn_broadcast(a->ndim, a->dim, b->ndim, b->dim, dim);
    int64_t last = axis < 0 ? -b->ndim : a->ndim - b->ndim;

    if (ndim < 0)
        return nn_infer_fail(in, n, "the shapes do not broadcast");
    /* Before opset 7 `axis` said where b's dimensions stand; at the end is numpy's rule. */
    if (axis != INT64_MIN && axis != last && nn_tensor_elements(b) != 1)
        return nn_infer_fail(in, n, "opset 6 broadcasting along an axis is not supported");
    nn_infer_set(nn_infer_out(in, n, 0), a->type, ndim, dim);
    nn_infer_know_binary(in, n);
    return 0;
}

int shape_compare(struct nn_infer *in, const struct nn_node *n)
{
    if (shape_broadcast(in, n))
        return -1;
    nn_infer_out(in, n, 0)->type = NN_BOOL;
    return 0;
}

/* Where among values that are all known. */
static void know_where(struct nn_infer *in, const struct nn_node *n, int ndim, const int64_t *dim)
{
    struct nn_tensor sum = { .ndim = ndim };
    const struct nn_known *x[3];
    int64_t count, v[NN_MAX_KNOWN];

    memcpy(sum.dim, dim, sizeof sum.dim);
    count = nn_tensor_elements(&sum);
    for (int k = 0; k < 3; k++) {
        x[k] = nn_infer_known(in, n, k);
        if (!x[k]->n || (x[k]->n != 1 && x[k]->n != count) || count < 1 || count > NN_MAX_KNOWN)
            return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t c = x[0]->v[x[0]->n == 1 ? 0 : i];
        int k = c ? 1 : 2;
        v[i] = c == NN_UNKNOWN ? NN_UNKNOWN : x[k]->v[x[k]->n == 1 ? 0 : i];
    }
    nn_infer_know(in, n, (int)count, v);
}

int shape_where(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *c = nn_infer_in(in, n, 0), *a = nn_infer_in(in, n, 1);
    const struct nn_tensor *b = nn_infer_in(in, n, 2);
    int64_t ab[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int nab = nn_broadcast(a->ndim, a->dim, b->ndim, b->dim, ab);
    int ndim = nab < 0 ? -1 : nn_broadcast(c->ndim, c->dim, nab, ab, dim);

    if (ndim < 0)
        return nn_infer_fail(in, n, "the shapes do not broadcast");
    nn_infer_set(nn_infer_out(in, n, 0), a->type, ndim, dim);
    know_where(in, n, ndim, dim);
    return 0;
}

/* BatchNormalization: one value a channel in each parameter. */
int shape_channels(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    for (int k = 1; k < n->nin; k++) {
        const struct nn_tensor *p = nn_infer_in(in, n, k);
        if (x->ndim < 2 || p->ndim != 1 ||
            (p->dim[0] != x->dim[1] && p->dim[0] >= 0 && x->dim[1] >= 0))
            return nn_infer_fail(in, n, "parameters do not fit the channels");
    }
    return shape_same(in, n);
}

int shape_cast(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t to = nn_attr_int(n, "to", 0);

    if (to < 1 || to > NN_BF16 || !nn_dtype_size((enum nn_dtype)to))
        return nn_infer_fail(in, n, "cast to type %lld", (long long)to);
    nn_infer_set(nn_infer_out(in, n, 0), (enum nn_dtype)to, x->ndim, x->dim);
    if (to == NN_I64 || to == NN_I32)
        nn_infer_know(in, n, nn_infer_known(in, n, 0)->n, nn_infer_known(in, n, 0)->v);
    return 0;
}

static int read_params(struct nn_window *w, const struct nn_node *n, const int64_t *kernel)
{
    int64_t pads[6] = { 0 };
    int np;

    for (int i = 0; i < w->n; i++)
        w->stride[i] = w->dilation[i] = 1;
    if ((np = nn_attr_ints(n, "kernel_shape", w->kernel, 3)) && np != w->n)
        return -1;
    if (!np && !kernel)
        return -1;
    for (int i = 0; kernel && i < w->n; i++) {
        if (np && kernel[i] >= 0 && kernel[i] != w->kernel[i])
            return -1;
        w->kernel[i] = kernel[i];
    }
    if (((np = nn_attr_ints(n, "strides", w->stride, 3)) && np != w->n) ||
        ((np = nn_attr_ints(n, "dilations", w->dilation, 3)) && np != w->n) ||
        ((np = nn_attr_ints(n, "pads", pads, 6)) && np != 2 * w->n))
        return -1;
    for (int i = 0; i < w->n; i++) {
        w->begin[i] = pads[i];
        w->end[i] = pads[w->n + i];
        if (w->kernel[i] < 1 || w->kernel[i] > 1 << 20 || w->stride[i] < 1 ||
            w->stride[i] > 1 << 20 || w->dilation[i] < 1 || w->dilation[i] > 1 << 20 ||
            w->begin[i] < 0 || w->begin[i] > 1 << 20 || w->end[i] < 0 || w->end[i] > 1 << 20)
            return -1;
    }
    return 0;
}

const char *nn_window_init(struct nn_window *w, const struct nn_node *n, int spatial,
                           const int64_t *in, const int64_t *kernel)
{
    const char *pad = nn_attr_text(n, "auto_pad", "NOTSET");
    int upper = !strcmp(pad, "SAME_UPPER"), lower = !strcmp(pad, "SAME_LOWER");
    int up = nn_attr_int(n, "ceil_mode", 0) != 0;

    *w = (struct nn_window){ .n = spatial };
    if (spatial < 1 || spatial > 3)
        return "needs 1 to 3 spatial dimensions";
    if (read_params(w, n, kernel))
        return "kernel, strides, dilations or pads are wrong";
    for (int i = 0; i < spatial; i++) {
        int64_t extent = (w->kernel[i] - 1) * w->dilation[i] + 1, room;
        w->out[i] = NN_DYNAMIC;
        if (in[i] < 0)
            continue;
        if (upper || lower) {
            w->out[i] = (in[i] + w->stride[i] - 1) / w->stride[i];
            room = (w->out[i] - 1) * w->stride[i] + extent - in[i];
            room = room < 0 ? 0 : room;
            w->begin[i] = upper ? room / 2 : room - room / 2;
            w->end[i] = room - w->begin[i];
            continue;
        }
        if (!strcmp(pad, "VALID"))
            w->begin[i] = w->end[i] = 0;
        if ((room = in[i] + w->begin[i] + w->end[i] - extent) < 0)
            return "the kernel is larger than the padded input";
        w->out[i] = (room + (up ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
        if (up && (w->out[i] - 1) * w->stride[i] >= in[i] + w->begin[i])
            w->out[i]--;        /* no window starts in the padding behind */
    }
    return NULL;
}

int shape_conv(struct nn_infer *in, const struct nn_node *n)
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
    if (group < 1 || w->dim[0] < 1 || w->dim[1] < 1 || w->dim[0] % group ||
        (x->dim[1] >= 0 && (x->dim[1] % group || x->dim[1] / group != w->dim[1])))
        return nn_infer_fail(in, n, "weights do not fit the input's channels in %lld groups",
                             (long long)group);
    if (b && (b->ndim != 1 || (b->dim[0] >= 0 && b->dim[0] != w->dim[0])))
        return nn_infer_fail(in, n, "the bias does not fit");
    if ((wrong = nn_window_init(&win, n, x->ndim - 2, x->dim + 2, w->dim + 2)))
        return nn_infer_fail(in, n, "%s", wrong);
    dim[0] = x->dim[0];
    dim[1] = w->dim[0];
    memcpy(dim + 2, win.out, (size_t)win.n * sizeof *dim);
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

int shape_pool(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t dim[NN_MAX_DIMS];
    struct nn_window win;
    const char *wrong;

    if (x->ndim < 3 || x->ndim > 5)
        return nn_infer_fail(in, n, "needs N x C x spatial dimensions");
    if ((wrong = nn_window_init(&win, n, x->ndim - 2, x->dim + 2, NULL)))
        return nn_infer_fail(in, n, "%s", wrong);
    memcpy(dim, x->dim, 2 * sizeof *dim);
    memcpy(dim + 2, win.out, (size_t)win.n * sizeof *dim);
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    nn_infer_set(nn_infer_out(in, n, 1), NN_I64, x->ndim, dim);
    return 0;
}

int shape_globalpool(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t dim[NN_MAX_DIMS] = { x->dim[0], x->dim[1], 1, 1, 1, 1, 1, 1 };

    if (x->ndim < 3)
        return nn_infer_fail(in, n, "needs N x C x spatial dimensions");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

static int clash(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a != b;
}

int shape_gemm(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *a = nn_infer_in(in, n, 0), *b = nn_infer_in(in, n, 1);
    const struct nn_tensor *c = nn_infer_in(in, n, 2);
    int ta = nn_attr_int(n, "transA", 0) != 0, tb = nn_attr_int(n, "transB", 0) != 0;
    int64_t dim[NN_MAX_DIMS], sum[NN_MAX_DIMS];

    if (a->ndim != 2 || b->ndim != 2 || clash(a->dim[!ta], b->dim[tb]))
        return nn_infer_fail(in, n, "the matrices do not fit");
    dim[0] = a->dim[ta];
    dim[1] = b->dim[!tb];
    if (c && (nn_broadcast(2, dim, c->ndim, c->dim, sum) != 2 ||
              clash(sum[0], dim[0]) || clash(sum[1], dim[1])))
        return nn_infer_fail(in, n, "the bias does not fit");
    nn_infer_set(nn_infer_out(in, n, 0), a->type, 2, dim);
    return 0;
}

int shape_matmul(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *a = nn_infer_in(in, n, 0), *b = nn_infer_in(in, n, 1);
    int64_t dim[NN_MAX_DIMS + 2], ad[NN_MAX_DIMS + 1], bd[NN_MAX_DIMS + 1];
    int na = a->ndim, nb = b->ndim, ndim;

    if (!na || !nb)
        return nn_infer_fail(in, n, "needs matrices");
    memcpy(ad, a->dim, sizeof a->dim);
    memcpy(bd, b->dim, sizeof b->dim);
    if (na == 1) {              /* a vector is a row on the left, a column on the right */
        ad[1] = ad[0];
        ad[0] = 1;
        na = 2;
    }
    if (nb == 1) {
        bd[1] = 1;
        nb = 2;
    }
    ndim = nn_broadcast(na - 2, ad, nb - 2, bd, dim);
    if (ndim < 0 || clash(ad[na - 1], bd[nb - 2]))
        return nn_infer_fail(in, n, "the matrices do not fit");
    if (a->ndim > 1)
        dim[ndim++] = ad[na - 2];
    if (b->ndim > 1)
        dim[ndim++] = bd[nb - 1];
    nn_infer_set(nn_infer_out(in, n, 0), a->type, ndim, dim);
    return 0;
}

int shape_reduce(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axes[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int keep = nn_attr_int(n, "keepdims", 1) != 0, ndim = 0, gone[NN_MAX_DIMS] = { 0 };
    int count = nn_infer_list(in, n, 1, "axes", axes, NN_MAX_DIMS);

    if (count < 0) {
        nn_infer_set(nn_infer_out(in, n, 0), x->type, -1, NULL);
        return 0;
    }
    for (int i = 0; i < x->ndim; i++)
        gone[i] = !count && !nn_attr_int(n, "noop_with_empty_axes", 0);
    for (int i = 0; i < count; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + x->ndim : axes[i];
        if (axis < 0 || axis >= x->ndim)
            return nn_infer_fail(in, n, "axis %lld does not exist", (long long)axes[i]);
        gone[axis] = 1;
    }
    for (int i = 0; i < x->ndim; i++)
        if (!gone[i] || keep)
            dim[ndim++] = gone[i] ? 1 : x->dim[i];
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    return 0;
}

int shape_argmax(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", 0), dim[NN_MAX_DIMS];
    int ndim = 0;

    if (axis < 0)
        axis += x->ndim;
    if (axis < 0 || axis >= x->ndim)
        return nn_infer_fail(in, n, "its axis does not exist");
    for (int i = 0; i < x->ndim; i++)
        if (i != axis || nn_attr_int(n, "keepdims", 1))
            dim[ndim++] = i == axis ? 1 : x->dim[i];
    nn_infer_set(nn_infer_out(in, n, 0), NN_I64, ndim, dim);
    return 0;
}
