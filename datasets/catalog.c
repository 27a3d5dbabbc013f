#include "datasets/catalog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets/db.h"
#include "datasets/schema.h"

enum { BUSY_MS = 10000 };

static const char *const folders[] = { "pool", "thumbs", "runs", "models" };

static int pragma_int(struct nn_catalog *cat, const char *sql, int64_t *out, struct nn_err *err)
{
    return nn_db_int(cat, out, err, sql, "") < 0 ? -1 : 0;
}

/* Percent-encodes what a URI gives a meaning. */
static int uri_of(char out[NN_PATH], const char *dir, struct nn_err *err)
{
    size_t n = (size_t)snprintf(out, NN_PATH, "file:");

    for (const char *p = dir; *p; p++) {
        if (n + 32 >= NN_PATH)
            return nn_fail(err, NN_EUSAGE, "path too long: %.60s...", dir);
        if (strchr("?#%", *p))
            n += (size_t)snprintf(out + n, NN_PATH - n, "%%%02x", (unsigned char)*p);
        else
            out[n++] = *p;
    }
    snprintf(out + n, NN_PATH - n, "/catalog.db?immutable=1");
    return 0;
}

static int open_file(struct nn_catalog *cat, const char *name, int flags, struct nn_err *err)
{
    int64_t n;

    if (sqlite3_open_v2(name, &cat->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return cat->db ? nn_db_fail(cat, err) : nn_fail_mem(err, "catalog");
    sqlite3_extended_result_codes(cat->db, 1);
    sqlite3_busy_timeout(cat->db, BUSY_MS);
    sqlite3_db_config(cat->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (nn_db_exec(cat, "PRAGMA foreign_keys = ON; "
                        "PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY", err))
        return -1;
    /* The first read: a file that is no database shows here. */
    return pragma_int(cat, "SELECT count(*) FROM sqlite_schema", &n, err);
}

static void close_file(struct nn_catalog *cat)
{
    for (int i = 0; i < NN_DB_CACHED; i++)
        sqlite3_finalize(cat->cache[i].st);
    memset(cat->cache, 0, sizeof cat->cache);
    sqlite3_close_v2(cat->db);
    cat->db = NULL;
}

/* WAL needs a writable directory even to read; where there is none (a read-only disk,
 * another user's catalog) and no WAL either, the file may be taken as immutable. */
static int open_to_read(struct nn_catalog *cat, const char *file, struct nn_err *err)
{
    char uri[NN_PATH];
    int code;

    if (!open_file(cat, file, SQLITE_OPEN_READONLY, err))
        return 0;
    code = cat->db ? sqlite3_extended_errcode(cat->db) : SQLITE_NOMEM;
    if (((code & 0xff) != SQLITE_CANTOPEN && code != SQLITE_READONLY_DIRECTORY) ||
        access(file, R_OK) || !access(cat->dir, W_OK))
        return -1;
    close_file(cat);
    if (uri_of(uri, cat->dir, err))
        return -1;
    return open_file(cat, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
}

static int check_version(struct nn_catalog *cat, int64_t *version, struct nn_err *err)
{
    int64_t app = 0, tables = 0;

    if (pragma_int(cat, "SELECT count(*) FROM sqlite_schema", &tables, err) ||
        pragma_int(cat, "PRAGMA application_id", &app, err) ||
        pragma_int(cat, "PRAGMA user_version", version, err))
        return -1;
    if (*version > nn_schema_version())
        return nn_fail(err, NN_EUNSUPPORTED, "%s/catalog.db has version %lld, made by a newer Neon "
                       "Noir; this one knows up to %d", cat->dir, (long long)*version,
                       nn_schema_version());
    if (!app && !*version && !tables)
        return nn_fail(err, NN_ENOTFOUND, "the catalog %s was never finished; "
                       "`neonnoir init -C %s` does it", cat->dir, cat->dir);
    if (app != NN_APPLICATION_ID)
        return nn_fail(err, NN_EFORMAT, "%s/catalog.db is a database, but not a catalog", cat->dir);
    return 0;
}

static int migrate(struct nn_catalog *cat, int from, struct nn_err *err)
{
    if (nn_db_enter(cat, err))
        return -1;
    return nn_db_leave(cat, nn_schema_migrate(cat, from, err), err);
}

static struct nn_catalog *new_handle(const char *dir, enum nn_access mode, struct nn_err *err)
{
    struct nn_catalog *cat = calloc(1, sizeof *cat);

    if (!cat) {
        nn_fail_mem(err, "catalog");
        return NULL;
    }
    cat->access = mode;
    if (nn_path(cat->dir, err, "%s", dir)) {
        free(cat);
        return NULL;
    }
    for (size_t n = strlen(cat->dir); n > 1 && cat->dir[n - 1] == '/'; n--)
        cat->dir[n - 1] = 0;
    return cat;
}

static void fail_read_only(const struct nn_catalog *cat, struct nn_err *err)
{
    nn_fail(err, NN_EIO, "the catalog %s cannot be written: it or its directory is read-only",
            cat->dir);
}

struct nn_catalog *nn_catalog_open(const char *dir, enum nn_access mode, struct nn_err *err)
{
    struct nn_catalog *cat = new_handle(dir, mode, err);
    char file[NN_PATH];
    int64_t version = 0;

    if (!cat || nn_path(file, err, "%s/catalog.db", cat->dir))
        goto fail;
    if (!nn_exists(file)) {
        if (errno == EACCES)
            nn_fail_errno(err, "cannot open %s", file);
        else
            nn_fail(err, NN_ENOTFOUND, "no catalog in %s; make one with `neonnoir init -C %s`",
                    cat->dir, cat->dir);
        goto fail;
    }
    if (nn_is_dir(file)) {
        nn_fail(err, NN_EIO, "cannot open %s: it is a directory", file);
        goto fail;
    }
    if (mode == NN_WRITE && access(cat->dir, W_OK)) {
        fail_read_only(cat, err);
        goto fail;
    }
    if (mode == NN_READ ? open_to_read(cat, file, err)
                           : open_file(cat, file, SQLITE_OPEN_READWRITE, err))
        goto fail;
    if (check_version(cat, &version, err))
        goto fail;
    /* SQLite falls back to reading alone when it may not write. */
    if (mode == NN_WRITE && sqlite3_db_readonly(cat->db, "main")) {
        fail_read_only(cat, err);
        goto fail;
    }
    if (mode == NN_WRITE && nn_db_exec(cat, "PRAGMA synchronous = NORMAL", err))
        goto fail;
    if (version == nn_schema_version())
        return cat;
    if (mode == NN_READ)
        nn_fail(err, NN_EUNSUPPORTED, "the catalog %s has the older version %lld; open it once to "
                "write (`neonnoir init -C %s`)", cat->dir, (long long)version, cat->dir);
    else if (!migrate(cat, (int)version, err))
        return cat;
fail:
    nn_catalog_close(cat);
    return NULL;
}

static int make(struct nn_catalog *cat, struct nn_err *err)
{
    char sql[64];
    int64_t version = 0;

    snprintf(sql, sizeof sql, "PRAGMA application_id = %d", NN_APPLICATION_ID);
    if (nn_db_enter(cat, err))
        return -1;
    /* Somebody else may have made it while we waited for the lock. */
    if (pragma_int(cat, "PRAGMA user_version", &version, err))
        return nn_db_leave(cat, -1, err);
    if (version)
        return nn_db_leave(cat, 0, err);
    return nn_db_leave(cat, nn_db_exec(cat, sql, err) || nn_schema_migrate(cat, 0, err) ||
                       nn_schema_fill(cat, err) ? -1 : 0, err);
}

int nn_catalog_init(const char *dir, int *made, struct nn_err *err)
{
    struct nn_catalog *cat = new_handle(dir, NN_WRITE, err), *old;
    char path[NN_PATH];
    int64_t tables = 0;
    int ret = -1;

    *made = 0;
    if (!cat || nn_mkdirs(cat->dir, err))
        goto out;
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++)
        if (nn_path(path, err, "%s/%s", cat->dir, folders[i]) || nn_mkdirs(path, err))
            goto out;
    if (nn_path(path, err, "%s/catalog.db", cat->dir) ||
        open_file(cat, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err) ||
        pragma_int(cat, "SELECT count(*) FROM sqlite_schema", &tables, err))
        goto out;
    if (tables) {           /* look at it as anybody would: version, kind, migration */
        if ((old = nn_catalog_open(dir, NN_WRITE, err)))
            ret = 0;
        nn_catalog_close(old);
        goto out;
    }
    if (nn_db_exec(cat, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", err) ||
        make(cat, err))
        goto out;
    *made = 1;
    ret = 0;
out:
    nn_catalog_close(cat);
    return ret;
}

void nn_catalog_close(struct nn_catalog *cat)
{
    if (!cat)
        return;
    nn_catalog_rollback(cat);
    close_file(cat);
    nn_pool_unlock(cat);
    nn_arena_release(&cat->strings);
    free(cat);
}

const char *nn_catalog_dir(const struct nn_catalog *cat)
{
    return cat->dir;
}

int nn_catalog_begin(struct nn_catalog *cat, struct nn_err *err)
{
    if (cat->access == NN_READ)
        return nn_fail(err, NN_EARG, "the catalog is open for reading alone");
    if (!sqlite3_get_autocommit(cat->db))
        return nn_fail(err, NN_EARG, "a transaction is open already");
    return nn_db_exec(cat, "BEGIN IMMEDIATE", err);
}

int nn_catalog_commit(struct nn_catalog *cat, struct nn_err *err)
{
    if (nn_db_exec(cat, "COMMIT", err)) {
        nn_catalog_rollback(cat);
        return -1;
    }
    return 0;
}

void nn_catalog_rollback(struct nn_catalog *cat)
{
    if (cat->db && !sqlite3_get_autocommit(cat->db))
        nn_db_exec(cat, "ROLLBACK", NULL);
    cat->depth = 0;
    cat->entry = 0;
}
