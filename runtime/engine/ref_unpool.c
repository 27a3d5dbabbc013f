/* MaxUnpool, ReverseSequence: values to the places that others name. */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

struct unpool {
    int64_t size[NN_MAX_DIMS];  /* of what the places were counted in */
    int64_t all;
};

/* Places outside come from nowhere and go nowhere. */
static void run_unpool(struct nn_task *t)
{
    const struct unpool *s = t->state;
    const struct nn_tensor *x = t->in[0], *y = t->out;
    const int64_t *at = t->in[1]->data;
    size_t width = nn_dtype_size(x->type);

    if (nn_tensor_bytes(y))
        memset(y->data, 0, nn_tensor_bytes(y));
    for (int64_t i = 0, n = nn_count(x); i < n; i++) {
        int64_t rest = at[i], to = 0, step = 1;
        if (rest < 0 || rest >= s->all)
            continue;
        for (int d = y->ndim - 1; d >= 0; d--) {
            to += rest % s->size[d] * step;
            step *= y->dim[d];
            rest /= s->size[d];
        }
        memcpy((char *)y->data + (size_t)to * width, (const char *)x->data + (size_t)i * width,
               width);
    }
}

const char *prepare_unpool(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0], *at = t->in[1];
    struct unpool *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int64_t kernel[3], stride[3] = { 1, 1, 1 }, pad[6] = { 0 };
    int spatial = x->ndim - 2;

    if (!s)
        return "out of memory";
    if (at->type != NN_I64 || nn_count(at) != nn_count(x))
        return "it has not one place for each value";
    nn_attr_ints(t->node, "kernel_shape", kernel, 3);
    nn_attr_ints(t->node, "strides", stride, 3);
    nn_attr_ints(t->node, "pads", pad, 6);
    s->all = 1;
    for (int d = 0; d < x->ndim; d++) {
        s->size[d] = d < 2 ? x->dim[d] : (x->dim[d] - 1) * stride[d - 2] + kernel[d - 2] -
                                         pad[d - 2] - pad[spatial + d - 2];
        if (s->size[d] > t->out->dim[d])
            return "the size given does not fit";
        s->all *= s->size[d];
    }
    t->run = run_unpool;
    return NULL;
}

static void run_reverse(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    int swap = nn_attr_int(t->node, "batch_axis", 1) == 0;
    int64_t steps = x->dim[swap], batch = x->dim[!swap];
    size_t part = (size_t)nn_dims(x, 2, x->ndim) * nn_dtype_size(x->type);

    for (int64_t b = 0; part && b < batch; b++) {
        int64_t length = nn_wide_int(t->in[1], b);
        for (int64_t i = 0; i < steps; i++) {
            int64_t from = i < length && length <= steps ? length - 1 - i : i;
            size_t y = (size_t)(swap ? b * steps + i : i * batch + b);
            size_t at = (size_t)(swap ? b * steps + from : from * batch + b);
            memcpy((char *)t->out->data + y * part, (const char *)x->data + at * part, part);
        }
    }
}

const char *prepare_reverse(struct nn_task *t)
{
    if (t->in[1]->type != NN_I64)
        return "its lengths are not of int64";
    t->run = run_reverse;
    return NULL;
}
