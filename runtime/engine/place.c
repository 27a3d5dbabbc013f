/* Where values live: the lowest gap that is free for a value's whole life. */
#include "runtime/engine/plan.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Values come sorted by `from`, so that whatever overlaps is still in `live`. */
size_t nn_plan_place(int n, const int *from, const int *to, const size_t *size, size_t *offset,
                     int *live)
{
    size_t total = 0;
    int nlive = 0;

    for (int i = 0; i < n; i++) {
        size_t at = 0;
        int keep = 0, slot;
        if (!size[i])
            continue;
        for (int k = 0; k < nlive; k++)
            if (to[live[k]] >= from[i])
                live[keep++] = live[k];     /* still in order of offset */
        nlive = keep;
        for (slot = 0; slot < nlive; slot++) {
            int other = live[slot];
            if (at + size[i] <= offset[other])
                break;
            if (offset[other] + size[other] > at)
                at = offset[other] + size[other];
        }
        for (int k = nlive++; k > slot; k--)
            live[k] = live[k - 1];
        live[slot] = i;
        offset[i] = at;
        if (at + size[i] > total)
            total = at + size[i];
    }
    return total;
}

struct lives {
    int *from, *to, *form, *slot, *live;
    size_t *size, *offset;
    int n;
};

static void use(const struct nn_plan *p, struct lives *l, int form, int when)
{
    int s = form < 0 ? -1 : l->slot[p->root[form]];

    if (s >= 0 && l->to[s] < when)
        l->to[s] = when;
}

/* When each value is made and last used, by task number. */
static void find_lives(struct nn_plan *p, struct lives *l)
{
    for (int i = 0; i < 2 * p->base; i++)
        l->slot[i] = -1;
    for (int i = 0; i < p->ntask; i++) {
        const struct nn_task *t = &p->task[i];
        for (int k = 0; k < t->nout; k++) {
            if (!t->outs[k])
                continue;
            int form = t->out_form[k];
            l->form[l->n] = form;
            l->slot[form] = l->n;
            l->from[l->n] = l->to[l->n] = i;
            l->size[l->n++] = (nn_tensor_bytes(&p->g.tensor[form]) + 64) / 64 * 64;
        }
        for (int k = 0; k < t->nin; k++)
            use(p, l, t->in_form[k], i);
        use(p, l, t->residual_form, i);
    }
    for (int i = 0; i < p->g.nout; i++)
        use(p, l, p->g.out[i], INT_MAX);
}

/* Graph outputs that are the caller's input get memory of their own, so that
 * they stay valid. */
static int own_outputs(struct nn_plan *p)
{
    if (!(p->copy = nn_arena_array(&p->arena, (size_t)p->g.nout, sizeof *p->copy)))
        return -1;
    for (int i = 0; i < p->g.nout; i++) {
        size_t bytes = nn_tensor_bytes(&p->g.tensor[p->g.out[i]]);
        for (int k = 0; k < p->g.nin; k++)
            if (p->root[p->g.out[i]] == p->g.in[k] && !p->copy[i] &&
                !(p->copy[i] = nn_arena_alloc(&p->arena, bytes)))
                return -1;
    }
    return 0;
}

static int give_memory(struct nn_plan *p, struct lives *l, size_t limit, struct nn_err *err)
{
    size_t values = nn_plan_place(l->n, l->from, l->to, l->size, l->offset, l->live), scratch = 0;

    for (int i = 0; i < p->ntask; i++)
        if (p->task[i].scratch > scratch)
            scratch = p->task[i].scratch;
    p->bytes = (values + scratch + 127) / 64 * 64;
    if (p->bytes > limit || p->arena.total > limit - p->bytes ||
        !(p->memory = aligned_alloc(64, p->bytes)))
        return nn_fail(err, NN_EMEM, "the values need %zu MB, %zu MB are allowed", p->bytes >> 20,
                       limit >> 20);
    memset(p->memory, 0, p->bytes);     /* page faults now, not in the first run */
    for (int i = 0; i < l->n; i++)
        p->g.tensor[l->form[i]].data = p->memory + l->offset[i];
    for (int i = 0; i < 2 * p->base; i++)
        if (p->root[i] != i)
            p->g.tensor[i].data = p->g.tensor[p->root[i]].data;
    for (int i = 0; i < p->ntask; i++)
        p->task[i].memory = p->memory + values;
    return 0;
}

int nn_plan_values(struct nn_plan *p, size_t limit, struct nn_err *err)
{
    size_t n = 2 * (size_t)p->base + 1;
    struct lives l = { 0 };
    struct nn_arena a = { 0 };
    int ret = -1;

    l.from = nn_arena_array(&a, 5 * n, sizeof *l.from);
    l.size = nn_arena_array(&a, 2 * n, sizeof *l.size);
    if (!l.from || !l.size || own_outputs(p)) {
        nn_fail(err, NN_EMEM, "the values need more memory than is allowed");
    } else {
        l.to = l.from + n;
        l.form = l.to + n;
        l.live = l.form + n;
        l.slot = l.live + n;
        l.offset = l.size + n;
        find_lives(p, &l);
        ret = give_memory(p, &l, limit, err);
    }
    nn_arena_release(&a);
    return ret;
}
