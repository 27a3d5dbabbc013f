/* neonnoir dataset ls: one list at a time. */
#include <stdio.h>

#include "datasets/cmds.h"
#include "datasets/collection.h"
#include "datasets/query.h"
#include "datasets/report.h"

static struct {
    const char *where;
    int media, collections, tags, snapshots, runs, json;
} o;

const struct nn_opt nn_dataset_ls_opts[] = {
    { "where", 'w', NN_OPT_TEXT, "QUERY", "only clips (or media of clips) that it selects",
      &o.where, 0, 0 },
    { "media", 'm', NN_OPT_FLAG, NULL, "list files instead of clips", &o.media, 0, 0 },
    { "collections", 'c', NN_OPT_FLAG, NULL, "list collections", &o.collections, 0, 0 },
    { "tags", 't', NN_OPT_FLAG, NULL, "list tags", &o.tags, 0, 0 },
    { "snapshots", 's', NN_OPT_FLAG, NULL, "list snapshots", &o.snapshots, 0, 0 },
    { "runs", 'r', NN_OPT_FLAG, NULL, "list training runs", &o.runs, 0, 0 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* A picture takes no time: NULL. */
#define SECONDS(pts) \
    "CASE m.kind WHEN 'video' THEN 1.0 * (" pts ") * m.time_base_num / m.time_base_den END"

static const struct nn_column clip_columns[] = {
    { "id", "ID", NN_COL_COUNT },
    { "name", "CLIP", NN_COL_TEXT },
    { "kind", "KIND", NN_COL_TEXT },
    { "start", "START", NN_COL_SECONDS },
    { "duration", "DURATION", NN_COL_SECONDS },
    { "frames", "FRAMES", NN_COL_COUNT },
    { "faces", "FACES", NN_COL_COUNT },
    { "tags", "TAGS", NN_COL_TEXT },
    { "medium", NULL, NN_COL_HASH },
    { 0 },
};

static int ls_clips(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    struct nn_query q;
    sqlite3_stmt *st = NULL;
    int ret = -1;

    if (!nn_query_compile(cat, o.where, &q, err))
        st = nn_query_prepare(cat, &q,
            "SELECT c.id, c.name, m.kind, " SECONDS("c.start_pts - m.first_pts") ", "
            SECONDS("c.end_pts - c.start_pts") ", c.end_frame - c.start_frame,"
            " (SELECT count(*) FROM face f WHERE f.clip = c.id),"
            " (SELECT coalesce(group_concat(tag, ' '), '') FROM (SELECT DISTINCT"
            "  t.namespace || '/' || t.name AS tag FROM tagging g JOIN tag t ON t.id = g.tag"
            "  WHERE g.clip = c.id ORDER BY tag)), m.hash"
            " FROM clip c JOIN medium m ON m.id = c.medium WHERE",
            "ORDER BY c.medium, c.start_pts, c.id", err);
    if (st)
        ret = nn_report(cat, st, clip_columns, o.where ? "no clip is selected" : "no clips yet",
                        out, err);
    nn_query_release(&q);
    return ret;
}

static const struct nn_column medium_columns[] = {
    { "hash", "HASH", NN_COL_HASH },
    { "kind", "KIND", NN_COL_TEXT },
    { "codec", "CODEC", NN_COL_TEXT },
    { "size", "PIXELS", NN_COL_TEXT },
    { "frames", "FRAMES", NN_COL_COUNT },
    { "duration", "DURATION", NN_COL_SECONDS },
    { "bytes", "BYTES", NN_COL_SIZE },
    { "clips", "CLIPS", NN_COL_COUNT },
    { "complete", "COMPLETE", NN_COL_YES },
    { "source", "SOURCE", NN_COL_TEXT },
    { 0 },
};

static int ls_media(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    struct nn_query q;
    sqlite3_stmt *st = NULL;
    int ret = -1;

    /* A medium that has no clips yet is only shown when nothing is asked for. */
    if (!nn_query_compile(cat, o.where, &q, err))
        st = nn_query_prepare(cat, &q,
            "SELECT m.hash, m.kind, m.codec, m.w || 'x' || m.h, m.frames, "
            SECONDS("m.end_pts - m.first_pts") ", m.hash, count(c.id), m.complete,"
            " (SELECT coalesce(min(source || CASE path WHEN '' THEN '' ELSE ':' || path END), '')"
            " FROM origin WHERE medium = m.id)"
            " FROM medium m LEFT JOIN clip c ON c.medium = m.id WHERE",
            "GROUP BY m.id ORDER BY m.id", err);
    if (st)
        ret = nn_report(cat, st, medium_columns, "no media yet", out, err);
    nn_query_release(&q);
    return ret;
}

static const struct nn_column tag_columns[] = {
    { "tag", "TAG", NN_COL_TEXT },
    { "clips", "CLIPS", NN_COL_COUNT },
    { "faces", "FACES", NN_COL_COUNT },
    { "description", "MEANING", NN_COL_TEXT },
    { 0 },
};

static int ls_tags(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    return nn_report(cat, nn_db_query(cat, err,
        "SELECT t.namespace || '/' || t.name, count(DISTINCT g.clip), count(DISTINCT g.face),"
        " t.description FROM tag t LEFT JOIN tagging g ON g.tag = t.id"
        " GROUP BY t.id ORDER BY t.namespace, t.name", ""), tag_columns, "no tags", out, err);
}

static const struct nn_column snapshot_columns[] = {
    { "id", "ID", NN_COL_COUNT },
    { "name", "SNAPSHOT", NN_COL_TEXT },
    { "hash", "HASH", NN_COL_HASH },
    { "samples", "SAMPLES", NN_COL_COUNT },
    { "train", "TRAIN", NN_COL_COUNT },
    { "valid", "VALID", NN_COL_COUNT },
    { "test", "TEST", NN_COL_COUNT },
    { "leaks", "LEAKS", NN_COL_COUNT },
    { "withheld", "WITHHELD", NN_COL_COUNT },
    { "made", "MADE", NN_COL_TEXT },
    { "where", "WHERE", NN_COL_TEXT },
    { 0 },
};

static int ls_snapshots(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    return nn_report(cat, nn_db_query(cat, err,
        "SELECT s.id, s.name, s.hash, s.count, count(*) FILTER (WHERE x.split = 'train'),"
        " count(*) FILTER (WHERE x.split = 'valid'), count(*) FILTER (WHERE x.split = 'test'),"
        " s.leaks, s.withheld, s.made, s.query FROM snapshot s"
        " LEFT JOIN snapshot_sample x ON x.snapshot = s.id GROUP BY s.id ORDER BY s.id", ""),
        snapshot_columns, "no snapshots yet; neonnoir dataset snapshot makes one", out, err);
}

static const struct nn_column run_columns[] = {
    { "name", "RUN", NN_COL_TEXT },
    { "task", "TASK", NN_COL_TEXT },
    { "state", "STATE", NN_COL_TEXT },
    { "epoch", "EPOCH", NN_COL_COUNT },
    { "epochs", "OF", NN_COL_COUNT },
    { "best_metric", "BEST", NN_COL_NUMBER },
    { "snapshot", "SNAPSHOT", NN_COL_TEXT },
    { "created", "BEGUN", NN_COL_TEXT },
    { "labels", "LABELS", NN_COL_TEXT },
    { 0 },
};

static int ls_runs(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    return nn_report(cat, nn_db_query(cat, err,
        "SELECT r.name, r.task, r.state, r.epoch, r.epochs, r.best_metric, s.name, r.created,"
        " (SELECT coalesce(group_concat(l, ', '), '') FROM (SELECT key || '=' || value AS l"
        "  FROM run_label WHERE run = r.id ORDER BY key))"
        " FROM run r LEFT JOIN snapshot s ON s.id = r.snapshot ORDER BY r.id", ""), run_columns,
        "no runs yet; neonnoir train emotion begins one", out, err);
}

/* Collections come from C, because the count of one that has a query is a query. */
static int see_collection(void *arg, const struct nn_collection *c)
{
    cJSON *out = arg, *object;
    char count[32];

    if (!out) {
        printf("%*s%-*s %8s  %s%s%s\n", 2 * c->depth, "", 32 - 2 * c->depth, c->name,
               nn_report_count(c->clips, count), c->description, *c->query ? "where " : "",
               c->query);
        return 0;
    }
    object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "name", c->name);
    cJSON_AddNumberToObject(object, "id", (double)c->id);
    if (c->parent)
        cJSON_AddNumberToObject(object, "parent", (double)c->parent);
    else
        cJSON_AddNullToObject(object, "parent");
    cJSON_AddNumberToObject(object, "clips", (double)c->clips);
    cJSON_AddStringToObject(object, "description", c->description);
    cJSON_AddStringToObject(object, "query", c->query);
    cJSON_AddItemToArray(out, object);
    return 0;
}

static int ls_collections(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    return nn_collection_each(cat, see_collection, out, err);
}

typedef int list_fn(struct nn_catalog *cat, cJSON *out, struct nn_err *err);

static list_fn *chosen(struct nn_err *err)
{
    if (o.media + o.collections + o.tags + o.snapshots + o.runs > 1) {
        nn_fail(err, NN_EUSAGE, "one list at a time: --media, --collections, --tags, --snapshots "
                "or --runs");
        return NULL;
    }
    if (o.where && (o.collections || o.tags || o.snapshots || o.runs)) {
        nn_fail(err, NN_EUSAGE, "--where selects clips and media, nothing else");
        return NULL;
    }
    return o.media ? ls_media : o.collections ? ls_collections : o.tags ? ls_tags
         : o.snapshots ? ls_snapshots : o.runs ? ls_runs : ls_clips;
}

int nn_dataset_ls(int argc, char **argv, struct nn_err *err)
{
    list_fn *list = chosen(err);
    struct nn_catalog *cat;
    cJSON *out = NULL;
    int ret = -1;

    (void)argc, (void)argv;
    if (!list || !(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err)))
        return -1;
    if (o.json && !(out = cJSON_CreateArray()))
        nn_fail_mem(err, "JSON");
    else
        ret = list(cat, out, err);
    if (!ret && out)
        ret = nn_json_print(out, err);
    else
        cJSON_Delete(out);
    nn_catalog_close(cat);
    return ret;
}
