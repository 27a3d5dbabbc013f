#include "export/race.h"

#include <stdlib.h>
#include <time.h>

#include "common/progress.h"
#include "common/stop.h"

enum { ROUNDS = 8, MOST = 1 << 17, WARM = 2, LEAST = 2 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct times {
    double *v;
    int n;
};

static int block(struct nn_rival *r, const struct nn_value *in, int nin, double seconds,
                 struct times *t, struct nn_err *err)
{
    double end = 0;

    nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
    for (int i = -WARM; i < LEAST || nn_now() < end; i++) {
        double start = nn_now();
        if (nn_rival_run(r, in, nin, err))
            return nn_fail_in(err, "%s", nn_rival_name(r));
        if (i >= 0 && t->n < MOST)
            t->v[t->n++] = nn_now() - start;
        if (i == -1)
            end = nn_now() + seconds;
    }
    return nn_check_stop("bench", err);
}

int nn_race(struct nn_rival *const *r, int n, const struct nn_value *in, int nin, double seconds,
            struct nn_lap *lap, struct nn_err *err)
{
    struct times *t = calloc((size_t)n, sizeof *t);
    int bad = !t;

    for (int i = 0; i < n && !bad; i++)
        bad = !(t[i].v = malloc(MOST * sizeof *t[i].v));
    if (bad)
        nn_fail_mem(err, "times");
    for (int k = 0; k < ROUNDS && !bad; k++)
        for (int i = 0; i < n && !bad; i++)
            bad = block(r[i], in, nin, seconds / ROUNDS, &t[i], err);
    for (int i = 0; i < n && !bad; i++) {
        qsort(t[i].v, (size_t)t[i].n, sizeof *t[i].v, by_value);
        lap[i] = (struct nn_lap){ t[i].v[t[i].n / 2], t[i].v[(t[i].n - 1) * 99 / 100], t[i].v[0],
                                  t[i].n };
    }
    for (int i = 0; t && i < n; i++)
        free(t[i].v);
    free(t);
    return bad ? -1 : 0;
}
