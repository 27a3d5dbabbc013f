/*
 * members.h - the numbers of a struct by name, to JSON and back, with their limits.
 */
#ifndef NN_TRAINER_MEMBERS_H
#define NN_TRAINER_MEMBERS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "common/err.h"

/* An int64_t (whole) or a double. Whole numbers may have names instead of limits. */
struct nn_member {
    const char *name;
    size_t at;                      /* offset in the struct */
    int whole;
    const char *const *names;       /* of 0, 1, 2, ...; ended by NULL. NULL: numbers */
    double min, max;
};

/* NULL when out of memory. */
cJSON *nn_members_to_json(const struct nn_member *m, int n, const void *from);
/* Members that the text does not name stay; one that nobody knows but "about" is an error, and
 * `to`, of `size` bytes, is as it was. `where` is what errors call the text. */
int nn_members_from_json(const struct nn_member *m, int n, void *to, size_t size,
                         const char *text, const char *where, struct nn_err *err);
/* The same from a file. */
int nn_members_read(const struct nn_member *m, int n, void *to, size_t size, const char *path,
                    struct nn_err *err);

#endif
