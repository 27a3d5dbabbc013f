#include "trainer/votes.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { LINE = 4096, COLUMNS = 64, NAME = -2, NOTHING = -1 };

void nn_votes_places(float place[NN_VOTES][2])
{
    for (int i = 0; i < NN_EMOTIONS; i++) {
        place[i][0] = nn_emotions[i].valence;
        place[i][1] = nn_emotions[i].arousal;
    }
    place[NN_CONTEMPT][0] = -.55f;      /* ours too: displeased, hardly stirred */
    place[NN_CONTEMPT][1] = .15f;
}

/* Cuts a line into its fields, in place. */
static int cut(char *line, char *field[COLUMNS])
{
    int n = 0;

    line[strcspn(line, "\r\n")] = 0;
    while (line && n < COLUMNS) {
        field[n++] = line;
        if ((line = strchr(line, ',')))
            *line++ = 0;
    }
    return n;
}

static int column_of(const char *name)
{
    int e = nn_emotion_find(name);

    if (!strcasecmp(name, "image name") || !strcasecmp(name, "image"))
        return NAME;
    return e >= 0 ? e : !strcasecmp(name, "contempt") ? NN_CONTEMPT : NOTHING;
}

static int add(struct nn_votes *v, const struct nn_vote *row, struct nn_err *err)
{
    if (v->n == v->cap) {
        int64_t cap = v->cap ? 2 * v->cap : 4096;
        struct nn_vote *to = realloc(v->row, (size_t)cap * sizeof *to);
        if (!to)
            return nn_fail_mem(err, "votes");
        v->row = to;
        v->cap = cap;
    }
    v->row[v->n++] = *row;
    return 0;
}

static int take(struct nn_votes *v, char *const *field, int n, const int *column,
                const char *path, int64_t line, struct nn_err *err)
{
    struct nn_vote row = { .name = "" };
    float sum = 0;

    for (int i = 0; i < n; i++) {
        char *end;
        float x;
        if (column[i] == NAME && strlen(field[i]) < sizeof row.name)
            strcpy(row.name, field[i]);
        if (column[i] < 0)
            continue;
        x = strtof(field[i], &end);
        if (end == field[i] || *end || !(x >= 0 && x <= 1e6f))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: \"%.20s\" is no number of votes", path,
                           (long long)line, field[i]);
        row.share[column[i]] += x;
        sum += x;
    }
    for (int k = 0; sum > 0 && k < NN_VOTES; k++)
        row.share[k] /= sum;
    return sum > 0 && *row.name ? add(v, &row, err) : 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct nn_vote *)a)->name, ((const struct nn_vote *)b)->name);
}

static int read_rows(struct nn_votes *v, gzFile f, const char *path, struct nn_err *err)
{
    char text[LINE], *field[COLUMNS];
    int column[COLUMNS], names = 0, classes = 0, n = 0;

    if (gzgets(f, text, sizeof text))
        n = cut(text, field);
    for (int i = 0; i < n; i++) {
        column[i] = column_of(field[i]);
        names += column[i] == NAME;
        classes += column[i] >= 0;
    }
    if (names != 1 || !classes)
        return nn_fail(err, NN_EFORMAT, "%s: its first line names no column \"Image name\" or no "
                       "class", path);
    for (int64_t line = 2; gzgets(f, text, sizeof text); line++) {
        int got = cut(text, field);
        if (got == 1 && !*field[0])
            continue;
        if (got != n)
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: %d fields, not %d", path,
                           (long long)line, got, n);
        if (take(v, field, n, column, path, line, err))
            return -1;
    }
    if (!gzeof(f))
        return nn_fail(err, NN_EFORMAT, "%s: broken or cut off", path);
    if (!v->n)
        return nn_fail(err, NN_EFORMAT, "%s: no votes", path);
    qsort(v->row, (size_t)v->n, sizeof *v->row, by_name);
    return 0;
}

int nn_votes_read(struct nn_votes *v, const char *path, struct nn_err *err)
{
    gzFile f = gzopen(path, "rb");
    int ret;

    *v = (struct nn_votes){ 0 };
    if (!f)
        return nn_fail(err, NN_EIO, "%s: %s", path, strerror(errno));
    ret = read_rows(v, f, path, err);
    gzclose(f);
    return ret;
}

void nn_votes_release(struct nn_votes *v)
{
    free(v->row);
    *v = (struct nn_votes){ 0 };
}

const float *nn_votes_find(const struct nn_votes *v, const char *path)
{
    const char *base = strrchr(path, '/');
    struct nn_vote key = { .name = "" }, *found;

    base = base ? base + 1 : path;
    if (strlen(base) >= sizeof key.name)
        return NULL;
    strcpy(key.name, base);
    found = v->n ? bsearch(&key, v->row, (size_t)v->n, sizeof *v->row, by_name) : NULL;
    return found ? found->share : NULL;
}
