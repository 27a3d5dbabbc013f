/*
 * db.h - a thin layer over SQLite for this folder alone: prepared statements
 * kept by their text, parameters by a format, our errors. Not to be included
 * outside datasets/.
 *
 * Formats: 'i' int64_t, 'n' int, 'd' double, 's' const char * (NULL: SQL NULL),
 * one letter a parameter. Text is copied by SQLite.
 */
#ifndef NN_DATASETS_DB_H
#define NN_DATASETS_DB_H

#include <sqlite3.h>

#include "common/arena.h"
#include "datasets/media.h"

enum { NN_DB_CACHED = 256 };

struct nn_catalog {
    sqlite3 *db;
    char dir[NN_PATH];
    enum nn_access access;
    int depth;              /* of nn_db_enter() */
    int own;                /* the outermost enter() began the transaction */
    int64_t entry;          /* open journal entry (undo.h), 0 none */
    int pool_lock;          /* descriptor of pool/.lock, 0 none: held while we may put */
    int64_t temporaries;    /* made in the pool so far: part of their names */
    struct nn_arena strings;    /* what nn_run_find() handed out last */
    struct {
        const char *sql;    /* the literal's address is the key */
        sqlite3_stmt *st;
    } cache[NN_DB_CACHED];  /* open addressing */
};

/* Fills `err` from what SQLite said last. Returns -1. */
int nn_db_fail(struct nn_catalog *cat, struct nn_err *err);

/* Several statements without parameters. */
int nn_db_exec(struct nn_catalog *cat, const char *sql, struct nn_err *err);

/* A kept statement, ready to bind. `sql` must be a literal, and the statement
 * be done before anything else may ask for the same: never across a callback. */
sqlite3_stmt *nn_db_kept(struct nn_catalog *cat, const char *sql, struct nn_err *err);

/* Binds and runs a kept statement that returns no rows. */
int nn_db_run(struct nn_catalog *cat, struct nn_err *err, const char *sql, const char *fmt, ...);
/* First column of its first row. 1, 0 without a row (*out stays), -1. */
int nn_db_int(struct nn_catalog *cat, int64_t *out, struct nn_err *err, const char *sql,
              const char *fmt, ...);
/* The same for text, into the caller's buffer, cut to its size. */
int nn_db_word(struct nn_catalog *cat, char *out, size_t size, struct nn_err *err, const char *sql,
               const char *fmt, ...);
/* A statement of its own for loops with callbacks; the caller finalizes it. */
sqlite3_stmt *nn_db_query(struct nn_catalog *cat, struct nn_err *err, const char *sql,
                          const char *fmt, ...);
/* 1 a row, 0 done, -1. */
int nn_db_step(struct nn_catalog *cat, sqlite3_stmt *st, struct nn_err *err);
/* Never NULL. */
const char *nn_db_text(sqlite3_stmt *st, int column);
int64_t nn_db_changes(struct nn_catalog *cat);

/* Makes several statements one: begins a transaction, or a savepoint within the
 * caller's. leave() commits when `ret` is 0, else takes back; returns `ret` or -1. */
int nn_db_enter(struct nn_catalog *cat, struct nn_err *err);
int nn_db_leave(struct nn_catalog *cat, int ret, struct nn_err *err);

/* What nn_clip_row() reads, in its order, from clip c and medium m. */
#define NN_CLIP_COLUMNS                                                              \
    "c.id, c.medium, c.start_pts, c.end_pts, c.start_frame, c.end_frame, c.name, c.poster," \
    " m.hash, m.kind, m.container, m.codec, m.w, m.h, m.rotation, m.frames, m.time_base_num," \
    " m.time_base_den, m.first_pts, m.end_pts, m.variable_rate, m.has_audio"
/* Strings live until the next step. */
void nn_clip_row(sqlite3_stmt *st, struct nn_clip *c, struct nn_medium *m);

/* Calls each(arg, name, path, bytes) for every file in the pool, in no order, until
 * it returns non-zero, which is returned; -1 on errors. */
int nn_pool_walk(const struct nn_catalog *cat,
                 int (*each)(void *arg, const char *name, const char *path, int64_t bytes),
                 void *arg, struct nn_err *err);
/* Makes sure that nobody else is putting files into the pool, so that a file without
 * a row is an orphan and not one whose row is about to come. NN_EDB when somebody is. */
int nn_pool_lock_alone(struct nn_catalog *cat, struct nn_err *err);
/* Lets go of either lock; for nn_catalog_close(). */
void nn_pool_unlock(struct nn_catalog *cat);

/* Copies `s`, replacing control characters and bytes that are not UTF-8 by '_',
 * cut to `size`: names of foreign files must be fit for JSON and terminals. */
void nn_db_clean(char *out, size_t size, const char *s);

#endif
