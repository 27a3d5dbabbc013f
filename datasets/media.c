#include "datasets/media.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/db.h"

enum { NAME_MAX_BYTES = 160 };

int nn_medium_add(struct nn_catalog *cat, const struct nn_medium *m, int64_t *id, int *added,
                  struct nn_err *err)
{
    *added = nn_db_int(cat, id, err,
        "INSERT INTO medium(hash, kind, container, codec, w, h, rotation, frames, time_base_num,"
        " time_base_den, first_pts, end_pts, variable_rate, has_audio)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        "ssssnnniiiiinn", m->hash, m->kind == NN_MEDIA_VIDEO ? "video" : "image",
        m->container ? m->container : "", m->codec ? m->codec : "", m->w, m->h, m->rotation,
        m->frames, m->time_base_num, m->time_base_den, m->first_pts, m->end_pts, m->variable_rate,
        m->has_audio);
    if (*added)
        return *added < 0 ? -1 : 0;
    return nn_medium_find(cat, m->hash, id, err) < 0 ? -1 : 0;
}

int nn_medium_find(struct nn_catalog *cat, const char *hash, int64_t *id, struct nn_err *err)
{
    return nn_db_int(cat, id, err, "SELECT id FROM medium WHERE hash = ?", "s", hash);
}

int nn_origin_add(struct nn_catalog *cat, int64_t medium, const struct nn_origin *o, int64_t *id,
                  int *added, struct nn_err *err)
{
    char source[NN_PATH], path[NN_PATH], licence[256], author[256];

    nn_db_clean(source, sizeof source, o->source);
    nn_db_clean(path, sizeof path, o->path ? o->path : "");
    nn_db_clean(licence, sizeof licence, o->licence && *o->licence ? o->licence : "unknown");
    nn_db_clean(author, sizeof author, o->author ? o->author : "");
    *added = nn_db_int(cat, id, err,
        "INSERT INTO origin(medium, source, path, licence, author) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING RETURNING id", "issss", medium, source, path, licence, author);
    if (*added)
        return *added < 0 ? -1 : 0;
    return nn_db_int(cat, id, err,
                     "SELECT id FROM origin WHERE medium = ? AND path = ? AND source = ?", "iss",
                     medium, path, source) < 0 ? -1 : 0;
}

static int name_taken(struct nn_catalog *cat, const char *wish, int64_t n, char *name, size_t size,
                      struct nn_err *err)
{
    int64_t id;

    if (n)
        snprintf(name, size, "%s-%lld", wish, (long long)n);
    else
        snprintf(name, size, "%s", wish);
    return nn_db_int(cat, &id, err, "SELECT id FROM clip WHERE name = ?", "s", name);
}

/* The wish, or the wish with a number. Doubling and then halving, because a class
 * folder may hold 30,000 pictures of one name. */
static int free_name(struct nn_catalog *cat, const char *wish, char *name, size_t size,
                     struct nn_err *err)
{
    int64_t lo, hi = 2;
    int taken = name_taken(cat, wish, 0, name, size, err);

    if (taken <= 0)
        return taken;
    while ((taken = name_taken(cat, wish, hi, name, size, err)) == 1)
        hi *= 2;
    for (lo = hi / 2; taken >= 0 && hi - lo > 1;) {
        int64_t mid = lo + (hi - lo) / 2;
        taken = name_taken(cat, wish, mid, name, size, err);
        *(taken ? &lo : &hi) = mid;
    }
    return taken < 0 ? -1 : name_taken(cat, wish, hi, name, size, err);
}

int nn_clip_add(struct nn_catalog *cat, const struct nn_clip *c, int64_t *id, int *added,
                struct nn_err *err)
{
    char wish[NAME_MAX_BYTES], name[NAME_MAX_BYTES + 24];
    int found = nn_db_int(cat, id, err,
        "SELECT id FROM clip WHERE medium = ? AND start_pts = ? AND end_pts = ?", "iii", c->medium,
        c->start_pts, c->end_pts);

