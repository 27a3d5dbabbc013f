#include "datasets/undo.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datasets/db.h"

enum { COLUMNS_MAX = 12 };

/* What is journalled: every table here has the integer primary key `id`. */
static const struct { const char *table, *column[COLUMNS_MAX + 1]; } journalled[] = {
    { "tag", { "namespace", "name", "description" } },
    { "tagging", { "tag", "clip", "face", "source", "who", "confidence", "at" } },
    { "collection", { "parent", "name", "query", "description" } },
    { "collection_clip", { "collection", "clip" } },
    { "person", { "name", "note", "added" } },
    { "consent", { "person", "purpose", "granted", "until", "withdrawn" } },
    { "face", { "subject" } },          /* all of it that a person may change */
};
enum { TABLES = sizeof journalled / sizeof *journalled };

/* Puts SQL together for row `t` of the list: `lead`, then for each column `item` with
 * every '@' replaced by its name, joined by commas, then `tail`. */
static char *compose(char *at, int t, const char *lead, const char *item, const char *tail)
{
    at += sprintf(at, "%s", lead);
    for (const char *const *c = journalled[t].column; *c; c++) {
        if (c != journalled[t].column)
            *at++ = ',';
        for (const char *p = item; *p; p++) {
            if (*p == '@')
                at += sprintf(at, "%s", *c);
            else
                *at++ = *p;
        }
    }
    return at + sprintf(at, "%s", tail);
}

/* Room for the longest statement: a fixed frame and twelve short column names. */
typedef char sql_text[2048];

/* json_object() alone would cut a real to 15 digits. */
#define EXACT "'@', CASE typeof(old.@) WHEN 'real' THEN printf('%!.17g', old.@) ELSE old.@ END"

static int watch(struct nn_catalog *cat, int t, struct nn_err *err)
{
    static const char *const op[] = { "insert", "update", "delete" };
    const char *table = journalled[t].table;
    sql_text sql;

    for (int i = 0; i < 3; i++) {
        char *at = sql + sprintf(sql,
            "CREATE TEMP TRIGGER IF NOT EXISTS journal_%s_%s AFTER %s ON main.%s"
            " WHEN (SELECT entry FROM temp.journal_open) BEGIN"
            " INSERT INTO journal_change(entry, tbl, op, row, old) VALUES ("
            "(SELECT entry FROM temp.journal_open), '%s', '%s', %s.id, ", table, op[i], op[i],
            table, table, op[i], i ? "old" : "new");
        if (i)
            compose(at, t, "json_object(", EXACT, ")); END");
        else
            sprintf(at, "NULL); END");
        if (nn_db_exec(cat, sql, err))
            return -1;
    }
    return 0;
}

static int open_entry(struct nn_catalog *cat, int64_t entry, struct nn_err *err)
{
    cat->entry = entry;
    return nn_db_run(cat, err, "UPDATE temp.journal_open SET entry = nullif(?, 0)", "i", entry);
}

int nn_undo_begin(struct nn_catalog *cat, const char *who, const char *what, struct nn_err *err)
{
    char clean[1000], name[100];
    int64_t entry;

    if (cat->entry)
        return nn_fail(err, NN_EARG, "a journal entry is open already");
    if (nn_db_exec(cat, "CREATE TEMP TABLE IF NOT EXISTS journal_open(entry INTEGER);"
                        "INSERT INTO temp.journal_open SELECT NULL"
                        " WHERE NOT EXISTS (SELECT 1 FROM temp.journal_open)", err))
        return -1;
    for (int t = 0; t < TABLES; t++)
        if (watch(cat, t, err))
            return -1;
    nn_db_clean(name, sizeof name, who);
    nn_db_clean(clean, sizeof clean, what);
    if (nn_db_enter(cat, err))
        return -1;
    if (nn_db_int(cat, &entry, err, "INSERT INTO journal(who, what) VALUES (?, ?) RETURNING id",
                  "ss", name, clean) != 1 || open_entry(cat, entry, err))
        return nn_db_leave(cat, -1, err);
    return 0;
}

int nn_undo_commit(struct nn_catalog *cat, struct nn_err *err)
{
    int64_t entry = cat->entry;
    int ret;

    if (!entry)
        return nn_fail(err, NN_EARG, "no journal entry is open");
    ret = nn_db_run(cat, err,
                    "DELETE FROM journal WHERE id = ?1 AND NOT EXISTS"
                    " (SELECT 1 FROM journal_change WHERE entry = ?1)", "i", entry);
    if (open_entry(cat, 0, err))
        ret = -1;
    return nn_db_leave(cat, ret, err);
}

