#include "trainer/members.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"

cJSON *nn_members_to_json(const struct nn_member *m, int n, const void *from)
{
    cJSON *root = cJSON_CreateObject();

    for (int i = 0; i < n; i++) {
        const char *p = (const char *)from + m[i].at;
        double v = m[i].whole ? (double)*(const int64_t *)(const void *)p
                              : *(const double *)(const void *)p;
        if (m[i].names)
            cJSON_AddStringToObject(root, m[i].name, m[i].names[(int)v]);
        else
            cJSON_AddNumberToObject(root, m[i].name, v);
    }
    return root;
}

static int put(const struct nn_member *m, void *to, const cJSON *value, const char *where,
               struct nn_err *err)
{
    char *p = (char *)to + m->at;
    double v = value->valuedouble;
    int k = 0;

    if (m->names) {
        while (m->names[k] && (!cJSON_IsString(value) || strcmp(m->names[k], value->valuestring)))
            k++;
        if (!m->names[k])
            return nn_fail(err, NN_EFORMAT, "%s: %s is none of its names (%s, %s, ...)", where,
                           m->name, m->names[0], m->names[1]);
        v = k;
    } else if (!cJSON_IsNumber(value) || !(v >= m->min && v <= m->max) ||
               (m->whole && v != floor(v))) {
        return nn_fail(err, NN_EFORMAT, "%s: %s is no %s from %g to %g", where, m->name,
                       m->whole ? "whole number" : "number", m->min, m->max);
    }
    if (m->whole)
        *(int64_t *)(void *)p = (int64_t)v;
    else
        *(double *)(void *)p = v;
    return 0;
}

int nn_members_from_json(const struct nn_member *m, int n, void *to, size_t size,
                         const char *text, const char *where, struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    void *copy = malloc(size);
    int ret = 0;

    if (!copy)
        ret = nn_fail_mem(err, "settings");
    else if (!cJSON_IsObject(root))
        ret = nn_fail(err, NN_EFORMAT, "%s is no JSON object", where);
    else
        memcpy(copy, to, size);
    for (const cJSON *v = ret ? NULL : root->child; v && !ret; v = v->next) {
        int i = 0;
        while (i < n && strcmp(m[i].name, v->string))
            i++;
        if (i < n)
            ret = put(&m[i], copy, v, where, err);
        else if (strcmp(v->string, "about"))
            ret = nn_fail(err, NN_EFORMAT, "%s: no setting is called \"%.60s\"", where, v->string);
    }
    if (!ret)
        memcpy(to, copy, size);
    cJSON_Delete(root);
    free(copy);
    return ret;
}

int nn_members_read(const struct nn_member *m, int n, void *to, size_t size, const char *path,
                    struct nn_err *err)
{
    size_t length;
    char *text = nn_file_read(path, 1 << 16, &length, err);
    int ret = text ? nn_members_from_json(m, n, to, size, text, path, err) : -1;

    free(text);
    return ret;
}
