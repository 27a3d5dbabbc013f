/* Shape rules of operators that move data about, and the values they carry. */
#include <math.h>
#include <string.h>

#include "runtime/onnx/infer.h"

static int unknown_rank(struct nn_infer *in, const struct nn_node *n)
{
    nn_infer_set(nn_infer_out(in, n, 0), nn_infer_in(in, n, 0)->type, -1, NULL);
    return 0;
}

static int bad_axis(int64_t *axis, int ndim)
{
    if (*axis < 0)
        *axis += ndim;
    return *axis < 0 || *axis >= ndim;
}

static void pass_values(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_known *x = nn_infer_known(in, n, 0);

    nn_infer_know(in, n, x->n, x->v);
}

int shape_flatten(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", 1), dim[2] = { 1, 1 };

    if (axis < 0)
        axis += x->ndim;
    if (axis < 0 || axis > x->ndim)
        return nn_infer_fail(in, n, "its axis does not exist");
    if (!nn_shape_possible(x->ndim, x->dim))
        return nn_infer_fail(in, n, "too large");
    for (int i = 0; i < x->ndim; i++) {
        int64_t *d = &dim[i >= axis];
        *d = *d < 0 || x->dim[i] < 0 ? NN_DYNAMIC : *d * x->dim[i];
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, 2, dim);
    return 0;
}

/* Fills in the one -1 of a Reshape where everything else is known. */
static const char *complete(const struct nn_tensor *x, int ndim, int64_t *dim, int guess)
{
    int64_t total = nn_tensor_elements(x), rest = 1;

    if (!nn_shape_possible(ndim, dim))
        return "the new shape has more than 2^31 values";
    for (int i = 0; i < ndim; i++)
        if (i != guess && dim[i] < 0)
            return NULL;
        else if (i != guess)
            rest *= dim[i];
    if (total < 0)
        return NULL;
    if (guess < 0)
        return rest == total ? NULL : "the new shape has another number of values";
    if (rest == 0 || total % rest)
        return "the new shape has another number of values";
    dim[guess] = total / rest;
    return NULL;
}

