/* run_list.c - which effects and signals there are, for people and as JSON. */
#include <stdio.h>

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

int nn_run_list_signals(int json, struct nn_err *err)
{
    cJSON *all = json ? cJSON_CreateArray() : NULL;

    for (int s = 0; s < NN_SIGNALS; s++) {
        const struct nn_signal_info *info = nn_signal_info(s);
        if (all) {
            cJSON *row = cJSON_CreateObject();
            cJSON_AddStringToObject(row, "signal", info->name);
            cJSON_AddStringToObject(row, "unit", info->unit);
            cJSON_AddNumberToObject(row, "min", (double)info->min);
            cJSON_AddNumberToObject(row, "max", (double)info->max);
            cJSON_AddStringToObject(row, "brief", info->brief);
            cJSON_AddItemToArray(all, row);
        } else {
            printf("%-14s %2g to %-6g %-8s %s\n", info->name, (double)info->min,
                   (double)info->max, info->unit, info->brief);
        }
    }
    return all ? nn_json_print(all, err) : 0;
}
