#include "runtime/engine/space.h"

void nn_space_init(struct nn_space *s, const struct nn_window *w, const struct nn_tensor *x,
                   const struct nn_tensor *y)
{
    for (int d = 0; d < 3; d++) {
        int i = d - (3 - w->n);
        s->in[d] = i < 0 ? 1 : x->dim[2 + i];
        s->out[d] = i < 0 ? 1 : y->dim[2 + i];
        s->kernel[d] = i < 0 ? 1 : w->kernel[i];
        s->stride[d] = i < 0 ? 1 : w->stride[i];
        s->dilation[d] = i < 0 ? 1 : w->dilation[i];
        s->begin[d] = i < 0 ? 0 : w->begin[i];
        s->end[d] = i < 0 ? 0 : w->end[i];
    }
    s->size = nn_dims(x, 2, x->ndim);
    s->count = nn_dims(y, 2, y->ndim);
    s->taps = s->kernel[0] * s->kernel[1] * s->kernel[2];
}
