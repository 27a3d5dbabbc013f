#include "runtime/signals/feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct column {
    char name[64];
    int signal;                 /* by the patch of the last call; -1: none */
    int64_t count;
    double *t;
    float *value;
    int64_t at;                 /* the last value not behind the time of the last call */
};

struct nn_feed {
    char path[NN_PATH];
    int columns, seconds;       /* seconds: which column has the time */
    struct column column[NN_FEED_COLUMNS];
    const struct nn_patch *patch;
    int resolved;
    double *t;                  /* the columns' */
    float *value;
};

/* The next cell of a line, without blanks around it; *line goes behind its comma or becomes
 * NULL. */
static char *cell(char **line)
{
    char *start = *line, *end = start + strcspn(start, ","), *next = *end ? end + 1 : NULL;

    *line = next;
    *end = 0;
    while (*start == ' ' || *start == '\t')
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = 0;
    return start;
}

static int read_head(struct nn_feed *f, char *line, struct nn_err *err)
{
    f->seconds = -1;
    while (line) {
        char *name = cell(&line);
        struct column *c = &f->column[f->columns];
        if (f->columns == NN_FEED_COLUMNS)
            return nn_fail(err, NN_EFORMAT, "%s:1: more than %d columns", f->path,
                           NN_FEED_COLUMNS);
        if (strlen(name) >= sizeof c->name)
            return nn_fail(err, NN_EFORMAT, "%s:1: column %d has too long a name", f->path,
                           f->columns + 1);
        memcpy(c->name, name, strlen(name) + 1);
        if (!strcmp(name, "seconds"))
            f->seconds = f->columns;
        for (int i = 0; i < f->columns; i++)
            if (!strcmp(f->column[i].name, name))
                return nn_fail(err, NN_EFORMAT, "%s:1: two columns \"%s\"", f->path, name);
        f->columns++;
    }
    return f->seconds >= 0 ? 0 : nn_fail(err, NN_EFORMAT, "%s:1: no column \"seconds\"", f->path);
}

static int read_row(struct nn_feed *f, char *line, long number, double *last, struct nn_err *err)
{
    double v[NN_FEED_COLUMNS], t;
    int n = 0;

    while (line) {
        char *text = cell(&line), *end;
        if (n == f->columns)
            return nn_fail(err, NN_EFORMAT, "%s:%ld: more than %d columns", f->path, number, n);
        v[n] = *text ? strtod(text, &end) : NAN;
        if (*text && (*end || !isfinite(v[n])))
            return nn_fail(err, NN_EFORMAT, "%s:%ld: %s: \"%.20s\" is no number", f->path, number,
                           f->column[n].name, text);
        n++;
    }
    if (n != f->columns)
        return nn_fail(err, NN_EFORMAT, "%s:%ld: %d columns, not %d", f->path, number, n,
                       f->columns);
    t = v[f->seconds];
    if (!(t > *last))           /* also when it is empty */
        return nn_fail(err, NN_EFORMAT, "%s:%ld: seconds do not rise", f->path, number);
    *last = t;
    for (int i = 0; i < n; i++) {
        struct column *c = &f->column[i];
        if (i == f->seconds || isnan(v[i]))
            continue;
        c->t[c->count] = t;
        c->value[c->count++] = (float)v[i];
    }
    return 0;
}

/* Room for each column to have a value in each row. */
static int make_room(struct nn_feed *f, int64_t rows, struct nn_err *err)
{
    size_t n = (size_t)rows + 1;

    if (!(f->t = calloc(n * (size_t)f->columns, sizeof *f->t)) ||
        !(f->value = calloc(n * (size_t)f->columns, sizeof *f->value)))
        return nn_fail_mem(err, "recorded signals");
    for (int i = 0; i < f->columns; i++) {
        f->column[i].t = f->t + (size_t)i * n;
        f->column[i].value = f->value + (size_t)i * n;
    }
    return 0;
}

