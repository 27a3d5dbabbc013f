#include "runtime/engine/stage.h"

#include <limits.h>
#include <string.h>

enum { MAX_STAGES = 256 };

enum level { CONSTANT, SHAPE, VALUE };

struct cut {
    struct nn_graph *g;
    int *stage;                 /* of a node */
    int *ready;                 /* of a tensor: the first stage that may read it */
    char *level;                /* of a tensor: the most that went into it */
    int *made;                  /* of a tensor: the stage that makes it, -1: none */
    int *first, *last;          /* of a tensor: the stages that read it, INT_MAX and -1: none */
    int *slot;                  /* of a tensor: 1 + where it stands in the list being made */
};

static int is_shape_only(const struct nn_node *n)
{
    return !strcmp(n->op, "Shape") || !strcmp(n->op, "Size") || !strcmp(n->op, "EyeLike");
}

/* The stage of node `i`, when all nodes before it have one. */
static void place(struct cut *c, int i)
{
    const struct nn_node *n = &c->g->node[i];
    uint32_t wants = nn_infer_wants(n);
    int stage = 0, level = CONSTANT;

    for (int k = 0; k < n->nin; k++) {
        int t = n->in[k], at;
        if (t < 0)
            continue;
        at = c->ready[t];
        /* A deciding value must not be made in the same stage, unless planning finds it. */
        if (wants != NN_OPEN && k < 32 && wants & 1u << k && c->level[t] == VALUE &&
            c->made[t] == at)
            at++;
        stage = at > stage ? at : stage;
        level = c->level[t] > level ? c->level[t] : level;
    }
    c->stage[i] = stage;
    for (int k = 0; k < n->nout; k++) {
        if (n->out[k] < 0)
            continue;
        c->made[n->out[k]] = stage;
        c->ready[n->out[k]] = stage + (wants == NN_OPEN && level == VALUE);
        c->level[n->out[k]] = (char)(is_shape_only(n) && level == VALUE ? SHAPE : level);
    }
}

/* Node `i`, when all behind it have been here: what is made of constants alone is made
 * where it is wanted first, so that weights stay weights. */
static void settle(struct cut *c, int i)
{
    const struct nn_node *n = &c->g->node[i];
    int first = INT_MAX;

    for (int k = 0; k < n->nout; k++)
        if (n->out[k] >= 0 && c->level[n->out[k]] == CONSTANT && c->first[n->out[k]] < first)
            first = c->first[n->out[k]];
    if (first < INT_MAX)
        c->stage[i] = first;
    for (int k = 0; k < n->nout; k++)
        if (n->out[k] >= 0)
            c->made[n->out[k]] = c->stage[i];
    for (int k = 0; k < n->nin; k++) {
        int t = n->in[k];
        if (t < 0)
            continue;
        c->first[t] = c->stage[i] < c->first[t] ? c->stage[i] : c->first[t];
        c->last[t] = c->stage[i] > c->last[t] ? c->stage[i] : c->last[t];
    }
}

/* Nodes in the order of their stages, else as they were. */
static int sort(struct cut *c, int count)
{
    struct nn_graph *g = c->g;
    struct nn_node *node = nn_arena_array(&g->arena, (size_t)g->nnode, sizeof *node);
    int *stage = nn_arena_array(&g->arena, (size_t)g->nnode, sizeof *stage), n = 0;

    if (!node || !stage)
        return -1;
    for (int s = 0; s < count; s++)
        for (int i = 0; i < g->nnode; i++)
            if (c->stage[i] == s) {
                stage[n] = s;
                node[n++] = g->node[i];
            }
    g->node = node;
    g->node_cap = g->nnode;
    c->stage = stage;
    return 0;
}

static int add(const struct cut *c, int *list, int *n, int t)
{
    if (!c->slot[t]) {
        list[(*n)++] = t;
        c->slot[t] = *n;
    }
    return c->slot[t] - 1;
}

static void finish(const struct cut *c, const int *list, int n)
{
    for (int i = 0; i < n; i++)
        c->slot[list[i]] = 0;
}

/* What stage s takes, and whether its values decide shapes there. */
static int list_inputs(const struct cut *c, struct nn_stage *st, int s, char *key)
{
    struct nn_graph *g = &st->net.g;
    int nin = 0, any = 0;

    for (int i = 0; !s && i < c->g->nin; i++)
        add(c, g->in, &nin, c->g->in[i]);
    for (int i = 0; i < g->nnode; i++) {
        const struct nn_node *n = &g->node[i];
        uint32_t wants = nn_infer_wants(n);
        for (int k = 0; k < n->nin; k++) {
            int t = n->in[k], at;
            if (t < 0 || c->g->tensor[t].data || c->made[t] == s)
                continue;
            at = add(c, g->in, &nin, t);
            if (wants != NN_OPEN && k < 32 && wants & 1u << k)
                key[at] = NN_KEY;
            else if (c->level[t] != VALUE && !key[at])
                key[at] = NN_KEY_IF_SMALL;
            any |= key[at];
        }
    }
    finish(c, g->in, nin);
    g->nin = nin;
    return any;
}

