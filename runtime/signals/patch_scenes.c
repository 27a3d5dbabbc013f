/* patch_scenes.c - scenes: reading them, and which one is on. */
#include <stdio.h>
#include <string.h>

#include "common/rng.h"
#include "runtime/signals/patch_read.h"
#include "runtime/signals/words.h"

static int read_scene(const cJSON *obj, struct nn_patch *p, struct nn_err *err)
{
    static const char *const known[] = { "name", "chain", NULL };
    struct nn_scene_links *s = &p->scene[p->scenes];
    const char *name;
    char at[NN_PLACE];

    snprintf(at, sizeof at, "scenes[%d]", p->scenes);
    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "%s is not an object", at);
    if (nn_check_known(obj, at, known, err) || nn_json_text(obj, at, "name", 1, &name, err))
        return -1;
    for (int i = 0; i < p->scenes; i++)
        if (!strcmp(p->scene[i].name, name))
            return nn_fail(err, NN_EFORMAT, "%s.name: there are two scenes \"%.40s\"", at, name);
    snprintf(s->name, sizeof s->name, "%s", name);
    s->first = p->count;
    if (nn_patch_read_chain(obj, at, p, err))
        return -1;
    s->count = p->count - s->first;
    p->scenes++;
    return 0;
}

static int read_change(const cJSON *obj, struct nn_patch *p, struct nn_err *err)
{
    static const char *const known[] = { "fade", "every", "order", "rest", "signal", "threshold",
                                         "hysteresis", "hold", NULL };
    static const char *const orders[] = { "next", "random", NULL };
    struct nn_change *c = &p->change;
    const char *signal = NULL;
    int order = NN_ORDER_NEXT;

    if (!obj)
        return 0;
    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "change is not an object");
    if (nn_check_known(obj, "change", known, err) ||
        nn_read_within(obj, "change", "fade", 0, 60, &c->fade, err) ||
        nn_read_within(obj, "change", "every", 0, 86400, &c->every, err) ||
        nn_read_within(obj, "change", "rest", 0, 86400, &c->rest, err) ||
        nn_read_choice(obj, "change", "order", orders, &order, err) ||
        nn_json_text(obj, "change", "signal", 0, &signal, err))
        return -1;
    c->order = (enum nn_order)order;
    if (!signal)
        return !cJSON_HasObjectItem(obj, "threshold") ? 0 :
               nn_fail(err, NN_EFORMAT, "change: a threshold needs a signal");
    if ((c->signal = nn_patch_find_signal(p, signal, err)) < 0)
        return nn_fail_in(err, "change.signal");
    if (nn_patch_read_gate(obj, "change", nn_patch_signal(p, c->signal), &c->gate, err))
        return -1;
    return c->gate.used ? 0 : nn_fail(err, NN_EFORMAT, "change.threshold is missing");
}

int nn_patch_read_scenes(const cJSON *root, struct nn_patch *p, struct nn_err *err)
{
    const cJSON *scenes = cJSON_GetObjectItemCaseSensitive(root, "scenes"), *s;
    const cJSON *change = cJSON_GetObjectItemCaseSensitive(root, "change");

    p->change = (struct nn_change){ .fade = 1, .rest = 1, .signal = -1, .last = -1, .x = 1 };
    if (!scenes) {
        if (change)
            return nn_fail(err, NN_EFORMAT, "change is for scenes, and there are none");
        if (nn_patch_read_chain(root, "", p, err))
            return -1;
        snprintf(p->scene->name, sizeof p->scene->name, "%.47s", p->name);
        p->scene->count = p->count;
        p->scenes = 1;
        return 0;
    }
    if (cJSON_HasObjectItem(root, "chain"))
        return nn_fail(err, NN_EFORMAT, "chain and scenes exclude each other");
    if (!cJSON_IsArray(scenes) || !scenes->child || cJSON_GetArraySize(scenes) > NN_MAX_SCENES)
        return nn_fail(err, NN_EFORMAT, "scenes is not an array of 1 to %d scenes",
                       NN_MAX_SCENES);
    cJSON_ArrayForEach(s, scenes)
        if (read_scene(s, p, err))
            return -1;
    return read_change(change, p, err);
}

void nn_patch_go(struct nn_patch *p, int i)
{
    struct nn_change *c = &p->change;

    if (i == c->now)
        return;
    /* Going back while still fading turns the fade round; else the stronger of the two
     * that are on stays as the one that goes, since three at once would cost a third chain. */
    if (i == c->last) {
        c->x = 1 - c->x;
        c->last = c->now;
    } else {
        if (c->last < 0 || c->x >= 0.5f)
            c->last = c->now;
        c->x = 0;
    }
    c->now = i;
    c->since = 0;
    c->changes++;
}

/* The next in order, or any other one. */
static int choose(const struct nn_patch *p)
{
    const struct nn_change *c = &p->change;
    struct nn_rng r;
    int i;

    if (c->order == NN_ORDER_NEXT || p->scenes < 3)
        return (c->now + 1) % p->scenes;
    nn_rng_seed(&r, p->seed, (uint64_t)c->changes);
    i = (int)nn_rng_below(&r, (uint32_t)p->scenes - 1);
    return i < c->now ? i : i + 1;
}

void nn_patch_move_scenes(struct nn_patch *p, const struct nn_bus *bus, double dt)
{
    struct nn_change *c = &p->change;
    int was = c->gate.open, go;

    if (p->scenes < 2)
        return;
    c->since += dt;
    if (c->last >= 0) {
        c->x += c->fade > 0 ? (float)(dt / (double)c->fade) : 1;
        if (c->x >= 1) {
            c->x = 1;
            c->last = -1;
        }
    }
    go = c->every > 0 && c->since >= (double)c->every;
    if (c->signal >= 0)
        go |= nn_gate_move(&c->gate, bus->value[c->signal], dt) && !was &&
              c->since >= (double)c->rest;
    if (go)
        nn_patch_go(p, choose(p));
    if (c->last >= 0 && !(c->fade > 0)) {       /* a cut */
        c->x = 1;
        c->last = -1;
    }
}
