/*
 * json.h - cJSON with our errors: files with line numbers, and typed members
 * whose messages name the JSON path ("effects[2].params.amount").
 */
#ifndef NN_COMMON_JSON_H
#define NN_COMMON_JSON_H

#include <cjson/cJSON.h>

#include "common/err.h"

/* Parses a file of at most 16 MiB. Errors name the line. Free with cJSON_Delete(). */
cJSON *nn_json_read(const char *path, struct nn_err *err);

/* Prints to stdout, indented, with a newline, and deletes `root`. Returns 0,
 * or -1 when it cannot be written or `root` is NULL (out of memory). */
int nn_json_print(cJSON *root, struct nn_err *err);

/*
 * Members of `obj`. `path` is where obj stands ("" at the top) and only serves
 * the message. A missing member leaves `*out` as it was and returns 0 when
 * `need` is 0; wrong types are always errors (NN_EFORMAT).
 */
int nn_json_number(const cJSON *obj, const char *path, const char *name, int need, double *out,
                   struct nn_err *err);
int nn_json_text(const cJSON *obj, const char *path, const char *name, int need, const char **out,
                 struct nn_err *err);

/* First member of `obj` that is not in the NULL-ended list `known`, or NULL:
 * typing errors in hand-written files are found with it. */
const char *nn_json_unknown(const cJSON *obj, const char *const *known);

#endif