    *added = 0;
    if (found)
        return found < 0 ? -1 : 0;
    nn_db_clean(wish, sizeof wish, c->name && *c->name ? c->name : "clip");
    if (free_name(cat, wish, name, sizeof name, err))
        return -1;
    *added = nn_db_int(cat, id, err,
        "INSERT INTO clip(medium, start_pts, end_pts, start_frame, end_frame, name, poster)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id", "iiiiiss", c->medium, c->start_pts,
        c->end_pts, c->start_frame, c->end_frame, name, c->poster ? c->poster : "");
    return *added < 0 ? -1 : 0;
}

int nn_face_add(struct nn_catalog *cat, const struct nn_face_row *f, int64_t *id, int *added,
                struct nn_err *err)
{
    char subject[256];

    nn_db_clean(subject, sizeof subject, f->subject ? f->subject : "");
    *added = nn_db_int(cat, id, err,
        "INSERT INTO face(clip, origin, pts, x, y, w, h, score, crop, split, subject)"
        " VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        "iiidddddsss", f->clip, f->origin, f->pts, (double)f->box.x, (double)f->box.y,
        (double)f->box.w, (double)f->box.h, (double)f->score, f->crop ? f->crop : "",
        f->split ? f->split : "", subject);
    if (*added)
        return *added < 0 ? -1 : 0;
    return nn_db_int(cat, id, err,
        "SELECT id FROM face WHERE clip = ? AND pts = ? AND coalesce(origin, 0) = ?"
        " AND x = ? AND y = ? AND w = ? AND h = ?", "iiidddd", f->clip, f->pts, f->origin,
        (double)f->box.x, (double)f->box.y, (double)f->box.w, (double)f->box.h) < 0 ? -1 : 0;
}

int nn_face_set_subject(struct nn_catalog *cat, int64_t face, const char *subject,
                        struct nn_err *err)
{
    char clean[256];

    nn_db_clean(clean, sizeof clean, subject);
    return nn_db_run(cat, err, "UPDATE face SET subject = ?1 WHERE id = ?2 AND subject <> ?1", "si",
                     clean, face);
}

int nn_medium_set_complete(struct nn_catalog *cat, int64_t medium, struct nn_err *err)
{
    return nn_db_run(cat, err, "UPDATE medium SET complete = 1 WHERE id = ?", "i", medium);
}

int nn_medium_is_complete(struct nn_catalog *cat, int64_t medium, int *complete, struct nn_err *err)
{
    int64_t n = 0;
    int ret = nn_db_int(cat, &n, err, "SELECT complete FROM medium WHERE id = ?", "i", medium);

    *complete = n != 0;
    return ret == 0 ? nn_fail(err, NN_ENOTFOUND, "no medium %lld", (long long)medium)
                    : ret < 0 ? -1 : 0;
}

/* Names that hold the word, or begin as it does. */
static int no_such_clip(struct nn_catalog *cat, const char *word, struct nn_err *err)
{
    char near[400] = "";

    if (nn_db_word(cat, near, sizeof near, err,
            "SELECT coalesce(group_concat(name, ', '), '') FROM (SELECT name FROM clip"
            " WHERE instr(name, ?1) OR name LIKE substr(?1, 1, 3) || '%'"
            " ORDER BY NOT instr(name, ?1), length(name), name LIMIT 5)", "s", word) < 0)
        return -1;
    if (*near)
        return nn_fail(err, NN_ENOTFOUND, "no clip \"%.100s\"; near it: %s", word, near);
    return nn_fail(err, NN_ENOTFOUND, "no clip \"%.100s\"; `neonnoir dataset ls` lists them", word);
}

int nn_clip_find(struct nn_catalog *cat, const char *word, int64_t *id, struct nn_err *err)
{
    int found = nn_db_int(cat, id, err, "SELECT id FROM clip WHERE name = ?", "s", word);

    if (!found && isdigit((unsigned char)*word) && word[strspn(word, "0123456789")] == 0)
        found = nn_db_int(cat, id, err, "SELECT id FROM clip WHERE id = ?", "i",
                          (int64_t)strtoll(word, NULL, 10));
    return found > 0 ? 0 : found < 0 ? -1 : no_such_clip(cat, word, err);
}

