/* A comparison for machines. */
#include <stdio.h>
#include <string.h>

#include "trainer/compare.h"
#include "trainer/settings.h"

/* A file has none; a setting that a run is too old to have stands at its default. */
static const cJSON *setting(const struct nn_contender *k, const cJSON *defaults, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(k->settings, name);

    return v || !k->settings ? v : cJSON_GetObjectItemCaseSensitive(defaults, name);
}

static int differs(const struct nn_contenders *who, const cJSON *defaults, const char *name)
{
    const cJSON *first = NULL, *v;
    int seen = 0;

    for (int k = 0; k < who->n; k++) {
        if (!who->one[k]->settings)
            continue;
        v = setting(who->one[k], defaults, name);
        if (seen++ && (first || v) && !cJSON_Compare(first, v, 1))
            return 1;
        first = v;
    }
    return 0;
}

static void add_setting(cJSON *to, const struct nn_contenders *who, const cJSON *defaults,
                        const char *name)
{
    cJSON *values = cJSON_AddArrayToObject(to, name);

    for (int k = 0; k < who->n; k++) {
        const cJSON *v = setting(who->one[k], defaults, name);
        cJSON_AddItemToArray(values, v ? cJSON_Duplicate(v, 1) : cJSON_CreateNull());
    }
}

cJSON *nn_compare_settings(const struct nn_contenders *who)
{
    cJSON *to = cJSON_CreateObject(), *defaults = nn_settings_to_json(&nn_settings_default);

    for (int k = 0; k < who->n; k++)
        for (const cJSON *v = who->one[k]->settings ? who->one[k]->settings->child : NULL; v;
             v = v->next)
            if (!cJSON_HasObjectItem(to, v->string) && differs(who, defaults, v->string))
                add_setting(to, who, defaults, v->string);
    cJSON_Delete(defaults);
    return to;
}

static cJSON *figure_json(const struct nn_figure *f, const char *name)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddNumberToObject(j, name, f->value);
    cJSON_AddNumberToObject(j, "low", f->in.lo);
    cJSON_AddNumberToObject(j, "high", f->in.hi);
    return j;
}

static cJSON *contender_json(const struct nn_comparison *c, int k)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddStringToObject(j, "name", c->who.one[k]->name);
    cJSON_AddStringToObject(j, "model", c->who.one[k]->model);
    if (c->factor)
        cJSON_AddStringToObject(j, c->factor, c->who.one[k]->group);
    for (int s = 0; s < NN_SCORES; s++)
        cJSON_AddItemToObject(j, nn_score_names[s], figure_json(&c->score[k][s], "value"));
    return j;
}

const char *nn_compare_test(const struct nn_mcnemar *t)
{
    return t->exact ? "exact binomial" : "chi-square with continuity correction";
}

static cJSON *pair_json(const struct nn_comparison *c, const struct nn_pair *p)
{
    cJSON *j = cJSON_CreateObject(), *test;

    cJSON_AddStringToObject(j, "a", c->who.one[p->a]->name);
    cJSON_AddStringToObject(j, "b", c->who.one[p->b]->name);
    for (int s = 0; s < NN_SCORES; s++)
        cJSON_AddItemToObject(j, nn_score_names[s], figure_json(&p->difference[s], "difference"));
    test = cJSON_AddObjectToObject(j, "mcnemar");
    cJSON_AddNumberToObject(test, "only_a_right", (double)p->test.only_a);
    cJSON_AddNumberToObject(test, "only_b_right", (double)p->test.only_b);
    cJSON_AddStringToObject(test, "test", nn_compare_test(&p->test));
    cJSON_AddNumberToObject(test, "p", p->test.p);
    cJSON_AddNumberToObject(test, "p_holm", p->holm);
    if (p->least)
        cJSON_AddNumberToObject(j, "least_difference",
                                (double)p->least / (double)c->who.faces);
    else
        cJSON_AddNullToObject(j, "least_difference");
    return j;
}

static cJSON *factor_json(const struct nn_comparison *c)
{
    cJSON *root = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(root, "label", c->factor);
    list = cJSON_AddArrayToObject(root, "groups");
    for (int i = 0; i < c->groups; i++) {
        const struct nn_group *g = &c->group[i];
        cJSON *j = cJSON_CreateObject(), *runs;
        cJSON_AddStringToObject(j, "value", g->value);
        runs = cJSON_AddArrayToObject(j, "runs");
        for (int k = 0; k < g->n; k++)
            cJSON_AddItemToArray(runs, cJSON_CreateString(c->who.one[g->one[k]]->name));
        cJSON_AddNumberToObject(j, "mean_accuracy", g->mean);
        cJSON_AddNumberToObject(j, "deviation", g->deviation);
        cJSON_AddItemToArray(list, j);
    }
    list = cJSON_AddArrayToObject(root, "pairs");
    for (int i = 0; i < c->versuses; i++) {
        const struct nn_versus *v = &c->versus[i];
        cJSON *j = cJSON_CreateObject();
        cJSON_AddStringToObject(j, "a", c->group[v->a].value);
        cJSON_AddStringToObject(j, "b", c->group[v->b].value);
        cJSON_AddNumberToObject(j, "difference", v->welch.difference);
        cJSON_AddBoolToObject(j, "separable", v->possible);
        if (v->possible) {
            cJSON_AddNumberToObject(j, "low", v->welch.interval.lo);
            cJSON_AddNumberToObject(j, "high", v->welch.interval.hi);
            cJSON_AddNumberToObject(j, "df", v->welch.df);
            cJSON_AddNumberToObject(j, "p", v->welch.p);
            cJSON_AddNumberToObject(j, "p_holm", v->holm);
        }
        cJSON_AddItemToArray(list, j);
    }
    return root;
}

cJSON *nn_compare_json(const struct nn_comparison *c, cJSON *says, cJSON *settings)
{
    cJSON *root = cJSON_CreateObject(), *list;

    cJSON_AddStringToObject(root, "on", c->who.origin);
    cJSON_AddNumberToObject(root, "faces", (double)c->who.faces);
    cJSON_AddNumberToObject(root, "leaked_left_out", (double)c->who.leaked);
    cJSON_AddNumberToObject(root, "resamples", c->resamples);
    cJSON_AddNumberToObject(root, "seed", (double)c->seed);
    cJSON_AddNumberToObject(root, "level", 1 - NN_COMPARE_ALPHA);
    list = cJSON_AddArrayToObject(root, "contenders");
    for (int k = 0; k < c->who.n; k++)
        cJSON_AddItemToArray(list, contender_json(c, k));
    cJSON_AddItemToObject(root, "settings", settings);
    list = cJSON_AddArrayToObject(root, "pairs");
    for (int i = 0; i < c->pairs; i++)
        cJSON_AddItemToArray(list, pair_json(c, &c->pair[i]));
    if (c->factor)
        cJSON_AddItemToObject(root, "factor", factor_json(c));
    cJSON_AddItemToObject(root, "says", says);
    return root;
}
