#include "labeler/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "datasets/collection.h"
#include "datasets/undo.h"

int nn_clip_list_add(struct nn_clip_list *l, int64_t id, struct nn_err *err)
{
    if (l->count == l->room) {
        int room = l->room ? 2 * l->room : 64;
        int64_t *more = realloc(l->id, (size_t)room * sizeof *more);
        if (!more)
            return nn_fail_mem(err, "clips");
        l->id = more;
        l->room = room;
    }
    l->id[l->count++] = id;
    return 0;
}

struct collect {
    struct nn_clip_list *list;
    struct nn_err *err;
};

static int collect_clip(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    struct collect *k = arg;

    (void)m;
    return nn_clip_list_add(k->list, c->id, k->err);
}

int nn_clip_list_where(struct nn_clip_list *l, struct nn_catalog *cat, const char *where,
                       struct nn_err *err)
{
    struct collect k = { l, err };
    int before = l->count;

    if (nn_query_each(cat, where, collect_clip, &k, err))
        return -1;
    if (l->count == before)
        return nn_fail(err, NN_ENOTFOUND, "--where \"%.200s\" selects no clip", where);
    return 0;
}

void nn_clip_list_release(struct nn_clip_list *l)
{
    free(l->id);
    memset(l, 0, sizeof *l);
}

static void describe(char *out, size_t size, const char *verb, int argc, char **argv)
{
    size_t n = (size_t)snprintf(out, size, "%s", verb);

    for (int i = 0; i < argc && n < size; i++) {
        const char *quote = strchr(argv[i], ' ') ? "\"" : "";
        n += (size_t)snprintf(out + n, size - n, " %s%s%s", quote, argv[i], quote);
    }
}

int nn_change(const char *verb, int argc, char **argv,
              int (*body)(struct nn_catalog *cat, const char *who, int argc, char **argv,
                          struct nn_err *err),
              struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    char who[64], what[900];
    int ret = -1;

    describe(what, sizeof what, verb, argc, argv);
    if (cat && !nn_undo_begin(cat, nn_undo_who(who), what, err)) {
        if (!body(cat, who, argc, argv, err))
            ret = nn_undo_commit(cat, err);
        else
            nn_undo_cancel(cat);
    }
    nn_catalog_close(cat);
    return ret;
}
