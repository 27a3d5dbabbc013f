/*
 * collection.h - named sets of clips, filled by hand or by a query, nested; and
 * the query language, which every --where takes.
 *
 * A collection holds the clips put into it, what its query finds now, and all
 * that its children hold. Names are unique whatever their case.
 *
 * A query is conditions side by side; all must hold; '-' before one negates it.
 * A value with spaces stands in "double quotes" (\" and \\ inside).
 *
 *   word, text:WORD      a word of the clip's name, its tags or where it came from
 *                        (beginnings count: mega finds megamind-2)
 *   tag:NAME             the tag on the clip or one of its faces: mood/tense, tense, mood/
 *   emotion:NAME         a face labelled so: angry disgust fear happy neutral sad surprise
 *   source:WHO           a tag put there by person, model or import
 *   in:COLLECTION        in the collection or what it contains
 *   name:PATTERN         the clip's whole name, with * and ?
 *   kind:video|image     subject:NAME (a face's)     split:train|valid|test (a face's)
 *   licence:TEXT         origin:TEXT                 (any part of it, any case)
 *   faces tags duration width height frames          compared by > >= < <= = with a
 *                        number: faces>0 duration>=2.5 (seconds); tags of the clip itself;
 *                        width and height in pixels
 *
 *   tag:rain-soaked-skin-tones emotion:angry -source:model in:"Chaotic Beauty" faces>0
 */
#ifndef NN_DATASETS_COLLECTION_H
#define NN_DATASETS_COLLECTION_H

#include "datasets/media.h"

/* Finds a collection by name, any case; NN_ENOTFOUND lists the ones there are. */
int nn_collection_id(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err);
/* A new one under `parent` (0: at the top); `query` may be NULL and is checked.
 * A taken name is NN_EUSAGE. */
int nn_collection_create(struct nn_catalog *cat, int64_t parent, const char *name,
                         const char *query, int64_t *id, struct nn_err *err);
int nn_collection_add(struct nn_catalog *cat, int64_t collection, int64_t clip, int *added,
                      struct nn_err *err);
/* Takes out what was put in by hand. */
int nn_collection_remove(struct nn_catalog *cat, int64_t collection, int64_t clip, int *removed,
                         struct nn_err *err);

struct nn_collection {
    int64_t id, parent;                 /* parent 0: at the top */
    int depth;                          /* 0 at the top */
    const char *name, *description;
    const char *query;                  /* "" without */
    int64_t clips;                      /* that it holds in all */
};
/* All collections, parents before their children, by name. */
int nn_collection_each(struct nn_catalog *cat,
                       int (*each)(void *arg, const struct nn_collection *c), void *arg,
                       struct nn_err *err);

/* Calls each() for every clip that `where` selects (a collection's name, else a
 * query; NULL or "" all), by medium and time, as nn_clip_each() does. */
int nn_query_each(struct nn_catalog *cat, const char *where,
                  int (*each)(void *arg, const struct nn_clip *c, const struct nn_medium *m),
                  void *arg, struct nn_err *err);

#endif
