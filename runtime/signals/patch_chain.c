/* patch_chain.c - reads the chains of a patch: effects, their values and their links. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/signals/patch_read.h"
#include "runtime/signals/words.h"

static const char *const curves[] = { "linear", "smooth", "square", "root", NULL };
static const char *const combines[] = { "max", "add", "multiply", "mean", NULL };

static int fail_effect(const char *at, const char *name, struct nn_err *err)
{
    const char *all[128];
    char hint[NN_HINT];
    int n = 0;

    for (; n < 128 && nn_effects[n]; n++)
        all[n] = nn_effects[n]->name;
    return nn_fail(err, NN_EFORMAT, "%s.effect: no effect \"%.40s\"%s", at, name,
                   nn_hint(hint, name, all, n));
}

/* A parameter's number by its name, or -1. */
static int find_param(const struct nn_effect_type *fx, const char *name, const char *at,
                      struct nn_err *err)
{
    const char *all[NN_MAX_PARAMS];
    char hint[NN_HINT];
    int n = nn_effect_params(fx), i = nn_effect_param(fx, name);

    for (int k = 0; k < n; k++)
        all[k] = fx->param[k].name;
    return i >= 0 ? i : nn_fail(err, NN_EFORMAT, "%s: %s has no parameter \"%.40s\"%s", at,
                                fx->name, name, nn_hint(hint, name, all, n));
}

static int check_limits(const struct nn_param *p, double v, const char *at, struct nn_err *err)
{
    if (v >= (double)p->min && v <= (double)p->max)
        return 0;
    return nn_fail(err, NN_EFORMAT, "%s: %g is not in %s's %g to %g", at, v, p->name,
                   (double)p->min, (double)p->max);
}

int nn_patch_read_gate(const cJSON *obj, const char *at, const struct nn_signal_info *s,
                       struct nn_gate *g, struct nn_err *err)
{
    g->used = cJSON_HasObjectItem(obj, "threshold");
    if (!g->used && (cJSON_HasObjectItem(obj, "hysteresis") || cJSON_HasObjectItem(obj, "hold")))
        return nn_fail(err, NN_EFORMAT, "%s: hysteresis and hold need a threshold", at);
    g->threshold = s->min;
    return nn_read_within(obj, at, "threshold", (double)s->min, (double)s->max, &g->threshold,
                          err) ||
           nn_read_within(obj, at, "hysteresis", 0, (double)(s->max - s->min), &g->hysteresis,
                          err) ||
           nn_read_within(obj, at, "hold", 0, 60, &g->hold, err) ? -1 : 0;
}

/* [[0, 0], [0.3, 0.8], [1, 1]]: both in 0..1, x rising from point to point. */
static int read_points(const cJSON *a, const char *at, struct nn_mapping *m, struct nn_err *err)
{
    const cJSON *pair;
    int n = cJSON_GetArraySize(a);

    if (n < 2 || n > NN_MAX_POINTS)
        return nn_fail(err, NN_EFORMAT, "%s.curve has %d points, not 2 to %d", at, n,
                       NN_MAX_POINTS);
    m->curve = NN_CURVE_POINTS;
    cJSON_ArrayForEach(pair, a) {
        float *to = m->point[m->points];
        if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2)
            return nn_fail(err, NN_EFORMAT, "%s.curve[%d] is not an array of two numbers", at,
                           m->points);
        for (int i = 0; i < 2; i++) {
            const cJSON *v = cJSON_GetArrayItem(pair, i);
            if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= 1))
                return nn_fail(err, NN_EFORMAT, "%s.curve[%d][%d] is not a number from 0 to 1",
                               at, m->points, i);
            to[i] = (float)v->valuedouble;
        }
        if (m->points && to[0] <= m->point[m->points - 1][0])
            return nn_fail(err, NN_EFORMAT, "%s.curve[%d]: x must rise from point to point", at,
                           m->points);
        m->points++;
    }
    return 0;
}

static int read_curve(const cJSON *obj, const char *at, struct nn_mapping *m, struct nn_err *err)
{
    const cJSON *c = cJSON_GetObjectItemCaseSensitive(obj, "curve");
    int i = 0;

    if (cJSON_IsArray(c))
        return read_points(c, at, m, err);
    if (nn_read_choice(obj, at, "curve", curves, &i, err))
        return -1;
    m->curve = (enum nn_curve)i;
    return 0;
}

/* The two ends, which default to what the tables allow. */
static int read_ends(const cJSON *obj, const char *at, const struct nn_param *p,
                     const struct nn_signal_info *s, struct nn_mapping *m, struct nn_err *err)
{
    char place[NN_PLACE + 16];

    m->from[0] = s->min;
    m->from[1] = s->max;
    m->range[0] = p->min > 0 ? p->min : 0;
    m->range[1] = p->max < 1 ? p->max : 1;
    if (nn_read_pair(obj, at, "from", m->from, err) ||
        nn_read_pair(obj, at, "range", m->range, err))
        return -1;
    snprintf(place, sizeof place, "%s.range", at);
    if (check_limits(p, (double)m->range[0], place, err) ||
        check_limits(p, (double)m->range[1], place, err))
        return -1;
    if (!(fabsf(m->from[0] - m->from[1]) > 1e-6f))
        return nn_fail(err, NN_EFORMAT, "%s.from: its two values must differ", at);
    return 0;
}