void nn_undo_cancel(struct nn_catalog *cat)
{
    if (!cat->entry)
        return;
    open_entry(cat, 0, NULL);
    nn_db_leave(cat, -1, NULL);
}

/* Puts one row back. The JSON came from our trigger, but the file may be anybody's: names of
 * tables and columns are ours alone, values are parameters. */
static int take_back(struct nn_catalog *cat, int t, const char *op, int64_t row, const char *old,
                     struct nn_err *err)
{
    const char *table = journalled[t].table;
    sqlite3_stmt *st;
    sql_text sql;
    char *at = sql;
    int ret;

    if (!strcmp(op, "insert")) {
        sprintf(sql, "DELETE FROM %s WHERE id = ?1 AND ?2 IS NULL", table);
    } else if (!strcmp(op, "update")) {
        at += sprintf(at, "UPDATE %s ", table);
        compose(at, t, "SET ", "@ = json_extract(?2, '$.@')", " WHERE id = ?1");
    } else {
        at += sprintf(at, "INSERT INTO %s", table);
        at = compose(at, t, "(id,", "@", ")");
        compose(at, t, " VALUES (?1,", "json_extract(?2, '$.@')", ")");
    }
    if (!(st = nn_db_query(cat, err, sql, "is", row, old)))
        return -1;
    ret = nn_db_step(cat, st, err) < 0 ? -1 : 0;
    sqlite3_finalize(st);
    return ret;
}

static int take_back_entry(struct nn_catalog *cat, int64_t entry, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT tbl, op, row, old FROM journal_change WHERE entry = ? ORDER BY id DESC", "i",
        entry);
    int row = -1, ret = 0;

    while (!ret && st && (row = nn_db_step(cat, st, err)) == 1) {
        int t = 0;
        while (t < TABLES && strcmp(journalled[t].table, nn_db_text(st, 0)))
            t++;
        if (t == TABLES)
            ret = nn_fail(err, NN_EFORMAT, "the journal names an unknown table \"%.40s\"",
                          nn_db_text(st, 0));
        else
            ret = take_back(cat, t, nn_db_text(st, 1), sqlite3_column_int64(st, 2),
                            sqlite3_column_type(st, 3) == SQLITE_NULL ? NULL : nn_db_text(st, 3),
                            err);
    }
    sqlite3_finalize(st);
    if (ret || row < 0)
        return nn_fail_in(err, "cannot undo entry %lld", (long long)entry);
    return nn_db_run(cat, err,
                     "UPDATE journal SET undone = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
                     " WHERE id = ?", "i", entry);
}

#define ENTRY "SELECT id, (SELECT count(*) FROM journal_change c WHERE c.entry = j.id), at, who," \
              " what, coalesce(undone, '') FROM journal j "

static struct nn_journal_entry entry_row(sqlite3_stmt *st)
{
    return (struct nn_journal_entry){
        .id = sqlite3_column_int64(st, 0), .changes = sqlite3_column_int64(st, 1),
        .at = nn_db_text(st, 2), .who = nn_db_text(st, 3), .what = nn_db_text(st, 4),
        .undone = nn_db_text(st, 5),
    };
}

int nn_undo_last(struct nn_catalog *cat, int64_t count,
                 void (*each)(void *arg, const struct nn_journal_entry *e), void *arg,
                 struct nn_err *err)
{
    sqlite3_stmt *st = NULL;
    int row = 0, n = 0;

    if (nn_db_enter(cat, err))
        return -1;
    if (!(st = nn_db_query(cat, err, ENTRY "WHERE undone IS NULL ORDER BY id DESC LIMIT ?", "i",
                           count)))
        row = -1;
    while (row >= 0 && (row = nn_db_step(cat, st, err)) == 1) {
        struct nn_journal_entry e = entry_row(st);
        if (take_back_entry(cat, e.id, err)) {
            row = -1;
            break;
        }
        if (each)
            each(arg, &e);
        n++;
    }
    sqlite3_finalize(st);
    return nn_db_leave(cat, row < 0 ? -1 : 0, err) ? -1 : n;
}

int nn_undo_each(struct nn_catalog *cat, int64_t limit,
                 int (*each)(void *arg, const struct nn_journal_entry *e), void *arg,
                 struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err, ENTRY "ORDER BY id DESC LIMIT ?", "i",
                                   limit ? limit : (int64_t)-1);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_journal_entry e = entry_row(st);
        if ((ret = each(arg, &e)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

const char *nn_undo_who(char out[64])
{
    const char *name = getenv("NEONNOIR_USER");
    struct passwd *pw;

    if (!name || !*name)
        name = (pw = getpwuid(getuid())) ? pw->pw_name : "somebody";
    nn_db_clean(out, 64, name);
    return out;
}
