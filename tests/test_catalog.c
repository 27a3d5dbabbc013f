/* The catalog: init, idempotent adds, transactions, refusals, tags, undo, runs. */
#include <sqlite3.h>
#include <time.h>

#include "datasets/run.h"
#include "datasets/undo.h"
#include "datasets/verify.h"
#include "tests/catalog.h"

static int count_clip(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    (void)m;
    CHECK(c->id > 0 && *c->name);
    ++*(int *)arg;
    return 0;
}

static int clips_in(struct nn_catalog *cat)
{
    int n = 0;

    CHECK_OK(nn_clip_each(cat, 0, count_clip, &n, &err), &err);
    return n;
}

static int count_face(void *arg, const struct nn_face_row *f)
{
    CHECK(f->box.w == 48 && f->origin > 0);
    ++*(int *)arg;
    return 0;
}

static void init_and_open(void)
{
    struct nn_catalog *cat = fresh_catalog(), *second;
    char dir[300], file[800];
    int made = 1;

    snprintf(dir, sizeof dir, "%s", nn_catalog_dir(cat));
    CHECK_OK(nn_catalog_init(dir, &made, &err), &err);
    CHECK(!made);
    CHECK((second = nn_catalog_open(dir, NN_READ, &err)) != NULL);
    CHECK(second && nn_catalog_begin(second, &err) == -1);
    nn_catalog_close(second);

    snprintf(file, sizeof file, "%s/none", scratch);
    CHECK(!nn_catalog_open(file, NN_READ, &err) && err.code == NN_ENOTFOUND);
    CHECK(strstr(err.msg, "neonnoir init"));

    snprintf(file, sizeof file, "mkdir -p '%s/text' && echo 'some words, no database, but longer "
             "than a header is' > '%s/text/catalog.db'", scratch, scratch);
    run_shell(file);
    snprintf(file, sizeof file, "%s/text", scratch);
    CHECK(!nn_catalog_open(file, NN_WRITE, &err) && strstr(err.msg, "not a SQLite database"));
    CHECK(nn_catalog_init(file, &made, &err) == -1 && strstr(err.msg, "not a SQLite database"));

    snprintf(file, sizeof file, "mkdir -p '%s/dir/catalog.db'", scratch);
    run_shell(file);
    snprintf(file, sizeof file, "%s/dir", scratch);
    CHECK(!nn_catalog_open(file, NN_WRITE, &err) && strstr(err.msg, "cannot open"));

    /* Killed between making the file and the schema: init goes on, open says so. */
    snprintf(file, sizeof file, "mkdir -p '%s/half' && : > '%s/half/catalog.db'", scratch, scratch);
    run_shell(file);
    snprintf(file, sizeof file, "%s/half", scratch);
    CHECK(!nn_catalog_open(file, NN_WRITE, &err) && strstr(err.msg, "never finished"));
    CHECK_OK(nn_catalog_init(file, &made, &err), &err);
    CHECK(made);
    end_catalog(cat);
}

