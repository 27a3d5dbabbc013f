#include "runtime/signals/patch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE = 80 };    /* bytes of "chain[15].map[15]" and more */

static const char *const curves[] = { "linear", "smooth", "square", "root" };

/* Appends ", word" to a list that errors show. */
static void list_word(char *out, size_t size, const char *word)
{
    size_t n = strlen(out);

    snprintf(out + n, size - n, "%s%s", n ? ", " : "", word);
}

static int fail_effect(const char *at, const char *name, struct nn_err *err)
{
    char all[400] = "";

    for (int i = 0; nn_effects[i]; i++)
        list_word(all, sizeof all, nn_effects[i]->name);
    return nn_fail(err, NN_EFORMAT, "%s.effect: no effect \"%.40s\"; there are %s", at, name, all);
}

static int fail_param(const char *at, const char *name, const struct nn_effect_type *fx,
                      struct nn_err *err)
{
    char all[400] = "";

    for (int i = 0; i < nn_effect_params(fx); i++)
        list_word(all, sizeof all, fx->param[i].name);
    return nn_fail(err, NN_EFORMAT, "%s: %s has no parameter \"%.40s\"; it has %s", at, fx->name,
                   name, all);
}

static int fail_signal(const char *at, const char *name, struct nn_err *err)
{
    char all[450] = "";

    for (int s = 0; s < NN_SIGNALS; s++)
        list_word(all, sizeof all, nn_signal_info(s)->name);
    return nn_fail(err, NN_EFORMAT, "%s.signal: no signal \"%.40s\"; there are %s", at, name, all);
}

static int check_known(const cJSON *obj, const char *at, const char *const *known,
                       struct nn_err *err)
{
    const char *odd = nn_json_unknown(obj, known);
    char all[300] = "";

    if (!odd)
        return 0;
    for (; *known; known++)
        list_word(all, sizeof all, *known);
    return nn_fail(err, NN_EFORMAT, "%s%s%.40s is unknown; there are %s", at, *at ? "." : "", odd,
                   all);
}

static int check_limits(const struct nn_param *p, double v, const char *at, struct nn_err *err)
{
    if (v >= (double)p->min && v <= (double)p->max)
        return 0;
    return nn_fail(err, NN_EFORMAT, "%s: %g is not in %s's %g to %g", at, v, p->name,
                   (double)p->min, (double)p->max);
}

static int read_pair(const cJSON *obj, const char *at, const char *name, float out[2],
                     struct nn_err *err)
{
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(obj, name);

    if (!a)
        return 0;
    if (!cJSON_IsArray(a) || cJSON_GetArraySize(a) != 2 || !cJSON_IsNumber(a->child) ||
        !cJSON_IsNumber(a->child->next))
        return nn_fail(err, NN_EFORMAT, "%s.%s is not an array of two numbers", at, name);
    out[0] = (float)a->child->valuedouble;
    out[1] = (float)a->child->next->valuedouble;
    return 0;
}

/* An optional number from lo to hi. */
static int read_within(const cJSON *obj, const char *at, const char *name, double lo, double hi,
                       float *out, struct nn_err *err)
{
    double v = (double)*out;

    if (nn_json_number(obj, at, name, 0, &v, err))
        return -1;
    if (!(v >= lo && v <= hi))
        return nn_fail(err, NN_EFORMAT, "%s.%s: %g is not in %g to %g", at, name, v, lo, hi);
    *out = (float)v;
    return 0;
}

static int read_gate(const cJSON *obj, const char *at, struct nn_mapping *m, struct nn_err *err)
{
    const struct nn_signal_info *s = nn_signal_info(m->signal);

    m->gated = cJSON_HasObjectItem(obj, "threshold");
    if (!m->gated && (cJSON_HasObjectItem(obj, "hysteresis") || cJSON_HasObjectItem(obj, "hold")))
        return nn_fail(err, NN_EFORMAT, "%s: hysteresis and hold need a threshold", at);
    m->threshold = s->min;
    return read_within(obj, at, "threshold", (double)s->min, (double)s->max, &m->threshold, err) ||
           read_within(obj, at, "hysteresis", 0, (double)(s->max - s->min), &m->hysteresis, err) ||
           read_within(obj, at, "hold", 0, 60, &m->hold, err) ? -1 : 0;
}

static int read_curve(const cJSON *obj, const char *at, struct nn_mapping *m, struct nn_err *err)
{
    const char *word = "linear";

    if (nn_json_text(obj, at, "curve", 0, &word, err))
        return -1;
    for (int i = 0; i < (int)(sizeof curves / sizeof *curves); i++)
        if (!strcmp(curves[i], word)) {
            m->curve = (enum nn_curve)i;
            return 0;
        }
    return nn_fail(err, NN_EFORMAT, "%s.curve: no curve \"%.40s\"; there are linear, smooth, "
                   "square, root", at, word);
}

