/* neonnoir label undo, log: the journal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/json.h"
#include "datasets/undo.h"
#include "labeler/cmds.h"

static struct {
    int json;
} o;

const struct nn_opt nn_label_log_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static int read_count(int argc, char **argv, int64_t dflt, int64_t *out, struct nn_err *err)
{
    char *end;

    *out = dflt;
    if (!argc)
        return 0;
    errno = 0;
    *out = strtoll(argv[0], &end, 10);
    if (errno || end == argv[0] || *end || *out < 1)
        return nn_fail(err, NN_EUSAGE, "\"%.40s\" is no count: a whole number from 1", argv[0]);
    return 0;
}

static void note_undone(void *arg, const struct nn_journal_entry *e)
{
    fprintf(arg, "undone: %s (%s, %s)\n", e->what, e->who, e->at);
}

int nn_label_undo(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat;
    char *text = NULL;
    size_t size;
    FILE *said;     /* printed only when all of it has succeeded */
    int64_t count;
    int n;

    if (read_count(argc, argv, 1, &count, err))
        return -1;
    if (!(said = open_memstream(&text, &size)))
        return nn_fail_mem(err, "undo");
    cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    n = cat ? nn_undo_last(cat, count, note_undone, said, err) : -1;
    nn_catalog_close(cat);
    fclose(said);
    if (n > 0)
        fputs(text, stdout);
    free(text);
    if (!n)
        return nn_fail(err, NN_ENOTFOUND, "nothing to undo");
    return n < 0 ? -1 : 0;
}

static int see(void *arg, const struct nn_journal_entry *e)
{
    cJSON *list = arg, *item;

    if (!list) {
        printf("%5lld  %s  %-12s %s%s\n", (long long)e->id, e->at, e->who, e->what,
               *e->undone ? "  (undone)" : "");
        return 0;
    }
    item = cJSON_CreateObject();
    cJSON_AddNumberToObject(item, "id", (double)e->id);
    cJSON_AddStringToObject(item, "at", e->at);
    cJSON_AddStringToObject(item, "who", e->who);
    cJSON_AddStringToObject(item, "what", e->what);
    cJSON_AddNumberToObject(item, "rows", (double)e->changes);
    cJSON_AddStringToObject(item, "undone", e->undone);
    cJSON_AddItemToArray(list, item);
    return 0;
}

int nn_label_log(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat;
    cJSON *out;
    int64_t limit;
    int ret;

    if (read_count(argc, argv, 0, &limit, err) ||
        !(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err)))
        return -1;
    out = o.json ? cJSON_CreateArray() : NULL;
    ret = nn_undo_each(cat, limit, see, out, err);
    if (!ret && out)
        ret = nn_json_print(out, err);
    else
        cJSON_Delete(out);
    nn_catalog_close(cat);
    return ret;
}
