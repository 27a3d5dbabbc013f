#include "runtime/onnx/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct nn_name *find(const struct nn_names *n, const char *name)
{
    uint64_t h = 14695981039346656037u;

    for (const char *p = name; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    for (size_t i = (size_t)(h ^ h >> 32);; i++) {
        struct nn_name *s = &n->slot[i & (n->cap - 1)];
        if (!s->name || !strcmp(s->name, name))
            return s;
    }
}

int nn_names_get(const struct nn_names *n, const char *name)
{
    struct nn_name *s = n->cap ? find(n, name) : NULL;

    return s && s->name ? s->value : -1;
}

int nn_names_add(struct nn_names *n, const char *name, int value)
{
    if (n->count * 2 >= n->cap) {
        struct nn_names bigger = { .cap = n->cap ? n->cap * 2 : 64 };
        if (!(bigger.slot = calloc(bigger.cap, sizeof *bigger.slot)))
            return -1;
        for (size_t i = 0; i < n->cap; i++)
            if (n->slot[i].name)
                *find(&bigger, n->slot[i].name) = n->slot[i];
        bigger.count = n->count;
        free(n->slot);
        *n = bigger;
    }
    *find(n, name) = (struct nn_name){ name, value };
    n->count++;
    return 0;
}

void nn_names_release(struct nn_names *n)
{
    free(n->slot);
    *n = (struct nn_names){ 0 };
}
