/* neonnoir label collect: clips into a collection, or out of it. */
#include <stdio.h>

#include "datasets/collection.h"
#include "labeler/change.h"
#include "labeler/cmds.h"

static struct {
    const char *where, *parent, *query;
    int create, remove;
} o;

const struct nn_opt nn_label_collect_opts[] = {
    { "where", 'w', NN_OPT_TEXT, "QUERY", "also clips that a query or collection selects now",
      &o.where, 0, 0 },
    { "new", 'n', NN_OPT_FLAG, NULL, "make the collection", &o.create, 0, 0 },
    { "in", 'i', NN_OPT_TEXT, "PARENT", "with --new: inside this collection", &o.parent, 0, 0 },
    { "query", 0, NN_OPT_TEXT, "QUERY", "with --new: it also holds what this finds, always",
      &o.query, 0, 0 },
    { "remove", 0, NN_OPT_FLAG, NULL, "take the clips out instead", &o.remove, 0, 0 },
    { 0 },
};

static int find_or_make(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err)
{
    int64_t parent = 0;

    if (!o.create) {
        if (o.parent || o.query)
            return nn_fail(err, NN_EUSAGE, "--in and --query go with --new");
        if (nn_collection_id(cat, name, id, err))
            return err->code == NN_ENOTFOUND
                ? nn_fail_in(err, "--new makes a collection") : -1;
        return 0;
    }
    if (o.parent && nn_collection_id(cat, o.parent, &parent, err))
        return -1;
    return nn_collection_create(cat, parent, name, o.query, id, err);
}

static int collect(struct nn_catalog *cat, const char *who, int argc, char **argv,
                   struct nn_err *err)
{
    struct nn_clip_list clips = { 0 };
    int64_t collection, id;
    int changed = 0, one, ret = find_or_make(cat, argv[0], &collection, err);

    (void)who;
    for (int i = 1; !ret && i < argc; i++)
        ret = nn_clip_find(cat, argv[i], &id, err) || nn_clip_list_add(&clips, id, err) ? -1 : 0;
    if (!ret && o.where)
        ret = nn_clip_list_where(&clips, cat, o.where, err);
    if (!ret && !clips.count && !o.create)
        ret = nn_fail(err, NN_EUSAGE, "no clip: name some or use --where");
    for (int i = 0; !ret && i < clips.count; i++) {
        ret = o.remove ? nn_collection_remove(cat, collection, clips.id[i], &one, err)
                       : nn_collection_add(cat, collection, clips.id[i], &one, err);
        changed += one;
    }
    if (!ret)
        printf("%s%s: %d clip%s %s\n", argv[0], o.create ? " is made" : "", changed,
               changed == 1 ? "" : "s", o.remove ? "taken out" : "put in");
    nn_clip_list_release(&clips);
    return ret;
}

int nn_label_collect(int argc, char **argv, struct nn_err *err)
{
    return nn_change("collect", argc, argv, collect, err);
}