static int read_all(struct nn_feed *f, char *text, struct nn_err *err)
{
    int64_t rows = 0;
    double last = -HUGE_VAL;
    long number = 1;
    char *line = text;

    for (const char *p = text; *p; p++)
        rows += *p == '\n';
    while (line && *line) {
        char *next = strchr(line, '\n');
        size_t n = next ? (size_t)(next - line) : strlen(line);
        if (next)
            *next++ = 0;
        if (n && line[n - 1] == '\r')
            line[--n] = 0;
        if (number == 1 ? read_head(f, line, err) || make_room(f, rows, err)
                        : n && read_row(f, line, number, &last, err))
            return -1;
        line = next;
        number++;
    }
    return number > 1 ? 0 : nn_fail(err, NN_EFORMAT, "%s is empty", f->path);
}

struct nn_feed *nn_feed_open(const char *path, struct nn_err *err)
{
    struct nn_feed *f = calloc(1, sizeof *f);
    char *text = NULL;
    size_t size;

    if (!f) {
        nn_fail_mem(err, "recorded signals");
        return NULL;
    }
    if (nn_path(f->path, err, "%s", path) ||
        !(text = nn_file_read(path, 256 << 20, &size, err)) || read_all(f, text, err)) {
        nn_feed_free(f);
        f = NULL;
    }
    free(text);
    return f;
}

void nn_feed_free(struct nn_feed *f)
{
    if (f) {
        free(f->t);
        free(f->value);
    }
    free(f);
}

int nn_feed_check(const struct nn_feed *f, const struct nn_patch *p)
{
    int odd = 0;

    for (int i = 0; i < f->columns; i++) {
        struct nn_err why = { 0 };
        if (i == f->seconds || !strcmp(f->column[i].name, "frame") ||
            nn_patch_find_signal(p, f->column[i].name, &why) >= 0)
            continue;
        nn_warn("%s: %s; the column is passed over", f->path, why.msg);
        odd++;
    }
    return odd;
}

/* Numbers of the columns, which another patch may have changed. What the patch derives stays
 * its own. */
static void resolve(struct nn_feed *f, const struct nn_patch *p)
{
    for (int i = 0; i < f->columns; i++) {
        struct column *c = &f->column[i];
        c->signal = i == f->seconds || !c->count ? -1 : nn_patch_find_signal(p, c->name, NULL);
        if (c->signal >= NN_SIGNALS && p->own[c->signal - NN_SIGNALS].expr)
            c->signal = -1;
        if (c->signal >= NN_SIG_SCENE && c->signal <= NN_SIG_SCENE_FADE)
            c->signal = -1;
    }
    f->patch = p;
    f->resolved = 1;
}

static float at(struct column *c, const struct nn_signal_info *info, double t)
{
    double span, x;
    float from, to;

    if (c->at >= c->count || c->t[c->at] > t)
        c->at = 0;
    while (c->at + 1 < c->count && c->t[c->at + 1] <= t)
        c->at++;
    from = c->value[c->at];
    if (c->at + 1 == c->count)
        return from;
    span = c->t[c->at + 1] - c->t[c->at];
    if (span > NN_FEED_GAP || !strcmp(info->unit, "faces"))
        return from;
    to = c->value[c->at + 1];
    x = (t - c->t[c->at]) / span;
    if (!strcmp(info->unit, "turns")) {
        to += to < from - 0.5f ? 1 : 0;
        from += (float)x * (to - from);
        return from > 1 ? from - 1 : from;
    }
    return from + (float)x * (to - from);
}

void nn_feed_play(struct nn_feed *f, const struct nn_patch *p, struct nn_bus *bus, double t)
{
    if (!f->resolved || f->patch != p)
        resolve(f, p);
    for (int i = 0; i < f->columns; i++) {
        struct column *c = &f->column[i];
        if (c->signal < 0 || t < c->t[0])
            continue;
        const struct nn_signal_info *info = nn_patch_signal(p, c->signal);
        nn_bus_put(bus, c->signal, info, at(c, info, t), t);
    }
}
