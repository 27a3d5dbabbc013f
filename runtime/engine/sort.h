/*
 * sort.h - a stable sort of numbers 0..n-1 by whatever they stand for.
 */
#ifndef NN_RUNTIME_ENGINE_SORT_H
#define NN_RUNTIME_ENGINE_SORT_H

#include <stdint.h>

/* Sorts index[n]; `room` holds another n. order(arg, a, b) < 0, 0, > 0 as in qsort(). */
void nn_sort(int64_t *index, int64_t *room, int64_t n,
             int (*order)(const void *arg, int64_t a, int64_t b), const void *arg);

#endif
