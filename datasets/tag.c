#include "datasets/tag.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "datasets/db.h"
#include "datasets/undo.h"

const char *const nn_source_names[] = { "person", "model", "import" };

enum { TAG_MAX = 100 };

/* Splits "Mood/Very Tense" into "mood" and "very-tense"; namespace "" when bare. */
static int normalise(const char *text, char ns[TAG_MAX], char name[TAG_MAX], struct nn_err *err)
{
    const char *slash = strchr(text, '/');
    char *out = slash ? ns : name;
    size_t n = 0;

    ns[0] = name[0] = 0;
    for (const char *p = text; *p; p++) {
        if (p == slash) {
            out = name;
            n = 0;
            continue;
        }
        unsigned char c = (unsigned char)*p;
        c = c == ' ' || c == '_' ? '-' : (unsigned char)tolower(c);
        if (n + 1 >= TAG_MAX || !(isalnum(c) || c >= 0x80 || strchr("-.+&'", c)))
            return nn_fail(err, NN_EUSAGE, "\"%.80s\" is no tag: NAMESPACE/NAME of letters, digits "
                           "and '-', at most %d each", text, TAG_MAX - 1);
        out[n++] = (char)c;
        out[n] = 0;
    }
    if (!*name || *name == '-' || (slash && (!*ns || *ns == '-')))
        return nn_fail(err, NN_EUSAGE, "\"%.80s\" is no tag: NAMESPACE/NAME, both begin with a "
                       "letter or digit", text);
    return 0;
}

/* Lists what begins or sounds alike: same first letters, or the word inside. */
static int unknown(struct nn_catalog *cat, const char *text, const char *ns, const char *name,
                   struct nn_err *err)
{
    char near[400] = "";

    if (nn_db_word(cat, near, sizeof near, err,
            "SELECT coalesce(group_concat(word, ', '), '') FROM (SELECT namespace || '/' || name"
            " AS word FROM tag WHERE instr(name, ?1) OR instr(?1, name)"
            " OR name LIKE substr(?1, 1, 3) || '%' OR namespace = ?2"
            " ORDER BY namespace <> ?2, NOT instr(name, ?1), name NOT LIKE substr(?1, 1, 2) || '%',"
            " name LIMIT 6)", "ss", name, ns) < 0)
        return -1;
    return nn_fail(err, NN_ENOTFOUND, "no tag \"%.80s\"%s%s", text,
                   *near ? "; near it: " : "; `neonnoir dataset ls --tags` lists them", near);
}

int nn_tag_id(struct nn_catalog *cat, const char *text, int create, int64_t *id, struct nn_err *err)
{
    char ns[TAG_MAX], name[TAG_MAX], all[300];
    int64_t count = 0;
    int found;

    if (normalise(text, ns, name, err))
        return -1;
    if (*ns) {
        found = nn_db_int(cat, id, err, "SELECT id FROM tag WHERE namespace = ? AND name = ?", "ss",
                          ns, name);
    } else {
        if (nn_db_int(cat, &count, err, "SELECT count(*) FROM tag WHERE name = ?", "s", name) < 0)
            return -1;
        if (count > 1) {
            if (nn_db_word(cat, all, sizeof all, err,
                           "SELECT group_concat(tag, ', ') FROM (SELECT namespace || '/' || name"
                           " AS tag FROM tag WHERE name = ? ORDER BY 1)", "s", name) < 0)
                return -1;
            return nn_fail(err, NN_EUSAGE, "\"%.80s\" may be %s: name one of them", text, all);
        }
        found = nn_db_int(cat, id, err, "SELECT id FROM tag WHERE name = ?", "s", name);
    }
    if (found)
        return found < 0 ? -1 : 0;
    if (!create)
        return unknown(cat, text, ns, name, err);
    return nn_db_int(cat, id, err,
                     "INSERT INTO tag(namespace, name, description) VALUES (?, ?, '') RETURNING id",
                     "ss", *ns ? ns : "tag", name) < 0 ? -1 : 0;
}

int nn_tag_fits(struct nn_catalog *cat, const char *text, struct nn_err *err)
{
    char ns[TAG_MAX], name[TAG_MAX];
    int64_t one;

    if (normalise(text, ns, name, err))
        return -1;
    if (!*ns || !strcmp(ns, "emotion"))
        return 0;
    return nn_db_int(cat, &one, err, "SELECT 1 FROM tag WHERE namespace = ? LIMIT 1", "s", ns);
}

