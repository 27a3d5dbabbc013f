#include <stdio.h>
#include <string.h>

#include "datasets/db.h"
#include "datasets/run.h"

static int check_key(const char *text, size_t n, struct nn_err *err)
{
    size_t ok = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    if (!n || n >= NN_RUN_KEY || ok < n || *text == '-' || *text == '.')
        return nn_fail(err, NN_EUSAGE, "\"%.60s\": a label's name is of letters, digits, '.', '_' "
                       "and '-', at most %d", text, NN_RUN_KEY - 1);
    return 0;
}

static int check_value(const char *text, const char *value, struct nn_err *err)
{
    char clean[NN_RUN_VALUE] = "";
    size_t n = strlen(value);

    if (n < sizeof clean)
        nn_db_clean(clean, sizeof clean, value);
    if (n >= sizeof clean || strcmp(clean, value) || strchr(value, ',') ||
        (n && (*value == ' ' || value[n - 1] == ' ')))
        return nn_fail(err, NN_EUSAGE, "\"%.60s\": a label's value is text of at most %d bytes "
                       "without commas, control characters and outer blanks", text,
                       NN_RUN_VALUE - 1);
    return 0;
}

/* "drink=espresso" in two; "drink=" has an empty value. */
static int parse(const char *text, char key[NN_RUN_KEY], const char **value, struct nn_err *err)
{
    const char *eq = strchr(text, '=');

    if (!eq)
        return nn_fail(err, NN_EUSAGE, "\"%.60s\" is no label: say NAME=VALUE, like "
                       "drink=espresso", text);
    if (check_key(text, (size_t)(eq - text), err) || check_value(text, eq + 1, err))
        return -1;
    snprintf(key, NN_RUN_KEY, "%.*s", (int)(eq - text), text);
    *value = eq + 1;
    return 0;
}

int nn_run_label_check(const char *const *text, int n, struct nn_err *err)
{
    char key[NN_RUN_KEY];
    const char *value;

    for (int i = 0; i < n; i++)
        if (parse(text[i], key, &value, err))
            return -1;
    return 0;
}

static int put(struct nn_catalog *cat, int64_t run, const char *text, struct nn_err *err)
{
    char key[NN_RUN_KEY];
    const char *value;

    if (parse(text, key, &value, err))
        return -1;
    if (!*value)
        return nn_db_run(cat, err, "DELETE FROM run_label WHERE run = ? AND key = ?", "is", run,
                         key);
    return nn_db_run(cat, err, "INSERT OR REPLACE INTO run_label(run, key, value) VALUES (?, ?, ?)",
                     "iss", run, key, value);
}

int nn_run_label_put(struct nn_catalog *cat, int64_t run, const char *const *text, int n,
                     struct nn_err *err)
{
    int ret = 0;

    if (nn_db_enter(cat, err))
        return -1;
    for (int i = 0; i < n && !ret; i++)
        ret = put(cat, run, text[i], err);
    return nn_db_leave(cat, ret, err);
}

int nn_run_label_get(struct nn_catalog *cat, int64_t run, const char *key, char value[NN_RUN_VALUE],
                     struct nn_err *err)
{
    *value = 0;
    return nn_db_word(cat, value, NN_RUN_VALUE, err,
                      "SELECT value FROM run_label WHERE run = ? AND key = ?", "is", run, key);
}

int nn_run_label_each(struct nn_catalog *cat, int64_t run,
                      int (*each)(void *arg, const char *key, const char *value), void *arg,
                      struct nn_err *err)
{
    sqlite3_stmt *st = nn_db_query(cat, err,
        "SELECT key, value FROM run_label WHERE run = ? ORDER BY key", "i", run);
    int ret = -1;

    while (st && (ret = nn_db_step(cat, st, err)) == 1)
        if ((ret = each(arg, nn_db_text(st, 0), nn_db_text(st, 1))))
            break;
    sqlite3_finalize(st);
    return ret;
}