static int read_mapping(const cJSON *obj, const char *at, const struct nn_effect_type *fx,
                        struct nn_mapping *m, struct nn_err *err)
{
    static const char *const known[] = { "param", "signal", "from", "range", "curve", "attack",
                                         "release", "threshold", "hysteresis", "hold", NULL };
    const char *param, *signal;
    const struct nn_param *p;
    char place[PLACE + 16];

    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "%s is not an object", at);
    if (check_known(obj, at, known, err) || nn_json_text(obj, at, "param", 1, &param, err) ||
        nn_json_text(obj, at, "signal", 1, &signal, err))
        return -1;
    snprintf(place, sizeof place, "%s.param", at);
    if ((m->param = nn_effect_param(fx, param)) < 0)
        return fail_param(place, param, fx, err);
    if ((m->signal = nn_signal_find(signal)) < 0)
        return fail_signal(at, signal, err);
    p = &fx->param[m->param];
    m->from[0] = nn_signal_info(m->signal)->min;
    m->from[1] = nn_signal_info(m->signal)->max;
    m->range[0] = p->min > 0 ? p->min : 0;
    m->range[1] = p->max < 1 ? p->max : 1;
    m->attack = 0.1f;
    m->release = 0.4f;
    if (read_pair(obj, at, "from", m->from, err) || read_pair(obj, at, "range", m->range, err) ||
        read_curve(obj, at, m, err) || read_within(obj, at, "attack", 0, 60, &m->attack, err) ||
        read_within(obj, at, "release", 0, 60, &m->release, err) || read_gate(obj, at, m, err))
        return -1;
    snprintf(place, sizeof place, "%s.range", at);
    if (check_limits(p, (double)m->range[0], place, err) ||
        check_limits(p, (double)m->range[1], place, err))
        return -1;
    if (!isfinite(m->from[0]) || !isfinite(m->from[1]) || !(fabsf(m->from[0] - m->from[1]) > 1e-6f))
        return nn_fail(err, NN_EFORMAT, "%s.from: its two values must differ", at);
    return 0;
}

static int read_params(const cJSON *obj, const char *at, struct nn_link *link, struct nn_err *err)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(obj, "params");
    char place[PLACE + 64];

    for (int i = 0; i < nn_effect_params(link->effect); i++)
        link->value[i] = link->effect->param[i].preset;
    if (params && !cJSON_IsObject(params))
        return nn_fail(err, NN_EFORMAT, "%s.params is not an object", at);
    for (const cJSON *m = params ? params->child : NULL; m; m = m->next) {
        int i = nn_effect_param(link->effect, m->string);
        snprintf(place, sizeof place, "%s.params.%.40s", at, m->string);
        if (i < 0)
            return fail_param(place, m->string, link->effect, err);
        if (!cJSON_IsNumber(m))
            return nn_fail(err, NN_EFORMAT, "%s is not a number", place);
        if (check_limits(&link->effect->param[i], m->valuedouble, place, err))
            return -1;
        link->value[i] = (float)m->valuedouble;
    }
    return 0;
}

static int read_link(const cJSON *obj, const char *at, struct nn_link *link, struct nn_err *err)
{
    static const char *const known[] = { "effect", "file", "params", "map", NULL };
    const cJSON *map, *m;
    const char *name, *file = "";
    char place[PLACE];

    if (!cJSON_IsObject(obj))
        return nn_fail(err, NN_EFORMAT, "%s is not an object", at);
    if (check_known(obj, at, known, err) || nn_json_text(obj, at, "effect", 1, &name, err) ||
        nn_json_text(obj, at, "file", 0, &file, err) || nn_path(link->file, err, "%s", file))
        return -1;
    if (!(link->effect = nn_effect_find(name)))
        return fail_effect(at, name, err);
    if (read_params(obj, at, link, err))
        return -1;
    map = cJSON_GetObjectItemCaseSensitive(obj, "map");
    if (map && (!cJSON_IsArray(map) || cJSON_GetArraySize(map) > NN_MAX_MAPS))
        return nn_fail(err, NN_EFORMAT, "%s.map is not an array of at most %d links", at,
                       NN_MAX_MAPS);
    cJSON_ArrayForEach(m, map) {
        snprintf(place, sizeof place, "%.40s.map[%d]", at, link->nmap);
        if (read_mapping(m, place, link->effect, &link->map[link->nmap], err))
            return -1;
        link->nmap++;
    }
    return 0;
}

