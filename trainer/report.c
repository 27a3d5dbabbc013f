#include "trainer/report.h"

#include <string.h>

#include "common/fs.h"
#include "common/json.h"

const char *nn_report_title(const struct nn_report *r, char *buf, size_t size)
{
    const char *slash = strrchr(r->model, '/');
    const char *of = strrchr(r->origin, '/');

    snprintf(buf, size, "%.60s on %.120s%s%s", slash ? slash + 1 : r->model,
             of && of[1] && of[1] != ',' ? of + 1 : r->origin, r->tta ? ", views: " : "",
             r->tta ? r->tta : "");
    return buf;
}

cJSON *nn_report_json(const struct nn_report *r)
{
    cJSON *j = nn_figures_json(&r->all);
    enum nn_tta tta;

    nn_tta_find(r->tta, &tta, NULL);
    cJSON_AddStringToObject(j, "model", r->model);
    cJSON_AddStringToObject(j, "on", r->origin);
    cJSON_AddNumberToObject(j, "skipped", (double)r->skipped);
    cJSON_AddStringToObject(j, "tta", r->tta ? r->tta : "none");
    cJSON_AddNumberToObject(j, "views", nn_tta_views(tta));
    cJSON_AddNumberToObject(j, "stored_temperature", r->stored);
    cJSON_AddItemToObject(j, "without_leaked", nn_figures_json(&r->clean));
    return j;
}

int nn_report_check(const char *dir, struct nn_err *err)
{
    struct nn_atomic a;
    char path[NN_PATH];

    if (nn_mkdirs(dir, err) || nn_path(path, err, "%s/card.md", dir) ||
        nn_atomic_open(&a, path, err))
        return -1;
    nn_atomic_abort(&a);
    return 0;
}

static int write_json(const struct nn_report *r, const char *path, struct nn_err *err)
{
    cJSON *json = nn_report_json(r);
    char *text = json ? cJSON_Print(json) : NULL;
    int ret = text ? nn_file_write(path, text, strlen(text), err) : nn_fail_mem(err, "figures");

    cJSON_free(text);
    cJSON_Delete(json);
    return ret;
}

static int draw_confusion(const struct nn_report *r, const char *path, struct nn_err *err)
{
    char title[200];

    return nn_confusion_draw(&r->all.confusion, nn_report_title(r, title, sizeof title), path, err);
}

int nn_report_write(const struct nn_report *r, const char *dir, struct nn_err *err)
{
    static const struct {
        const char *name;
        int (*write)(const struct nn_report *, const char *, struct nn_err *);
    } parts[] = {
        { "confusion.png", draw_confusion }, { "reliability.png", nn_report_reliability },
        { "coverage.png", nn_report_coverage }, { "mistakes.png", nn_report_mistakes },
        { "eval.json", write_json }, { "card.md", nn_report_card },
    };
    char path[NN_PATH];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (nn_path(path, err, "%s/%s", dir, parts[i].name) || parts[i].write(r, path, err))
            return -1;
    return 0;
}
