#include "trainer/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"

enum { MAX_HEADER = 1 << 24 };

static const struct { const char *name; size_t size; } types[] = {
    { "F32", 4 }, { "I64", 8 }, { "U8", 1 },
};

static const char *type_find(const char *name, size_t *size)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(types[i].name, name)) {
            *size = types[i].size;
            return types[i].name;
        }
    }
    return NULL;
}

static char *make_header(const struct nn_array *array, int count, const char *note)
{
    cJSON *root = cJSON_CreateObject();
    char *text;
    double at = 0;

    cJSON_AddStringToObject(cJSON_AddObjectToObject(root, "__metadata__"), "neonnoir", note);
    for (int i = 0; i < count; i++) {
        const struct nn_array *a = &array[i];
        cJSON *o = cJSON_AddObjectToObject(root, a->name), *shape, *span;
        cJSON_AddStringToObject(o, "dtype", a->type);
        shape = cJSON_AddArrayToObject(o, "shape");
        for (int d = 0; d < a->ndim; d++)
            cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)a->dim[d]));
        span = cJSON_AddArrayToObject(o, "data_offsets");
        cJSON_AddItemToArray(span, cJSON_CreateNumber(at));
        cJSON_AddItemToArray(span, cJSON_CreateNumber(at += (double)a->bytes));
    }
    text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

int nn_arrays_write(const char *path, const struct nn_array *array, int count, const char *note,
                    struct nn_err *err)
{
    char *header = make_header(array, count, note);
    struct nn_atomic a;
    uint8_t length[8];
    size_t n, pad;

    if (!header)
        return nn_fail_mem(err, path);
    if (nn_atomic_open(&a, path, err)) {
        cJSON_free(header);
        return -1;
    }
    n = strlen(header);
    pad = (8 - n % 8) % 8;          /* data starts aligned; the format pads by spaces */
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((n + pad) >> (8 * i));
    fwrite(length, 1, 8, a.f);
    fwrite(header, 1, n, a.f);
    fwrite("        ", 1, pad, a.f);
    for (int i = 0; i < count; i++)
        fwrite(array[i].data, 1, array[i].bytes, a.f);
    cJSON_free(header);
    return nn_atomic_commit(&a, err);       /* reports what any write above met */
}

/* One member of the header; `data` has `room` bytes. */
static int parse_array(const cJSON *m, const char *data, size_t room, struct nn_array *a)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(m, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(m, "shape");
    const cJSON *span = cJSON_GetObjectItemCaseSensitive(m, "data_offsets"), *d;
    const cJSON *from = cJSON_GetArrayItem(span, 0), *to = cJSON_GetArrayItem(span, 1);
    size_t size = 0, elements = 1;

    if (!cJSON_IsString(type) || !(a->type = type_find(type->valuestring, &size)) ||
        !cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > 8 || !cJSON_IsNumber(from) ||
        !cJSON_IsNumber(to) || !(from->valuedouble >= 0) ||
        !(to->valuedouble >= from->valuedouble) || !(to->valuedouble <= (double)room))
        return -1;
    cJSON_ArrayForEach(d, shape) {
        if (!cJSON_IsNumber(d) || !(d->valuedouble >= 0) || d->valuedouble > (double)room)
            return -1;
        a->dim[a->ndim] = (int64_t)d->valuedouble;
        if (a->dim[a->ndim] && elements > room / (size_t)a->dim[a->ndim])
            return -1;
        elements *= (size_t)a->dim[a->ndim++];
    }
    a->name = m->string;
    a->data = data + (size_t)from->valuedouble;
    a->bytes = (size_t)to->valuedouble - (size_t)from->valuedouble;
    return a->bytes == elements * size ? 0 : -1;
}

static int parse_header(cJSON *root, const char *data, size_t room, const char *name,
                        struct nn_arrays *out, struct nn_err *err)
{
    const cJSON *m;

    out->memory[0] = root;
    out->note = "";
    if (!cJSON_IsObject(root) ||
        !(out->array = calloc((size_t)cJSON_GetArraySize(root) + 1, sizeof *out->array)))
        return nn_fail(err, NN_EFORMAT, "%s: no safetensors header", name);
    cJSON_ArrayForEach(m, root) {
        if (!strcmp(m->string, "__metadata__")) {
            const cJSON *note = cJSON_GetObjectItemCaseSensitive(m, "neonnoir");
            if (cJSON_IsString(note))
                out->note = note->valuestring;
        } else if (parse_array(m, data, room, &out->array[out->count++])) {
            return nn_fail(err, NN_EFORMAT, "%s: tensor %.80s does not fit the file", name,
                           m->string);
        }
    }
    return 0;
}

int nn_arrays_parse(const void *bytes, size_t size, const char *name, struct nn_arrays *out,
                    struct nn_err *err)
{
    const uint8_t *p = bytes;
    uint64_t n = 0;
    cJSON *root;

    memset(out, 0, sizeof *out);
    if (size < 8)
        return nn_fail(err, NN_EFORMAT, "%s: too short for a safetensors file", name);
    for (int i = 0; i < 8; i++)
        n |= (uint64_t)p[i] << (8 * i);
    if (n > size - 8 || n > MAX_HEADER)
        return nn_fail(err, NN_EFORMAT, "%s: header of %llu bytes in a file of %zu", name,
                       (unsigned long long)n, size);
    if (!(root = cJSON_ParseWithLength((const char *)p + 8, (size_t)n)))
        return nn_fail(err, NN_EFORMAT, "%s: the safetensors header is not JSON", name);
    if (parse_header(root, (const char *)p + 8 + n, size - 8 - (size_t)n, name, out, err)) {
        nn_arrays_release(out);
        return -1;
    }
    return 0;
}

int nn_arrays_read(const char *path, struct nn_arrays *out, struct nn_err *err)
{
    size_t size;
    char *bytes = nn_file_read(path, (size_t)1 << 32, &size, err);

    memset(out, 0, sizeof *out);
    if (!bytes)
        return -1;
    if (nn_arrays_parse(bytes, size, path, out, err)) {
        free(bytes);
        return -1;
    }
    out->memory[1] = bytes;
    return 0;
}

void nn_arrays_release(struct nn_arrays *a)
{
    cJSON_Delete(a->memory[0]);
    free(a->memory[1]);
    free(a->array);
    memset(a, 0, sizeof *a);
}

const struct nn_array *nn_arrays_find(const struct nn_arrays *a, const char *name)
{
    for (int i = 0; i < a->count; i++)
        if (!strcmp(a->array[i].name, name))
            return &a->array[i];
    return NULL;
}
