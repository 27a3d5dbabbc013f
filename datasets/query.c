#include "datasets/query.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"

enum { NESTED_MAX = 16, VALUE_MAX = 512 };

static int compile_text(struct nn_catalog *cat, const char *text, struct nn_query *q, int depth,
                        struct nn_err *err);
static int compile_collection(struct nn_catalog *cat, int64_t id, struct nn_query *q, int depth,
                              struct nn_err *err);

static int add(struct nn_query *q, struct nn_err *err, const char *fmt, ...) NN_PRINTF(3, 4);

static int add(struct nn_query *q, struct nn_err *err, const char *fmt, ...)
{
    va_list ap;
    int n;

    for (;;) {
        size_t room = q->size - q->used;
        va_start(ap, fmt);
        n = vsnprintf(q->sql ? q->sql + q->used : NULL, room, fmt, ap);
        va_end(ap);
        if (n >= 0 && (size_t)n < room)
            break;
        size_t size = q->size ? 2 * q->size : 1024;
        char *more = n < 0 || size > 1 << 20 ? NULL : realloc(q->sql, size);
        if (!more)
            return nn_fail_mem(err, "query");
        q->sql = more;
        q->size = size;
    }
    q->used += (size_t)n;
    return 0;
}

static int new_param(struct nn_query *q, struct nn_err *err)
{
    if (q->params == NN_QUERY_PARAMS)
        return nn_fail(err, NN_EUSAGE, "the query has more than %d values", NN_QUERY_PARAMS);
    return q->params++;
}

/* Adds sql, whose one %d is the number of the parameter that gets the text. */
static int add_text(struct nn_query *q, struct nn_err *err, const char *before, const char *value,
                    const char *after)
{
    int i = new_param(q, err);

    if (i < 0)
        return -1;
    if (!(q->param[i].text = strdup(value)))
        return nn_fail_mem(err, "query");
    return add(q, err, "%s?%d%s", before, i + 1, after);
}

