/* run_report.c - what is printed when a film has been played. */
#include <stdio.h>

#include "runtime/session.h"

static void side_json(cJSON *row, const char *name, const struct nn_flashes *f)
{
    cJSON *side = cJSON_AddObjectToObject(row, name);

    cJSON_AddNumberToObject(side, "general", (double)f->general);
    cJSON_AddNumberToObject(side, "red", (double)f->red);
    cJSON_AddNumberToObject(side, "most_general", f->most_general);
    cJSON_AddNumberToObject(side, "most_red", f->most_red);
    cJSON_AddNumberToObject(side, "brightness", f->brightness);
}

void nn_flashes_json(const struct nn_player *p, cJSON *root)
{
    struct nn_limit_report r = nn_limit_report(p->limit);
    cJSON *row = cJSON_AddObjectToObject(root, "flashes");

    cJSON_AddBoolToObject(row, "limited", !p->flash_free);
    cJSON_AddNumberToObject(row, "held_frames", (double)r.held);
    side_json(row, "before", &r.before);
    side_json(row, "after", &r.after);
}

static void print_side(const char *name, const struct nn_flashes *f)
{
    printf("  flashes %s %lld (%d in a second at most), red %lld (%d), brightness %.3f\n", name,
           (long long)f->general, f->most_general, (long long)f->red, f->most_red, f->brightness);
}

void nn_flashes_print(const struct nn_player *p)
{
    struct nn_limit_report r = nn_limit_report(p->limit);

    print_side(p->flash_free ? "not limited:" : "made:", &r.before);
    if (r.held)
        print_side("shown:", &r.after);
}

static int report_json(const struct nn_session *s, struct nn_err *err)
{
    const struct nn_history *h = &s->player.history;
    cJSON *root = cJSON_CreateObject(), *stages, *shots;
    float mean;

    cJSON_AddStringToObject(root, "input", s->o->input);
    cJSON_AddStringToObject(root, "output", s->o->output.value[0]);
    cJSON_AddStringToObject(root, "patch", s->player.patch->name);
    cJSON_AddNumberToObject(root, "frames", (double)h->count);
    cJSON_AddNumberToObject(root, "seconds", s->wall);
    cJSON_AddNumberToObject(root, "fps", (double)h->count / s->wall);
    if (s->replay) {
        cJSON_AddNumberToObject(root, "same", (double)s->same);
        cJSON_AddNumberToObject(root, "different", (double)s->different);
        cJSON_AddBoolToObject(root, "cut", s->replay->cut);
    }
    stages = cJSON_AddObjectToObject(root, "stages");
    for (int i = 0; i < NN_STAGES; i++) {
        cJSON *row = cJSON_AddObjectToObject(stages, nn_stage_name[i]);
        cJSON_AddNumberToObject(row, "median_ms", nn_history_ms(h, (enum nn_stage)i, 0.5));
        cJSON_AddNumberToObject(row, "p99_ms", nn_history_ms(h, (enum nn_stage)i, 0.99));
    }
    nn_flashes_json(&s->player, root);
    shots = cJSON_AddArrayToObject(root, "shots");
    for (int i = 0; i < s->shots; i++) {
        int e = nn_history_mood(h, s->shot[i].start, s->shot[i].end, &mean);
        cJSON *row = cJSON_CreateObject();
        cJSON_AddNumberToObject(row, "start", (double)s->shot[i].start);
        cJSON_AddNumberToObject(row, "end", (double)s->shot[i].end);
        if (e < 0)
            cJSON_AddNullToObject(row, "emotion");
        else
            cJSON_AddStringToObject(row, "emotion", nn_emotions[e].name);
        cJSON_AddNumberToObject(row, "mean", (double)mean);
        cJSON_AddItemToArray(shots, row);
    }
    return nn_json_print(root, err);
}

int nn_session_report(const struct nn_session *s, struct nn_err *err)
{
    const struct nn_history *h = &s->player.history;
    float mean;

    if (nn_run_takes_stdout(s->o))
        return 0;
    if (s->o->json)
        return report_json(s, err);
    printf("%s: %lld frames, %.1f frames/s, patch %s\n", s->o->output.value[0], (long long)h->count,
           (double)h->count / s->wall, s->player.patch->name);
    if (s->replay)
        printf("  %lld frames the same to the bit as in the show, %lld not\n", (long long)s->same,
               (long long)s->different);
    printf("  ms a frame    median     p99\n");
    for (int i = 0; i < NN_STAGES; i++)
        printf("  %-12s %7.2f %7.2f\n", nn_stage_name[i], nn_history_ms(h, (enum nn_stage)i, 0.5),
               nn_history_ms(h, (enum nn_stage)i, 0.99));
    nn_flashes_print(&s->player);
    for (int i = 0; i < s->shots; i++) {
        int e = nn_history_mood(h, s->shot[i].start, s->shot[i].end, &mean);
        printf("  shot %-3d frames %lld to %lld: ", i + 1, (long long)s->shot[i].start,
               (long long)s->shot[i].end - 1);
        if (e < 0)
            puts("nobody's face");
        else
            printf("%s (%.0f %%)\n", nn_emotions[e].name, (double)mean * 100);
    }
    return 0;
}
