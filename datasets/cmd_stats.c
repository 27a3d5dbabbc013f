/* neonnoir dataset stats: how much of what. */
#include <stdio.h>

#include "datasets/cmds.h"
#include "datasets/collection.h"
#include "datasets/report.h"

static struct {
    int json;
} o;

const struct nn_opt nn_dataset_stats_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

static const struct part {
    const char *key, *none, *sql;
    struct nn_column columns[12];
} parts[] = {
    { "media", "no media yet",
      "SELECT m.kind, count(*), sum(m.frames), sum(CASE m.kind WHEN 'video' THEN"
      " 1.0 * (m.end_pts - m.first_pts) * m.time_base_num / m.time_base_den END),"
      " (SELECT count(*) FROM clip c JOIN medium x ON x.id = c.medium WHERE x.kind = m.kind),"
      " (SELECT count(*) FROM face f JOIN clip c ON c.id = f.clip"
      " JOIN medium x ON x.id = c.medium WHERE x.kind = m.kind),"
      " sum(NOT m.complete) FROM medium m GROUP BY m.kind ORDER BY m.kind DESC",
      { { "kind", "KIND", NN_COL_TEXT }, { "media", "MEDIA", NN_COL_COUNT },
        { "frames", "FRAMES", NN_COL_COUNT }, { "duration", "DURATION", NN_COL_SECONDS },
        { "clips", "CLIPS", NN_COL_COUNT }, { "faces", "FACES", NN_COL_COUNT },
        { "incomplete", "INCOMPLETE", NN_COL_COUNT } } },
    { "labels", "no labelled faces yet",
      "SELECT t.name, count(DISTINCT g.face),"
      " count(DISTINCT g.face) FILTER (WHERE f.split = 'train'),"
      " count(DISTINCT g.face) FILTER (WHERE f.split = 'valid'),"
      " count(DISTINCT g.face) FILTER (WHERE f.split = 'test'),"
      " count(DISTINCT g.face) FILTER (WHERE f.split = ''),"
      " count(DISTINCT g.face) FILTER (WHERE g.source = 'person'),"
      " count(DISTINCT g.face) FILTER (WHERE g.source = 'import'),"
      " count(DISTINCT g.face) FILTER (WHERE g.source = 'model')"
      " FROM tagging g JOIN tag t ON t.id = g.tag JOIN face f ON f.id = g.face"
      " WHERE t.namespace = 'emotion' GROUP BY t.id ORDER BY t.name",
      { { "label", "LABEL", NN_COL_TEXT }, { "faces", "FACES", NN_COL_COUNT },
        { "train", "TRAIN", NN_COL_COUNT }, { "valid", "VALID", NN_COL_COUNT },
        { "test", "TEST", NN_COL_COUNT }, { "unsplit", "UNSPLIT", NN_COL_COUNT },
        { "person", "PERSON", NN_COL_COUNT }, { "import", "IMPORT", NN_COL_COUNT },
        { "model", "MODEL", NN_COL_COUNT } } },
    { "tags", "no clip is tagged yet",
      "SELECT t.namespace || '/' || t.name, count(DISTINCT g.clip) AS n FROM tagging g"
      " JOIN tag t ON t.id = g.tag WHERE g.clip IS NOT NULL GROUP BY t.id ORDER BY n DESC, 1",
      { { "tag", "TAG", NN_COL_TEXT }, { "clips", "CLIPS", NN_COL_COUNT } } },
    { "licences", "no origins yet",
      "SELECT licence, count(DISTINCT medium) FROM origin GROUP BY licence ORDER BY 2 DESC, 1",
      { { "licence", "LICENCE", NN_COL_TEXT }, { "media", "MEDIA", NN_COL_COUNT } } },
    { "sources", "no origins yet",
      "SELECT source, count(DISTINCT medium) FROM origin GROUP BY source ORDER BY 2 DESC, 1"
      " LIMIT 20",
      { { "source", "SOURCE", NN_COL_TEXT }, { "media", "MEDIA", NN_COL_COUNT } } },
};

struct pool {
    int64_t files, bytes;
};

static int add_file(void *arg, const char *name, const char *path, int64_t bytes)
{
    struct pool *p = arg;

    (void)name, (void)path;
    p->files++;
    p->bytes += bytes;
    return 0;
}

static int see_collection(void *arg, const struct nn_collection *c)
{
    cJSON *list = arg, *item;
    char n[32];

    if (!list) {
        printf("%*s%-*s %8s\n", 2 * c->depth, "", 32 - 2 * c->depth, c->name,
               nn_report_count(c->clips, n));
        return 0;
    }
    item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "collection", c->name);
    cJSON_AddNumberToObject(item, "clips", (double)c->clips);
    cJSON_AddItemToArray(list, item);
    return 0;
}

static int report(struct nn_catalog *cat, cJSON *out, struct nn_err *err)
{
    struct pool pool = { 0 };
    char n[32], bytes[32];

    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (nn_report(cat, nn_db_query(cat, err, parts[i].sql, ""), parts[i].columns, parts[i].none,
                      out ? cJSON_AddArrayToObject(out, parts[i].key) : NULL, err))
            return -1;
        if (!out)
            putchar('\n');
    }
    if (!out)
        printf("%-32s %8s\n", "COLLECTION", "CLIPS");
    if (nn_collection_each(cat, see_collection,
                           out ? cJSON_AddArrayToObject(out, "collections") : NULL, err) ||
        nn_pool_walk(cat, add_file, &pool, err))
        return -1;
    if (!out) {
        printf("\npool: %s files, %s\n", nn_report_count(pool.files, n),
               nn_report_bytes(pool.bytes, bytes));
        return 0;
    }
    cJSON *p = cJSON_AddObjectToObject(out, "pool");
    cJSON_AddNumberToObject(p, "files", (double)pool.files);
    cJSON_AddNumberToObject(p, "bytes", (double)pool.bytes);
    return 0;
}

int nn_dataset_stats(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err);
    cJSON *out = o.json ? cJSON_CreateObject() : NULL;
    int ret = -1;

    (void)argc, (void)argv;
    if (cat)
        ret = report(cat, out, err);
    if (!ret && out)
        ret = nn_json_print(out, err);
    else
        cJSON_Delete(out);
    nn_catalog_close(cat);
    return ret;
}
