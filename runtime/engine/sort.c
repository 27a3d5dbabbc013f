#include "runtime/engine/sort.h"

#include <string.h>

/* Merges runs of 1, 2, 4, ... */
void nn_sort(int64_t *index, int64_t *room, int64_t n,
             int (*order)(const void *arg, int64_t a, int64_t b), const void *arg)
{
    for (int64_t run = 1; run < n; run *= 2) {
        for (int64_t from = 0; from < n; from += 2 * run) {
            int64_t mid = from + run < n ? from + run : n, end = mid + run < n ? mid + run : n;
            int64_t a = from, b = mid;
            for (int64_t to = from; to < end; to++)
                room[to] = b == end || (a < mid && order(arg, index[a], index[b]) <= 0)
                           ? index[a++] : index[b++];
        }
        memcpy(index, room, (size_t)n * sizeof *index);
    }
}
