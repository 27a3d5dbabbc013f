/* live_report.c - what is printed when a live show is over. */
#include <stdio.h>

#include "runtime/live.h"

static int report_json(const struct nn_show *show, struct nn_err *err)
{
    const struct nn_session *s = show->s;
    const struct nn_player *p = &s->player;
    cJSON *root = cJSON_CreateObject(), *row;

    cJSON_AddStringToObject(root, "input", s->o->input);
    cJSON_AddStringToObject(root, "output", s->o->output.value[0]);
    cJSON_AddStringToObject(root, "patch", p->patch->name);
    cJSON_AddNumberToObject(root, "frames", (double)p->frames);
    cJSON_AddNumberToObject(root, "captured", (double)atomic_load(&show->captured));
    cJSON_AddNumberToObject(root, "missed", (double)p->vitals.missed);
    cJSON_AddNumberToObject(root, "analysed", (double)p->vitals.looks);
    cJSON_AddNumberToObject(root, "seconds", s->wall);
    cJSON_AddNumberToObject(root, "fps", (double)p->frames / s->wall);
    cJSON_AddNumberToObject(root, "budget_ms", show->load.budget);
    cJSON_AddNumberToObject(root, "longest_pause_ms", show->longest);
    cJSON_AddNumberToObject(root, "worst_level", show->load.worst);
    row = cJSON_AddObjectToObject(root, "latency");
    cJSON_AddNumberToObject(row, "median_ms", nn_times_at(&show->latency, 0.5));
    cJSON_AddNumberToObject(row, "p99_ms", nn_times_at(&show->latency, 0.99));
    cJSON_AddNumberToObject(row, "max_ms", show->latency.max);
    row = cJSON_AddObjectToObject(root, "stages");
    for (int i = 0; i < NN_STAGES; i++) {
        cJSON *stage = cJSON_AddObjectToObject(row, nn_stage_name[i]);
        cJSON_AddNumberToObject(stage, "median_ms", nn_times_at(&show->stage[i], 0.5));
        cJSON_AddNumberToObject(stage, "p99_ms", nn_times_at(&show->stage[i], 0.99));
    }
    nn_flashes_json(p, root);
    return nn_json_print(root, err);
}

int nn_show_report(const struct nn_show *show, struct nn_err *err)
{
    const struct nn_session *s = show->s;
    const struct nn_player *p = &s->player;

    if (nn_run_takes_stdout(s->o))
        return 0;
    if (s->o->json)
        return report_json(show, err);
    printf("%s: %lld frames live, %.1f frames/s, %lld missed, %lld analysed, patch %s\n",
           s->o->output.value[0], (long long)p->frames, (double)p->frames / s->wall,
           (long long)p->vitals.missed, (long long)p->vitals.looks, p->patch->name);
    printf("  ms a frame    median     p99\n");
    for (int i = 0; i < NN_STAGES; i++)
        printf("  %-12s %7.2f %7.2f\n", nn_stage_name[i], nn_times_at(&show->stage[i], 0.5),
               nn_times_at(&show->stage[i], 0.99));
    printf("  %-12s %7.2f %7.2f   camera to output, of a budget of %.0f\n", "latency",
           nn_times_at(&show->latency, 0.5), nn_times_at(&show->latency, 0.99),
           show->load.budget);
    nn_flashes_print(p);
    return 0;
}
