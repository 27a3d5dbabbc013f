#include "datasets/db.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

int nn_db_fail(struct nn_catalog *cat, struct nn_err *err)
{
    int code = sqlite3_errcode(cat->db), os = sqlite3_system_errno(cat->db);
    const char *said = sqlite3_errmsg(cat->db), *dir = cat->dir;

    switch (code & 0xff) {
    case SQLITE_FULL:
        return nn_fail(err, NN_EIO, "the disk that holds the catalog %s is full; nothing of this "
                       "step was stored", dir);
    case SQLITE_READONLY:
        return nn_fail(err, NN_EIO, "the catalog %s cannot be written: it or its directory is "
                       "read-only", dir);
    case SQLITE_NOTADB:
        return nn_fail(err, NN_EFORMAT, "%s/catalog.db is no catalog: not a SQLite database", dir);
    case SQLITE_CANTOPEN:
        return nn_fail(err, NN_EIO, "cannot open %s/catalog.db%s%s", dir, os ? ": " : "",
                       os ? strerror(os) : "");
    case SQLITE_BUSY:
        return nn_fail(err, NN_EDB, "the catalog %s is busy: another program has been writing to "
                       "it for 10 s; try again", dir);
    case SQLITE_CORRUPT:
        return nn_fail(err, NN_EFORMAT, "%s/catalog.db is damaged (%s); `neonnoir dataset verify` "
                       "tells more", dir, said);
    case SQLITE_NOMEM:
        return nn_fail_mem(err, "catalog");
    case SQLITE_IOERR:
        return nn_fail(err, NN_EIO, "the catalog %s: %s%s%s", dir, said, os ? ": " : "",
                       os ? strerror(os) : "");
    default:
        return nn_fail(err, NN_EDB, "the catalog %s: %s", dir, said);
    }
}

