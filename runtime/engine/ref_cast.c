/* Cast and CastLike: from any element type to any other. */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

static void cast_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_tensor *x = t->in[0];
    enum nn_wide wide = nn_wide_of(x->type);
    uint64_t run[NN_RUN];               /* as wide as each of the wide types */

    for (int64_t at = from, n; at < to; at += n) {
        n = to - at < NN_RUN ? to - at : NN_RUN;
        nn_wide_read(x->type, x->data, at, 1, n, wide, run);
        nn_wide_write(t->out->type, t->out->data, at, 1, n, wide, run);
    }
}

static void run_cast(struct nn_task *t)
{
    if (t->in[0]->type != t->out->type)
        nn_task_rows(t, nn_count(t->out), 2, cast_rows);
    else if (nn_tensor_bytes(t->out))
        memcpy(t->out->data, t->in[0]->data, nn_tensor_bytes(t->out));
}

const char *prepare_cast(struct nn_task *t)
{
    t->run = run_cast;
    return NULL;
}