void nn_clip_row(sqlite3_stmt *st, struct nn_clip *c, struct nn_medium *m)
{
    *c = (struct nn_clip){
        .id = sqlite3_column_int64(st, 0), .medium = sqlite3_column_int64(st, 1),
        .start_pts = sqlite3_column_int64(st, 2), .end_pts = sqlite3_column_int64(st, 3),
        .start_frame = sqlite3_column_int64(st, 4), .end_frame = sqlite3_column_int64(st, 5),
        .name = nn_db_text(st, 6), .poster = nn_db_text(st, 7),
    };
    *m = (struct nn_medium){
        .id = c->medium,
        .kind = strcmp(nn_db_text(st, 9), "video") ? NN_MEDIA_IMAGE : NN_MEDIA_VIDEO,
        .container = nn_db_text(st, 10), .codec = nn_db_text(st, 11),
        .w = sqlite3_column_int(st, 12), .h = sqlite3_column_int(st, 13),
        .rotation = sqlite3_column_int(st, 14), .frames = sqlite3_column_int64(st, 15),
        .time_base_num = sqlite3_column_int64(st, 16),
        .time_base_den = sqlite3_column_int64(st, 17),
        .first_pts = sqlite3_column_int64(st, 18), .end_pts = sqlite3_column_int64(st, 19),
        .variable_rate = sqlite3_column_int(st, 20), .has_audio = sqlite3_column_int(st, 21),
    };
    snprintf(m->hash, sizeof m->hash, "%s", nn_db_text(st, 8));
}

int nn_clip_load(struct nn_catalog *cat, int64_t id, struct nn_clip *c, struct nn_medium *m,
                 struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err, "SELECT " NN_CLIP_COLUMNS " FROM clip c JOIN medium m"
                                   " ON m.id = c.medium WHERE c.id = ?", "i", id);
    int row = st ? nn_db_step(cat, st, err) : -1;

    if (row == 1) {
        nn_clip_row(st, c, m);
        nn_arena_reset(&cat->strings);
        c->name = nn_arena_strdup(&cat->strings, c->name);
        c->poster = nn_arena_strdup(&cat->strings, c->poster);
        m->container = nn_arena_strdup(&cat->strings, m->container);
        m->codec = nn_arena_strdup(&cat->strings, m->codec);
        if (!c->name || !c->poster || !m->container || !m->codec)
            row = nn_fail_mem(err, "clip");
    }
    sqlite3_finalize(st);
    return row == 0 ? nn_fail(err, NN_ENOTFOUND, "no clip %lld", (long long)id) : row < 0 ? -1 : 0;
}

int nn_clip_each(struct nn_catalog *cat, int64_t medium,
                 int (*each)(void *arg, const struct nn_clip *c, const struct nn_medium *m),
                 void *arg, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT " NN_CLIP_COLUMNS " FROM clip c JOIN medium m ON m.id = c.medium"
        " WHERE ?1 = 0 OR c.medium = ?1 ORDER BY c.medium, c.start_pts, c.id", "i", medium);
    struct nn_clip c;
    struct nn_medium m;
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        nn_clip_row(st, &c, &m);
        if ((ret = each(arg, &c, &m)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

int nn_face_each(struct nn_catalog *cat, int64_t clip,
                 int (*each)(void *arg, const struct nn_face_row *f), void *arg, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT id, clip, coalesce(origin, 0), pts, x, y, w, h, score, crop, split, subject"
        " FROM face WHERE ?1 = 0 OR clip = ?1 ORDER BY clip, pts, id", "i", clip);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_face_row f = {
            .id = sqlite3_column_int64(st, 0), .clip = sqlite3_column_int64(st, 1),
            .origin = sqlite3_column_int64(st, 2), .pts = sqlite3_column_int64(st, 3),
            .box = { (float)sqlite3_column_double(st, 4), (float)sqlite3_column_double(st, 5),
                     (float)sqlite3_column_double(st, 6), (float)sqlite3_column_double(st, 7) },
            .score = (float)sqlite3_column_double(st, 8), .crop = nn_db_text(st, 9),
            .split = nn_db_text(st, 10), .subject = nn_db_text(st, 11),
        };
        if ((ret = each(arg, &f)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}
