/* move.c - a patch in motion: signals derived, parameters moved. */
#include <math.h>
#include <string.h>

#include "runtime/signals/patch_read.h"

static float shape(const struct nn_mapping *m, float x)
{
    switch (m->curve) {
    case NN_CURVE_LINEAR: return x;
    case NN_CURVE_SMOOTH: return x * x * (3 - 2 * x);
    case NN_CURVE_SQUARE: return x * x;
    case NN_CURVE_ROOT: return sqrtf(x);
    case NN_CURVE_POINTS: break;
    }
    if (x <= m->point[0][0])
        return m->point[0][1];
    for (int i = 1; i < m->points; i++) {
        const float *a = m->point[i - 1], *b = m->point[i];
        if (x <= b[0])
            return a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]);
    }
    return m->point[m->points - 1][1];
}

int nn_gate_move(struct nn_gate *g, float signal, double dt)
{
    if (!g->used) {
        g->open = 1;
    } else if (g->open) {
        g->open_for += dt;
        if (g->open_for >= (double)g->hold && signal < g->threshold - g->hysteresis)
            g->open = 0;
    } else if (signal >= g->threshold) {
        g->open = 1;
        g->open_for = 0;
    }
    return g->open;
}

static float move(struct nn_mapping *m, float signal, double dt)
{
    float want = 0, tau;

    if (nn_gate_move(&m->gate, signal, dt)) {
        float x = (signal - m->from[0]) / (m->from[1] - m->from[0]);
        want = shape(m, x < 0 ? 0 : x > 1 ? 1 : x);
    }
    tau = want > m->x ? m->attack : m->release;
    if (!m->started || tau <= 0)
        m->x = want;
    else
        m->x += (float)(1 - exp(-dt / (double)tau)) * (want - m->x);
    if (m->x < 1e-3f && want <= 0)      /* a tail without end would cost for nothing */
        m->x = 0;
    m->started = 1;
    return m->range[0] + m->x * (m->range[1] - m->range[0]);
}

static float combine(enum nn_combine how, float a, float b, int before)
{
    switch (how) {
    case NN_COMBINE_ADD: return a + b;
    case NN_COMBINE_MULTIPLY: return a * b;
    case NN_COMBINE_MEAN: return (a * (float)before + b) / (float)(before + 1);
    case NN_COMBINE_MAX: break;
    }
    return b > a ? b : a;
}

static void move_link(struct nn_link *link, const struct nn_bus *bus, double dt)
{
    int driven[NN_MAX_PARAMS] = { 0 };

    memcpy(link->value, link->fixed, sizeof link->value);
    for (int k = 0; k < link->nmap; k++) {
        struct nn_mapping *m = &link->map[k];
        float v = move(m, bus->value[m->signal], dt), *to = &link->value[m->param];
        *to = driven[m->param] ? combine(link->combine[m->param], *to, v, driven[m->param]) : v;
        driven[m->param]++;
    }
    for (int i = 0; i < NN_MAX_PARAMS && link->effect->param[i].name; i++) {
        const struct nn_param *p = &link->effect->param[i];
        float v = link->held[i] ? link->hand[i] : link->value[i];
        link->value[i] = v < p->min ? p->min : v > p->max ? p->max : v;
    }
}

static void derive(struct nn_patch *p, struct nn_bus *bus, double dt)
{
    for (int i = 0; i < p->owns; i++) {
        struct nn_own *own = &p->own[i];
        int s = NN_SIGNALS + i, rest;
        if (own->expr) {
            float v = nn_expr_run(own->expr, bus->value, dt, &rest);
            nn_bus_put(bus, s, &p->own_info[i], rest ? own->rest : v, 0);
        } else if (!(bus->time[s] >= 0)) {
            bus->value[s] = own->rest;
        }
    }
}

void nn_patch_update(struct nn_patch *p, struct nn_bus *bus, double dt)
{
    derive(p, bus, dt);
    for (int i = 0; i < p->count; i++)
        move_link(&p->link[i], bus, dt);
    nn_patch_move_scenes(p, bus, dt);
    p->started = 1;
}

/* The running half of a mapping goes on where the other half is alike. */
static void adopt_link(struct nn_link *to, const struct nn_link *from)
{
    memcpy(to->hand, from->hand, sizeof to->hand);
    memcpy(to->held, from->held, sizeof to->held);
    for (int k = 0; k < to->nmap; k++)
        for (int j = 0; j < from->nmap; j++)
            if (to->map[k].param == from->map[j].param &&
                to->map[k].signal == from->map[j].signal && !to->map[k].started) {
                to->map[k].started = from->map[j].started;
                to->map[k].x = from->map[j].x;
                to->map[k].gate.open = from->map[j].gate.open;
                to->map[k].gate.open_for = from->map[j].gate.open_for;
                break;
            }
}

static void adopt_own(struct nn_own *to, struct nn_own *from)
{
    struct nn_expr *e = to->expr;

    if (strcmp(to->name, from->name) || !e || !from->expr || strcmp(e->text, from->expr->text))
        return;
    for (int i = 0; i < e->count; i++)          /* the same names may have other numbers now */
        from->expr->node[i].signal = e->node[i].signal;
    to->expr = from->expr;
    from->expr = e;
}

/* Values by name, from the old patch's places on the bus to the new one's. */
static void move_bus(const struct nn_patch *p, const struct nn_patch *old, struct nn_bus *bus)
{
    struct nn_bus was = *bus;

    for (int i = 0; i < NN_MAX_OWN; i++)
        bus->time[NN_SIGNALS + i] = -1;
    for (int i = 0; i < p->owns; i++)
        for (int k = 0; k < old->owns; k++)
            if (!strcmp(p->own[i].name, old->own[k].name))
                nn_bus_put(bus, NN_SIGNALS + i, &p->own_info[i], was.value[NN_SIGNALS + k],
                           was.time[NN_SIGNALS + k]);
}

void nn_patch_adopt(struct nn_patch *p, struct nn_patch *old, struct nn_bus *bus)
{
    nn_patch_seed(p, old->seed);
    move_bus(p, old, bus);
    if (strcmp(p->name, old->name))
        return;
    for (int i = 0; i < p->owns; i++)
        for (int k = 0; k < old->owns; k++)
            adopt_own(&p->own[i], &old->own[k]);
    for (int i = 0; i < p->count && i < old->count; i++)
        if (p->link[i].effect == old->link[i].effect)
            adopt_link(&p->link[i], &old->link[i]);
    for (int i = 0; i < p->scenes; i++)
        if (!strcmp(p->scene[i].name, old->scene[old->change.now].name))
            p->change.now = i;
    p->change.since = old->change.since;
    p->change.changes = old->change.changes;
}