static void list_outputs(const struct cut *c, struct nn_stage *st, int s)
{
    struct nn_graph *g = &st->net.g;

    g->nout = 0;
    for (int i = 0; i < c->g->nout; i++) {
        int t = c->g->out[i];
        if (c->made[t] == s || (!s && c->made[t] < 0))
            add(c, g->out, &g->nout, t);
    }
    for (int i = 0; i < g->nnode; i++)
        for (int k = 0; k < g->node[i].nout; k++) {
            int t = g->node[i].out[k];
            if (t >= 0 && c->last[t] > s)
                add(c, g->out, &g->nout, t);
        }
    finish(c, g->out, g->nout);
}

/* A graph that shares everything with the whole one but what rewriting changes. */
static int fill(const struct cut *c, struct nn_stage *st, int s, size_t limit)
{
    struct nn_graph *g = &st->net.g;
    size_t room = 1, outs = (size_t)c->g->nout;
    int from = st->first, n = g->nnode;
    char *key;

    *g = *c->g;
    g->arena = (struct nn_arena){ .limit = limit };
    g->nnode = n;
    for (int i = from; i < from + n; i++) {
        room += (size_t)c->g->node[i].nin;
        outs += (size_t)c->g->node[i].nout;
    }
    room += s ? 0 : (size_t)c->g->nin;
    g->node = nn_arena_array(&g->arena, (size_t)n, sizeof *g->node);
    g->tensor = nn_arena_array(&g->arena, (size_t)g->ntensor, sizeof *g->tensor);
    g->in = nn_arena_array(&g->arena, room, sizeof *g->in);
    g->out = nn_arena_array(&g->arena, outs, sizeof *g->out);
    key = nn_arena_alloc(&g->arena, room);
    if (!g->node || !g->tensor || !g->in || !g->out || !key)
        return -1;
    if (g->ntensor)
        memcpy(g->tensor, c->g->tensor, (size_t)g->ntensor * sizeof *g->tensor);
    if (n)
        memcpy(g->node, c->g->node + from, (size_t)n * sizeof *g->node);
    st->net.key = list_inputs(c, st, s, key) ? key : NULL;
    list_outputs(c, st, s);
    return 0;
}

static int cut_up(struct cut *c)
{
    struct nn_graph *g = c->g;
    size_t nt = (size_t)g->ntensor;
    int count = 1;

    c->stage = nn_arena_array(&g->arena, (size_t)g->nnode, sizeof *c->stage);
    c->ready = nn_arena_array(&g->arena, nt, sizeof *c->ready);
    c->made = nn_arena_array(&g->arena, nt, sizeof *c->made);
    c->first = nn_arena_array(&g->arena, nt, sizeof *c->first);
    c->last = nn_arena_array(&g->arena, nt, sizeof *c->last);
    c->slot = nn_arena_array(&g->arena, nt, sizeof *c->slot);
    c->level = nn_arena_alloc(&g->arena, nt);
    if (!c->stage || !c->ready || !c->made || !c->first || !c->last || !c->slot || !c->level)
        return -1;
    for (size_t t = 0; t < nt; t++) {
        c->made[t] = c->last[t] = -1;
        c->first[t] = INT_MAX;
    }
    for (int i = 0; i < g->nin; i++)
        c->level[g->in[i]] = VALUE;
    for (int i = 0; i < g->nnode; i++) {
        place(c, i);
        count = c->stage[i] >= count ? c->stage[i] + 1 : count;
    }
    for (int i = g->nnode; i-- > 0;)
        settle(c, i);
    return count > MAX_STAGES ? count : count > 1 && sort(c, count) ? -1 : count;
}

static int fill_all(struct cut *c, struct nn_stage *stage, int n, size_t limit)
{
    for (int s = 0, at = 0; s < n; s++) {
        stage[s].first = at;
        while (at < c->g->nnode && c->stage[at] == s)
            at++;
        stage[s].net.g.nnode = at - stage[s].first;
        if (fill(c, &stage[s], s, limit))
            return -1;
        limit = nn_stage_left(limit, stage[s].net.g.arena.total);
    }
    return 0;
}

struct nn_stage *nn_stages_new(struct nn_graph *g, size_t limit, int *count, struct nn_err *err)
{
    struct cut c = { .g = g };
    int n = cut_up(&c);
    struct nn_stage *stage = NULL;

    *count = 0;
    if (n > MAX_STAGES) {
        nn_fail(err, NN_EUNSUPPORTED, "shapes decided by values %d times, one after the other; "
                "%d are supported", n - 1, MAX_STAGES - 1);
        return NULL;
    }
    if (n > 0 && (stage = nn_arena_array(&g->arena, (size_t)n, sizeof *stage)))
        *count = n;
    if (!stage || fill_all(&c, stage, n, limit))
        nn_fail(err, NN_EMEM, "the graph does not fit into the memory allowed");
    else
        return stage;
    for (int s = 0; s < *count; s++)
        nn_stage_release(&stage[s]);
    *count = 0;
    return NULL;
}

void nn_stage_release(struct nn_stage *s)
{
    while (s->plans) {
        struct nn_plan *p = s->plans;
        s->plans = p->next;
        nn_plan_free(p);
    }
    nn_arena_release(&s->net.g.arena);
}
