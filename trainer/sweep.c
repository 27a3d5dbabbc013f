#include "trainer/sweep.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "common/rng.h"

static int check_range(const cJSON *v, const char *path, struct nn_err *err)
{
    static const char *const known[] = { "min", "max", "log", NULL };
    const cJSON *logs = cJSON_GetObjectItemCaseSensitive(v, "log");
    const char *odd = nn_json_unknown(v, known);
    double min = 0, max = 0;

    if (odd)
        return nn_fail(err, NN_EFORMAT, "%s: a range has \"min\", \"max\" and \"log\"; %s.%.40s is "
                       "none of them", path, v->string, odd);
    if (nn_json_number(v, v->string, "min", 1, &min, err) ||
        nn_json_number(v, v->string, "max", 1, &max, err))
        return nn_fail_in(err, "%s", path);
    if (!(min < max) || !isfinite(min) || !isfinite(max) || (logs && !cJSON_IsBool(logs)) ||
        (cJSON_IsTrue(logs) && !(min > 0)))
        return nn_fail(err, NN_EFORMAT, "%s: %s wants a min below its max, and above 0 with "
                       "\"log\": true", path, v->string);
    return 0;
}

int nn_sweep_read(struct nn_sweep *s, const char *path, struct nn_err *err)
{
    int ranges = 0;

    s->path = path;
    if (!(s->recipe = nn_json_read(path, err)))
        return -1;
    if (!cJSON_IsObject(s->recipe))
        return nn_fail(err, NN_EFORMAT, "%s is no JSON object", path);
    for (const cJSON *v = s->recipe->child; v; v = v->next) {
        if (cJSON_IsArray(v) && !cJSON_GetArraySize(v))
            return nn_fail(err, NN_EFORMAT, "%s: %s is an empty list", path, v->string);
        if (cJSON_IsObject(v) && check_range(v, path, err))
            return -1;
        if (!strcmp(v->string, "epochs") && !cJSON_IsNumber(v))
            return nn_fail(err, NN_EFORMAT, "%s: epochs is one number: how long the last are "
                           "trained", path);
        ranges += cJSON_IsArray(v) || cJSON_IsObject(v);
    }
    if (!ranges)
        return nn_fail(err, NN_EFORMAT, "%s: no setting has a list or a range to draw from, like "
                       "\"rate\": { \"min\": 0.003, \"max\": 0.3, \"log\": true }", path);
    return 0;
}

void nn_sweep_release(struct nn_sweep *s)
{
    cJSON_Delete(s->recipe);
    s->recipe = NULL;
}

static double draw_number(const cJSON *range, struct nn_rng *rng)
{
    double min = cJSON_GetObjectItemCaseSensitive(range, "min")->valuedouble;
    double max = cJSON_GetObjectItemCaseSensitive(range, "max")->valuedouble;
    double u = ldexp((double)(nn_rng_u64(rng) >> 11), -53), v;
    char text[32];

    if (nn_settings_whole(range->string)) {     /* its ends as likely as what is between them */
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(range, "log")))
            v = exp(log(min) + u * (log(max + 1) - log(min)));
        else
            v = min + u * (max - min + 1);
        return fmin(max, floor(v));
    }
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(range, "log")))
        v = exp(log(min) + u * (log(max) - log(min)));
    else
        v = min + u * (max - min);
    snprintf(text, sizeof text, "%.3g", v);     /* what a person would write down */
    sscanf(text, "%lf", &v);
    return fmin(max, fmax(min, v));
}

static void note(char drawn[300], const cJSON *v)
{
    size_t n = strlen(drawn);
    const char *comma = n ? ", " : "";

    if (cJSON_IsString(v))
        snprintf(drawn + n, 300 - n, "%s%s %s", comma, v->string, v->valuestring);
    else
        snprintf(drawn + n, 300 - n, "%s%s %.4g", comma, v->string, v->valuedouble);
}

/* `v` or what is drawn for it, by the same name, into `to`. */
static int draw_one(const cJSON *v, cJSON *to, struct nn_rng *rng, char drawn[300],
                    struct nn_err *err)
{
    int choice = cJSON_IsArray(v) || cJSON_IsObject(v);
    cJSON *got;

    if (cJSON_IsArray(v))
        got = cJSON_Duplicate(cJSON_GetArrayItem(v, (int)nn_rng_below(rng,
                              (uint32_t)cJSON_GetArraySize(v))), 1);
    else
        got = choice ? cJSON_CreateNumber(draw_number(v, rng)) : cJSON_Duplicate(v, 1);
    if (!got)
        return nn_fail_mem(err, "recipe");
    if (!cJSON_AddItemToObject(to, v->string, got)) {
        cJSON_Delete(got);
        return nn_fail_mem(err, "recipe");
    }
    if (choice)
        note(drawn, got);
    return 0;
}

int nn_sweep_draw(const struct nn_sweep *s, uint64_t seed, int i, struct nn_settings *out,
                  char drawn[300], struct nn_err *err)
{
    cJSON *root = cJSON_CreateObject();
    struct nn_rng rng;
    char *text = NULL;
    int ret = root ? 0 : nn_fail_mem(err, "recipe");

    *drawn = 0;
    *out = nn_settings_default;
    nn_rng_seed(&rng, seed, (uint64_t)i);
    for (const cJSON *v = s->recipe->child; v && !ret; v = v->next)
        ret = draw_one(v, root, &rng, drawn, err);
    if (!ret && !(text = cJSON_Print(root)))
        ret = nn_fail_mem(err, "recipe");
    if (!ret)
        ret = nn_settings_from_json(out, text, s->path, err);
    cJSON_free(text);
    cJSON_Delete(root);
    return ret;
}

int nn_sweep_rungs(int n, int eta, int64_t epochs, struct nn_rung out[NN_SWEEP_RUNGS])
{
    int rungs = 0;

    for (int left = n; left >= 1 && rungs < NN_SWEEP_RUNGS; left /= eta)
        out[rungs++].candidates = left;
    for (int k = rungs - 1; k >= 0; k--) {
        out[k].epochs = epochs;
        epochs = (epochs + eta / 2) / eta;
        epochs = epochs > 1 ? epochs : 1;
    }
    return rungs;
}
