/* The emotion network in our engine beside libtorch's, same inputs, one thread, in turn. */
#include <stdio.h>
#include <stdlib.h>

#include "common/fs.h"
#include "common/progress.h"
#include "common/rng.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "trainer/torch.h"

enum { ROUNDS = 41, MAX_BATCH = 16 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *v)
{
    qsort(v, ROUNDS, sizeof *v, by_value);
    return v[ROUNDS / 2];
}

static int race(struct nn_engine *e, struct nn_torch *t, const struct nn_tensor *in, int n,
                struct nn_err *err)
{
    struct nn_value v = { in->name, NN_F32, 4, { n, in->dim[1], in->dim[2], in->dim[3] }, NULL };
    int64_t floats = n * in->dim[1] * in->dim[2] * in->dim[3];
    double ours[ROUNDS], theirs[ROUNDS], a, b;
    float *x = malloc((size_t)floats * sizeof *x), out[MAX_BATCH * 64];
    struct nn_rng rng;

    if (!x || nn_torch_out_floats(t) > 64)
        return nn_fail_mem(err, "bench");
    nn_rng_seed(&rng, 1, 1);
    for (int64_t i = 0; i < floats; i++)
        x[i] = nn_rng_normal(&rng);
    v.data = x;
    for (int r = -3; r < ROUNDS; r++) {         /* three rounds to warm up */
        double t0 = nn_now(), t1;
        if (nn_engine_run(e, &v, 1, err))
            return -1;
        t1 = nn_now();
        if (nn_torch_eval(t, x, n, 0, out, err))
            return -1;
        ours[r < 0 ? 0 : r] = t1 - t0;
        theirs[r < 0 ? 0 : r] = nn_now() - t1;
    }
    a = median(ours);
    b = median(theirs);
    printf("batch %2d: engine %.3f ms, libtorch %.3f ms, ratio %.2f\n", n, 1e3 * a, 1e3 * b, b / a);
    free(x);
    return 0;
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_torch_opts opts = { .threads = 1 };
    struct nn_engine *e = NULL;
    struct nn_torch *t = NULL;
    struct nn_graph *g = NULL;
    char path[NN_PATH], what[100];
    int bad = nn_data_path(path, "models/emotion.onnx", &err) || !(g = nn_onnx_read(path, &err)) ||
              nn_torch_setup(1, &err) || !(t = nn_torch_new(g, &opts, &err)) ||
              !(e = nn_engine_new(g, NULL, &err));

    if (!bad)
        printf("models/emotion.onnx, medians of %d, in turn with %s\n", ROUNDS,
               nn_torch_describe(what, sizeof what));
    for (int n = 1; n <= MAX_BATCH && !bad; n *= 4)
        bad = race(e, t, &g->tensor[g->in[0]], n, &err);
    if (bad)
        fprintf(stderr, "bench_emotion: %s\n", err.msg);
    nn_engine_free(e);
    nn_torch_free(t);
    nn_graph_free(g);
    return bad != 0;
}
