/* history.c - what is remembered of the frames played. */
#include <stdlib.h>
#include <string.h>

#include "runtime/run.h"

const char *const nn_stage_name[NN_STAGES] = { "read", "detect", "emotion", "effects", "write" };

enum { ROOM = 8 * NN_RECENT };

int nn_history_live(struct nn_history *h, struct nn_err *err)
{
    if (!(h->moment = calloc(ROOM, sizeof *h->moment)))
        return nn_fail_mem(err, "history of the show");
    h->room = ROOM;
    h->live = 1;
    return 0;
}

struct nn_moment *nn_history_add(struct nn_history *h)
{
    if (h->live && h->count == h->room) {
        h->count = h->room / 2;
        memmove(h->moment, h->moment + h->count, (size_t)h->count * sizeof *h->moment);
    }
    if (h->count == h->room) {
        int64_t room = h->room ? 2 * h->room : 1024;
        struct nn_moment *more = realloc(h->moment, (size_t)room * sizeof *more);
        if (!more)
            return NULL;
        h->moment = more;
        h->room = room;
    }
    memset(&h->moment[h->count], 0, sizeof *h->moment);
    return &h->moment[h->count++];
}

struct nn_moment *nn_history_last(struct nn_history *h)
{
    return &h->moment[h->count - 1];
}

void nn_history_release(struct nn_history *h)
{
    free(h->moment);
    memset(h, 0, sizeof *h);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static double share(float *ms, int64_t n, double q)
{
    qsort(ms, (size_t)n, sizeof *ms, by_value);
    return (double)ms[(int64_t)(q * (double)(n - 1) + 0.5)];
}

double nn_history_ms(const struct nn_history *h, enum nn_stage stage, double q)
{
    float *ms = malloc((size_t)(h->count + 1) * sizeof *ms);
    double out;

    if (!ms || !h->count) {
        free(ms);
        return 0;
    }
    for (int64_t i = 0; i < h->count; i++)
        ms[i] = h->moment[i].ms[stage];
    out = share(ms, h->count, q);
    free(ms);
    return out;
}

double nn_history_recent(const struct nn_history *h, int stage, double q)
{
    int64_t n = h->count - 1 < NN_RECENT ? h->count - 1 : NN_RECENT;    /* the last is under way */
    const struct nn_moment *m = h->moment + h->count - 1 - n;
    float ms[NN_RECENT];

    if (n < 1)
        return 0;
    for (int64_t i = 0; i < n; i++)
        ms[i] = stage == NN_STAGES ? m[i].latency_ms : m[i].ms[stage];
    return share(ms, n, q);
}

int nn_history_mood(const struct nn_history *h, int64_t from, int64_t to, float *mean)
{
    float sum[NN_EMOTIONS] = { 0 }, present = 0;
    int best = -1;

    for (int64_t i = from; i < to && i < h->count; i++) {
        present += h->moment[i].present;
        for (int e = 0; e < NN_EMOTIONS; e++)
            sum[e] += h->moment[i].mood[e];
    }
    *mean = 0;
    for (int e = 0; e < NN_EMOTIONS && present > 0.5f; e++)
        if (sum[e] / present > *mean) {
            *mean = sum[e] / present;
            best = e;
        }
    return best;
}
