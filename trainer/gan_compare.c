#include "trainer/gan_compare.h"

#include <stdio.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"

static const struct { const char *key, *title; int places; } figures[] = {
    { "real", "real", 0 }, { "generated", "generated", 0 }, { "fid", "FID", 2 },
    { "precision", "precision", 3 }, { "recall", "recall", 3 }, { "diversity", "diversity", 2 },
    { "copied", "copied", 3 }, { "path_length", "path", 1 },
};

int nn_gan_compare_wanted(struct nn_catalog *cat, char *const *name, int n, struct nn_err *err)
{
    struct nn_run r;
    size_t size;

    for (int i = 0; i < n; i++) {
        if ((size = strlen(name[i])) > 5 && !strcmp(name[i] + size - 5, ".onnx"))
            return 0;
        if (nn_run_find(cat, name[i], &r, err))
            return -1;
        if (strcmp(r.task, "gan"))
            return 0;
    }
    return n > 1;
}

static cJSON *read_one(struct nn_catalog *cat, const char *word, struct nn_err *err)
{
    struct nn_run r;
    char path[NN_PATH];
    cJSON *j;

    if (nn_run_find(cat, word, &r, err) ||
        nn_run_path(cat, r.name, "judged/judge.json", path, err))
        return NULL;
    if (!nn_exists(path)) {
        nn_fail(err, NN_ENOTFOUND, "%s was not judged yet: `neonnoir train judge %s`", r.name,
                r.name);
        return NULL;
    }
    if ((j = nn_json_read(path, err)))
        cJSON_AddStringToObject(j, "run", r.name);
    return j;
}

static double number(const cJSON *j, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);

    return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

static int differs(const cJSON *list, const char *key)
{
    const cJSON *one, *first = cJSON_GetObjectItemCaseSensitive(list->child, key);

    cJSON_ArrayForEach(one, list)
        if (!cJSON_Compare(first, cJSON_GetObjectItemCaseSensitive(one, key), 1))
            return 1;
    return 0;
}

static void print(const cJSON *list)
{
    const cJSON *one;

    printf("%-16s", "run");
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        printf(" %9s", figures[f].title);
    printf("  %s\n", "KID (95 %)");
    cJSON_ArrayForEach(one, list) {
        const cJSON *kid = cJSON_GetObjectItemCaseSensitive(one, "kid");
        printf("%-16s", cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "run")));
        for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
            printf(" %9.*f", figures[f].places, number(one, figures[f].key));
        printf("  %.4f (%.4f to %.4f)\n", number(kid, "value"), number(kid, "low"),
               number(kid, "high"));
    }
    if (differs(list, "eyes"))
        printf("These were seen by different eyes: no figure compares with another one's.\n");
    if (differs(list, "real") || differs(list, "generated"))
        printf("The numbers of pictures differ: FID and copied depend on them, KID does not.\n");
    if (differs(list, "on") || differs(list, "size"))
        printf("They were judged beside different pictures, or at different sizes.\n");
}

int nn_gan_compare(struct nn_catalog *cat, char *const *name, int n, int json, struct nn_err *err)
{
    cJSON *list = cJSON_CreateArray(), *one;
    int ret = 0;

    for (int i = 0; i < n && !ret; i++) {
        if ((one = read_one(cat, name[i], err)))
            cJSON_AddItemToArray(list, one);
        else
            ret = -1;
    }
    if (!ret && json)
        return nn_json_print(list, err);
    if (!ret)
        print(list);
    cJSON_Delete(list);
    return ret;
}
