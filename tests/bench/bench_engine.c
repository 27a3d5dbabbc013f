/*
 * bench_engine.c - MODEL.onnx [RUNS [THREADS]]: median milliseconds of a run at
 * batch 1, 4 and 16 (where the model leaves the batch open).
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/progress.h"
#include "runtime/engine/engine.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Zeros for every input; unknown sizes are 224. */
static int feed(const struct nn_graph *g, int64_t batch, struct nn_value *in)
{
    for (int i = 0; i < g->nin; i++) {
        const struct nn_tensor *t = &g->tensor[g->in[i]];
        size_t n = nn_dtype_size(t->type);
        in[i] = (struct nn_value){ .name = t->name, .type = t->type, .ndim = t->ndim };
        for (int k = 0; k < t->ndim; k++)
            n *= (size_t)(in[i].dim[k] = t->dim[k] >= 0 ? t->dim[k] : k ? 224 : batch);
        if (!(in[i].data = calloc(n + 1, 1)))
            return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? atoi(argv[2]) : 50, bad = 0;
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(argc > 3 ? atoi(argv[3]) : 1, &err);
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_engine *e = argc > 1 ? nn_engine_load(argv[1], &opts, &err) : NULL;
    double ms[1000];

    runs = runs < 1 ? 1 : runs > 1000 ? 1000 : runs;
    if (!e || nn_engine_graph(e)->nin > 8) {
        fprintf(stderr, "bench_engine: %s\n",
                e ? "too many inputs" : argc > 1 ? err.msg : "no model");
        return 1;
    }
    for (int64_t batch = 1; batch <= 16 && !bad; batch *= 4) {
        const struct nn_graph *g = nn_engine_graph(e);
        const struct nn_tensor *first = g->nin ? &g->tensor[g->in[0]] : NULL;
        struct nn_value in[8] = { { 0 } };
        if (batch > 1 && (!first || first->ndim < 1 || first->dim[0] >= 0))
            break;
        bad = feed(g, batch, in);
        for (int i = -1; i < runs && !bad; i++) {
            double start = nn_now();
            bad = nn_engine_run(e, in, g->nin, &err);
            ms[i < 0 ? 0 : i] = (nn_now() - start) * 1e3;
        }
        qsort(ms, (size_t)runs, sizeof *ms, ascending);
        if (!bad)
            printf("batch %lld: %.3f ms\n", (long long)batch, ms[runs / 2]);
        for (int i = 0; i < g->nin; i++)
            free(in[i].data);
    }
    if (bad)
        fprintf(stderr, "bench_engine: %s\n", err.msg);
    nn_engine_free(e);
    nn_pool_free(pool);
    return bad != 0;
}