static void newer_version(void)
{
    struct nn_catalog *cat = fresh_catalog();
    char dir[300], file[400];
    int made;
    sqlite3 *db;

    snprintf(dir, sizeof dir, "%s", nn_catalog_dir(cat));
    snprintf(file, sizeof file, "%s/catalog.db", dir);
    CHECK(sqlite3_open(file, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    CHECK(!nn_catalog_open(dir, NN_READ, &err) && strstr(err.msg, "newer"));
    CHECK(!nn_catalog_open(dir, NN_WRITE, &err) && err.code == NN_EUNSUPPORTED);
    CHECK(nn_catalog_init(dir, &made, &err) == -1 && strstr(err.msg, "999"));
    CHECK(sqlite3_open(file, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA user_version = 1; PRAGMA application_id = 7", NULL, NULL,
                       NULL) == SQLITE_OK);
    sqlite3_close(db);
    CHECK(!nn_catalog_open(dir, NN_WRITE, &err) && strstr(err.msg, "not a catalog"));
    end_catalog(cat);
}

static void adding_twice(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct picture happy = { "pixels", "train/happy/a.png", "happy", "train", "" };
    struct picture again = { "pixels", "valid/sad/b.png", "sad", "valid", "" };
    struct ids a = put_picture(cat, &happy), b = put_picture(cat, &happy), c;
    char path[NN_PATH];
    int complete = 1, faces = 0, added;
    int64_t id, other;

    CHECK(a.added == 5 && b.added == 0);
    CHECK(a.medium == b.medium && a.origin == b.origin && a.clip == b.clip && a.face == b.face);

    /* The same bytes from elsewhere: an origin and a face of their own. */
    c = put_picture(cat, &again);
    CHECK(c.added == 3 && c.medium == a.medium && c.clip == a.clip && c.face != a.face);
    CHECK(clips_in(cat) == 1);
    CHECK_OK(nn_face_each(cat, a.clip, count_face, &faces, &err), &err);
    CHECK(faces == 2);

    CHECK_OK(nn_medium_is_complete(cat, a.medium, &complete, &err), &err);
    CHECK(!complete);
    CHECK_OK(nn_medium_set_complete(cat, a.medium, &err), &err);
    CHECK_OK(nn_medium_is_complete(cat, a.medium, &complete, &err), &err);
    CHECK(complete);
    CHECK(nn_medium_is_complete(cat, 4711, &complete, &err) == -1 && err.code == NN_ENOTFOUND);

    /* A wished name that is taken gets a number; any bytes become UTF-8. */
    for (int i = 0; i < 20; i++) {
        char bytes[20];
        snprintf(bytes, sizeof bytes, "other %d", i);
        put_picture(cat, &(struct picture){ bytes, "same\xff\n", NULL, "", "" });
    }
    CHECK_OK(nn_clip_find(cat, "same__", &id, &err), &err);
    CHECK_OK(nn_clip_find(cat, "same__-20", &id, &err), &err);
    CHECK(nn_clip_find(cat, "same__-21", &other, &err) == -1 && strstr(err.msg, "same__-2"));
    CHECK_OK(nn_clip_find(cat, "1", &other, &err), &err);
    CHECK(other == 1 && id != 1);

    /* The pool heals a file that lost bytes. */
    nn_hash hash;
    nn_hash_bytes("pixels", 6, hash);
    CHECK_OK(nn_media_path(cat, hash, path, &err), &err);
    CHECK(chmod(path, 0644) == 0 && truncate(path, 2) == 0);
    CHECK_OK(nn_media_put(cat, "pixels", 6, hash, &err), &err);
    nn_hash stored;
    CHECK_OK(nn_hash_file(path, stored, &err), &err);
    CHECK(!strcmp(hash, stored));
    CHECK_OK(nn_media_put_file(cat, path, stored, &err), &err);
    CHECK(!strcmp(hash, stored));
    CHECK(nn_media_put_file(cat, scratch, stored, &err) == -1);
    CHECK(nn_media_path(cat, "../../etc/passwd", path, &err) == -1);

    CHECK_OK(nn_catalog_begin(cat, &err), &err);
    CHECK(nn_catalog_begin(cat, &err) == -1 && err.code == NN_EARG);
    put_picture(cat, &(struct picture){ "gone", "gone.png", "fear", "", "" });
    nn_catalog_rollback(cat);
    CHECK(nn_clip_find(cat, "gone.png", &id, &err) == -1);
    CHECK(clips_in(cat) == 21);

    /* A split that nobody knows is refused, with nothing stored. */
    struct nn_face_row f = { .clip = a.clip, .split = "training", .crop = "", .subject = "" };
    CHECK(nn_face_add(cat, &f, &id, &added, &err) == -1);
    end_catalog(cat);
}

static int count_tag(void *arg, const char *tag, const struct nn_tagging *t)
{
    CHECK(strchr(tag, '/') && *t->who);
    ++*(int *)arg;
    return 0;
}

static int tags_on(struct nn_catalog *cat, enum nn_target target, int64_t id)
{
    int n = 0;

    CHECK_OK(nn_tag_each(cat, target, id, count_tag, &n, &err), &err);
    return n;
}

static void tagging(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct ids p = put_picture(cat, &(struct picture){ "x", "x.png", "happy", "", "" });
    struct nn_tagging clip = { NN_ON_CLIP, p.clip, NN_MODEL, "net", 0.5f };
    struct nn_tagging face = { NN_ON_FACE, p.face, NN_PERSON, "ada", 1 };
    int64_t rain, sad, id;
    int changed;

    CHECK_OK(nn_tag_id(cat, "Rain-Soaked Skin Tones", 0, &rain, &err), &err);
    CHECK_OK(nn_tag_id(cat, "texture/rain-soaked-skin-tones", 0, &id, &err), &err);
    CHECK(rain == id);
    CHECK(nn_tag_id(cat, "mood/tens", 0, &id, &err) == -1 && err.code == NN_ENOTFOUND);
    CHECK(strstr(err.msg, "mood/tense"));
    CHECK(nn_tag_id(cat, "a/b/c", 1, &id, &err) == -1 && err.code == NN_EUSAGE);
    CHECK(nn_tag_id(cat, "", 1, &id, &err) == -1 && err.code == NN_EUSAGE);
    CHECK(nn_tag_id(cat, "x'); DROP TABLE tag;--", 1, &id, &err) == -1);
    CHECK_OK(nn_tag_id(cat, "light/tense", 1, &id, &err), &err);
    CHECK(nn_tag_id(cat, "tense", 0, &id, &err) == -1);
    CHECK(strstr(err.msg, "light/tense, mood/tense"));

    CHECK_OK(nn_tag_put(cat, rain, &clip, &changed, &err), &err);
    CHECK(changed);
    CHECK_OK(nn_tag_put(cat, rain, &clip, &changed, &err), &err);
    CHECK(!changed);
    clip.confidence = 0.4f;
    CHECK_OK(nn_tag_put(cat, rain, &clip, &changed, &err), &err);
    CHECK(!changed);
    clip.confidence = 0.9f;
    CHECK_OK(nn_tag_put(cat, rain, &clip, &changed, &err), &err);
    CHECK(changed && tags_on(cat, NN_ON_CLIP, p.clip) == 1);

    /* A person's emotion replaces the importer's; other tags stay. */
    CHECK_OK(nn_tag_id(cat, "emotion/sad", 0, &sad, &err), &err);
    CHECK_OK(nn_tag_put(cat, rain, &face, &changed, &err), &err);
    CHECK_OK(nn_tag_put(cat, sad, &face, &changed, &err), &err);
    CHECK(changed && tags_on(cat, NN_ON_FACE, p.face) == 2);
    CHECK_OK(nn_tag_remove(cat, sad, NN_ON_FACE, p.face, "ada", &changed, &err), &err);
    CHECK(changed && tags_on(cat, NN_ON_FACE, p.face) == 1);
    CHECK_OK(nn_tag_remove(cat, sad, NN_ON_FACE, p.face, "ada", &changed, &err), &err);
    CHECK(!changed);
    end_catalog(cat);
}

static int see_entry(void *arg, const struct nn_journal_entry *e)
{
    CHECK(*e->at && !strcmp(e->who, "ada") && e->changes > 0);
    *(int *)arg = 10 * *(int *)arg + (*e->undone ? 1 : 2);
    return 0;
}

static void undo(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct ids p = put_picture(cat, &(struct picture){ "x", "x.png", "happy", "", "" });
    struct nn_tagging face = { NN_ON_FACE, p.face, NN_PERSON, "ada", 1 };
    int64_t sad, fresh, kept, id;
    int changed, seen = 0;

    CHECK_OK(nn_tag_id(cat, "emotion/sad", 0, &sad, &err), &err);
    CHECK_OK(nn_undo_begin(cat, "ada", "label the face", &err), &err);
    CHECK(nn_undo_begin(cat, "ada", "twice", &err) == -1 && err.code == NN_EARG);
    CHECK_OK(nn_tag_put(cat, sad, &face, &changed, &err), &err);
    CHECK_OK(nn_undo_commit(cat, &err), &err);

    CHECK_OK(nn_undo_begin(cat, "ada", "a new tag and collection", &err), &err);
    CHECK_OK(nn_tag_id(cat, "mood/new", 1, &fresh, &err), &err);
    CHECK_OK(nn_tag_put(cat, fresh, &face, &changed, &err), &err);
    CHECK_OK(nn_collection_create(cat, 0, "Mine", "faces>0", &kept, &err), &err);
    CHECK_OK(nn_collection_add(cat, kept, p.clip, &changed, &err), &err);
    CHECK_OK(nn_undo_commit(cat, &err), &err);

    CHECK_OK(nn_undo_begin(cat, "ada", "nothing", &err), &err);
    CHECK_OK(nn_undo_commit(cat, &err), &err);
    CHECK_OK(nn_undo_begin(cat, "ada", "given up", &err), &err);
    CHECK_OK(nn_tag_remove(cat, sad, NN_ON_FACE, p.face, "ada", &changed, &err), &err);
    nn_undo_cancel(cat);
    CHECK_OK(nn_undo_each(cat, 0, see_entry, &seen, &err), &err);
    CHECK(seen == 22);

    CHECK(nn_undo_last(cat, 1, NULL, NULL, &err) == 1);
    CHECK(nn_collection_id(cat, "mine", &id, &err) == -1);
    CHECK(nn_tag_id(cat, "mood/new", 0, &id, &err) == -1);
    CHECK(tags_on(cat, NN_ON_FACE, p.face) == 1);
    CHECK(nn_undo_last(cat, 5, NULL, NULL, &err) == 1);
    CHECK(nn_undo_last(cat, 5, NULL, NULL, &err) == 0);
    seen = 0;
    CHECK_OK(nn_undo_each(cat, 0, see_entry, &seen, &err), &err);
    CHECK(seen == 11);

    /* The importer's label is back: the same row, so adding it again adds nothing. */
    CHECK(put_picture(cat, &(struct picture){ "x", "x.png", "happy", "", "" }).added == 0);
    CHECK(tags_on(cat, NN_ON_FACE, p.face) == 1);
    end_catalog(cat);
}

static int see_metric(void *arg, const struct nn_metric *m)
{
    CHECK(m->epoch == 1 && !strcmp(m->split, "valid") && !strcmp(m->name, "loss"));
    CHECK(fabs(m->at - (double)time(NULL)) < 60);
    *(double *)arg += m->value;
    return 0;
}

static int count_run(void *arg, const struct nn_run *r)
{
    CHECK(!strcmp(r->task, "emotion"));
    ++*(int *)arg;
    return 0;
}

static void runs(void)
{
    struct nn_catalog *cat = fresh_catalog();
    struct nn_run r = { .task = "emotion", .settings = "{}", .epochs = 9 }, s = r, found;
    char path[NN_PATH];
    double sum = 0;
    int n = 0;

    CHECK_OK(nn_run_add(cat, NULL, &r, &err), &err);
    CHECK(!strcmp(r.name, "emotion-1") && !strcmp(r.state, "running") && r.epochs == 9);
    CHECK_OK(nn_run_path(cat, r.name, "best.nn", path, &err), &err);
    *strrchr(path, '/') = 0;
    CHECK(nn_is_dir(path));
    CHECK_OK(nn_run_add(cat, "mine", &s, &err), &err);
    CHECK(nn_run_add(cat, "mine", &s, &err) == -1 && err.code == NN_EUSAGE);
    CHECK(nn_run_add(cat, "../up", &s, &err) == -1 && err.code == NN_EUSAGE);
    CHECK_OK(nn_run_find(cat, "latest", &found, &err), &err);
    CHECK(!strcmp(found.name, "mine"));
    found.state = "done";
    found.epoch = 9;
    found.best_metric = 0.5;
    CHECK_OK(nn_run_update(cat, &found, &err), &err);
    CHECK_OK(nn_run_find(cat, "mine", &found, &err), &err);
    CHECK(!strcmp(found.state, "done") && found.best_metric == 0.5);
    CHECK(nn_run_find(cat, "none", &found, &err) == -1 && err.code == NN_ENOTFOUND);
    CHECK_OK(nn_run_metric(cat, found.id, 1, "valid", "loss", 3, &err), &err);
    CHECK_OK(nn_run_metric(cat, found.id, 1, "valid", "loss", 2, &err), &err);
    CHECK_OK(nn_run_metric_each(cat, found.id, see_metric, &sum, &err), &err);
    CHECK(sum == 2);
    CHECK_OK(nn_run_each(cat, count_run, &n, &err), &err);
    CHECK(n == 2);
    CHECK_OK(nn_model_add(cat, found.id, "Makefile", "emotion", &err), &err);
    CHECK_OK(nn_model_add(cat, found.id, "Makefile", "emotion", &err), &err);
    end_catalog(cat);
}

static int join_label(void *arg, const char *key, const char *value)
{
    size_t n = strlen(arg);

    snprintf((char *)arg + n, 200 - n, "%s:%s;", key, value);
    return 0;
}

static void labels(void)
{
    static const char *const good[] = { "sweep=rates", "drink=caf\xc3\xa9 noir", "a.b_c-1=x=y" },
        *const change[] = { "drink=boba", "sweep=", "absent=" },
        *const bad[] = { "drink", "=x", "-a=x", "a b=x", "a=x,y", "a= x", "a=x ", "a=\x01",
                         "a=\xff", "123456789012345678901234567890123=x" },
        *const mixed[] = { "drink=tea", "bad" };
    struct nn_catalog *cat = fresh_catalog();
    struct nn_run r = { .task = "emotion", .settings = "{}", .epochs = 9 };
    char all[200] = "", value[NN_RUN_VALUE], longest[NN_RUN_VALUE + 3];
    const char *text = longest;

    CHECK_OK(nn_run_add(cat, NULL, &r, &err), &err);
    CHECK_OK(nn_run_label_put(cat, r.id, good, 3, &err), &err);
    CHECK_OK(nn_run_label_each(cat, r.id, join_label, all, &err), &err);
    CHECK(!strcmp(all, "a.b_c-1:x=y;drink:caf\xc3\xa9 noir;sweep:rates;"));
    CHECK_OK(nn_run_label_put(cat, r.id, change, 3, &err), &err);
    CHECK(nn_run_label_get(cat, r.id, "drink", value, &err) == 1 && !strcmp(value, "boba"));
    CHECK(nn_run_label_get(cat, r.id, "sweep", value, &err) == 0 && !*value);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(nn_run_label_check(&bad[i], 1, &err) == -1 && err.code == NN_EUSAGE);
    memset(longest, 'v', sizeof longest);       /* 64 bytes of value, then 65 */
    memcpy(longest, "k=", 2);
    longest[sizeof longest - 1] = 0;
    CHECK(strlen(longest) == NN_RUN_VALUE + 2 && nn_run_label_check(&text, 1, &err) == -1);
    longest[sizeof longest - 2] = 0;
    CHECK_OK(nn_run_label_check(&text, 1, &err), &err);
    CHECK(nn_run_label_put(cat, r.id, mixed, 2, &err) == -1);
    CHECK(nn_run_label_get(cat, r.id, "drink", value, &err) == 1 && !strcmp(value, "boba"));
    end_catalog(cat);
}

static int see_time(void *arg, const struct nn_metric *m)
{
    *(double *)arg = m->at;
    return 0;
}

/* A catalog of version 1 opens, once somebody may write to it, with its runs as they were. */
static void older_version(void)
{
    static const char old[] =
        "DROP TABLE run_label; ALTER TABLE metric DROP COLUMN at; PRAGMA user_version = 1;"
        "INSERT INTO run(name, task, settings, state, epoch, epochs, best_metric, updated)"
        " VALUES ('old', 'emotion', '{}', 'done', 1, 1, 0.5, '2001-09-09T01:46:40Z');"
        "INSERT INTO metric VALUES (1, 1, 'valid', 'loss', 0.25)";
    struct nn_catalog *cat = fresh_catalog();
    char dir[300], file[400], value[NN_RUN_VALUE];
    struct nn_run r;
    double at = 0;
    sqlite3 *db;

    snprintf(dir, sizeof dir, "%s", nn_catalog_dir(cat));
    snprintf(file, sizeof file, "%s/catalog.db", dir);
    nn_catalog_close(cat);
    CHECK(sqlite3_open(file, &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, old, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    CHECK(!nn_catalog_open(dir, NN_READ, &err) && strstr(err.msg, "older version 1"));
    CHECK((cat = nn_catalog_open(dir, NN_WRITE, &err)) != NULL);
    CHECK_OK(nn_run_find(cat, "old", &r, &err), &err);
    CHECK_OK(nn_run_metric_each(cat, r.id, see_time, &at, &err), &err);
    CHECK(at == 1e9);
    CHECK(nn_run_label_get(cat, r.id, "drink", value, &err) == 0);
    end_catalog(cat);
}

/* Files that are in the pool before their rows must not be taken for orphans. */
static void repair_waits(void)
{
    struct nn_catalog *cat = fresh_catalog(), *other;
    struct nn_verify_opts repair = { .repair = 1 };
    struct nn_verified v;
    nn_hash hash;

    CHECK((other = nn_catalog_open(nn_catalog_dir(cat), NN_WRITE, &err)) != NULL);
    CHECK_OK(nn_media_put(cat, "soon", 4, hash, &err), &err);
    CHECK(nn_verify(other, &repair, &v, &err) == -1 && strstr(err.msg, "putting files"));
    nn_catalog_close(other);
    CHECK((other = nn_catalog_open(nn_catalog_dir(cat), NN_WRITE, &err)) != NULL);
    nn_catalog_close(cat);
    CHECK_OK(nn_verify(other, &repair, &v, &err), &err);
    CHECK(v.orphans == 1 && v.removed == 1 && v.faults == 0);
    end_catalog(other);
}

int main(void)
{
    init_and_open();
    newer_version();
    adding_twice();
    tagging();
    undo();
    runs();
    labels();
    older_version();
    repair_waits();
    return test_done();
}
