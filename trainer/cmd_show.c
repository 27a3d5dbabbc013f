/* neonnoir train ls, neonnoir train show */
#include <stdio.h>

#include "common/json.h"
#include "trainer/charts.h"
#include "trainer/cmds.h"

static struct {
    int json;
} o;

const struct nn_opt nn_train_ls_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};
const struct nn_opt nn_train_show_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* What the list's callback is handed. */
struct list {
    struct nn_catalog *cat;
    cJSON *array;               /* NULL: for people */
    struct nn_err *err;
};

static int label_json(void *arg, const char *key, const char *value)
{
    cJSON_AddStringToObject(arg, key, value);
    return 0;
}

/* NULL and `err` when the labels cannot be read. */
static cJSON *run_json(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddStringToObject(j, "name", r->name);
    cJSON_AddStringToObject(j, "task", r->task);
    cJSON_AddStringToObject(j, "state", r->state);
    cJSON_AddStringToObject(j, "created", r->created);
    cJSON_AddNumberToObject(j, "epoch", (double)r->epoch);
    cJSON_AddNumberToObject(j, "epochs", (double)r->epochs);
    cJSON_AddNumberToObject(j, "best_accuracy", r->best_metric);
    cJSON_AddNumberToObject(j, "snapshot", (double)r->snapshot);
    if (nn_run_label_each(cat, r->id, label_json, cJSON_AddObjectToObject(j, "labels"), err)) {
        cJSON_Delete(j);
        return NULL;
    }
    return j;
}

static int label_text(void *arg, const char *key, const char *value)
{
    printf("%s%s=%s", *(int *)arg ? ", " : "  ", key, value);
    *(int *)arg = 1;
    return 0;
}

static int run_text(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err)
{
    int labels = 0, ret;

    printf("%-20s %-9s %4lld/%-4lld  %6.2f %%  %s", r->name, r->state, (long long)r->epoch,
           (long long)r->epochs, 100 * r->best_metric, r->created);
    ret = nn_run_label_each(cat, r->id, label_text, &labels, err);
    printf("\n");
    return ret;
}

static int list_run(void *arg, const struct nn_run *r)
{
    struct list *l = arg;
    cJSON *j;

    if (!l->array)
        return run_text(l->cat, r, l->err);
    if (!(j = run_json(l->cat, r, l->err)))
        return -1;
    cJSON_AddItemToArray(l->array, j);
    return 0;
}

int nn_train_ls(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err);
    struct list list = { cat, o.json ? cJSON_CreateArray() : NULL, err };
    int ret = -1;

    (void)argc;
    (void)argv;
    if (cat && !o.json)
        printf("%-20s %-9s %9s  %8s  %-20s  %s\n", "run", "state", "epochs", "best", "created",
               "labels");
    if (cat && !nn_run_each(cat, list_run, &list, err)) {
        ret = o.json ? nn_json_print(list.array, err) : 0;
        list.array = NULL;
    }
    cJSON_Delete(list.array);
    nn_catalog_close(cat);
    return ret;
}

static int metric_json(void *arg, const struct nn_metric *m)
{
    cJSON *j = cJSON_CreateObject();

    cJSON_AddNumberToObject(j, "epoch", (double)m->epoch);
    cJSON_AddStringToObject(j, "split", m->split);
    cJSON_AddStringToObject(j, "metric", m->name);
    cJSON_AddNumberToObject(j, "value", m->value);
    cJSON_AddItemToArray(arg, j);
    return 0;
}

static int show_json(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err)
{
    cJSON *j = run_json(cat, r, err);

    if (!j)
        return -1;
    cJSON_AddItemToObject(j, "settings", cJSON_Parse(r->settings));
    if (nn_run_metric_each(cat, r->id, metric_json, cJSON_AddArrayToObject(j, "metrics"), err)) {
        cJSON_Delete(j);
        return -1;
    }
    return nn_json_print(j, err);
}

static int metric_row(void *arg, const struct nn_metric *m)
{
    (void)arg;
    printf("  %5lld  %-6s %-10s %.4f\n", (long long)m->epoch, m->split, m->name, m->value);
    return 0;
}

static int show_text(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err)
{
    static const char *const files[] = { "best.onnx", "loss.png", "confusion.png", "metrics.csv" };
    char path[NN_PATH];

    if (run_text(cat, r, err))
        return -1;
    printf("settings %s\n", r->settings);
    if (nn_run_metric_each(cat, r->id, metric_row, NULL, err) ||
        (r->epoch && nn_chart_run(cat, r, err)))
        return -1;
    for (int i = 0; i < 4; i++)
        if (!nn_run_path(cat, r->name, files[i], path, err) && nn_exists(path))
            printf("%s\n", path);
    return 0;
}

int nn_train_show(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err);
    struct nn_run run;
    int ret = -1;

    (void)argc;
    if (cat && !nn_run_find(cat, argv[0], &run, err))
        ret = o.json ? show_json(cat, &run, err) : show_text(cat, &run, err);
    nn_catalog_close(cat);
    return ret;
}
