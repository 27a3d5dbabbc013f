#include "datasets/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/progress.h"
#include "common/stop.h"
#include "datasets/db.h"
#include "datasets/snapshot.h"
#include "datasets/snapshot_split.h"

struct check {
    struct nn_catalog *cat;
    const struct nn_verify_opts *o;
    struct nn_verified *v;
    struct nn_progress progress;
    struct nn_err *err;
};

static void say(struct check *k, int fault, const char *fmt, ...) NN_PRINTF(3, 4);

static void say(struct check *k, int fault, const char *fmt, ...)
{
    char line[700];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    k->v->faults += fault;
    if (k->o->each)
        k->o->each(k->o->arg, fault, line);
}

static int check_database(struct check *k)
{
    sqlite3_stmt *st = nn_db_query(k->cat, k->err, "PRAGMA integrity_check(20)", "");
    int row = -1;

    while (st && (row = nn_db_step(k->cat, st, k->err)) == 1)
        if (strcmp(nn_db_text(st, 0), "ok"))
            say(k, 1, "database: %.300s", nn_db_text(st, 0));
    sqlite3_finalize(st);
    if (row < 0 || !(st = nn_db_query(k->cat, k->err, "PRAGMA foreign_key_check", "")))
        return -1;
    while ((row = nn_db_step(k->cat, st, k->err)) == 1)
        say(k, 1, "database: %s row %lld names a missing row of %s", nn_db_text(st, 0),
            (long long)sqlite3_column_int64(st, 1), nn_db_text(st, 2));
    sqlite3_finalize(st);
    return row;
}

/* Every hash that a row names, with what names it. */
static int list_named(struct check *k)
{
    return nn_db_exec(k->cat,
        "CREATE TEMP TABLE named(hash TEXT PRIMARY KEY, by TEXT, seen INTEGER DEFAULT 0)"
        " WITHOUT ROWID;"
        "INSERT OR IGNORE INTO temp.named(hash, by) SELECT hash, 'medium ' || id FROM medium;"
        "INSERT OR IGNORE INTO temp.named(hash, by)"
        " SELECT poster, 'poster of clip ' || name FROM clip WHERE poster <> '';"
        "INSERT OR IGNORE INTO temp.named(hash, by)"
        " SELECT crop, 'picture of face ' || id FROM face WHERE crop <> '';"
        "INSERT OR IGNORE INTO temp.named(hash, by)"
        " SELECT picture, 'sample of snapshot ' || snapshot FROM snapshot_sample;"
        "INSERT OR IGNORE INTO temp.named(hash, by) SELECT hash, 'model ' || id FROM model",
        k->err);
}

static int remove_file(struct check *k, const char *path)
{
    if (!k->o->repair)
        return 0;
    if (unlink(path))
        return nn_fail_errno(k->err, "cannot remove %s", path);
    k->v->removed++;
    return 0;
}

static int check_bytes(struct check *k, const char *name, const char *path)
{
    nn_hash hash;

    if (!k->o->deep)
        return 0;
    if (nn_hash_file(path, hash, k->err))
        return -1;
    if (strcmp(hash, name)) {
        k->v->wrong++;
        say(k, 1, "pool: the bytes of %s are not what its name says", path);
    }
    return 0;
}

static int check_file(void *arg, const char *name, const char *path, int64_t bytes)
{
    struct check *k = arg;

    if (nn_check_stop("verify", k->err))
        return -1;
    nn_progress_update(&k->progress, ++k->v->files, NULL);
    if (strlen(name) != NN_HASH_HEX) {
        k->v->files--;
        k->v->temporaries++;
        return remove_file(k, path);
    }
    k->v->bytes += bytes;
    if (nn_db_run(k->cat, k->err, "UPDATE temp.named SET seen = 1 WHERE hash = ?", "s", name))
        return -1;
    if (nn_db_changes(k->cat))
        return check_bytes(k, name, path);
    k->v->orphans++;
    k->v->orphan_bytes += bytes;
    return remove_file(k, path);
}

static int check_pool(struct check *k)
{
    sqlite3_stmt *st;
    int row, ret;

    if (nn_db_exec(k->cat, "BEGIN", k->err) || list_named(k))
        return -1;
    nn_progress_start(&k->progress, "verify", 0);
    ret = nn_pool_walk(k->cat, check_file, k, k->err);
    nn_progress_stop(&k->progress);
    if (ret || !(st = nn_db_query(k->cat, k->err,
                                  "SELECT hash, by FROM temp.named WHERE NOT seen", "")))
        return -1;
    while ((row = nn_db_step(k->cat, st, k->err)) == 1) {
        k->v->missing++;
        say(k, 1, "pool: %.12s... is missing, the %s", nn_db_text(st, 0), nn_db_text(st, 1));
    }
    sqlite3_finalize(st);
    return row;
}

static int check_snapshot(struct check *k, const char *id)
{
    struct nn_snapshot s;
    struct nn_err err = { 0 };
    nn_hash hash;

    k->v->snapshots++;
    if (nn_snapshot_load(k->cat, id, &s, &err)) {
        say(k, 1, "snapshot: %s", err.msg);
        return 0;
    }
    int ret = nn_snapshot_hash(s.sample, s.count, hash, k->err);
    if (!ret && strcmp(hash, s.hash))
        say(k, 1, "snapshot: the samples of %s are not those that were frozen", s.name);
    nn_snapshot_release(&s);
    return ret;
}

static int check_rest(struct check *k)
{
    sqlite3_stmt *st = nn_db_query(k->cat, k->err, "SELECT id FROM snapshot", "");
    int row = -1;

    while (st && (row = nn_db_step(k->cat, st, k->err)) == 1)
        if (check_snapshot(k, nn_db_text(st, 0))) {
            row = -1;
            break;
        }
    sqlite3_finalize(st);
    if (row < 0 || !(st = nn_db_query(k->cat, k->err,
        "SELECT m.hash, coalesce(min(o.source), '') FROM medium m"
        " LEFT JOIN origin o ON o.medium = m.id WHERE NOT m.complete GROUP BY m.id", "")))
        return -1;
    while ((row = nn_db_step(k->cat, st, k->err)) == 1)
        if (++k->v->incomplete <= 5)
            say(k, 0, "medium %.12s (%s) is not completely ingested; ingest it again",
                nn_db_text(st, 0), nn_db_text(st, 1));
    sqlite3_finalize(st);
    return row;
}

int nn_verify(struct nn_catalog *cat, const struct nn_verify_opts *o, struct nn_verified *out,
              struct nn_err *err)
{
    struct check k = { .cat = cat, .o = o, .v = out, .err = err };
    int ret;

    memset(out, 0, sizeof *out);
    if (o->repair && nn_pool_lock_alone(cat, err))
        return -1;
    ret = check_database(&k) || check_pool(&k) || check_rest(&k) ? -1 : 0;
    nn_catalog_rollback(cat);       /* of the reading transaction and the temporary table */
    return ret;
}
