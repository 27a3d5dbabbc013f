#include "datasets/snapshot.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "datasets/query.h"
#include "datasets/snapshot_split.h"

const char *const nn_split_names[NN_SPLITS] = { "train", "valid", "test" };

struct selection {
    struct nn_candidate *c;
    int64_t n, room;
    int64_t faces, unlabelled, withheld;
};

static int find_split(const char *name)
{
    for (int i = 0; i < NN_SPLITS; i++)
        if (!strcmp(name, nn_split_names[i]))
            return i;
    return -1;
}

/* A registered person's face, without consent to training that holds today. */
#define WITHHELD                                                                        \
    "EXISTS (SELECT 1 FROM person p WHERE p.name = f.subject AND NOT EXISTS (SELECT 1"  \
    " FROM consent k WHERE k.person = p.id AND k.purpose = 'training' AND k.withdrawn IS NULL" \
    " AND (k.until IS NULL OR k.until >= date('now'))))"

/* Rows of one face stand together, the label that counts first. */
static const char select_head[] =
    "SELECT f.id, f.crop, f.split, f.clip,"
    " CASE f.subject WHEN '' THEN 0 ELSE dense_rank() OVER (ORDER BY f.subject) END,"
    " f.subject <> '' AND " WITHHELD ", t.name"
    " FROM clip c JOIN medium m ON m.id = c.medium JOIN face f ON f.clip = c.id"
    " LEFT JOIN tagging g ON g.face = f.id AND g.tag IN"
    " (SELECT id FROM tag WHERE namespace = 'emotion')"
    " LEFT JOIN tag t ON t.id = g.tag WHERE";
static const char select_tail[] =
    "ORDER BY f.id, CASE g.source WHEN 'person' THEN 0 WHEN 'import' THEN 1 ELSE 2 END,"
    " g.confidence DESC, g.at DESC, t.name";

static int take(struct selection *sel, sqlite3_stmt *st, int label, struct nn_err *err)
{
    struct nn_candidate *c;

    if (sel->n == sel->room) {
        int64_t room = sel->room ? 2 * sel->room : 1024;
        if (!(c = realloc(sel->c, (size_t)room * sizeof *c)))
            return nn_fail_mem(err, "snapshot");
        sel->c = c;
        sel->room = room;
    }
    c = &sel->c[sel->n++];
    *c = (struct nn_candidate){
        .s = { .face = sqlite3_column_int64(st, 0), .label = (int8_t)label,
               .split = (int8_t)find_split(nn_db_text(st, 2)) },
        .clip = sqlite3_column_int64(st, 3), .subject = sqlite3_column_int64(st, 4),
    };
    snprintf(c->s.picture, sizeof c->s.picture, "%s", nn_db_text(st, 1));
    return 0;
}

static int gather(struct nn_catalog *cat, const char *where, struct selection *sel,
                  struct nn_err *err)
{
    struct nn_query q;
    sqlite3_stmt *st = NULL;
    int64_t face = 0, settled = 0;      /* the current one, and whether it is decided */
    int row = -1;

    if (!nn_query_compile(cat, where, &q, err))
        st = nn_query_prepare(cat, &q, select_head, select_tail, err);
    while (st && (row = nn_db_step(cat, st, err)) == 1) {
        int label = nn_emotion_find(nn_db_text(st, 6));
        if (sqlite3_column_int64(st, 0) != face) {
            face = sqlite3_column_int64(st, 0);
            settled = sqlite3_column_int(st, 5);
            sel->faces++;
            sel->withheld += settled;
            sel->unlabelled += !settled;
        }
        if (settled || label < 0 || !*nn_db_text(st, 1))
            continue;
        settled = 1;
        sel->unlabelled--;
        if (take(sel, st, label, err)) {
            row = -1;
            break;
        }
    }
    sqlite3_finalize(st);
    nn_query_release(&q);
    if (row < 0)
        return -1;
    if (sel->n)
        return 0;
    return nn_fail(err, NN_ENOTFOUND, "nothing to freeze: %s%s%s selects %lld faces, %lld without "
                   "a label or picture, %lld without consent", where && *where ? "\"" : "",
                   where && *where ? where : "the catalog", where && *where ? "\"" : "",
                   (long long)sel->faces, (long long)sel->unlabelled, (long long)sel->withheld);
}

static int choose_name(struct nn_catalog *cat, const char *wish, struct nn_snapshot *out,
                       struct nn_err *err)
{
    int64_t n = 0, taken;

