#include "runtime/signals/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nn_control_signal(const struct nn_patch *p, int s, char out[NN_ADDRESS])
{
    snprintf(out, NN_ADDRESS, "/neonnoir/signal/%.90s", nn_patch_signal(p, s)->name);
    for (char *c = out; *c; c++)
        *c = *c == '.' ? '/' : *c;
}

void nn_control_param(const struct nn_patch *p, int i, int k, char out[NN_ADDRESS])
{
    const struct nn_effect_type *fx = p->link[i].effect;

    snprintf(out, NN_ADDRESS, "/neonnoir/chain/%d/%.40s/%.40s", i, fx->name, fx->param[k].name);
}

/* Whether nobody but the outside writes signal s. */
static int fed(const struct nn_patch *p, int s)
{
    return s >= NN_SIGNALS ? !p->own[s - NN_SIGNALS].expr
                           : s >= NN_SIG_PULSE_BPM && s <= NN_SIG_IMU_ROLL;
}

static enum nn_asked set_signal(const struct nn_control *c, struct nn_patch *p,
                                struct nn_bus *bus, double t)
{
    char address[NN_ADDRESS];

    if (c->kind != NN_CONTROL_NUMBER)
        return NN_ASKED_NOTHING;
    for (int s = 0; s < NN_SIGNALS + p->owns; s++) {
        if (!fed(p, s))
            continue;
        nn_control_signal(p, s, address);
        if (strcmp(address, c->address))
            continue;
        nn_bus_put(bus, s, nn_patch_signal(p, s), c->value, t);
        return NN_ASKED_DONE;
    }
    return NN_ASKED_NOTHING;
}

static enum nn_asked set_param(const struct nn_control *c, const char *rest, struct nn_patch *p)
{
    char *end, address[NN_ADDRESS];
    long i = strtol(rest, &end, 10);

    if (end == rest || *end != '/' || i < 0 || i >= p->count || c->kind == NN_CONTROL_TEXT)
        return NN_ASKED_NOTHING;
    for (int k = 0; k < nn_effect_params(p->link[i].effect); k++) {
        nn_control_param(p, (int)i, k, address);
        if (strcmp(address, c->address))
            continue;
        p->link[i].held[k] = c->kind == NN_CONTROL_NUMBER;
        p->link[i].hand[k] = c->value;
        return NN_ASKED_DONE;
    }
    return NN_ASKED_NOTHING;
}

static enum nn_asked set_scene(const struct nn_control *c, struct nn_patch *p)
{
    if (c->kind == NN_CONTROL_NUMBER && c->value >= 0 && c->value < (float)p->scenes) {
        nn_patch_go(p, (int)c->value);
        return NN_ASKED_DONE;
    }
    for (int i = 0; i < p->scenes && c->kind == NN_CONTROL_TEXT; i++)
        if (!strcmp(p->scene[i].name, c->text)) {
            nn_patch_go(p, i);
            return NN_ASKED_DONE;
        }
    return NN_ASKED_NOTHING;
}

enum nn_asked nn_control_apply(const struct nn_control *c, struct nn_patch *p,
                               struct nn_bus *bus, double t)
{
    static const char root[] = "/neonnoir/";
    const char *rest = c->address + sizeof root - 1;
    int pressed = c->kind != NN_CONTROL_NUMBER || c->value > 0;

    if (strncmp(c->address, root, sizeof root - 1))
        return NN_ASKED_NOTHING;
    if (!strncmp(rest, "signal/", 7))
        return set_signal(c, p, bus, t);
    if (!strncmp(rest, "chain/", 6))
        return set_param(c, rest + 6, p);
    if (!strcmp(rest, "scene"))
        return set_scene(c, p);
    if (!strcmp(rest, "patch"))
        return c->kind == NN_CONTROL_TEXT ? NN_ASKED_PATCH : NN_ASKED_NOTHING;
    if (!strcmp(rest, "patch/next"))
        return pressed ? NN_ASKED_NEXT : NN_ASKED_DONE;
    if (!strcmp(rest, "patch/previous"))
        return pressed ? NN_ASKED_PREVIOUS : NN_ASKED_DONE;
    if (!strcmp(rest, "scene/next")) {
        if (pressed)
            nn_patch_go(p, (p->change.now + 1) % p->scenes);
        return NN_ASKED_DONE;
    }
    if (strcmp(rest, "release"))
        return NN_ASKED_NOTHING;
    for (int i = 0; i < p->count && pressed; i++)
        memset(p->link[i].held, 0, sizeof p->link[i].held);
    return NN_ASKED_DONE;
}
