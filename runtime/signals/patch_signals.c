/* patch_signals.c - reads the signals that a patch brings along. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/signals/patch_read.h"
#include "runtime/signals/words.h"

static int find(void *arg, const char *name, struct nn_err *err)
{
    return nn_patch_find_signal(arg, name, err);
}

static int outside(const char *name)
{
    return !strncmp(name, "osc.", 4) || !strncmp(name, "ext.", 4);
}

static int check_name(const struct nn_patch *p, const char *name, const char *at,
                      struct nn_err *err)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if (!islower((unsigned char)name[i]) && (!i || (!isdigit((unsigned char)name[i]) &&
                                                        name[i] != '.' && name[i] != '_')))
            return nn_fail(err, NN_EFORMAT, "%s: a name has small letters, digits, . and _ "
                           "behind a letter", at);
    if (n < 1 || n >= sizeof p->own->name)
        return nn_fail(err, NN_EFORMAT, "%s: a name has 1 to %zu characters", at,
                       sizeof p->own->name - 1);
    if (nn_patch_find_signal(p, name, NULL) >= 0)
        return nn_fail(err, NN_EFORMAT, "%s: there is a signal of that name", at);
    return 0;
}

static int read_expr(struct nn_patch *p, struct nn_own *own, const char *text, const char *at,
                     struct nn_err *err)
{
    if (text && outside(own->name))
        return nn_fail(err, NN_EFORMAT, "%s: what is fed from outside (osc. and ext.) has no "
                       "expression", at);
    if (!text && !outside(own->name))
        return nn_fail(err, NN_EFORMAT, "%s: an expression (\"is\") is missing; only signals "
                       "named osc. or ext. go without", at);
    if (text && !(own->expr = nn_expr_parse(text, find, p, err)))
        return nn_fail_in(err, "%s", at);
    return 0;
}

static int read_own(const cJSON *m, struct nn_patch *p, struct nn_err *err)
{
    static const char *const known[] = { "is", "range", "rest", "unit", "brief", NULL };
    struct nn_own *own = &p->own[p->owns];
    const char *text = NULL, *unit = "", *brief = "";
    float range[2] = { 0, 1 };
    char at[NN_PLACE];

    snprintf(at, sizeof at, "signals.%.60s", m->string);
    if (check_name(p, m->string, at, err))
        return -1;
    snprintf(own->name, sizeof own->name, "%s", m->string);
    if (cJSON_IsString(m)) {
        text = m->valuestring;
    } else if (!cJSON_IsObject(m)) {
        return nn_fail(err, NN_EFORMAT, "%s is neither an expression nor an object", at);
    } else if (nn_check_known(m, at, known, err) || nn_read_pair(m, at, "range", range, err) ||
               nn_json_text(m, at, "is", 0, &text, err) ||
               nn_json_text(m, at, "unit", 0, &unit, err) ||
               nn_json_text(m, at, "brief", 0, &brief, err)) {
        return -1;
    }
    if (!(range[0] < range[1]))
        return nn_fail(err, NN_EFORMAT, "%s.range: the first value must be the less", at);
    own->rest = range[0] > 0 ? range[0] : range[1] < 0 ? range[1] : 0;
    if (cJSON_IsObject(m) && nn_read_within(m, at, "rest", (double)range[0], (double)range[1],
                                            &own->rest, err))
        return -1;
    if (read_expr(p, own, text, at, err)) {
        nn_expr_free(own->expr);
        own->expr = NULL;
        return -1;
    }
    snprintf(own->unit, sizeof own->unit, "%s", unit);
    snprintf(own->brief, sizeof own->brief, "%s", *brief ? brief : text ? text : "from outside");
    p->own_info[p->owns++] = (struct nn_signal_info){ own->name, own->unit, range[0], range[1],
                                                      own->brief };
    return 0;
}

int nn_patch_read_signals(const cJSON *root, struct nn_patch *p, struct nn_err *err)
{
    const cJSON *signals = cJSON_GetObjectItemCaseSensitive(root, "signals"), *m;

    if (signals && (!cJSON_IsObject(signals) || cJSON_GetArraySize(signals) > NN_MAX_OWN))
        return nn_fail(err, NN_EFORMAT, "signals is not an object of at most %d members",
                       NN_MAX_OWN);
    cJSON_ArrayForEach(m, signals)
        if (read_own(m, p, err))
            return -1;
    return 0;
}
