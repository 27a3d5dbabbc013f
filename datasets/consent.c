#include "datasets/consent.h"

#include <stdio.h>
#include <string.h>

#include "datasets/db.h"

const char *const nn_purpose_names[NN_PURPOSES] = { "training", "exhibition", "publication" };

#define IN_FORCE "(k.withdrawn IS NULL AND (k.until IS NULL OR k.until >= date('now')))"

int nn_person_add(struct nn_catalog *cat, const char *name, const char *note, int64_t *id,
                  struct nn_err *err)
{
    char clean[256];

    nn_db_clean(clean, sizeof clean, name);
    if (!*name || strcmp(clean, name))
        return nn_fail(err, NN_EUSAGE, "\"%.60s\" is no name: 1 to %zu characters, none of them a "
                       "control character", name, sizeof clean - 1);
    return nn_db_int(cat, id, err,
        "INSERT INTO person(name, note) VALUES (?, ?) ON CONFLICT DO UPDATE"
        " SET note = CASE excluded.note WHEN '' THEN note ELSE excluded.note END RETURNING id",
        "ss", name, note ? note : "") == 1 ? 0 : -1;
}

int nn_person_find(struct nn_catalog *cat, const char *name, int64_t *id, struct nn_err *err)
{
    char all[400] = "";
    int found = nn_db_int(cat, id, err, "SELECT id FROM person WHERE name = ?", "s", name);

    if (found)
        return found < 0 ? -1 : 0;
    if (nn_db_word(cat, all, sizeof all, err, "SELECT group_concat(name, ', ') FROM"
                   " (SELECT name FROM person ORDER BY name LIMIT 12)", "") < 0)
        return -1;
    return nn_fail(err, NN_ENOTFOUND, "no person \"%.80s\"%s%s", name,
                   *all ? "; there are " : "; `neonnoir dataset consent add NAME` registers one",
                   all);
}

int nn_person_each(struct nn_catalog *cat, int (*each)(void *arg, const struct nn_person *p),
                   void *arg, struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT p.id, p.name, p.note, p.added,"
        " (SELECT count(*) FROM face f WHERE f.subject = p.name COLLATE NOCASE)"
        " FROM person p ORDER BY p.name", "");
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_person p = {
            .id = sqlite3_column_int64(st, 0), .name = nn_db_text(st, 1),
            .note = nn_db_text(st, 2), .added = nn_db_text(st, 3),
            .faces = sqlite3_column_int64(st, 4),
        };
        if ((ret = each(arg, &p)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}

int nn_consent_grant(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                     const char *until, struct nn_err *err)
{
    int64_t fine = 1;

    /* date() gives NULL for what is no day, another day for the 30th of February. */
    if (until && nn_db_int(cat, &fine, err,
                           "SELECT coalesce(date(?1, '+0 days') = ?1"
                           " AND ?1 >= date('now'), 0)", "s", until) < 0)
        return -1;
    if (!fine)
        return nn_fail(err, NN_EUSAGE, "\"%.40s\" is no day to come, written as 2027-12-31", until);
    return nn_db_run(cat, err, "INSERT INTO consent(person, purpose, until) VALUES (?, ?, ?)",
                     "iss", person, nn_purpose_names[purpose], until);
}

int nn_consent_withdraw(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                        int64_t *count, struct nn_err *err)
{
    if (nn_db_run(cat, err,
                  "UPDATE consent AS k SET withdrawn = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
                  " WHERE person = ? AND purpose = ? AND " IN_FORCE, "is", person,
                  nn_purpose_names[purpose]))
        return -1;
    *count = nn_db_changes(cat);
    return 0;
}

int nn_consent_holds(struct nn_catalog *cat, int64_t person, enum nn_purpose purpose,
                     struct nn_err *err)
{
    int64_t one;

    return nn_db_int(cat, &one, err,
                     "SELECT 1 FROM consent k WHERE person = ? AND purpose = ? AND " IN_FORCE
                     " LIMIT 1", "is", person, nn_purpose_names[purpose]);
}

int nn_consent_each(struct nn_catalog *cat, int64_t person,
                    int (*each)(void *arg, const struct nn_consent *c), void *arg,
                    struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT p.name, k.purpose, k.granted, coalesce(k.until, ''), coalesce(k.withdrawn, ''), "
        IN_FORCE " FROM consent k JOIN person p ON p.id = k.person"
        " WHERE ?1 = 0 OR p.id = ?1 ORDER BY k.id", "i", person);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1) {
        struct nn_consent c = {
            .person = nn_db_text(st, 0), .granted = nn_db_text(st, 2), .until = nn_db_text(st, 3),
            .withdrawn = nn_db_text(st, 4), .in_force = sqlite3_column_int(st, 5),
        };
        while (c.purpose < NN_PURPOSES - 1 &&
               strcmp(nn_purpose_names[c.purpose], nn_db_text(st, 1)))
            c.purpose++;
        if ((ret = each(arg, &c)))
            break;
    }
    sqlite3_finalize(st);
    return ret;
}
