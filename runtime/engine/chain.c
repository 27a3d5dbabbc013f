/*
 * Chains: tasks that follow each other, work value by value and make as many values
 * each, become one that takes a piece of all through the whole chain before the next
 * piece, so that what one writes the next finds in the nearest cache.
 */
#include "runtime/engine/plan.h"

enum { PIECE = 2048 };          /* values; a few of these fit into the first cache */

struct chain {
    int n;
    struct nn_task *task;       /* the members */
    int64_t unit, count;        /* pieces begin at multiples of unit; values in all */
};

/* Values from..to, in units. */
static void run_pieces(struct nn_task *t, int64_t from, int64_t to)
{
    const struct chain *c = t->state;
    int64_t step = PIECE / c->unit > 1 ? PIECE / c->unit : 1;

    for (int64_t at = from, end; at < to; at = end) {
        end = at + step < to ? at + step : to;
        for (int i = 0; i < c->n; i++)
            c->task[i].piece(&c->task[i], at * c->unit, end * c->unit);
    }
}

static void run(struct nn_task *t)
{
    const struct chain *c = t->state;

    nn_task_rows(t, c->count / c->unit, c->unit * c->n * 2, run_pieces);
}

/* How many tasks from `first` on make a chain, and in what units. */
static int length(const struct nn_plan *p, int first, int64_t *unit)
{
    int64_t count = nn_count(p->task[first].out);
    int n = 0;

    *unit = 1;
    for (int i = first; i < p->ntask; i++, n++) {
        const struct nn_task *t = &p->task[i];
        if (!t->piece || nn_count(t->out) != count || count < 2 || t->residual)
            break;
        if (t->unit > 1 && *unit > 1 && t->unit != *unit)
            break;
        *unit = t->unit > *unit ? t->unit : *unit;
    }
    return n;
}

/* Tasks first..first + n - 1 as one, with all that they read and write. */
static int merge(struct nn_plan *p, int first, int n, int64_t unit, struct nn_task *to)
{
    struct nn_task *from = &p->task[first];
    struct chain *c = nn_arena_alloc(&p->arena, sizeof *c);
    size_t most = 0;

    for (int i = 0; i < n; i++)
        most += (size_t)from[i].nin + (size_t)from[i].nout;
    *to = from[n - 1];
    to->in = nn_arena_array(&p->arena, most, sizeof *to->in);
    to->outs = nn_arena_array(&p->arena, most, sizeof *to->outs);
    to->in_form = nn_arena_array(&p->arena, most, sizeof *to->in_form);
    to->out_form = nn_arena_array(&p->arena, most, sizeof *to->out_form);
    if (!c || !to->in || !to->outs || !to->in_form || !to->out_form ||
        !(c->task = nn_arena_array(&p->arena, (size_t)n, sizeof *c->task)))
        return -1;
    to->nin = to->nout = 0;
    to->scratch = 0;
    for (int i = 0; i < n; i++) {
        c->task[i] = from[i];
        for (int k = 0; k < from[i].nin; k++, to->nin++) {
            to->in[to->nin] = from[i].in[k];
            to->in_form[to->nin] = from[i].in_form[k];
        }
        for (int k = 0; k < from[i].nout; k++, to->nout++) {
            to->outs[to->nout] = from[i].outs[k];
            to->out_form[to->nout] = from[i].out_form[k];
        }
    }
    c->n = n;
    c->unit = unit;
    c->count = nn_count(to->out);
    to->state = c;
    to->run = run;
    return 0;
}

int nn_plan_chain(struct nn_plan *p)
{
    int kept = 0;

    for (int i = 0, n; i < p->ntask; i += n) {
        int64_t unit;
        struct nn_task t = p->task[i];
        n = length(p, i, &unit);
        if (n < 2)
            n = 1;
        else if (merge(p, i, n, unit, &t))
            return -1;
        p->task[kept++] = t;
    }
    p->ntask = kept;
    return 0;
}
