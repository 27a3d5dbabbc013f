#include "trainer/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 4096 };

void nn_csv_init(struct nn_csv *c, const char *name, const void *data, size_t size)
{
    c->name = name;
    c->at = data;
    c->end = c->at + size;
    c->line = 0;
    c->missing = 0;
}

/* The next line that is not empty, with a zero behind it: 1, 0 at the end, -1. */
static int next_line(struct nn_csv *c, char line[LINE], struct nn_err *err)
{
    while (c->at < c->end) {
        const char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));
        size_t size = (size_t)((nl ? nl : c->end) - c->at);
        const char *from = c->at;
        c->at = nl ? nl + 1 : c->end;
        c->line++;
        while (size && strchr(" \t\r", from[size - 1]))
            size--;
        if (size >= LINE || memchr(from, 0, size))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: no line of numbers", c->name,
                           (long long)c->line);
        if (!size)
            continue;
        memcpy(line, from, size);
        line[size] = 0;
        return 1;
    }
    return 0;
}

int nn_csv_head(struct nn_csv *c, const char *const *want, int *index, struct nn_err *err)
{
    char line[LINE];
    int more = next_line(c, line, err), column = 0;

    if (more < 0)
        return -1;
    if (!more)
        return nn_fail(err, NN_EFORMAT, "%s is empty", c->name);
    for (int i = 0; want[i]; i++)
        index[i] = -1;
    for (char *p = line, *next; p; p = next, column++) {
        if ((next = strchr(p, ',')))
            *next++ = 0;
        for (int i = 0; want[i]; i++)
            if (!strcmp(p, want[i]))
                index[i] = column;
    }
    for (int i = 0; want[i]; i++)
        if (index[i] < 0)
            return nn_fail(err, NN_EFORMAT, "%s has no column \"%s\"", c->name, want[i]);
    return column;
}

int nn_csv_row(struct nn_csv *c, int columns, struct nn_err *err)
{
    char line[LINE], *p = line, *end;
    int more = next_line(c, line, err), n = 0;

    if (more <= 0)
        return more;
    for (;; p = end + 1) {
        double v = strtod(p, &end);
        int empty = c->missing && (!*p || *p == ',');
        end += strspn(end, " \t");
        if (empty)
            v = NAN;
        else if (end == p || (*end && *end != ',') || !isfinite(v))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: \"%.20s\" is no number", c->name,
                           (long long)c->line, p);
        if (n < NN_CSV_COLUMNS)
            c->v[n] = v;
        n++;
        if (!*end)
            break;
    }
    if (n != columns)
        return nn_fail(err, NN_EFORMAT, "%s, line %lld: %d numbers, not %d", c->name,
                       (long long)c->line, n, columns);
    return 1;
}