/* The words of `value` as an FTS5 phrase list: each quoted, each a beginning. */
static int on_text(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                   struct nn_err *err)
{
    char match[2 * VALUE_MAX + 8];
    size_t n = 0;
    int words = 0;

    (void)cat, (void)depth;
    for (const char *p = value; *p && n + 8 < sizeof match;) {
        if (!isalnum((unsigned char)*p) && (unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        match[n++] = '"';
        while ((isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80) && n + 4 < sizeof match)
            match[n++] = *p++;
        match[n++] = '"';
        match[n++] = '*';
        match[n++] = ' ';
        words++;
    }
    match[n] = 0;
    if (!words)
        return nn_fail(err, NN_EUSAGE, "text:\"%.60s\" holds no word", value);
    if (add(q, err, "(") ||
        add_text(q, err, "c.id IN (SELECT rowid / 3 FROM search WHERE rowid % 3 = 0"
                 " AND search MATCH ", match, ")"))
        return -1;
    int p = q->params;
    return add(q, err,
        " OR m.id IN (SELECT medium FROM origin WHERE id IN (SELECT rowid / 3 FROM search"
        " WHERE rowid %% 3 = 1 AND search MATCH ?%d))"
        " OR EXISTS (SELECT 1 FROM tagging g LEFT JOIN face f ON f.id = g.face"
        " WHERE coalesce(g.clip, f.clip) = c.id AND g.tag IN (SELECT rowid / 3 FROM search"
        " WHERE rowid %% 3 = 2 AND search MATCH ?%d)))", p, p);
}

/* Clips that bear, themselves or on a face, a tagging that satisfies `what`. */
#define BEARS(what) \
    "c.id IN (SELECT g.clip FROM tagging g JOIN tag t ON t.id = g.tag" \
    " WHERE g.clip IS NOT NULL AND " what \
    " UNION SELECT f.clip FROM tagging g JOIN tag t ON t.id = g.tag JOIN face f ON f.id = g.face" \
    " WHERE " what ")"

static int on_tag(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                  struct nn_err *err)
{
    char name[VALUE_MAX], *slash;
    int ns, word;

    (void)cat, (void)depth;
    snprintf(name, sizeof name, "%s", value);
    for (char *p = name; *p; p++)
        *p = *p == ' ' || *p == '_' ? '-' : (char)tolower((unsigned char)*p);
    if ((slash = strchr(name, '/')))
        *slash = 0;
    if ((ns = new_param(q, err)) < 0 || (word = new_param(q, err)) < 0)
        return -1;
    q->param[ns].text = strdup(slash ? name : "");
    q->param[word].text = strdup(slash ? slash + 1 : name);
    if (!q->param[ns].text || !q->param[word].text)
        return nn_fail_mem(err, "query");
#define NAMED "(?%d IN ('', t.namespace) AND ?%d IN ('', '*', t.name))"
    return add(q, err, BEARS(NAMED), ns + 1, word + 1, ns + 1, word + 1);
}

static int on_emotion(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                      struct nn_err *err)
{
    int e = nn_emotion_find(value);

    (void)cat, (void)depth;
    if (e < 0)
        return nn_fail(err, NN_EUSAGE, "emotion:%.40s is none of angry disgust fear happy neutral "
                       "sad surprise", value);
    return add_text(q, err, "c.id IN (SELECT f.clip FROM tagging g JOIN tag t ON t.id = g.tag"
                    " JOIN face f ON f.id = g.face WHERE t.namespace = 'emotion' AND t.name = ",
                    nn_emotions[e].name, ")");
}

static int one_of(const char *key, const char *value, const char *const *words, struct nn_err *err)
{
    char all[100] = "";

    for (const char *const *w = words; *w; w++) {
        size_t n = strlen(all);
        if (!strcmp(value, *w))
            return 0;
        snprintf(all + n, sizeof all - n, "%s%s", n ? ", " : "", *w);
    }
    return nn_fail(err, NN_EUSAGE, "%s:%.40s is none of %s", key, value, all);
}

static int on_source(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                     struct nn_err *err)
{
    static const char *const words[] = { "person", "model", "import", NULL };

    (void)cat, (void)depth;
    if (one_of("source", value, words, err))
        return -1;
    return add_text(q, err, "EXISTS (SELECT 1 FROM tagging g WHERE (g.clip = c.id OR g.face IN"
                    " (SELECT id FROM face WHERE clip = c.id)) AND g.source = ", value, ")");
}

static int on_kind(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                   struct nn_err *err)
{
    static const char *const words[] = { "video", "image", NULL };

    (void)cat, (void)depth;
    return one_of("kind", value, words, err) ? -1 : add_text(q, err, "m.kind = ", value, "");
}

static int on_split(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                    struct nn_err *err)
{
    static const char *const words[] = { "train", "valid", "test", NULL };

    (void)cat, (void)depth;
    if (one_of("split", value, words, err))
        return -1;
    return add_text(q, err, "EXISTS (SELECT 1 FROM face f WHERE f.clip = c.id AND f.split = ",
                    value, ")");
}

static int on_subject(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                      struct nn_err *err)
{
    (void)cat, (void)depth;
    return add_text(q, err, "c.id IN (SELECT clip FROM face WHERE subject <> '' AND subject = ",
                    value, ")");
}

/* GLOB, but with [ taken literally. */
static int on_name(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                   struct nn_err *err)
{
    char glob[3 * VALUE_MAX];
    size_t n = 0;

    (void)cat, (void)depth;
    for (const char *p = value; *p; p++)
        n += (size_t)snprintf(glob + n, sizeof glob - n, *p == '[' ? "[%c]" : "%c", *p);
    return add_text(q, err, "c.name GLOB ", glob, "");
}

static int on_licence(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                      struct nn_err *err)
{
    (void)cat, (void)depth;
    return add_text(q, err, "m.id IN (SELECT medium FROM origin WHERE instr(lower(licence), lower(",
                    value, ")))");
}

static int on_origin(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                     struct nn_err *err)
{
    (void)cat, (void)depth;
    return add_text(q, err, "m.id IN (SELECT medium FROM origin WHERE"
                    " instr(lower(source || '/' || path), lower(", value, ")))");
}

static int on_in(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                 struct nn_err *err)
{
    int64_t id;
    int found = nn_db_int(cat, &id, err, "SELECT id FROM collection WHERE name = ?", "s", value);

    if (found < 0)
        return -1;
    if (!found)
        return nn_fail(err, NN_ENOTFOUND, "in:\"%.80s\": no such collection; `neonnoir dataset ls "
                       "--collections` lists them", value);
    return compile_collection(cat, id, q, depth + 1, err);
}

static const struct {
    const char *key;
    int (*compile)(struct nn_catalog *cat, const char *value, struct nn_query *q, int depth,
                   struct nn_err *err);
} keys[] = {
    { "text", on_text }, { "tag", on_tag }, { "emotion", on_emotion }, { "source", on_source },
    { "in", on_in }, { "name", on_name }, { "kind", on_kind }, { "subject", on_subject },
    { "split", on_split }, { "licence", on_licence }, { "origin", on_origin },
};

static const struct { const char *key, *sql; } numbers[] = {
    { "tags", "(SELECT count(DISTINCT tag) FROM tagging WHERE clip = c.id)" },
    { "faces", "(SELECT count(*) FROM face WHERE clip = c.id)" },
    { "duration", "(1.0 * (c.end_pts - c.start_pts) * m.time_base_num / m.time_base_den)" },
    { "width", "m.w" },
    { "height", "m.h" },
    { "frames", "(c.end_frame - c.start_frame)" },
};

static int unknown_key(const char *key, struct nn_err *err)
{
    char all[300] = "";
    size_t n = 0;

    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s: ", keys[i].key);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s> ", numbers[i].key);
    all[n - 1] = 0;
    return nn_fail(err, NN_EUSAGE, "a query knows no \"%.40s\"; it knows %s", key, all);
}

static int compile_number(const char *key, const char *op, const char *value, struct nn_query *q,
                          struct nn_err *err)
{
    unsigned k = 0;
    char *end;
    double number = strtod(value, &end);
    int i;

    while (k < sizeof numbers / sizeof *numbers && strcmp(numbers[k].key, key))
        k++;
    if (k == sizeof numbers / sizeof *numbers)
        return unknown_key(key, err);
    if (end == value || *end || number != number)
        return nn_fail(err, NN_EUSAGE, "%s%s wants a number, not \"%.40s\"", key, op, value);
    if ((i = new_param(q, err)) < 0)
        return -1;
    q->param[i].number = number;
    return add(q, err, "%s %s ?%d", numbers[k].sql, op, i + 1);
}

static int compile_word(struct nn_catalog *cat, const char *key, const char *value,
                        struct nn_query *q, int depth, struct nn_err *err)
{
    if (!*value)
        return nn_fail(err, NN_EUSAGE, "%s: wants a value", key);
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(keys[i].key, key))
            return keys[i].compile(cat, value, q, depth, err);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!strcmp(numbers[i].key, key))
            return compile_number(key, "=", value, q, err);
    return unknown_key(key, err);
}