static int read_patch(const cJSON *root, struct nn_patch *p, struct nn_err *err)
{
    static const char *const known[] = { "name", "description", "chain", NULL };
    const char *name = NULL, *description = "";
    const cJSON *chain, *link;
    char place[PLACE];

    if (!cJSON_IsObject(root))
        return nn_fail(err, NN_EFORMAT, "a patch is a JSON object");
    if (check_known(root, "", known, err) || nn_json_text(root, "", "name", 1, &name, err) ||
        nn_json_text(root, "", "description", 0, &description, err))
        return -1;
    snprintf(p->name, sizeof p->name, "%s", name);
    snprintf(p->description, sizeof p->description, "%s", description);
    chain = cJSON_GetObjectItemCaseSensitive(root, "chain");
    if (!chain || !cJSON_IsArray(chain) || !chain->child ||
        cJSON_GetArraySize(chain) > NN_MAX_CHAIN)
        return nn_fail(err, NN_EFORMAT, "chain is not an array of 1 to %d effects", NN_MAX_CHAIN);
    cJSON_ArrayForEach(link, chain) {
        snprintf(place, sizeof place, "chain[%d]", p->count);
        if (read_link(link, place, &p->link[p->count], err))
            return -1;
        p->count++;
    }
    return 0;
}

struct nn_patch *nn_patch_parse(const cJSON *root, struct nn_err *err)
{
    struct nn_patch *p = calloc(1, sizeof *p);

    if (!p) {
        nn_fail_mem(err, "patch");
    } else if (read_patch(root, p, err)) {
        free(p);
        p = NULL;
    }
    return p;
}

/* Files are meant from where the patch is. */
static int find_files(struct nn_patch *p, const char *path, struct nn_err *err)
{
    const char *slash = strrchr(path, '/');
    char file[NN_PATH];

    for (int i = 0; i < p->count && slash; i++) {
        struct nn_link *link = &p->link[i];
        if (!*link->file || *link->file == '/')
            continue;
        memcpy(file, link->file, sizeof file);
        if (nn_path(link->file, err, "%.*s/%s", (int)(slash - path), path, file))
            return -1;
    }
    return 0;
}

struct nn_patch *nn_patch_load(const char *word, struct nn_err *err)
{
    char path[NN_PATH], name[NN_PATH];
    struct nn_patch *p = NULL;
    cJSON *root;

    if (nn_path(path, err, "%s", word))
        return NULL;
    if (!strchr(word, '/') && !nn_exists(word) &&
        (nn_path(name, err, "patches/%s.json", word) || nn_data_path(path, name, err))) {
        nn_fail(err, NN_ENOTFOUND, "no patch \"%s\": neither a file nor one of ours, which "
                "docs/patches.md lists (neon-noir, emotion-filter, rain-of-sorrow, ...)", word);
        return NULL;
    }
    if (!(root = nn_json_read(path, err)))
        return NULL;
    p = nn_patch_parse(root, err);
    if (p && find_files(p, path, err)) {
        nn_patch_free(p);
        p = NULL;
    }
    if (!p)
        nn_fail_in(err, "%s", path);
    cJSON_Delete(root);
    return p;
}

void nn_patch_free(struct nn_patch *p)
{
    free(p);
}

static float shape(enum nn_curve curve, float x)
{
    switch (curve) {
    case NN_CURVE_LINEAR: return x;
    case NN_CURVE_SMOOTH: return x * x * (3 - 2 * x);
    case NN_CURVE_SQUARE: return x * x;
    case NN_CURVE_ROOT: return sqrtf(x);
    }
    return x;
}

static void gate(struct nn_mapping *m, float signal, double dt)
{
    if (!m->gated) {
        m->open = 1;
    } else if (m->open) {
        m->open_for += dt;
        if (m->open_for >= (double)m->hold && signal < m->threshold - m->hysteresis)
            m->open = 0;
    } else if (signal >= m->threshold) {
        m->open = 1;
        m->open_for = 0;
    }
}

static float move(struct nn_mapping *m, float signal, double dt)
{
    float want = 0, tau;

    gate(m, signal, dt);
    if (m->open) {
        float x = (signal - m->from[0]) / (m->from[1] - m->from[0]);
        want = shape(m->curve, x < 0 ? 0 : x > 1 ? 1 : x);
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

void nn_patch_update(struct nn_patch *p, const struct nn_bus *bus, double dt)
{
    for (int i = 0; i < p->count; i++) {
        struct nn_link *link = &p->link[i];
        int driven[NN_MAX_PARAMS] = { 0 };
        for (int k = 0; k < link->nmap; k++) {
            struct nn_mapping *m = &link->map[k];
            float v = move(m, bus->value[m->signal], dt);
            if (!driven[m->param] || v > link->value[m->param])
                link->value[m->param] = v;
            driven[m->param] = 1;
        }
    }
}
