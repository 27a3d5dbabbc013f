#include "datasets/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COLUMNS_MAX = 16, CELL_MAX = 600 };

const char *nn_report_count(int64_t n, char out[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n), sign = n < 0;
    char *at = out;

    for (int i = 0; i < len; i++) {
        if (i > sign && (len - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = 0;
    return out;
}

const char *nn_report_bytes(int64_t n, char out[32])
{
    static const char *const unit[] = { "B", "kB", "MB", "GB", "TB" };
    double v = (double)n;
    int u = 0;

    for (; v >= 1000 && u < 4; u++)
        v /= 1000;
    snprintf(out, 32, u ? "%.1f %s" : "%.0f %s", v, unit[u]);
    return out;
}

static int64_t size_of(struct nn_catalog *cat, const char *hash)
{
    char path[NN_PATH];
    struct stat st;

    return nn_media_path(cat, hash, path, NULL) || stat(path, &st) ? -1 : (int64_t)st.st_size;
}

/* One cell as people read it. */
static void cell_text(struct nn_catalog *cat, sqlite3_stmt *st, int i, enum nn_column_kind kind,
                      char out[CELL_MAX])
{
    char number[32];
    int64_t size;

    if (sqlite3_column_type(st, i) == SQLITE_NULL) {
        *out = 0;
        return;
    }
    switch (kind) {
    case NN_COL_TEXT:
        nn_db_clean(out, CELL_MAX, nn_db_text(st, i));
        break;
    case NN_COL_COUNT:
        snprintf(out, CELL_MAX, "%s", nn_report_count(sqlite3_column_int64(st, i), number));
        break;
    case NN_COL_NUMBER:
        snprintf(out, CELL_MAX, "%.3f", sqlite3_column_double(st, i));
        break;
    case NN_COL_SECONDS:
        snprintf(out, CELL_MAX, "%.2f s", sqlite3_column_double(st, i));
        break;
    case NN_COL_YES:
        snprintf(out, CELL_MAX, "%s", sqlite3_column_int(st, i) ? "yes" : "no");
        break;
    case NN_COL_HASH:
        snprintf(out, CELL_MAX, "%.12s", nn_db_text(st, i));
        break;
    case NN_COL_SIZE:
        size = size_of(cat, nn_db_text(st, i));
        snprintf(out, CELL_MAX, "%s", size < 0 ? "missing" : nn_report_bytes(size, number));
        break;
    }
}

static cJSON *cell_json(struct nn_catalog *cat, sqlite3_stmt *st, int i, enum nn_column_kind kind)
{
    if (sqlite3_column_type(st, i) == SQLITE_NULL)
        return cJSON_CreateNull();
    switch (kind) {
    case NN_COL_COUNT:
        return cJSON_CreateNumber((double)sqlite3_column_int64(st, i));
    case NN_COL_NUMBER:
    case NN_COL_SECONDS:
        return cJSON_CreateNumber(sqlite3_column_double(st, i));
    case NN_COL_YES:
        return cJSON_CreateBool(sqlite3_column_int(st, i));
    case NN_COL_SIZE:
        return cJSON_CreateNumber((double)size_of(cat, nn_db_text(st, i)));
    case NN_COL_TEXT:
    case NN_COL_HASH:
        break;
    }
    return cJSON_CreateString(nn_db_text(st, i));
}

static int row_json(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *col,
                    cJSON *object, struct nn_err *err)
{
    for (int i = 0; col[i].key; i++)
        if (!cJSON_AddItemToObject(object, col[i].key, cell_json(cat, st, i, col[i].kind)))
            return nn_fail_mem(err, "JSON");
    return 0;
}

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static int width_of(const char *s)
{
    int n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* Cells of the whole table, row after row; the widths are known only at its end. */
struct table {
    char **cell;
    size_t cells, room;
    int width[COLUMNS_MAX], columns;
};

static int add_cell(struct table *t, int column, const char *text)
{
    if (t->cells == t->room) {
        size_t room = t->room ? 2 * t->room : 256;
        char **more = realloc(t->cell, room * sizeof *more);
        if (!more)
            return -1;
        t->cell = more;
        t->room = room;
    }
    if (!(t->cell[t->cells] = strdup(text)))
        return -1;
    t->cells++;
    if (width_of(text) > t->width[column])
        t->width[column] = width_of(text);
    return 0;
}

static void print_table(const struct table *t, const struct nn_column *const *shown)
{
    for (size_t k = 0; k < t->cells; k++) {
        int i = (int)(k % (size_t)t->columns), pad = t->width[i] - width_of(t->cell[k]);
        int last = i == t->columns - 1;
        int right = shown[i]->kind != NN_COL_TEXT && shown[i]->kind != NN_COL_HASH &&
                    shown[i]->kind != NN_COL_YES;
        printf("%*s%s%*s%s", right ? pad : 0, "", t->cell[k], right || last ? 0 : pad, "",
               last ? "\n" : "  ");
    }
}

static int report_table(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *col,
                        const char *none, struct nn_err *err)
{
    const struct nn_column *shown[COLUMNS_MAX];
    struct table t = { 0 };
    char text[CELL_MAX];
    int row, bad = 0;

    for (const struct nn_column *c = col; c->key; c++)
        if (c->title)
            shown[t.columns++] = c;
    for (int i = 0; i < t.columns; i++)
        bad |= add_cell(&t, i, shown[i]->title);
    while (!bad && (row = nn_db_step(cat, st, err)) != 0) {
        if (row < 0)
            break;
        for (int i = 0; i < t.columns; i++) {
            cell_text(cat, st, (int)(shown[i] - col), shown[i]->kind, text);
            bad |= add_cell(&t, i, text);
        }
    }
    if (bad)
        row = nn_fail_mem(err, "table");
    else if (row >= 0 && t.cells == (size_t)t.columns)
        printf("%s\n", none);
    else if (row >= 0)
        print_table(&t, shown);
    for (size_t k = 0; k < t.cells; k++)
        free(t.cell[k]);
    free(t.cell);
    return row < 0 ? -1 : 0;
}

int nn_report(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *columns,
              const char *none, cJSON *array, struct nn_err *err)
{
    int row, ret = -1;

    if (!st)
        return -1;
    if (!array) {
        ret = report_table(cat, st, columns, none, err);
        sqlite3_finalize(st);
        return ret;
    }
    while ((row = nn_db_step(cat, st, err)) == 1) {
        cJSON *object = cJSON_CreateObject();
        if (!object || !cJSON_AddItemToArray(array, object)) {
            cJSON_Delete(object);
            row = nn_fail_mem(err, "JSON");
            break;
        }
        if ((row = row_json(cat, st, columns, object, err)))
            break;
    }
    sqlite3_finalize(st);
    return row < 0 ? -1 : 0;
}

int nn_report_record(struct nn_catalog *cat, sqlite3_stmt *st, const struct nn_column *columns,
                     cJSON *object, struct nn_err *err)
{
    char text[CELL_MAX];
    int row = st ? nn_db_step(cat, st, err) : -1;

    if (row == 1 && object)
        row = row_json(cat, st, columns, object, err);
    else if (row == 1)
        for (int i = 0; columns[i].key; i++) {
            if (!columns[i].title)
                continue;
            cell_text(cat, st, i, columns[i].kind, text);
            if (*text)
                printf("%-12s %s\n", columns[i].title, text);
        }
    sqlite3_finalize(st);
    return row < 0 ? -1 : 0;
}
