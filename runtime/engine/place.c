/* Where values live: the lowest gap that is free for a value's whole life. */
#include "runtime/engine/plan.h"

/* Values come sorted by `from`, so that whatever overlaps is still in `live`. */
size_t nn_plan_place(int n, const int *from, const int *to, const size_t *size, size_t *offset,
                     int *live)
{
    size_t total = 0;
    int nlive = 0;

    for (int i = 0; i < n; i++) {
        size_t at = 0;
        int keep = 0, slot;
        if (!size[i])
            continue;
        for (int k = 0; k < nlive; k++)
            if (to[live[k]] >= from[i])
                live[keep++] = live[k];     /* still in order of offset */
        nlive = keep;
        for (slot = 0; slot < nlive; slot++) {
            int other = live[slot];
            if (at + size[i] <= offset[other])
                break;
            if (offset[other] + size[other] > at)
                at = offset[other] + size[other];
        }
        for (int k = nlive++; k > slot; k--)
            live[k] = live[k - 1];
        live[slot] = i;
        offset[i] = at;
        if (at + size[i] > total)
            total = at + size[i];
    }
    return total;
}
