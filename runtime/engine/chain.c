/*
 * Chains: tasks that follow each other, work value by value and make as many values
 * each, become one that takes a piece of all through the whole chain before the next
 * piece. What only the chain itself reads never leaves the nearest cache.
 */
#include "runtime/engine/plan.h"

enum { PIECE = 1024, MOST = 8, OPERANDS = 2 };  /* values at a time; members; of a member */

struct member {
    struct nn_task task;
    int from[OPERANDS];         /* the member that makes the operand, or -1 */
    int dense[OPERANDS];        /* it has a value for each of the output's */
    int kept;                   /* somebody else reads the output */
};

struct chain {
    int n;
    int64_t unit, count;        /* pieces begin at multiples of unit; values in all */
    struct member member[MOST];
};

static void run_piece(const struct chain *c, float (*room)[PIECE], int64_t from, int64_t n)
{
    for (int i = 0; i < c->n; i++) {
        const struct member *m = &c->member[i];
        const float *in[OPERANDS] = { NULL };
        float *out = m->kept ? (float *)m->task.out->data + from : room[i];
        for (int k = 0; k < m->task.nin && k < OPERANDS; k++) {
            const struct member *by = m->from[k] < 0 ? NULL : &c->member[m->from[k]];
            if (by && !by->kept)
                in[k] = room[m->from[k]];
            else
                in[k] = (const float *)m->task.in[k]->data + (m->dense[k] ? from : 0);
        }
        m->task.piece(&m->task, in, out, from, n);
    }
}

static void run_units(struct nn_task *t, int64_t from, int64_t to)
{
    const struct chain *c = t->state;
    int64_t step = PIECE / c->unit;
    float room[MOST][PIECE];

    for (int64_t at = from; at < to; at += step)
        run_piece(c, room, at * c->unit, (to - at < step ? to - at : step) * c->unit);
}

static void run(struct nn_task *t)
{
    const struct chain *c = t->state;

    nn_task_rows(t, c->count / c->unit, c->unit * c->n * 2, run_units);
}

/* How many tasks from `first` on make a chain, and in what units. */
static int length(const struct nn_plan *p, int first, int64_t *unit)
{
    int64_t count = nn_count(p->task[first].out);
    int n = 0;

    *unit = 1;
    for (int i = first; i < p->ntask && n < MOST; i++, n++) {
        const struct nn_task *t = &p->task[i];
        if (!t->piece || nn_count(t->out) != count || count < 2 || t->unit > PIECE)
            break;
        if (t->unit > 1 && *unit > 1 && t->unit != *unit)
            break;
        *unit = t->unit > *unit ? t->unit : *unit;
    }
    return n;
}

/* Does a task outside of first..last, or the caller, read what has this form's memory? */
static int is_read(const struct nn_plan *p, int form, int first, int last)
{
    int root = p->root[form];

    for (int i = 0; i < p->g.nout; i++)
        if (p->root[p->g.out[i]] == root)
            return 1;
    for (int i = last + 1; i < p->ntask; i++) {
        const struct nn_task *t = &p->task[i];
        for (int k = 0; k < t->nin; k++)
            if (t->in_form[k] >= 0 && p->root[t->in_form[k]] == root)
                return 1;
        if (t->residual_form >= 0 && p->root[t->residual_form] == root)
            return 1;
    }
    for (int i = first; i <= last; i++)         /* a part of it, as a view: read where it lies */
        for (int k = 0; k < p->task[i].nin; k++)
            if (p->task[i].in_form[k] >= 0 && p->root[p->task[i].in_form[k]] == root &&
                nn_count(p->task[i].in[k]) != nn_count(p->task[first].out))
                return 1;
    return 0;
}

/* Operand k of member i: who makes it, and whether it runs along. */
static void link_operand(const struct nn_plan *p, const struct nn_task *from, struct chain *c,
                         int i, int k)
{
    struct member *m = &c->member[i];
    int form = from[i].in_form[k];

    m->from[k] = -1;
    m->dense[k] = nn_count(from[i].in[k]) == c->count;
    for (int j = 0; j < i; j++)
        if (p->root[form] == p->root[from[j].out_form[0]] && m->dense[k])
            m->from[k] = j;
}

/* Tasks first..first + n - 1 as one, with all that they read and others want of them. */
static int merge(struct nn_plan *p, int first, int n, int64_t unit, struct nn_task *to)
{
    struct nn_task *from = &p->task[first];
    struct chain *c = nn_arena_alloc(&p->arena, sizeof *c);
    size_t most = OPERANDS * MOST;

    *to = from[n - 1];
    to->in = nn_arena_array(&p->arena, 2 * most, sizeof *to->in);
    to->in_form = nn_arena_array(&p->arena, 2 * most, sizeof *to->in_form);
    if (!c || !to->in || !to->in_form)
        return -1;
    to->outs = to->in + most;
    to->out_form = to->in_form + most;
    to->nin = to->nout = 0;
    *c = (struct chain){ .n = n, .unit = unit, .count = nn_count(to->out) };
    for (int i = 0; i < n; i++) {
        c->member[i].task = from[i];
        c->member[i].kept = is_read(p, from[i].out_form[0], first, first + n - 1);
        for (int k = 0; k < from[i].nin; k++) {
            link_operand(p, from, c, i, k);
            to->in[to->nin] = from[i].in[k];
            to->in_form[to->nin++] = from[i].in_form[k];
        }
        if (c->member[i].kept) {
            to->outs[to->nout] = from[i].out;
            to->out_form[to->nout++] = from[i].out_form[0];
        }
    }
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