/* Reads a value, bare or quoted; `*at` moves behind it. */
static int read_value(const char **at, char out[VALUE_MAX], struct nn_err *err)
{
    const char *p = *at;
    size_t n = 0;
    int quoted = *p == '"';

    for (p += quoted; *p && (quoted ? *p != '"' : !isspace((unsigned char)*p)); p++) {
        if (quoted && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        if (n + 1 >= VALUE_MAX)
            return nn_fail(err, NN_EUSAGE, "a value of the query is longer than %d", VALUE_MAX - 1);
        out[n++] = *p;
    }
    out[n] = 0;
    if (quoted && *p++ != '"')
        return nn_fail(err, NN_EUSAGE, "the query lacks a closing quote: \"%.60s", out);
    *at = p;
    return 0;
}

static int compile_condition(struct nn_catalog *cat, const char **at, struct nn_query *q, int depth,
                             struct nn_err *err)
{
    char key[32], value[VALUE_MAX], op[3] = "";
    const char *p = *at;
    size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz");

    if (!n || n >= sizeof key || !strchr(":<>=", p[n]) || !p[n])
        return read_value(at, value, err) || compile_word(cat, "text", value, q, depth, err);
    memcpy(key, p, n);
    key[n] = 0;
    p += n;
    op[0] = *p++;
    if (op[0] != ':' && op[0] != '=' && *p == '=')
        op[1] = *p++;
    *at = p;
    if (read_value(at, value, err))
        return -1;
    if (op[0] == ':')
        return compile_word(cat, key, value, q, depth, err);
    return compile_number(key, op, value, q, err);
}

static int compile_text(struct nn_catalog *cat, const char *text, struct nn_query *q, int depth,
                        struct nn_err *err)
{
    int first = 1;

    if (depth > NESTED_MAX)
        return nn_fail(err, NN_EUSAGE, "collections refer to each other in a circle, or more than "
                       "%d deep", NESTED_MAX);
    for (const char *p = text;;) {
        while (isspace((unsigned char)*p))
            p++;
        if (!*p)
            break;
        int negated = *p == '-';
        p += negated;
        if (add(q, err, "%s%s(", first ? "" : " AND ", negated ? "NOT " : "") ||
            compile_condition(cat, &p, q, depth, err) || add(q, err, ")"))
            return -1;
        first = 0;
    }
    return first ? add(q, err, "1") : 0;
}

/* What the collection and its descendants hold: by hand, or by their queries. */
static int compile_collection(struct nn_catalog *cat, int64_t id, struct nn_query *q, int depth,
                              struct nn_err *err)
{
#define WITHIN "WITH RECURSIVE inside(id) AS (VALUES (%lld) UNION SELECT k.id FROM collection k" \
               " JOIN inside ON k.parent = inside.id)"
    char sql[400];
    sqlite3_stmt *st;
    int row;

    snprintf(sql, sizeof sql, WITHIN " SELECT query FROM collection WHERE id IN inside"
             " AND query IS NOT NULL", (long long)id);
    if (add(q, err, "(c.id IN (" WITHIN " SELECT clip FROM collection_clip WHERE collection IN"
            " inside)", (long long)id) || !(st = nn_db_query(cat, err, sql, "")))
        return -1;
    while ((row = nn_db_step(cat, st, err)) == 1)
        if (add(q, err, " OR (") || compile_text(cat, nn_db_text(st, 0), q, depth + 1, err) ||
            add(q, err, ")")) {
            row = -1;
            break;
        }
    sqlite3_finalize(st);
    return row < 0 ? -1 : add(q, err, ")");
}

int nn_query_compile(struct nn_catalog *cat, const char *where, struct nn_query *q,
                     struct nn_err *err)
{
    int64_t id;
    int found;

    memset(q, 0, sizeof *q);
    if (!where || !*where)
        return add(q, err, "1");
    found = nn_db_int(cat, &id, err, "SELECT id FROM collection WHERE name = ?", "s", where);
    if (found < 0)
        return -1;
    return found ? compile_collection(cat, id, q, 0, err) : compile_text(cat, where, q, 0, err);
}

void nn_query_release(struct nn_query *q)
{
    for (int i = 0; i < q->params; i++)
        free(q->param[i].text);
    free(q->sql);
    memset(q, 0, sizeof *q);
}

sqlite3_stmt *nn_query_prepare(struct nn_catalog *cat, const struct nn_query *q, const char *head,
                               const char *tail, struct nn_err *err)
{
    char *sql = sqlite3_mprintf("%s (%s) %s", head, q->sql, tail);
    sqlite3_stmt *st = sql ? nn_db_query(cat, err, sql, "") : NULL;
    int bad = 0;

    if (!sql)
        nn_fail_mem(err, "query");
    sqlite3_free(sql);
    for (int i = 0; st && !bad && i < q->params; i++)
        bad = q->param[i].text ? sqlite3_bind_text(st, i + 1, q->param[i].text, -1, SQLITE_STATIC)
                               : sqlite3_bind_double(st, i + 1, q->param[i].number);
    if (bad) {
        nn_db_fail(cat, err);
        sqlite3_finalize(st);
        return NULL;
    }
    return st;
}