int shape_reshape(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *s = nn_infer_in(in, n, 1);
    int64_t want[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int ndim = nn_infer_list(in, n, 1, NULL, want, NN_MAX_DIMS), guess = -1;
    const char *wrong;

    if (s->ndim != 1 || s->dim[0] > NN_MAX_DIMS)
        return nn_infer_fail(in, n, "its shape is not a list of up to 8 dimensions");
    if (ndim < 0 && s->dim[0] < 0)
        return unknown_rank(in, n);
    if (ndim < 0)
        for (ndim = 0; ndim < s->dim[0];)
            want[ndim++] = NN_UNKNOWN;
    for (int i = 0; i < ndim; i++) {
        dim[i] = want[i] == NN_UNKNOWN ? NN_DYNAMIC : want[i];
        if (want[i] == -1 && guess >= 0)
            return nn_infer_fail(in, n, "two dimensions are -1");
        if (want[i] == -1)
            guess = i;
        else if (want[i] < 0 && want[i] != NN_UNKNOWN)
            return nn_infer_fail(in, n, "a negative dimension");
        if (want[i] == 0 && !nn_attr_int(n, "allowzero", 0)) {
            if (i >= x->ndim)
                return nn_infer_fail(in, n, "dimension %d is copied from nowhere", i);
            dim[i] = x->dim[i];
        }
    }
    if ((wrong = complete(x, ndim, dim, guess)))
        return nn_infer_fail(in, n, "%s", wrong);
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    pass_values(in, n);
    return 0;
}

int shape_transpose(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t perm[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int count = nn_attr_ints(n, "perm", perm, NN_MAX_DIMS), seen = 0;

    if (nn_attr_find(n, "perm") && count != x->ndim)
        return nn_infer_fail(in, n, "perm has another length than the shape");
    for (int i = 0; i < x->ndim; i++) {
        int64_t from = count ? perm[i] : x->ndim - 1 - i;
        if (from < 0 || from >= x->ndim || (seen & 1 << from))
            return nn_infer_fail(in, n, "perm is no permutation");
        seen |= 1 << from;
        dim[i] = x->dim[from];
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

int shape_concat(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", 0), dim[NN_MAX_DIMS], v[NN_MAX_KNOWN];
    int count = 0, known = 1;

    if (bad_axis(&axis, x->ndim))
        return nn_infer_fail(in, n, "its axis does not exist");
    memcpy(dim, x->dim, sizeof dim);
    for (int k = 0; k < n->nin; k++) {
        const struct nn_tensor *t = nn_infer_in(in, n, k);
        const struct nn_known *part = nn_infer_known(in, n, k);
        if (!t || t->ndim != x->ndim || t->type != x->type)
            return nn_infer_fail(in, n, "input %d has another rank or type", k);
        for (int i = 0; i < x->ndim; i++) {
            if (i == axis && k)
                dim[i] = dim[i] < 0 || t->dim[i] < 0 ? NN_DYNAMIC : dim[i] + t->dim[i];
            else if (i != axis && t->dim[i] >= 0 && dim[i] >= 0 && t->dim[i] != dim[i])
                return nn_infer_fail(in, n, "input %d does not fit", k);
            else if (i != axis && dim[i] < 0)
                dim[i] = t->dim[i];
        }
        if (!nn_shape_possible(x->ndim, dim))
            return nn_infer_fail(in, n, "the result has more than 2^31 values");
        known = known && x->ndim == 1 && part->n && count + part->n <= NN_MAX_KNOWN;
        if (known)
            memcpy(v + count, part->v, (size_t)part->n * sizeof *v);
        count += known ? part->n : 0;
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    if (known)
        nn_infer_know(in, n, count, v);
    return 0;
}

/* starts, ends, axes and steps, attributes before opset 10, inputs since. */
int shape_slice(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    const struct nn_known *known = nn_infer_known(in, n, 0);
    int64_t start[NN_MAX_DIMS], end[NN_MAX_DIMS], axes[NN_MAX_DIMS], step[NN_MAX_DIMS];
    int64_t dim[NN_MAX_DIMS], v[NN_MAX_KNOWN];
    int count = nn_infer_list(in, n, 1, "starts", start, NN_MAX_DIMS);
    int ends = nn_infer_list(in, n, 2, "ends", end, NN_MAX_DIMS);
    int naxes = nn_infer_list(in, n, 3, "axes", axes, NN_MAX_DIMS);
    int steps = nn_infer_list(in, n, 4, NULL, step, NN_MAX_DIMS);

    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < naxes; i++)
        naxes = axes[i] == NN_UNKNOWN ? -1 : naxes;
    for (int i = 0; i < x->ndim && (count < 0 || ends < 0 || naxes < 0 || steps < 0); i++)
        dim[i] = NN_DYNAMIC;
    if (count >= 0 && ends >= 0 && naxes >= 0 && steps >= 0) {
        if (ends != count || (naxes && naxes != count) || (steps && steps != count))
            return nn_infer_fail(in, n, "starts, ends, axes and steps differ in length");
        for (int i = 0; i < count; i++) {
            struct nn_span span;
            int64_t axis = naxes ? axes[i] : i;
            if (bad_axis(&axis, x->ndim) || (steps && !step[i]))
                return nn_infer_fail(in, n, "an axis does not exist or a step is 0");
            if (x->dim[axis] < 0 || start[i] == NN_UNKNOWN || end[i] == NN_UNKNOWN ||
                (steps && step[i] == NN_UNKNOWN)) {
                dim[axis] = NN_DYNAMIC;
                continue;
            }
            span = nn_span_of(x->dim[axis], start[i], end[i], steps ? step[i] : 1);
            dim[axis] = span.count;
            for (int64_t k = 0; x->ndim == 1 && known->n == x->dim[0] && k < span.count; k++)
                v[k] = known->v[span.first + k * span.step];
            if (x->ndim == 1 && count == 1 && known->n == x->dim[0])
                nn_infer_know(in, n, (int)span.count, v);
        }
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

struct nn_span nn_span_of(int64_t size, int64_t start, int64_t end, int64_t step)
{
    struct nn_span s = { 0, 0, step };
    int64_t lo = step < 0 ? -1 : 0, hi = step < 0 ? size - 1 : size;

    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    start = start < 0 ? 0 : start > hi ? hi : start;
    end = end < lo ? lo : end > size ? size : end;
    if (step == INT64_MIN)
        s.step = step = -INT64_MAX;
    s.first = start;
    if (size <= 0)
        return s;
    if (step > 0 && end > start)
        s.count = (end - start - 1) / step + 1;
    else if (step < 0 && start > end)
        s.count = (start - end - 1) / -step + 1;
    return s;
}

int shape_gather(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *at = nn_infer_in(in, n, 1);
    const struct nn_known *known = nn_infer_known(in, n, 0), *index = nn_infer_known(in, n, 1);
    int64_t axis = nn_attr_int(n, "axis", 0), dim[2 * NN_MAX_DIMS], v[NN_MAX_KNOWN];
    int ndim = 0;

    if (bad_axis(&axis, x->ndim))
        return nn_infer_fail(in, n, "its axis does not exist");
    if (x->ndim + at->ndim - 1 > NN_MAX_DIMS)
        return nn_infer_fail(in, n, "the result has more than 8 dimensions");
    for (int i = 0; i < axis; i++)
        dim[ndim++] = x->dim[i];
    for (int i = 0; i < at->ndim; i++)
        dim[ndim++] = at->dim[i];
    for (int i = (int)axis + 1; i < x->ndim; i++)
        dim[ndim++] = x->dim[i];
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    for (int i = 0; i < index->n; i++) {
        int64_t k = index->v[i];
        if (k == NN_UNKNOWN || x->dim[axis] < 0)
            return 0;
        if (k < -x->dim[axis] || k >= x->dim[axis])
            return nn_infer_fail(in, n, "index %lld does not exist", (long long)k);
        if (x->ndim == 1 && known->n == x->dim[0])
            v[i] = known->v[k < 0 ? k + known->n : k];
    }
    if (x->ndim == 1 && known->n && known->n == x->dim[0])
        nn_infer_know(in, n, index->n, v);
    return 0;
}

int shape_squeeze(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axes[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int count = nn_infer_list(in, n, 1, "axes", axes, NN_MAX_DIMS), ndim = 0, gone = 0;

    if (count < 0)
        return unknown_rank(in, n);
    for (int i = 0; i < count; i++) {
        if (bad_axis(&axes[i], x->ndim) || x->dim[axes[i]] > 1 || x->dim[axes[i]] == 0)
            return nn_infer_fail(in, n, "an axis does not exist or is not 1");
        gone |= 1 << axes[i];
    }
    for (int i = 0; i < x->ndim; i++)
        if (!count && x->dim[i] < 0)
            return unknown_rank(in, n);
        else if (count ? !(gone & 1 << i) : x->dim[i] != 1)
            dim[ndim++] = x->dim[i];
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    pass_values(in, n);
    return 0;
}

int shape_unsqueeze(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axes[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int count = nn_infer_list(in, n, 1, "axes", axes, NN_MAX_DIMS), fresh = 0, from = 0;

    if (count < 0)
        return unknown_rank(in, n);
    if (x->ndim + count > NN_MAX_DIMS)
        return nn_infer_fail(in, n, "the result has more than 8 dimensions");
    for (int i = 0; i < count; i++) {
        if (bad_axis(&axes[i], x->ndim + count) || fresh & 1 << axes[i])
            return nn_infer_fail(in, n, "an axis does not exist or comes twice");
        fresh |= 1 << axes[i];
    }
    for (int i = 0; i < x->ndim + count; i++)
        dim[i] = fresh & 1 << i ? 1 : x->dim[from++];
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim + count, dim);
    pass_values(in, n);
    return 0;
}

int shape_shape(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    struct nn_span span = nn_span_of(x->ndim, nn_attr_int(n, "start", 0),
                                     nn_attr_int(n, "end", x->ndim), 1);
    int64_t v[NN_MAX_DIMS];

    for (int64_t i = 0; i < span.count; i++)
        v[i] = x->dim[span.first + i] < 0 ? NN_UNKNOWN : x->dim[span.first + i];
    nn_infer_set(nn_infer_out(in, n, 0), NN_I64, 1, &span.count);
    nn_infer_know(in, n, (int)span.count, v);
    return 0;
}

/* ConstantOfShape */
int shape_filled(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *s = nn_infer_in(in, n, 0);
    const struct nn_attr *value = nn_attr_find(n, "value");
    int64_t dim[NN_MAX_DIMS], fill[NN_MAX_KNOWN], count = 1;
    int ndim = nn_infer_list(in, n, 0, NULL, dim, NN_MAX_DIMS);
    enum nn_dtype type = value && value->t ? value->t->type : NN_F32;

    if (value && value->t && (nn_tensor_elements(value->t) != 1 || !value->t->data))
        return nn_infer_fail(in, n, "its value is not one number");
    if (s->ndim != 1 || s->dim[0] > NN_MAX_DIMS) {
        return nn_infer_fail(in, n, "its shape is not a list of up to 8 dimensions");
    } else if (ndim < 0) {
        nn_infer_set(nn_infer_out(in, n, 0), type, -1, NULL);
        return 0;
    }
    for (int i = 0; i < ndim; i++) {
        if (dim[i] < 0 && dim[i] != NN_UNKNOWN)
            return nn_infer_fail(in, n, "a negative dimension");
        dim[i] = dim[i] < 0 ? NN_DYNAMIC : dim[i];
        count = count < 0 || dim[i] < 0 || dim[i] > NN_MAX_KNOWN ? -1 : count * dim[i];
    }
    nn_infer_set(nn_infer_out(in, n, 0), type, ndim, dim);
    if (type == NN_I64 && count > 0 && count <= NN_MAX_KNOWN) {
        for (int i = 0; i < count; i++)
            memcpy(&fill[i], value->t->data, sizeof *fill);
        nn_infer_know(in, n, (int)count, fill);
    }
    return 0;
}

int shape_expand(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t want[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int ndim = nn_infer_list(in, n, 1, NULL, want, NN_MAX_DIMS);

    if (ndim < 0)
        return unknown_rank(in, n);
    for (int i = 0; i < ndim; i++) {
        if (want[i] < 0 && want[i] != NN_UNKNOWN)
            return nn_infer_fail(in, n, "a negative dimension");
        want[i] = want[i] < 0 ? NN_DYNAMIC : want[i];
    }
    if ((ndim = nn_broadcast(x->ndim, x->dim, ndim, want, dim)) < 0)
        return nn_infer_fail(in, n, "the shapes do not broadcast");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, ndim, dim);
    return 0;
}

int shape_pad(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t pads[2 * NN_MAX_DIMS], axes[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    int count = nn_infer_list(in, n, 1, "pads", pads, 2 * NN_MAX_DIMS);
    int naxes = nn_infer_list(in, n, 3, NULL, axes, NN_MAX_DIMS), all = !nn_infer_in(in, n, 3);

    memcpy(dim, x->dim, sizeof dim);
    naxes = all ? x->ndim : naxes;
    if (count >= 0 && naxes >= 0 && count != 2 * naxes)
        return nn_infer_fail(in, n, "pads needs two numbers a dimension");
    for (int i = 0; i < x->ndim && (count < 0 || naxes < 0); i++)
        dim[i] = NN_DYNAMIC;
    for (int i = 0; i < naxes && count >= 0; i++) {
        int64_t a = pads[i], b = pads[naxes + i], axis = all ? i : axes[i];
        if (bad_axis(&axis, x->ndim))
            return nn_infer_fail(in, n, "an axis does not exist");
        dim[axis] = NN_DYNAMIC;
        if (x->dim[axis] < 0 || a == NN_UNKNOWN || b == NN_UNKNOWN)
            continue;
        if (a < -NN_MAX_ELEMENTS || b < -NN_MAX_ELEMENTS || a > NN_MAX_ELEMENTS ||
            b > NN_MAX_ELEMENTS || x->dim[axis] > NN_MAX_ELEMENTS || x->dim[axis] + a + b < 0)
            return nn_infer_fail(in, n, "impossible padding");
        dim[axis] = x->dim[axis] + a + b;
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}

/* Resize and Upsample. scales: input 1 (Upsample 9, Resize 10) or 2, or an
 * attribute (Upsample 7); sizes: input 3. */
int shape_resize(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *s;
    int64_t size[NN_MAX_DIMS], dim[NN_MAX_DIMS];
    const struct nn_attr *given = nn_attr_find(n, "scales");
    const float *scale = given && given->kind == NN_ATTR_FLOATS ? given->floats : NULL;
    int64_t count = scale ? given->count : -1;
    int sizes = nn_infer_list(in, n, 3, NULL, size, NN_MAX_DIMS);

    s = nn_infer_in(in, n, strcmp(n->op, "Resize") || in->g->opset < 11 ? 1 : 2);
    if (s && s->data && s->type == NN_F32 && nn_tensor_elements(s) > 0) {
        scale = s->data;
        count = nn_tensor_elements(s);
    }
    if ((sizes > 0 && sizes != x->ndim) || (sizes <= 0 && scale && count != x->ndim))
        return nn_infer_fail(in, n, "scales or sizes do not fit the shape");
    for (int i = 0; i < x->ndim; i++) {
        dim[i] = NN_DYNAMIC;
        if (sizes > 0)
            dim[i] = size[i] < 0 ? NN_DYNAMIC : size[i];
        else if (scale && x->dim[i] >= 0) {
            double d = floor((double)((float)x->dim[i] * scale[i]));    /* 5 * 1.8f is 9 */
            if (!(d >= 0 && d < 2147483648.0))
                return nn_infer_fail(in, n, "an impossible scale");
            dim[i] = (int64_t)d;
        }
    }
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, dim);
    return 0;
}
