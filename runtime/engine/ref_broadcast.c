/* Where and Expand: values of any type, repeated as numpy repeats them. */
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/spread.h"

static void copy(char *to, const char *from, int64_t step, int64_t n, size_t size)
{
    if (step)
        memcpy(to, from, (size_t)n * size);
    else
        for (int64_t i = 0; i < n; i++)
            memcpy(to + (size_t)i * size, from, size);
}

static void where_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_spread *s = t->state;
    size_t size = nn_dtype_size(t->out->type);

    for (int64_t row = from; row < to; row++) {
        const uint8_t *yes = (const uint8_t *)t->in[0]->data + nn_spread_at(s, 0, row);
        char *y = (char *)t->out->data + (size_t)(row * s->inner) * size;
        const char *x[2];
        for (int k = 0; k < 2; k++)
            x[k] = (const char *)t->in[k + 1]->data + (size_t)nn_spread_at(s, k + 1, row) * size;
        for (int64_t i = 0; i < s->inner; i++) {
            int k = !yes[i * s->step[0]];
            memcpy(y + (size_t)i * size, x[k] + (size_t)(i * s->step[k + 1]) * size, size);
        }
    }
}

static void run_where(struct nn_task *t)
{
    const struct nn_spread *s = t->state;

    nn_task_rows(t, s->rows, s->inner, where_rows);
}

const char *prepare_where(struct nn_task *t)
{
    struct nn_spread *s = t->state = nn_arena_alloc(t->arena, sizeof *s);

    if (t->in[0]->type != NN_BOOL || t->in[1]->type != t->in[2]->type)
        return "needs a bool condition and two operands of one type";
    if (!s)
        return "out of memory";
    if (nn_spread_init(s, t->out, 3, t->in))
        return "the operands' shapes do not fit";
    t->run = run_where;
    return NULL;
}

static void expand_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct nn_spread *s = t->state;
    size_t size = nn_dtype_size(t->out->type);

    for (int64_t row = from; row < to; row++)
        copy((char *)t->out->data + (size_t)(row * s->inner) * size,
             (const char *)t->in[0]->data + (size_t)nn_spread_at(s, 0, row) * size, s->step[0],
             s->inner, size);
}

static void run_expand(struct nn_task *t)
{
    const struct nn_spread *s = t->state;

    nn_task_rows(t, s->rows, s->inner, expand_rows);
}

const char *prepare_expand(struct nn_task *t)
{
    struct nn_spread *s = t->state = nn_arena_alloc(t->arena, sizeof *s);

    if (!s)
        return "out of memory";
    if (nn_spread_init(s, t->out, 1, t->in))
        return "the new shape does not fit";
    t->run = run_expand;
    return NULL;
}
