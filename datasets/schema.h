/*
 * schema.h - the catalog's schema as numbered migrations, and what a new catalog
 * starts with. Internal to datasets/.
 *
 * Adding a migration: write datasets/migrate-N.sql, embed it in schema.c as
 * schema.sql is, append it to the list there. Never edit one that has shipped.
 */
#ifndef NN_DATASETS_SCHEMA_H
#define NN_DATASETS_SCHEMA_H

#include "datasets/catalog.h"

#define NN_APPLICATION_ID 0x4e4e6f69    /* "NNoi", in the database's header */

/* The version that this program writes; a catalog of a higher one is refused. */
int nn_schema_version(void);
/* Runs the migrations behind version `from` and records the version. Inside the
 * caller's transaction. */
int nn_schema_migrate(struct nn_catalog *cat, int from, struct nn_err *err);
/* The collections and tags that a new catalog starts with. */
int nn_schema_fill(struct nn_catalog *cat, struct nn_err *err);

#endif