static int read_mapping(const cJSON *obj, const char *at, const struct nn_patch *patch,
                        const struct nn_effect_type *fx, struct nn_mapping *m, struct nn_err *err)
{
    static const char *const known[] = { "param", "signal", "from", "range", "curve", "attack",
                                         "release", "threshold", "hysteresis", "hold", NULL };
    const char *param, *signal;
    const struct nn_signal_info *s;
    char place[NN_PLACE + 16];

    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "%s is not an object", at);
    if (nn_check_known(obj, at, known, err) || nn_json_text(obj, at, "param", 1, &param, err) ||
        nn_json_text(obj, at, "signal", 1, &signal, err))
        return -1;
    snprintf(place, sizeof place, "%s.param", at);
    if ((m->param = find_param(fx, param, place, err)) < 0)
        return -1;
    if ((m->signal = nn_patch_find_signal(patch, signal, err)) < 0)
        return nn_fail_in(err, "%s.signal", at);
    s = nn_patch_signal(patch, m->signal);
    m->attack = 0.1f;
    m->release = 0.4f;
    return read_ends(obj, at, &fx->param[m->param], s, m, err) ||
           read_curve(obj, at, m, err) ||
           nn_read_within(obj, at, "attack", 0, 60, &m->attack, err) ||
           nn_read_within(obj, at, "release", 0, 60, &m->release, err) ||
           nn_patch_read_gate(obj, at, s, &m->gate, err) ? -1 : 0;
}

static int read_params(const cJSON *obj, const char *at, struct nn_link *link, struct nn_err *err)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(obj, "params");
    char place[NN_PLACE + 64];

    for (int i = 0; i < nn_effect_params(link->effect); i++)
        link->fixed[i] = link->effect->param[i].preset;
    if (params && !cJSON_IsObject(params))
        return nn_fail(err, NN_EFORMAT, "%s.params is not an object", at);
    for (const cJSON *m = params ? params->child : NULL; m; m = m->next) {
        int i;
        snprintf(place, sizeof place, "%s.params.%.40s", at, m->string);
        if ((i = find_param(link->effect, m->string, place, err)) < 0)
            return -1;
        if (!cJSON_IsNumber(m))
            return nn_fail(err, NN_EFORMAT, "%s is not a number", place);
        if (check_limits(&link->effect->param[i], m->valuedouble, place, err))
            return -1;
        link->fixed[i] = (float)m->valuedouble;
    }
    memcpy(link->value, link->fixed, sizeof link->value);
    return 0;
}

/* How several links of one parameter come together. */
static int read_combine(const cJSON *obj, const char *at, struct nn_link *link, struct nn_err *err)
{
    const cJSON *all = cJSON_GetObjectItemCaseSensitive(obj, "combine");
    char place[NN_PLACE + 64];

    if (all && !cJSON_IsObject(all))
        return nn_fail(err, NN_EFORMAT, "%s.combine is not an object", at);
    for (const cJSON *m = all ? all->child : NULL; m; m = m->next) {
        int i, how = 0;
        snprintf(place, sizeof place, "%s.combine.%.40s", at, m->string);
        if ((i = find_param(link->effect, m->string, place, err)) < 0)
            return -1;
        snprintf(place, sizeof place, "%s.combine", at);
        if (nn_read_choice(all, place, m->string, combines, &how, err))
            return -1;
        link->combine[i] = (enum nn_combine)how;
    }
    return 0;
}

static int read_link(const cJSON *obj, const char *at, const struct nn_patch *p,
                     struct nn_link *link, struct nn_err *err)
{
    static const char *const known[] = { "effect", "file", "params", "combine", "map", NULL };
    const cJSON *map, *m;
    const char *name, *file = "";
    char place[NN_PLACE];

    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "%s is not an object", at);
    if (nn_check_known(obj, at, known, err) || nn_json_text(obj, at, "effect", 1, &name, err) ||
        nn_json_text(obj, at, "file", 0, &file, err) || nn_path(link->file, err, "%s", file))
        return -1;
    if (!(link->effect = nn_effect_find(name)))
        return fail_effect(at, name, err);
    if (read_params(obj, at, link, err) || read_combine(obj, at, link, err))
        return -1;
    map = cJSON_GetObjectItemCaseSensitive(obj, "map");
    if (map && (!cJSON_IsArray(map) || cJSON_GetArraySize(map) > NN_MAX_MAPS))
        return nn_fail(err, NN_EFORMAT, "%s.map is not an array of at most %d links", at,
                       NN_MAX_MAPS);
    cJSON_ArrayForEach(m, map) {
        snprintf(place, sizeof place, "%.60s.map[%d]", at, link->nmap);
        if (read_mapping(m, place, p, link->effect, &link->map[link->nmap], err))
            return -1;
        link->nmap++;
    }
    return 0;
}

int nn_patch_read_chain(const cJSON *obj, const char *at, struct nn_patch *p, struct nn_err *err)
{
    const cJSON *chain = cJSON_GetObjectItemCaseSensitive(obj, "chain"), *link;
    char place[NN_PLACE];
    int n = 0;

    if (!chain || !cJSON_IsArray(chain) || !chain->child)
        return nn_fail(err, NN_EFORMAT, "%s%schain is not an array of effects", at,
                       *at ? "." : "");
    cJSON_ArrayForEach(link, chain) {
        snprintf(place, sizeof place, "%.60s%schain[%d]", at, *at ? "." : "", n++);
        if (p->count == NN_MAX_CHAIN)
            return nn_fail(err, NN_EFORMAT, "%s: a patch has no more than %d effects", place,
                           NN_MAX_CHAIN);
        if (read_link(link, place, p, &p->link[p->count], err))
            return -1;
        p->count++;
    }
    return 0;
}