/* A person's emotion replaces the others on a face. */
static int replace_emotions(struct nn_catalog *cat, int64_t tag, int64_t face, int *changed,
                            struct nn_err *err)
{
    if (nn_db_run(cat, err,
                  "DELETE FROM tagging WHERE face = ?1 AND tag <> ?2"
                  " AND (SELECT namespace FROM tag WHERE id = ?2) = 'emotion'"
                  " AND tag IN (SELECT id FROM tag WHERE namespace = 'emotion')", "ii", face, tag))
        return -1;
    *changed += nn_db_changes(cat) > 0;
    return 0;
}

static int put(struct nn_catalog *cat, int64_t tag, const struct nn_tagging *t, int *changed,
               struct nn_err *err)
{
    int64_t id;
    int ret;

    if (t->target == NN_ON_FACE && t->source == NN_PERSON &&
        replace_emotions(cat, tag, t->target_id, changed, err))
        return -1;
    ret = t->target == NN_ON_FACE
        ? nn_db_int(cat, &id, err,
            "INSERT INTO tagging(tag, face, source, who, confidence) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT(face, tag, source, who) WHERE face IS NOT NULL DO UPDATE"
            " SET confidence = excluded.confidence, at = excluded.at"
            " WHERE excluded.confidence > confidence RETURNING id", "iissd", tag, t->target_id,
            nn_source_names[t->source], t->who, (double)t->confidence)
        : nn_db_int(cat, &id, err,
            "INSERT INTO tagging(tag, clip, source, who, confidence) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT(clip, tag, source, who) WHERE clip IS NOT NULL DO UPDATE"
            " SET confidence = excluded.confidence, at = excluded.at"
            " WHERE excluded.confidence > confidence RETURNING id", "iissd", tag, t->target_id,
            nn_source_names[t->source], t->who, (double)t->confidence);
    *changed += ret > 0;
    return ret < 0 ? -1 : 0;
}

/* Ends the journal entry of a change that brought its own. */
static int end_entry(struct nn_catalog *cat, int own_entry, int ret, struct nn_err *err)
{
    if (own_entry && ret)
        nn_undo_cancel(cat);
    return own_entry && !ret ? nn_undo_commit(cat, err) : ret;
}

int nn_tag_put(struct nn_catalog *cat, int64_t tag, const struct nn_tagging *t, int *added,
               struct nn_err *err)
{
    int own_entry = t->source == NN_PERSON && !cat->entry, ret;

    *added = 0;
    if (own_entry && nn_undo_begin(cat, t->who, "tag", err))
        return -1;
    ret = put(cat, tag, t, added, err);
    *added = *added > 0;
    return end_entry(cat, own_entry, ret, err);
}

int nn_tag_remove(struct nn_catalog *cat, int64_t tag, enum nn_target target, int64_t target_id,
                  const char *who, int *removed, struct nn_err *err)
{
    int own_entry = !cat->entry, ret;

    if (own_entry && nn_undo_begin(cat, who, "remove a tag", err))
        return -1;
    ret = target == NN_ON_FACE
        ? nn_db_run(cat, err, "DELETE FROM tagging WHERE face = ? AND tag = ?", "ii", target_id,
                    tag)
        : nn_db_run(cat, err, "DELETE FROM tagging WHERE clip = ? AND tag = ?", "ii", target_id,
                    tag);
    *removed = !ret && nn_db_changes(cat) > 0;
    return end_entry(cat, own_entry, ret, err);
}

int nn_tag_each(struct nn_catalog *cat, enum nn_target target, int64_t target_id,
                int (*each)(void *arg, const char *tag, const struct nn_tagging *t), void *arg,
                struct nn_err *err)
{
#define TAGGINGS_OF(column)                                                      \
    "SELECT t.namespace || '/' || t.name, g.source, g.who, g.confidence"         \
    " FROM tagging g JOIN tag t ON t.id = g.tag WHERE g." column " = ?"          \
    " ORDER BY t.namespace, t.name, g.source, g.who"
    sqlite3_stmt *st = nn_db_query(cat, err,
        target == NN_ON_FACE ? TAGGINGS_OF("face") : TAGGINGS_OF("clip"), "i", target_id);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        const char *source = nn_db_text(st, 1);
        struct nn_tagging t = {
            .target = target, .target_id = target_id, .who = nn_db_text(st, 2),
            .source = *source == 'p' ? NN_PERSON : *source == 'm' ? NN_MODEL : NN_IMPORT,
            .confidence = (float)sqlite3_column_double(st, 3),
        };
        if ((ret = each(arg, nn_db_text(st, 0), &t)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}
