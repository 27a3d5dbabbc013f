#include "common/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"

cJSON *nn_json_read(const char *path, struct nn_err *err)
{
    size_t size;
    char *text = nn_file_read(path, 16 << 20, &size, err);
    const char *end = NULL;
    cJSON *root;

    if (!text)
        return NULL;
    if (!(root = cJSON_ParseWithLengthOpts(text, size + 1, &end, 1))) {
        int line = 1;
        for (const char *p = text; end && p < end && *p; p++)
            line += *p == '\n';
        nn_fail(err, NN_EFORMAT, "%s:%d: not valid JSON near \"%.20s\"", path, line,
                end ? end : "");
    }
    free(text);
    return root;
}

int nn_json_print(cJSON *root, struct nn_err *err)
{
    char *text = root ? cJSON_Print(root) : NULL;
    int bad = !text || fputs(text, stdout) < 0 || fputc('\n', stdout) < 0 || fflush(stdout);

    cJSON_free(text);
    cJSON_Delete(root);
    return bad ? nn_fail_errno(err, "cannot write JSON to stdout") : 0;
}

static const cJSON *member(const cJSON *obj, const char *path, const char *name, int need, int *ret,
                           struct nn_err *err)
{
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(obj, name);

    *ret = 0;
    if (!m && need)
        *ret = nn_fail(err, NN_EFORMAT, "%s%s%s is missing", path, *path ? "." : "", name);
    return m;
}

int nn_json_number(const cJSON *obj, const char *path, const char *name, int need, double *out,
                   struct nn_err *err)
{
    int ret;
    const cJSON *m = member(obj, path, name, need, &ret, err);

    if (!m)
        return ret;
    if (!cJSON_IsNumber(m))
        return nn_fail(err, NN_EFORMAT, "%s%s%s is not a number", path, *path ? "." : "", name);
    *out = m->valuedouble;
    return 0;
}

int nn_json_text(const cJSON *obj, const char *path, const char *name, int need, const char **out,
                 struct nn_err *err)
{
    int ret;
    const cJSON *m = member(obj, path, name, need, &ret, err);

    if (!m)
        return ret;
    if (!cJSON_IsString(m))
        return nn_fail(err, NN_EFORMAT, "%s%s%s is not a string", path, *path ? "." : "", name);
    *out = m->valuestring;
    return 0;
}

const char *nn_json_unknown(const cJSON *obj, const char *const *known)
{
    for (const cJSON *m = obj ? obj->child : NULL; m; m = m->next) {
        const char *const *k = known;
        while (*k && strcmp(*k, m->string))
            k++;
        if (!*k)
            return m->string;
    }
    return NULL;
}