    if (wish) {
        nn_db_clean(out->name, sizeof out->name, wish);
        if (!*wish || strcmp(wish, out->name) || !strcmp(wish, "latest") ||
            wish[strspn(wish, "0123456789")] == 0)
            return nn_fail(err, NN_EUSAGE, "\"%.60s\" cannot name a snapshot: at most %zu "
                           "characters, not only digits, not \"latest\"", wish,
                           sizeof out->name - 1);
        if (nn_db_int(cat, &taken, err, "SELECT 1 FROM snapshot WHERE name = ?", "s", wish) == 1)
            return nn_fail(err, NN_EUSAGE, "there is a snapshot \"%.60s\" already", wish);
        return 0;
    }
    if (nn_db_int(cat, &n, err, "SELECT coalesce(max(id), 0) FROM snapshot", "") < 0)
        return -1;
    do
        snprintf(out->name, sizeof out->name, "snapshot-%lld", (long long)++n);
    while (nn_db_int(cat, &taken, err, "SELECT 1 FROM snapshot WHERE name = ?", "s",
                     out->name) == 1);
    return 0;
}

static int store(struct nn_catalog *cat, const struct nn_snapshot_request *req,
                 struct nn_snapshot *out, struct nn_err *err)
{
    if (nn_db_int(cat, &out->id, err,
        "INSERT INTO snapshot(name, hash, licence, query, valid, seed, keep_leaks, count, leaks,"
        " withheld) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?) RETURNING id", "sssdiniii", out->name,
        out->hash, req->where ? req->where : "", req->valid, (int64_t)req->seed, req->keep_leaks,
        out->count, out->leaks, out->withheld) != 1)
        return -1;
    for (int64_t i = 0; i < out->count; i++) {
        const struct nn_sample *s = &out->sample[i];
        if (nn_db_run(cat, err, "INSERT INTO snapshot_sample VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "iiisssn", out->id, i, s->face, s->picture, nn_emotions[s->label].name,
                      nn_split_names[s->split], (int)s->leaked))
            return -1;
    }
    return nn_db_run(cat, err,
        "UPDATE snapshot SET licence = (SELECT group_concat(licence, '; ') FROM"
        " (SELECT DISTINCT o.licence FROM snapshot_sample s JOIN face f ON f.id = s.face"
        " JOIN clip c ON c.id = f.clip JOIN origin o ON o.medium = c.medium"
        " AND o.id = coalesce(f.origin, o.id) WHERE s.snapshot = ?1"
        " UNION SELECT 'unknown' WHERE NOT EXISTS (SELECT 1 FROM origin) ORDER BY 1))"
        " WHERE id = ?1", "i", out->id);
}

static int make(struct nn_catalog *cat, const struct nn_snapshot_request *req,
                struct selection *sel, struct nn_snapshot *out, struct nn_err *err)
{
    if (choose_name(cat, req->name, out, err) || gather(cat, req->where, sel, err) ||
        nn_split_assign(sel->c, sel->n, req->valid, req->seed, err))
        return -1;
    out->count = nn_split_leaks(sel->c, sel->n, req->keep_leaks, &out->leaks);
    out->withheld = sel->withheld;
    if (!(out->sample = malloc((size_t)out->count * sizeof *out->sample)))
        return nn_fail_mem(err, "snapshot");
    for (int64_t i = 0; i < out->count; i++)
        out->sample[i] = sel->c[i].s;
    if (nn_snapshot_hash(out->sample, out->count, out->hash, err) || store(cat, req, out, err))
        return -1;
    return nn_db_word(cat, out->licence, sizeof out->licence, err,
                      "SELECT licence FROM snapshot WHERE id = ?", "i", out->id) < 0 ? -1 : 0;
}

int nn_snapshot_make(struct nn_catalog *cat, const struct nn_snapshot_request *req,
                     struct nn_snapshot *out, struct nn_err *err)
{
    struct selection sel = { 0 };
    int ret;

    memset(out, 0, sizeof *out);
    if (!(req->valid >= 0 && req->valid <= 0.9))
        return nn_fail(err, NN_EUSAGE, "the valid share is 0 to 0.9, not %g", req->valid);
    if (nn_db_enter(cat, err))
        return -1;
    ret = nn_db_leave(cat, make(cat, req, &sel, out, err), err);
    free(sel.c);
    if (ret)
        nn_snapshot_release(out);
    return ret;
}

