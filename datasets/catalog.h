/*
 * catalog.h - a catalog: one directory with a SQLite database, a media pool,
 * thumbnails, runs and models. The only SQL in the tree is in this folder.
 *
 *   catalog.db          strict tables, foreign keys, WAL (schema.sql)
 *   pool/ab/abcd...     every stored file, named by its SHA-256, read-only
 *   pool/.lock          held by whoever puts files in, so that repair waits for them
 *   thumbs/             posters and contact sheets (can be made again)
 *   runs/NAME/          training runs: checkpoints, metrics, pictures
 *   models/             exported models
 *
 * It may be copied, and survives kill -9 at any moment: a file is in the pool
 * before a row names it, and rows that belong together share a transaction. An
 * orphan in the pool is harmless; `dataset verify` counts and may remove it.
 *
 * A handle is used by one thread. Several processes may open one catalog; a
 * writer waits up to 10 s for another.
 */
#ifndef NN_DATASETS_CATALOG_H
#define NN_DATASETS_CATALOG_H

#include <stdint.h>

#include "common/err.h"
#include "common/fs.h"
#include "common/hash.h"

struct nn_catalog;

/* Makes the directory, the schema, the collections Neon Noir > { Chaotic Beauty,
 * Smoke & Mirrors } and the starting tags. An existing catalog is left alone
 * (0, *made = 0). */
int nn_catalog_init(const char *dir, int *made, struct nn_err *err);

enum nn_access { NN_READ, NN_WRITE };

/* Opens and, when writable, migrates an older one. A catalog of a newer version,
 * a read-only directory opened for writing, a directory without a catalog (says
 * `neonnoir init`) are errors. Close with nn_catalog_close(). */
struct nn_catalog *nn_catalog_open(const char *dir, enum nn_access access, struct nn_err *err);
void nn_catalog_close(struct nn_catalog *cat);          /* NULL is fine; rolls back */
const char *nn_catalog_dir(const struct nn_catalog *cat);

/* A transaction around several calls; not nested. */
int nn_catalog_begin(struct nn_catalog *cat, struct nn_err *err);
int nn_catalog_commit(struct nn_catalog *cat, struct nn_err *err);
void nn_catalog_rollback(struct nn_catalog *cat);

/* The pool. put: stores a copy unless it is there; `hash` comes out. Bytes go to
 * a temporary in the pool first, so a full disk leaves nothing named. */
int nn_media_put_file(struct nn_catalog *cat, const char *path, nn_hash hash, struct nn_err *err);
int nn_media_put(struct nn_catalog *cat, const void *data, size_t size, nn_hash hash,
                struct nn_err *err);
int nn_media_path(const struct nn_catalog *cat, const char *hash, char out[NN_PATH],
                 struct nn_err *err);

#endif
