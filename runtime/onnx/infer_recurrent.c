/* Shape rules of LSTM, GRU and RNN, and of normalisations with weights. */
#include <string.h>

#include "runtime/onnx/infer.h"

static int differ(int64_t a, int64_t b)
{
    return a >= 0 && b >= 0 && a != b;
}

/* Is input k absent, or of these sizes? */
static int fits(struct nn_infer *in, const struct nn_node *n, int k, int ndim, const int64_t *dim)
{
    const struct nn_tensor *t = nn_infer_in(in, n, k);

    for (int i = 0; t && i < ndim; i++)
        if (t->ndim != ndim || differ(t->dim[i], dim[i]))
            return 0;
    return 1;
}

int shape_recurrent(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0), *r = nn_infer_in(in, n, 2);
    int64_t gates = !strcmp(n->op, "LSTM") ? 4 : !strcmp(n->op, "GRU") ? 3 : 1;
    int64_t ways = strcmp(nn_attr_text(n, "direction", "forward"), "bidirectional") ? 1 : 2;
    int swap = nn_attr_int(n, "layout", 0) != 0;
    int64_t h, batch, steps;

    if (x->ndim != 3 || r->ndim != 3)
        return nn_infer_fail(in, n, "needs a sequence and weights of rank 3");
    h = nn_attr_int(n, "hidden_size", r->dim[2]);
    batch = x->dim[!swap];
    steps = x->dim[swap];
    if (h > 1 << 24 || h == 0)
        return nn_infer_fail(in, n, "an impossible hidden size");
    h = h < 0 ? NN_DYNAMIC : h;
    int64_t state[3] = { swap ? batch : ways, swap ? ways : batch, h };
    int64_t many = h < 0 ? h : gates * h;
    if (!fits(in, n, 1, 3, (int64_t[]){ ways, many, x->dim[2] }) ||
        !fits(in, n, 2, 3, (int64_t[]){ ways, many, h }) ||
        !fits(in, n, 3, 2, (int64_t[]){ ways, h < 0 ? h : 2 * many }) ||
        !fits(in, n, 4, 1, &batch) || !fits(in, n, 5, 3, state) || !fits(in, n, 6, 3, state) ||
        !fits(in, n, 7, 2, (int64_t[]){ ways, h < 0 ? h : 3 * h }))
        return nn_infer_fail(in, n, "weights or states do not fit the sequence");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, 4,
                 swap ? (int64_t[]){ batch, steps, ways, h }
                      : (int64_t[]){ steps, ways, batch, h });
    nn_infer_set(nn_infer_out(in, n, 1), x->type, 3, state);
    nn_infer_set(nn_infer_out(in, n, 2), x->type, 3, state);
    return 0;
}

int shape_instancenorm(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);

    if (x->ndim < 3 || !fits(in, n, 1, 1, x->dim + 1) || !fits(in, n, 2, 1, x->dim + 1))
        return nn_infer_fail(in, n, "parameters do not fit the channels");
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, x->dim);
    return 0;
}

int shape_layernorm(struct nn_infer *in, const struct nn_node *n)
{
    const struct nn_tensor *x = nn_infer_in(in, n, 0);
    int64_t axis = nn_attr_int(n, "axis", -1), dim[NN_MAX_DIMS], all[NN_MAX_DIMS];

    axis += axis < 0 ? x->ndim : 0;
    if (axis < 0 || axis >= x->ndim)
        return nn_infer_fail(in, n, "its axis does not exist");
    for (int k = 1; k < n->nin; k++) {
        const struct nn_tensor *p = nn_infer_in(in, n, k);
        int lead = p ? x->ndim - p->ndim : 0;
        if (p && (lead < 0 ||
                  nn_broadcast(x->ndim, x->dim, p->ndim, p->dim, all) != x->ndim))
            return nn_infer_fail(in, n, "scale or bias does not fit");
        for (int i = 0; p && i < p->ndim; i++)
            if (p->dim[i] != 1 && (i + lead < axis || differ(p->dim[i], x->dim[i + lead])))
                return nn_infer_fail(in, n, "scale or bias does not fit");
    }
    for (int i = 0; i < x->ndim; i++)
        dim[i] = i < axis ? x->dim[i] : 1;
    nn_infer_set(nn_infer_out(in, n, 0), x->type, x->ndim, x->dim);
    nn_infer_set(nn_infer_out(in, n, 1), NN_F32, x->ndim, dim);
    nn_infer_set(nn_infer_out(in, n, 2), NN_F32, x->ndim, dim);
    return 0;
}