int nn_db_exec(struct nn_catalog *cat, const char *sql, struct nn_err *err)
{
    return sqlite3_exec(cat->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : nn_db_fail(cat, err);
}

sqlite3_stmt *nn_db_kept(struct nn_catalog *cat, const char *sql, struct nn_err *err)
{
    unsigned i = (unsigned)(((uintptr_t)sql * 0x9e3779b97f4a7c15u) >> 40) % NN_DB_CACHED;

    for (int tries = 0; tries < NN_DB_CACHED; tries++, i = (i + 1) % NN_DB_CACHED) {
        if (cat->cache[i].sql == sql) {
            sqlite3_reset(cat->cache[i].st);
            return cat->cache[i].st;
        }
        if (!cat->cache[i].sql) {
            if (sqlite3_prepare_v3(cat->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &cat->cache[i].st,
                                   NULL) != SQLITE_OK) {
                nn_db_fail(cat, err);
                return NULL;
            }
            cat->cache[i].sql = sql;
            return cat->cache[i].st;
        }
    }
    nn_fail(err, NN_EMEM, "more than %d kept statements", NN_DB_CACHED);
    return NULL;
}

static int bind(struct nn_catalog *cat, sqlite3_stmt *st, struct nn_err *err, const char *fmt,
                va_list ap)
{
    int bad = 0;

    for (int i = 1; *fmt && !bad; fmt++, i++) {
        const char *s;
        switch (*fmt) {
        case 'i': bad = sqlite3_bind_int64(st, i, va_arg(ap, int64_t)); break;
        case 'n': bad = sqlite3_bind_int(st, i, va_arg(ap, int)); break;
        case 'd': bad = sqlite3_bind_double(st, i, va_arg(ap, double)); break;
        case 's':
            s = va_arg(ap, const char *);
            bad = s ? sqlite3_bind_text(st, i, s, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(st, i);
            break;
        default: return nn_fail(err, NN_EARG, "unknown bind format '%c'", *fmt);
        }
    }
    return bad ? nn_db_fail(cat, err) : 0;
}

int nn_db_step(struct nn_catalog *cat, sqlite3_stmt *st, struct nn_err *err)
{
    switch (sqlite3_step(st)) {
    case SQLITE_ROW: return 1;
    case SQLITE_DONE: return 0;
    default: return nn_db_fail(cat, err);
    }
}

/* Binds a kept statement and takes its first step: 1 a row, 0 none, -1. The
 * caller resets *st, which may be NULL after a failure. */
static int begin(struct nn_catalog *cat, sqlite3_stmt **st, struct nn_err *err, const char *sql,
                 const char *fmt, va_list ap)
{
    if (!(*st = nn_db_kept(cat, sql, err)) || bind(cat, *st, err, fmt, ap))
        return -1;
    return nn_db_step(cat, *st, err);
}

int nn_db_run(struct nn_catalog *cat, struct nn_err *err, const char *sql, const char *fmt, ...)
{
    sqlite3_stmt *st;
    va_list ap;
    int ret;

    va_start(ap, fmt);
    ret = begin(cat, &st, err, sql, fmt, ap);
    va_end(ap);
    sqlite3_reset(st);      /* NULL is fine */
    return ret < 0 ? -1 : 0;
}

int nn_db_int(struct nn_catalog *cat, int64_t *out, struct nn_err *err, const char *sql,
              const char *fmt, ...)
{
    sqlite3_stmt *st;
    va_list ap;
    int ret;

    va_start(ap, fmt);
    ret = begin(cat, &st, err, sql, fmt, ap);
    va_end(ap);
    if (ret == 1) {
        *out = sqlite3_column_int64(st, 0);
        /* An INSERT ... RETURNING is only done, and its constraints judged, at its end. */
        while (!sqlite3_stmt_readonly(st) && (ret = nn_db_step(cat, st, err)) == 1)
            ;
        ret = ret < 0 ? -1 : 1;
    }
    sqlite3_reset(st);
    return ret;
}

int nn_db_word(struct nn_catalog *cat, char *out, size_t size, struct nn_err *err, const char *sql,
               const char *fmt, ...)
{
    sqlite3_stmt *st;
    va_list ap;
    int ret;

    va_start(ap, fmt);
    ret = begin(cat, &st, err, sql, fmt, ap);
    va_end(ap);
    if (ret == 1)
        sqlite3_snprintf((int)size, out, "%s", nn_db_text(st, 0));
    sqlite3_reset(st);
    return ret;
}

sqlite3_stmt *nn_db_query(struct nn_catalog *cat, struct nn_err *err, const char *sql,
                          const char *fmt, ...)
{
    sqlite3_stmt *st;
    va_list ap;
    int bad;

    if (sqlite3_prepare_v2(cat->db, sql, -1, &st, NULL) != SQLITE_OK) {
        nn_db_fail(cat, err);
        return NULL;
    }
    va_start(ap, fmt);
    bad = bind(cat, st, err, fmt, ap);
    va_end(ap);
    if (bad) {
        sqlite3_finalize(st);
        return NULL;
    }
    return st;
}

const char *nn_db_text(sqlite3_stmt *st, int column)
{
    const char *s = (const char *)sqlite3_column_text(st, column);

    return s ? s : "";
}

int64_t nn_db_changes(struct nn_catalog *cat)
{
    return sqlite3_changes64(cat->db);
}

int nn_db_enter(struct nn_catalog *cat, struct nn_err *err)
{
    int ret;

    if (cat->depth)
        ret = nn_db_exec(cat, "SAVEPOINT inner", err);
    else if (!(cat->own = sqlite3_get_autocommit(cat->db)))
        ret = nn_db_exec(cat, "SAVEPOINT inner", err);
    else
        ret = nn_db_exec(cat, "BEGIN IMMEDIATE", err);
    if (!ret)
        cat->depth++;
    return ret;
}

int nn_db_leave(struct nn_catalog *cat, int ret, struct nn_err *err)
{
    int outermost = --cat->depth == 0 && cat->own;

    if (!ret && nn_db_exec(cat, outermost ? "COMMIT" : "RELEASE inner", err))
        ret = -1;
    else if (!ret)
        return 0;
    /* SQLite may have rolled back by itself (a full disk): then there is nothing to undo. */
    if (!sqlite3_get_autocommit(cat->db))
        nn_db_exec(cat, outermost ? "ROLLBACK" : "ROLLBACK TO inner; RELEASE inner", NULL);
    return ret;
}

/* Bytes of the UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates), 0 if bad. */
static int utf8_length(const unsigned char *s)
{
    int n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3
          : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

    for (int i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

void nn_db_clean(char *out, size_t size, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t used = 0;

    while (*p) {
        int n = utf8_length(p), bad = !n || *p < 0x20 || *p == 0x7f;
        if (used + (size_t)(bad ? 1 : n) >= size)
            break;
        if (bad)
            out[used++] = '_';
        else
            memcpy(out + used, p, (size_t)n);
        used += bad ? 0 : (size_t)n;
        p += bad ? 1 : n;
    }
    out[used] = 0;
}
