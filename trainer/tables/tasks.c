#include "trainer/tables/tasks.h"

#include <stdio.h>
#include <string.h>

const char *nn_task_class(const struct nn_table_task *t, int c, char *buf, size_t size)
{
    const char *p = t->classes;

    while (c-- > 0 && p)
        if ((p = strchr(p, ',')))
            p++;
    snprintf(buf, size, "%.*s", p ? (int)strcspn(p, ",") : 0, p ? p : "");
    return buf;
}

int nn_task_classes(const struct nn_table_task *t)
{
    int n = 1;

    for (const char *p = t->classes; (p = strchr(p, ',')); p++)
        n++;
    return n;
}
