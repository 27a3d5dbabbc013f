/*
 * query.h - compiles the query language of collection.h to SQL. Internal to
 * datasets/. What a user wrote only ever becomes a parameter.
 */
#ifndef NN_DATASETS_QUERY_H
#define NN_DATASETS_QUERY_H

#include "datasets/db.h"

enum { NN_QUERY_PARAMS = 256 };

struct nn_query {
    char *sql;              /* a condition on clip c and medium m */
    size_t used, size;
    int params;
    struct {
        char *text;         /* NULL: `number` */
        double number;
    } param[NN_QUERY_PARAMS];   /* for ?1, ?2, ... */
};

/* `where` as collection.h says. Release in any case. */
int nn_query_compile(struct nn_catalog *cat, const char *where, struct nn_query *q,
                     struct nn_err *err);
void nn_query_release(struct nn_query *q);
/* Prepares "head (condition) tail" and binds; the caller finalizes. */
sqlite3_stmt *nn_query_prepare(struct nn_catalog *cat, const struct nn_query *q, const char *head,
                               const char *tail, struct nn_err *err);

#endif
