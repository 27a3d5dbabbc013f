/* neonnoir dataset show: a clip, a medium, a snapshot or a run, whichever the word names. */
#include <stdio.h>
#include <string.h>

#include "datasets/cmds.h"
#include "datasets/report.h"
#include "datasets/run.h"

static struct {
    int json;
} o;

const struct nn_opt nn_dataset_show_opts[] = {
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* A part of what is shown: a record (key NULL) or a list, from one query of one id. */
struct part {
    const char *key, *none, *sql;
    struct nn_column columns[14];
};

/* A picture takes no time: NULL. */
#define SECONDS(pts) \
    "CASE m.kind WHEN 'video' THEN 1.0 * (" pts ") * m.time_base_num / m.time_base_den END"

static const struct part clip_parts[] = {
    { NULL, NULL,
      "SELECT c.id, c.name, m.kind, m.hash, " SECONDS("c.start_pts - m.first_pts") ", "
      SECONDS("c.end_pts - c.start_pts") ", c.start_frame, c.end_frame, m.w || 'x' || m.h,"
      " c.poster FROM clip c JOIN medium m ON m.id = c.medium WHERE c.id = ?",
      { { "id", "id", NN_COL_COUNT }, { "clip", "clip", NN_COL_TEXT },
        { "kind", "kind", NN_COL_TEXT }, { "medium", "medium", NN_COL_HASH },
        { "start", "start", NN_COL_SECONDS },
        { "duration", "duration", NN_COL_SECONDS }, { "start_frame", "first frame", NN_COL_COUNT },
        { "end_frame", "frames up to", NN_COL_COUNT }, { "size", "pixels", NN_COL_TEXT },
        { "poster", "poster", NN_COL_HASH } } },
    { "tags", "no tags",
      "SELECT t.namespace || '/' || t.name, g.source, g.who, g.confidence, g.at FROM tagging g"
      " JOIN tag t ON t.id = g.tag WHERE g.clip = ? ORDER BY 1, 2, 3",
      { { "tag", "TAG", NN_COL_TEXT }, { "source", "BY", NN_COL_TEXT },
        { "who", "WHO", NN_COL_TEXT }, { "confidence", "SURE", NN_COL_NUMBER },
        { "at", "AT", NN_COL_TEXT } } },
    { "collections", "in no collection",
      "SELECT k.name FROM collection_clip x JOIN collection k ON k.id = x.collection"
      " WHERE x.clip = ? ORDER BY 1", { { "collection", "COLLECTION", NN_COL_TEXT } } },
    { "faces", "no faces",
      "SELECT f.id, " SECONDS("f.pts - m.first_pts") ", CAST(round(f.x) AS INTEGER) || ','"
      " || CAST(round(f.y) AS INTEGER) || ' ' || CAST(round(f.w) AS INTEGER) || 'x'"
      " || CAST(round(f.h) AS INTEGER), f.score, (SELECT coalesce(group_concat(t.name || ' ('"
      " || g.source || ')', ' '), '') FROM tagging g JOIN tag t ON t.id = g.tag"
      " WHERE g.face = f.id), f.split, f.subject, f.crop FROM face f JOIN clip c ON c.id = f.clip"
      " JOIN medium m ON m.id = c.medium WHERE c.id = ? ORDER BY f.pts, f.id",
      { { "id", "FACE", NN_COL_COUNT }, { "time", "TIME", NN_COL_SECONDS },
        { "box", "BOX", NN_COL_TEXT }, { "score", "SCORE", NN_COL_NUMBER },
        { "tags", "TAGS", NN_COL_TEXT }, { "split", "SPLIT", NN_COL_TEXT },
        { "subject", "SUBJECT", NN_COL_TEXT }, { "picture", NULL, NN_COL_HASH } } },
    { 0 },
};

static const struct part medium_parts[] = {
    { NULL, NULL,
      "SELECT m.hash, m.kind, m.container, m.codec, m.w || 'x' || m.h, m.rotation, m.frames, "
      SECONDS("m.end_pts - m.first_pts") ", m.time_base_num || '/' || m.time_base_den,"
      " m.variable_rate, m.has_audio, m.complete, m.hash FROM medium m WHERE m.id = ?",
      { { "hash", "hash", NN_COL_TEXT }, { "kind", "kind", NN_COL_TEXT },
        { "container", "container", NN_COL_TEXT }, { "codec", "codec", NN_COL_TEXT },
        { "size", "pixels", NN_COL_TEXT }, { "rotation", "rotated by", NN_COL_COUNT },
        { "frames", "frames", NN_COL_COUNT }, { "duration", "duration", NN_COL_SECONDS },
        { "time_base", "time base", NN_COL_TEXT }, { "variable_rate", "uneven", NN_COL_YES },
        { "has_audio", "sound", NN_COL_YES }, { "complete", "complete", NN_COL_YES },
        { "bytes", "bytes", NN_COL_SIZE } } },
    { "origins", "of unknown origin",
      "SELECT source, path, licence, author, added FROM origin WHERE medium = ? ORDER BY id",
      { { "source", "SOURCE", NN_COL_TEXT }, { "path", "PATH", NN_COL_TEXT },
        { "licence", "LICENCE", NN_COL_TEXT }, { "author", "AUTHOR", NN_COL_TEXT },
        { "added", "ADDED", NN_COL_TEXT } } },
    { "clips", "no clips",
      "SELECT c.name, " SECONDS("c.start_pts - m.first_pts") ", " SECONDS("c.end_pts - c.start_pts")
      ", (SELECT count(*) FROM face WHERE clip = c.id) FROM clip c JOIN medium m ON m.id = c.medium"
      " WHERE m.id = ? ORDER BY c.start_pts",
      { { "clip", "CLIP", NN_COL_TEXT }, { "start", "START", NN_COL_SECONDS },
        { "duration", "DURATION", NN_COL_SECONDS }, { "faces", "FACES", NN_COL_COUNT } } },
    { 0 },
};

static const struct part snapshot_parts[] = {
    { NULL, NULL,
      "SELECT id, name, hash, licence, query, valid, seed, count, leaks, withheld, made"
      " FROM snapshot WHERE id = ?",
      { { "id", "id", NN_COL_COUNT }, { "snapshot", "snapshot", NN_COL_TEXT },
        { "hash", "hash", NN_COL_TEXT }, { "licence", "licence", NN_COL_TEXT },
        { "where", "where", NN_COL_TEXT }, { "valid_share", "valid share", NN_COL_NUMBER },
        { "seed", "seed", NN_COL_COUNT }, { "samples", "samples", NN_COL_COUNT },
        { "leaks", "leaks", NN_COL_COUNT }, { "withheld", "withheld", NN_COL_COUNT },
        { "made", "made", NN_COL_TEXT } } },
    { "labels", "no samples",
      "SELECT split, label, count(*), sum(leaked) FROM snapshot_sample WHERE snapshot = ?"
      " GROUP BY 1, 2 ORDER BY CASE split WHEN 'train' THEN 0 WHEN 'valid' THEN 1 ELSE 2 END, 2",
      { { "split", "SPLIT", NN_COL_TEXT }, { "label", "LABEL", NN_COL_TEXT },
        { "samples", "SAMPLES", NN_COL_COUNT }, { "leaked", "LEAKED", NN_COL_COUNT } } },
    { "runs", "no run has used it",
      "SELECT name, state, epoch, best_metric FROM run WHERE snapshot = ? ORDER BY id",
      { { "run", "RUN", NN_COL_TEXT }, { "state", "STATE", NN_COL_TEXT },
        { "epoch", "EPOCH", NN_COL_COUNT }, { "best_metric", "BEST", NN_COL_NUMBER } } },
    { 0 },
};

static const struct part run_parts[] = {
    { NULL, NULL,
      "SELECT r.id, r.name, r.task, r.state, r.epoch, r.epochs, r.best_metric, s.name, r.created,"
      " r.updated, r.settings FROM run r LEFT JOIN snapshot s ON s.id = r.snapshot WHERE r.id = ?",
      { { "id", "id", NN_COL_COUNT }, { "run", "run", NN_COL_TEXT },
        { "task", "task", NN_COL_TEXT }, { "state", "state", NN_COL_TEXT },
        { "epoch", "epoch", NN_COL_COUNT },
        { "epochs", "of", NN_COL_COUNT }, { "best_metric", "best", NN_COL_NUMBER },
        { "snapshot", "snapshot", NN_COL_TEXT }, { "created", "begun", NN_COL_TEXT },
        { "updated", "updated", NN_COL_TEXT }, { "settings", "settings", NN_COL_TEXT } } },
    { "labels", "no labels",
      "SELECT key, value FROM run_label WHERE run = ? ORDER BY key",
      { { "name", "LABEL", NN_COL_TEXT }, { "value", "VALUE", NN_COL_TEXT } } },
    { "metrics", "no metrics yet",
      "SELECT epoch, split, metric, value FROM metric WHERE run = ? ORDER BY 1, 2, 3",
      { { "epoch", "EPOCH", NN_COL_COUNT }, { "split", "SPLIT", NN_COL_TEXT },
        { "metric", "METRIC", NN_COL_TEXT }, { "value", "VALUE", NN_COL_NUMBER } } },
    { "models", "not exported yet",
      "SELECT path, hash, made FROM model WHERE run = ? ORDER BY id",
      { { "path", "MODEL", NN_COL_TEXT }, { "hash", "HASH", NN_COL_HASH },
        { "made", "MADE", NN_COL_TEXT } } },
    { 0 },
};

/* Where a word may belong, in order. */
static const struct {
    const char *find;
    const struct part *parts;
} kinds[] = {
    { "SELECT id FROM clip WHERE name = ?1", clip_parts },
    { "SELECT id FROM snapshot WHERE name = ?1", snapshot_parts },
    { "SELECT id FROM run WHERE name = ?1", run_parts },
    { "SELECT max(id) FROM medium WHERE length(?1) >= 6 AND ?1 NOT GLOB '*[^0-9a-f]*'"
      " AND hash >= ?1 AND hash < ?1 || 'g' HAVING count(*) = 1", medium_parts },
    { "SELECT id FROM clip WHERE id = CAST(?1 AS INTEGER) AND ?1 NOT GLOB '*[^0-9]*'", clip_parts },
};

static int show(struct nn_catalog *cat, const struct part *p, int64_t id, cJSON *out,
                struct nn_err *err)
{
    for (; p->sql; p++) {
        sqlite3_stmt *st = nn_db_query(cat, err, p->sql, "i", id);
        if (!p->key) {
            if (nn_report_record(cat, st, p->columns, out, err))
                return -1;
            continue;
        }
        if (!out)
            putchar('\n');
        if (nn_report(cat, st, p->columns, p->none,
                      out ? cJSON_AddArrayToObject(out, p->key) : NULL, err))
            return -1;
    }
    return 0;
}

static int find_and_show(struct nn_catalog *cat, const char *word, cJSON *out, struct nn_err *err)
{
    int64_t id;

    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int found = nn_db_int(cat, &id, err, kinds[i].find, "s", word);
        if (found)
            return found < 0 ? -1 : show(cat, kinds[i].parts, id, out, err);
    }
    /* Nothing: the clips that are near are the best hint. */
    if (nn_clip_find(cat, word, &id, err))
        return nn_fail_in(err, "no snapshot, run or medium (6 digits of its hash) either");
    return show(cat, clip_parts, id, out, err);
}

int nn_dataset_show(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err);
    cJSON *out = o.json ? cJSON_CreateObject() : NULL;
    int ret = -1;

    (void)argc;
    if (cat)
        ret = find_and_show(cat, argv[0], out, err);
    if (!ret && out)
        ret = nn_json_print(out, err);
    else
        cJSON_Delete(out);
    nn_catalog_close(cat);
    return ret;
}
