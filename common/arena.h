/*
 * arena.h - memory with one lifetime: allocate freely, release all at once.
 *
 * Grows by blocks (doubling, so a pointer never moves). Zeroed, 64-aligned.
 * The frame loop resets an arena and allocates again without malloc.
 */
#ifndef NN_COMMON_ARENA_H
#define NN_COMMON_ARENA_H

#include <stddef.h>

struct nn_arena_block;

struct nn_arena {
    struct nn_arena_block *head;    /* newest block first; NULL at start */
    size_t total;                   /* bytes asked for since the last reset */
    size_t limit;                   /* 0: none; else alloc fails past it */
};

/* NULL when out of memory or past the limit. size 0 is fine. */
void *nn_arena_alloc(struct nn_arena *a, size_t size);
/* count * size with overflow checked. */
void *nn_arena_array(struct nn_arena *a, size_t count, size_t size);
/* Copies `n` bytes of `s` and ends them with a zero. */
char *nn_arena_strndup(struct nn_arena *a, const char *s, size_t n);
char *nn_arena_strdup(struct nn_arena *a, const char *s);
/* Keeps the largest block, frees the others. */
void nn_arena_reset(struct nn_arena *a);
void nn_arena_release(struct nn_arena *a);

#endif