static int load_samples(struct nn_catalog *cat, struct nn_snapshot *out, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT picture, face, label, split, leaked FROM snapshot_sample WHERE snapshot = ?"
        " ORDER BY n", "i", out->id);
    int64_t n = 0;
    int row = -1;

    if (!(out->sample = calloc((size_t)(out->count > 0 ? out->count : 1), sizeof *out->sample)))
        nn_fail_mem(err, "snapshot");
    while (st && out->sample && (row = nn_db_step(cat, st, err)) == 1 && n < out->count) {
        struct nn_sample *s = &out->sample[n++];
        int label = nn_emotion_find(nn_db_text(st, 2)), split = find_split(nn_db_text(st, 3));
        snprintf(s->picture, sizeof s->picture, "%s", nn_db_text(st, 0));
        s->face = sqlite3_column_int64(st, 1);
        s->label = (int8_t)label;
        s->split = (int8_t)split;
        s->leaked = (int8_t)sqlite3_column_int(st, 4);
        if (label < 0 || split < 0) {
            row = nn_fail(err, NN_EFORMAT, "snapshot %s: sample %lld has the unknown label or "
                          "split \"%.20s\" \"%.20s\"", out->name, (long long)n - 1,
                          nn_db_text(st, 2), nn_db_text(st, 3));
            break;
        }
    }
    sqlite3_finalize(st);
    if (row < 0)
        return -1;
    if (row == 1 || n != out->count)
        return nn_fail(err, NN_EFORMAT, "snapshot %s should have %lld samples, not %s%lld",
                       out->name, (long long)out->count, row == 1 ? "more than " : "",
                       (long long)n);
    return 0;
}

static int find(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err)
{
    int found = strcmp(name, "latest")
        ? nn_db_int(cat, id, err, "SELECT id FROM snapshot WHERE name = ?", "s", name)
        : nn_db_int(cat, id, err, "SELECT id FROM snapshot ORDER BY id DESC LIMIT 1", "");

    if (!found && isdigit((unsigned char)*name) && name[strspn(name, "0123456789")] == 0)
        found = nn_db_int(cat, id, err, "SELECT id FROM snapshot WHERE id = ?", "i",
                          (int64_t)strtoll(name, NULL, 10));
    if (!found)
        return nn_fail(err, NN_ENOTFOUND, "no snapshot \"%.80s\"; `neonnoir dataset ls "
                       "--snapshots` lists them", name);
    return found < 0 ? -1 : 0;
}

int nn_snapshot_load(struct nn_catalog *cat, const char *name, struct nn_snapshot *out,
                     struct nn_err *err)
{
    sqlite3_stmt *st;
    int64_t id;
    int row;

    memset(out, 0, sizeof *out);
    if (find(cat, name, &id, err) ||
        !(st = nn_db_query(cat, err, "SELECT id, name, hash, licence, count, leaks, withheld"
                           " FROM snapshot WHERE id = ?", "i", id)))
        return -1;
    if ((row = nn_db_step(cat, st, err)) == 1) {
        out->id = sqlite3_column_int64(st, 0);
        snprintf(out->name, sizeof out->name, "%s", nn_db_text(st, 1));
        snprintf(out->hash, sizeof out->hash, "%s", nn_db_text(st, 2));
        snprintf(out->licence, sizeof out->licence, "%s", nn_db_text(st, 3));
        out->count = sqlite3_column_int64(st, 4);
        out->leaks = sqlite3_column_int64(st, 5);
        out->withheld = sqlite3_column_int64(st, 6);
    }
    sqlite3_finalize(st);
    if (row != 1 || load_samples(cat, out, err)) {
        nn_snapshot_release(out);
        return -1;
    }
    return 0;
}

void nn_snapshot_release(struct nn_snapshot *s)
{
    free(s->sample);
    memset(s, 0, sizeof *s);
}

int nn_face_paths(struct nn_catalog *cat, int (*each)(void *arg, int64_t face, const char *path),
                  void *arg, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT f.id, CASE o.path WHEN '' THEN o.source ELSE o.path END FROM face f "
        "JOIN clip c ON c.id = f.clip JOIN origin o ON o.medium = c.medium "
        "WHERE f.origin IS NULL OR f.origin = o.id ORDER BY f.id", "");
    int more = st ? 1 : -1;

    while (more == 1 && (more = nn_db_step(cat, st, err)) == 1)
        if (each(arg, sqlite3_column_int64(st, 0), nn_db_text(st, 1)))
            break;
    sqlite3_finalize(st);
    return more < 0 ? -1 : 0;
}
