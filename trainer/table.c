#include "trainer/table.h"

#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "datasets/archive.h"

void nn_table_init(struct nn_table *t, int floats)
{
    memset(t, 0, sizeof *t);
    t->floats = floats;
}

void nn_table_release(struct nn_table *t)
{
    free(t->x);
    free(t->label);
    free(t->group);
    free(t->event);
    memset(t, 0, sizeof *t);
}

int nn_table_group(struct nn_table *t, const char *name, struct nn_err *err)
{
    for (int i = 0; i < t->groups; i++)
        if (!strcmp(t->group_name[i], name))
            return i;
    if (t->groups == NN_TABLE_GROUPS || strlen(name) >= NN_TABLE_NAME)
        return nn_fail(err, NN_EUNSUPPORTED, "more than %d groups, or a name longer than %d bytes: "
                       "%.60s", NN_TABLE_GROUPS, NN_TABLE_NAME - 1, name);
    strcpy(t->group_name[t->groups], name);
    return t->groups++;
}

static int grow(struct nn_table *t, struct nn_err *err)
{
    int64_t cap = t->cap ? t->cap * 2 : 1024;
    void *x = realloc(t->x, (size_t)cap * (size_t)t->floats * sizeof *t->x);
    int **column[] = { &t->label, &t->group, &t->event };
    int bad = !x;

    if (x)
        t->x = x;
    for (int i = 0; i < 3; i++) {
        void *p = realloc(*column[i], (size_t)cap * sizeof **column[i]);
        if (p)
            *column[i] = p;
        bad |= !p;
    }
    if (bad)
        return nn_fail_mem(err, "table");
    t->cap = cap;
    return 0;
}

int nn_table_add(struct nn_table *t, const float *x, int label, int group, int event,
                 struct nn_err *err)
{
    if (t->n == t->cap && grow(t, err))
        return -1;
    memcpy(t->x + t->n * t->floats, x, (size_t)t->floats * sizeof *x);
    t->label[t->n] = label;
    t->group[t->n] = group;
    t->event[t->n] = event;
    if (event >= t->events)
        t->events = event + 1;
    t->n++;
    return 0;
}

const char *nn_table_base(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

int nn_table_walk(const char *path, int (*visit)(void *arg, const char *name, const void *data,
                                                 size_t size, struct nn_err *err),
                  void *arg, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    const char *name;
    const void *data;
    size_t size;
    int more = -1;

    while (a && (more = nn_archive_next(a, &name, err)) > 0) {
        if (nn_archive_data(a, &data, &size, err) || nn_check_stop("reading", err) ||
            visit(arg, name, data, size, err)) {
            more = -1;
            break;
        }
    }
    nn_archive_close(a);
    return more < 0 ? -1 : 0;
}
