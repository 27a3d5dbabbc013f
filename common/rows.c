#include "common/rows.h"

#include <string.h>

void nn_rows_init(struct nn_rows *r, const char *name, char *text, size_t size)
{
    *r = (struct nn_rows){ .name = name, .at = text, .end = text + size };
}

/* Takes the quotes off the field at p, in place: what is behind it, or NULL without a last one. */
static char *unquote(char *p)
{
    char *to = p;

    for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
        p += *p == '"';
        *to++ = *p;
    }
    if (*p != '"')
        return NULL;
    *to = 0;
    return p + 1;
}

static int split(struct nn_rows *r, char *p)
{
    for (r->fields = 0; r->fields < NN_ROWS_FIELDS; p++) {
        r->field[r->fields++] = p;
        p = *p == '"' ? unquote(p) : p + strcspn(p, ",");
        if (!p || (*p && *p != ','))
            return -1;
        if (!*p)
            return 0;
        *p = 0;
    }
    return -1;
}

int nn_rows_next(struct nn_rows *r, struct nn_err *err)
{
    while (r->at < r->end) {
        char *line = r->at, *nl = memchr(line, '\n', (size_t)(r->end - line));
        size_t size = (size_t)((nl ? nl : r->end) - line);
        r->at = nl ? nl + 1 : r->end;
        r->line++;
        if (memchr(line, 0, size))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: a zero byte is no text", r->name,
                           (long long)r->line);
        size -= size && line[size - 1] == '\r';
        line[size] = 0;
        if (!size)
            continue;
        if (split(r, line))
            return nn_fail(err, NN_EFORMAT, "%s, line %lld: a quote that does not end its field, "
                           "or more than %d of them", r->name, (long long)r->line, NN_ROWS_FIELDS);
        return 1;
    }
    return 0;
}
