/* run_list.c - which effects, signals and functions there are, for people and as JSON. */
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "runtime/session.h"

int nn_run_list_effects(int json, struct nn_err *err)
{
    static const char *const touch[] = { "point", "warp", "area", "sprite" };

    if (json) {
        cJSON *all = cJSON_CreateArray();
        for (int i = 0; nn_effects[i]; i++) {
            cJSON *fx = cJSON_CreateObject(), *params = cJSON_AddArrayToObject(fx, "params");
            cJSON_AddStringToObject(fx, "effect", nn_effects[i]->name);
            cJSON_AddStringToObject(fx, "brief", nn_effects[i]->brief);
            cJSON_AddStringToObject(fx, "touch", touch[nn_effects[i]->touch]);
            for (int k = 0; k < nn_effect_params(nn_effects[i]); k++) {
                const struct nn_param *p = &nn_effects[i]->param[k];
                cJSON *row = cJSON_CreateObject();
                cJSON_AddStringToObject(row, "param", p->name);
                cJSON_AddNumberToObject(row, "min", (double)p->min);
                cJSON_AddNumberToObject(row, "max", (double)p->max);
                cJSON_AddNumberToObject(row, "preset", (double)p->preset);
                cJSON_AddStringToObject(row, "brief", p->brief);
                cJSON_AddItemToArray(params, row);
            }
            cJSON_AddItemToArray(all, fx);
        }
        return nn_json_print(all, err);
    }
    for (int i = 0; nn_effects[i]; i++) {
        printf("%s (%s) - %s\n", nn_effects[i]->name, touch[nn_effects[i]->touch],
               nn_effects[i]->brief);
        for (int k = 0; k < nn_effect_params(nn_effects[i]); k++) {
            const struct nn_param *p = &nn_effects[i]->param[k];
            printf("  %-10s %5g to %-4g [%g]  %s\n", p->name, (double)p->min, (double)p->max,
                   (double)p->preset, p->brief);
        }
    }
    return 0;
}

static void print_signal(const struct nn_signal_info *info, const char *is, cJSON *all)
{
    cJSON *row;

    if (!all) {
        printf("%-14s %2g to %-6g %-8s %s\n", info->name, (double)info->min, (double)info->max,
               info->unit, info->brief);
        return;
    }
    row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "signal", info->name);
    cJSON_AddStringToObject(row, "unit", info->unit);
    cJSON_AddNumberToObject(row, "min", (double)info->min);
    cJSON_AddNumberToObject(row, "max", (double)info->max);
    cJSON_AddStringToObject(row, "brief", info->brief);
    if (is)
        cJSON_AddStringToObject(row, "is", is);
    cJSON_AddItemToArray(all, row);
}

int nn_run_list_signals(const char *word, int json, struct nn_err *err)
{
    struct nn_patch *p = word ? nn_patch_load(word, err) : NULL;
    cJSON *all = json ? cJSON_CreateArray() : NULL;

    if (word && !p)
        return cJSON_Delete(all), -1;
    for (int s = 0; s < NN_SIGNALS + (p ? p->owns : 0); s++) {
        const struct nn_own *own = s < NN_SIGNALS ? NULL : &p->own[s - NN_SIGNALS];
        print_signal(nn_patch_signal(p, s), own && own->expr ? own->expr->text : NULL, all);
    }
    nn_patch_free(p);
    return all ? nn_json_print(all, err) : 0;
}

int nn_run_list_functions(int json, struct nn_err *err)
{
    cJSON *all = json ? cJSON_CreateArray() : NULL, *row;

    for (const struct nn_expr_func *f = nn_expr_funcs; f->name; f++) {
        if (!strcmp(f->name, "neg"))            /* is written as a minus */
            continue;
        if (all) {
            row = cJSON_CreateObject();
            cJSON_AddStringToObject(row, "function", f->name);
            cJSON_AddStringToObject(row, "arguments", f->args);
            cJSON_AddStringToObject(row, "brief", f->brief);
            cJSON_AddItemToArray(all, row);
        } else if (f->name[1]) {
            printf("%s(%s)  %s\n", f->name, f->args, f->brief);
        } else {
            printf("a %s b  %s\n", f->name, f->brief);
        }
    }
    return all ? nn_json_print(all, err) : 0;
}
