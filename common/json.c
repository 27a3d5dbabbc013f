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

static int emit(cJSON *root, FILE *f)
{
    char *text = root ? cJSON_Print(root) : NULL;
    int bad = !text || fputs(text, f) < 0 || fputc('\n', f) < 0;

    cJSON_free(text);
    cJSON_Delete(root);
    return bad;
}

int nn_json_print(cJSON *root, struct nn_err *err)
{
    if (emit(root, stdout) || fflush(stdout))
        return nn_fail_errno(err, "cannot write JSON to stdout");
    return 0;
}

int nn_json_write(cJSON *root, const char *path, struct nn_err *err)
{
    struct nn_atomic a;

    if (nn_atomic_open(&a, path, err)) {
        cJSON_Delete(root);
        return -1;
    }
    if (emit(root, a.f)) {
        nn_fail_errno(err, "cannot write %s", path);
        nn_atomic_abort(&a);
        return -1;
    }
    return nn_atomic_commit(&a, err);
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
