#include "common/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FIRST = 1 << 16 };

struct nn_arena_block {
    struct nn_arena_block *next;
    size_t used, size;      /* bytes of the data behind this header */
};

static char *block_data(struct nn_arena_block *b)
{
    return (char *)b + ALIGN;   /* the header fits into one alignment unit */
}

void *nn_arena_alloc(struct nn_arena *a, size_t size)
{
    struct nn_arena_block *b = a->head;
    size_t need;
    void *p;

    if (size > SIZE_MAX / 4 ||
        (a->limit && size > a->limit - (a->total < a->limit ? a->total : a->limit)))
        return NULL;
    need = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || b->size - b->used < need) {
        size_t grow = b ? b->size * 2 : FIRST;
        if (grow < need)
            grow = need;
        if (!(b = aligned_alloc(ALIGN, ALIGN + grow)))
            return NULL;
        *b = (struct nn_arena_block){ a->head, 0, grow };
        a->head = b;
    }
    p = block_data(b) + b->used;
    b->used += need;
    a->total += size;
    memset(p, 0, size);
    return p;
}

void *nn_arena_array(struct nn_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return nn_arena_alloc(a, count * size);
}

char *nn_arena_strndup(struct nn_arena *a, const char *s, size_t n)
{
    char *p = nn_arena_alloc(a, n + 1);

    if (p && n)
        memcpy(p, s, n);
    return p;
}

char *nn_arena_strdup(struct nn_arena *a, const char *s)
{
    return nn_arena_strndup(a, s, strlen(s));
}

void nn_arena_reset(struct nn_arena *a)
{
    if (!a->head)
        return;
    while (a->head->next) {     /* blocks double: the newest is the largest */
        struct nn_arena_block *old = a->head->next;
        a->head->next = old->next;
        free(old);
    }
    a->head->used = 0;
    a->total = 0;
}

void nn_arena_release(struct nn_arena *a)
{
    while (a->head) {
        struct nn_arena_block *b = a->head;
        a->head = b->next;
        free(b);
    }
    a->total = 0;
}
