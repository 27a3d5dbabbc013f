#include "datasets/run.h"

#include <stdio.h>
#include <string.h>

#include "datasets/db.h"

#define COLUMNS "id, coalesce(snapshot, 0), name, task, settings, state, epoch, epochs, " \
                "best_metric, created"

/* A directory's name that no shell or path can trip over. */
static int check_name(const char *name, struct nn_err *err)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    if (!n || name[n] || n > 64 || *name == '.' || *name == '-' || !strcmp(name, "latest"))
        return nn_fail(err, NN_EUSAGE, "\"%.80s\" cannot name a run: letters, digits, '.', '_' and "
                       "'-', at most 64, not \"latest\"", name);
    return 0;
}

static int insert(struct nn_catalog *cat, const char *name, struct nn_run *r, struct nn_err *err)
{
    char made[80], dir[NN_PATH];
    int64_t n = 0, taken;

    if (!name) {
        if (nn_db_int(cat, &n, err, "SELECT coalesce(max(id), 0) FROM run", "") < 0)
            return -1;
        do
            snprintf(made, sizeof made, "%.40s-%lld", r->task, (long long)++n);
        while (nn_db_int(cat, &taken, err, "SELECT 1 FROM run WHERE name = ?", "s", made) == 1);
        name = made;
    } else if (nn_db_int(cat, &taken, err, "SELECT 1 FROM run WHERE name = ?", "s", name) == 1) {
        return nn_fail(err, NN_EUSAGE, "there is a run \"%s\" already", name);
    }
    if (check_name(name, err) || nn_path(dir, err, "%s/runs/%s", cat->dir, name) ||
        nn_mkdirs(dir, err))
        return -1;
    return nn_db_int(cat, &r->id, err,
        "INSERT INTO run(snapshot, name, task, settings, state, epoch, epochs, best_metric)"
        " VALUES (nullif(?, 0), ?, ?, ?, 'running', 0, ?, 0) RETURNING id", "isssi", r->snapshot,
        name, r->task, r->settings ? r->settings : "{}", r->epochs) == 1 ? 0 : -1;
}

static void take_row(struct nn_catalog *cat, sqlite3_stmt *st, struct nn_run *r)
{
    struct nn_arena *a = &cat->strings;

    nn_arena_reset(a);
    *r = (struct nn_run){
        .id = sqlite3_column_int64(st, 0), .snapshot = sqlite3_column_int64(st, 1),
        .name = nn_arena_strdup(a, nn_db_text(st, 2)),
        .task = nn_arena_strdup(a, nn_db_text(st, 3)),
        .settings = nn_arena_strdup(a, nn_db_text(st, 4)),
        .state = nn_arena_strdup(a, nn_db_text(st, 5)),
        .epoch = sqlite3_column_int64(st, 6), .epochs = sqlite3_column_int64(st, 7),
        .best_metric = sqlite3_column_double(st, 8),
        .created = nn_arena_strdup(a, nn_db_text(st, 9)),
    };
}

static int load(struct nn_catalog *cat, int64_t id, struct nn_run *r, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err, "SELECT " COLUMNS " FROM run WHERE id = ?", "i", id);
    int row = st ? nn_db_step(cat, st, err) : -1;

    if (row == 1)
        take_row(cat, st, r);
    sqlite3_finalize(st);
    if (row == 1 && (!r->name || !r->task || !r->settings || !r->state || !r->created))
        return nn_fail_mem(err, "run");
    return row < 0 ? -1 : row ? 0 : nn_fail(err, NN_ENOTFOUND, "no run %lld", (long long)id);
}

int nn_run_add(struct nn_catalog *cat, const char *name, struct nn_run *r, struct nn_err *err)
{
    if (nn_db_enter(cat, err))
        return -1;
    if (nn_db_leave(cat, insert(cat, name, r, err), err))
        return -1;
    return load(cat, r->id, r, err);
}

int nn_run_update(struct nn_catalog *cat, const struct nn_run *r, struct nn_err *err)
{
    return nn_db_run(cat, err,
        "UPDATE run SET state = ?, epoch = ?, best_metric = ?,"
        " updated = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?", "sidi", r->state, r->epoch,
        r->best_metric, r->id);
}

int nn_run_metric(struct nn_catalog *cat, int64_t run, int64_t epoch, const char *split,
                  const char *metric, double value, struct nn_err *err)
{
    /* A run that was killed does an epoch again: its last word counts, at the time of the first. */
    return nn_db_run(cat, err,
        "INSERT INTO metric(run, epoch, split, metric, value, at)"
        " VALUES (?, ?, ?, ?, ?, (julianday('now') - 2440587.5) * 86400)"
        " ON CONFLICT DO UPDATE SET value = excluded.value", "iissd", run, epoch, split, metric,
        value);
}

int nn_run_find(struct nn_catalog *cat, const char *name, struct nn_run *r, struct nn_err *err)
{
    int64_t id = 0;
    int found = strcmp(name, "latest")
        ? nn_db_int(cat, &id, err, "SELECT id FROM run WHERE name = ?", "s", name)
        : nn_db_int(cat, &id, err, "SELECT id FROM run ORDER BY id DESC LIMIT 1", "");

    if (found < 0)
        return -1;
    if (!found)
        return nn_fail(err, NN_ENOTFOUND, "no run \"%.80s\"; `neonnoir dataset ls --runs` lists "
                       "them", name);
    return load(cat, id, r, err);
}

int nn_run_each(struct nn_catalog *cat, int (*each)(void *arg, const struct nn_run *r), void *arg,
                struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err, "SELECT " COLUMNS " FROM run ORDER BY id", "");
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_run r = {
            .id = sqlite3_column_int64(st, 0), .snapshot = sqlite3_column_int64(st, 1),
            .name = nn_db_text(st, 2), .task = nn_db_text(st, 3), .settings = nn_db_text(st, 4),
            .state = nn_db_text(st, 5), .epoch = sqlite3_column_int64(st, 6),
            .epochs = sqlite3_column_int64(st, 7), .best_metric = sqlite3_column_double(st, 8),
            .created = nn_db_text(st, 9),
        };
        if ((ret = each(arg, &r)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

int nn_run_metric_each(struct nn_catalog *cat, int64_t run,
                       int (*each)(void *arg, const struct nn_metric *m), void *arg,
                       struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT epoch, split, metric, value, at FROM metric WHERE run = ? ORDER BY 1, 2, 3", "i",
        run);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_metric m = {
            .epoch = sqlite3_column_int64(st, 0), .split = nn_db_text(st, 1),
            .name = nn_db_text(st, 2), .value = sqlite3_column_double(st, 3),
            .at = sqlite3_column_double(st, 4),
        };
        if ((ret = each(arg, &m)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

int nn_run_path(const struct nn_catalog *cat, const char *run, const char *file, char out[NN_PATH],
                struct nn_err *err)
{
    return nn_path(out, err, "%s/runs/%s/%s", cat->dir, run, file);
}

int nn_model_add(struct nn_catalog *cat, int64_t run, const char *path, const char *task,
                 struct nn_err *err)
{
    char clean[NN_PATH];
    nn_hash hash;

    nn_db_clean(clean, sizeof clean, path);
    if (nn_media_put_file(cat, path, hash, err))
        return -1;
    return nn_db_run(cat, err,
        "INSERT INTO model(run, hash, path, task) VALUES (nullif(?, 0), ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET run = excluded.run", "isss", run, hash, clean, task);
}
