#include "runtime/engine/spread.h"

#include <string.h>

/* Strides of `x` as seen from the output; 0 where it is repeated. */
static int strides(const struct nn_tensor *x, const struct nn_tensor *out, int64_t *stride)
{
    int64_t step = 1;

    if (x->ndim > out->ndim)
        return -1;
    for (int i = out->ndim - 1, k = x->ndim - 1; i >= 0; i--, k--) {
        if (k >= 0 && x->dim[k] != 1 && x->dim[k] != out->dim[i])
            return -1;
        stride[i] = k < 0 || x->dim[k] == 1 ? 0 : step;
        step *= k < 0 ? 1 : x->dim[k];
    }
    return 0;
}

int nn_spread_init(struct nn_spread *s, const struct nn_tensor *out, int n,
                   struct nn_tensor *const *in)
{
    int64_t count = nn_tensor_elements(out);
    int grows = out->ndim > 0;

    *s = (struct nn_spread){ .inner = 1, .ndim = out->ndim };
    for (int k = 0; k < n; k++) {
        if (strides(in[k], out, s->stride[k]))
            return -1;
        s->step[k] = out->ndim ? s->stride[k][out->ndim - 1] : 0;
    }
    memcpy(s->dim, out->dim, sizeof s->dim);
    /* The row grows over all trailing dimensions that everybody walks in the same way. */
    while (grows) {
        s->inner *= s->dim[--s->ndim];
        grows = s->ndim > 0;
        for (int k = 0; k < n; k++)
            grows = grows && s->stride[k][s->ndim - 1] == s->step[k] * s->inner;
    }
    s->rows = s->inner ? count / s->inner : 0;
    return 0;
}

int64_t nn_spread_at(const struct nn_spread *s, int k, int64_t row)
{
    int64_t at = 0;

    for (int i = s->ndim - 1; i >= 0; i--) {
        at += row % s->dim[i] * s->stride[k][i];
        row /= s->dim[i];
    }
    return at;
}
