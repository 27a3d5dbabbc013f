#include <string.h>

#include "runtime/engine/kernel.h"

struct rows {
    struct nn_task *t;
    int64_t rows;
    int pieces;
    void (*work)(struct nn_task *t, int64_t from, int64_t to);
};

static void piece(void *arg, int i)
{
    const struct rows *r = arg;

    r->work(r->t, r->rows * i / r->pieces, r->rows * (i + 1) / r->pieces);
}

void nn_task_rows(struct nn_task *t, int64_t rows, int64_t cost,
                  void (*work)(struct nn_task *t, int64_t from, int64_t to))
{
    struct rows r = { t, rows, 2 * nn_pool_threads(t->pool), work };

    /* A few microseconds are worth a thread that is awake, as it is between a frame's jobs. */
    if (nn_pool_threads(t->pool) == 1 || rows < 2 || (double)rows * (double)cost < 3e4) {
        work(t, 0, rows);
        return;
    }
    if (r.pieces > rows)
        r.pieces = (int)rows;
    nn_pool_run(t->pool, r.pieces, piece, &r);
}

int nn_op_is(const struct nn_task *t, const char *op)
{
    return !strcmp(t->node->op, op);
}

int64_t nn_dims(const struct nn_tensor *t, int from, int to)
{
    int64_t n = 1;

    for (int i = from; i < to; i++)
        n *= t->dim[i];
    return n;
}
