#include "datasets/collection.h"

#include <stdio.h>
#include <string.h>

#include "datasets/query.h"

enum { NAME_MAX_BYTES = 100 };

int nn_collection_id(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err)
{
    char all[400] = "";
    int found = nn_db_int(cat, id, err, "SELECT id FROM collection WHERE name = ?", "s", name);

    if (found)
        return found < 0 ? -1 : 0;
    if (nn_db_word(cat, all, sizeof all, err, "SELECT group_concat(name, ', ') FROM"
                   " (SELECT name FROM collection ORDER BY name LIMIT 12)", "") < 0)
        return -1;
    return nn_fail(err, NN_ENOTFOUND, "no collection \"%.80s\"; there are %s", name, all);
}

/* Stored and then compiled, so that errors show now, and also a circle. */
static int insert(struct nn_catalog *cat, int64_t parent, const char *name, const char *query,
                  int64_t *id, struct nn_err *err)
{
    struct nn_query q = { 0 };
    int ret = 0;

    if (nn_db_int(cat, id, err, "INSERT INTO collection(parent, name, query, description)"
                  " VALUES (nullif(?, 0), ?, ?, '') RETURNING id", "iss", parent, name, query) != 1)
        return -1;
    if (query && nn_query_compile(cat, name, &q, err))
        ret = nn_fail_in(err, "query of \"%s\"", name);
    nn_query_release(&q);
    return ret;
}

int nn_collection_create(struct nn_catalog *cat, int64_t parent, const char *name,
                         const char *query, int64_t *id, struct nn_err *err)
{
    char clean[NAME_MAX_BYTES];
    int64_t taken;

    nn_db_clean(clean, sizeof clean, name);
    if (!*name || strcmp(clean, name))
        return nn_fail(err, NN_EUSAGE, "\"%.60s\" cannot name a collection: at most %d characters, "
                       "none of them a control character", name, NAME_MAX_BYTES - 1);
    if (nn_db_int(cat, &taken, err, "SELECT 1 FROM collection WHERE name = ?", "s", name) == 1)
        return nn_fail(err, NN_EUSAGE, "there is a collection \"%s\" already", name);
    if (nn_db_enter(cat, err))
        return -1;
    return nn_db_leave(cat, insert(cat, parent, name, query, id, err), err);
}

int nn_collection_add(struct nn_catalog *cat, int64_t collection, int64_t clip, int *added,
                      struct nn_err *err)
{
    int ret = nn_db_run(cat, err, "INSERT INTO collection_clip(collection, clip) VALUES (?, ?)"
                        " ON CONFLICT DO NOTHING", "ii", collection, clip);

    *added = !ret && nn_db_changes(cat) > 0;
    return ret;
}

int nn_collection_remove(struct nn_catalog *cat, int64_t collection, int64_t clip, int *removed,
                         struct nn_err *err)
{
    int ret = nn_db_run(cat, err, "DELETE FROM collection_clip WHERE collection = ? AND clip = ?",
                        "ii", collection, clip);

    *removed = !ret && nn_db_changes(cat) > 0;
    return ret;
}

static int count_clips(struct nn_catalog *cat, const char *name, int64_t *count, struct nn_err *err)
{
    struct nn_query q;
    sqlite3_stmt *st = NULL;
    int row = -1;

    if (!nn_query_compile(cat, name, &q, err) &&
        (st = nn_query_prepare(cat, &q, "SELECT count(*) FROM clip c JOIN medium m"
                               " ON m.id = c.medium WHERE", "", err)))
        row = nn_db_step(cat, st, err);
    if (row == 1)
        *count = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    nn_query_release(&q);
    return row < 0 ? -1 : 0;
}

int nn_collection_each(struct nn_catalog *cat,
                       int (*each)(void *arg, const struct nn_collection *c), void *arg,
                       struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "WITH RECURSIVE tree(id, depth, path) AS ("
        " SELECT id, 0, lower(name) FROM collection WHERE parent IS NULL UNION"
        " SELECT k.id, depth + 1, path || char(1) || lower(k.name) FROM collection k"
        " JOIN tree ON k.parent = tree.id)"
        " SELECT k.id, coalesce(k.parent, 0), depth, k.name, k.description, coalesce(k.query, '')"
        " FROM tree JOIN collection k ON k.id = tree.id ORDER BY path", "");
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_collection c = {
            .id = sqlite3_column_int64(st, 0), .parent = sqlite3_column_int64(st, 1),
            .depth = sqlite3_column_int(st, 2), .name = nn_db_text(st, 3),
            .description = nn_db_text(st, 4), .query = nn_db_text(st, 5),
        };
        if ((ret = count_clips(cat, c.name, &c.clips, err)) || (ret = each(arg, &c)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

int nn_query_each(struct nn_catalog *cat, const char *where,
                  int (*each)(void *arg, const struct nn_clip *c, const struct nn_medium *m),
                  void *arg, struct nn_err *err)
{
    struct nn_query q;
    struct nn_clip c;
    struct nn_medium m;
    sqlite3_stmt *st = NULL;
    int ret = -1;

    if (!nn_query_compile(cat, where, &q, err))
        st = nn_query_prepare(cat, &q, "SELECT " NN_CLIP_COLUMNS " FROM clip c JOIN medium m"
                              " ON m.id = c.medium WHERE", "ORDER BY c.medium, c.start_pts, c.id",
                              err);
    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        nn_clip_row(st, &c, &m);
        if ((ret = each(arg, &c, &m)))
            break;
    }
    sqlite3_finalize(st);
    nn_query_release(&q);
    return ret;
}
