/* The loader: every sample once, the same order and pixels at any thread count, any start. */
#include "datasets/batch.h"
#include "tests/test.h"

enum { COUNT = 103, FLOATS = 5, BATCH = 8 };

static int fill(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err)
{
    if (arg && index == *(int64_t *)arg)
        return nn_fail(err, NN_EFORMAT, "sample %d is broken", (int)index);
    for (int i = 0; i < FLOATS; i++)
        out[i] = (float)index + nn_rng_float(rng);
    *label = index % 7;
    return 0;
}

static struct nn_loader *make(int threads, int drop_last, int64_t *broken)
{
    struct nn_err err = { 0 };
    struct nn_loader_opts o = { COUNT, FLOATS, BATCH, drop_last, 1, 42, threads, 3, fill, broken };
    struct nn_loader *l = nn_loader_new(&o, &err);

    CHECK(l);
    return l;
}

/* Reads batches into `x`; returns how many samples. */
static int64_t drain(struct nn_loader *l, float *x, int seen[COUNT])
{
    struct nn_err err = { 0 };
    const struct nn_batch *b;
    int64_t n = 0;

    while (nn_loader_next(l, &b, &err) == 1) {
        for (int64_t i = 0; i < b->n; i++) {
            CHECK(b->label[i] == b->index[i] % 7);
            seen[b->index[i]]++;
        }
        memcpy(x + n * FLOATS, b->x, (size_t)b->n * FLOATS * sizeof *x);
        n += b->n;
    }
    return n;
}

static void same_at_any_thread_count_and_start(void)
{
    struct nn_loader *one = make(1, 0, NULL), *four = make(4, 0, NULL);
    static float a[COUNT * FLOATS], b[COUNT * FLOATS], c[COUNT * FLOATS], d[COUNT * FLOATS];
    int seen[COUNT] = { 0 }, other[COUNT] = { 0 }, rest[COUNT] = { 0 };

    CHECK(nn_loader_batches(one) == 13);
    nn_loader_start(one, 2, 0, NULL);
    nn_loader_start(four, 2, 0, NULL);
    CHECK(drain(one, a, seen) == COUNT);
    CHECK(drain(four, b, other) == COUNT);
    CHECK(!memcmp(a, b, sizeof a));
    for (int i = 0; i < COUNT; i++)
        CHECK(seen[i] == 1);
    nn_loader_start(four, 3, 0, NULL);
    nn_loader_start(four, 2, 5, NULL);      /* drops what was prefetched of epoch 3 */
    CHECK(drain(four, c, rest) == COUNT - 5 * BATCH);
    CHECK(!memcmp(c, a + 5 * BATCH * FLOATS, (COUNT - 5 * BATCH) * FLOATS * sizeof *a));
    nn_loader_start(one, 3, 0, NULL);
    CHECK(drain(one, d, rest) == COUNT && memcmp(a, d, sizeof a));
    nn_loader_free(one);
    nn_loader_free(four);
}

int main(void)
{
    struct nn_err err = { 0 };
    const struct nn_batch *b;
    int64_t broken = 50;
    struct nn_loader *l;
    static float x[COUNT * FLOATS];
    int seen[COUNT] = { 0 }, ret;

    same_at_any_thread_count_and_start();

    l = make(2, 1, NULL);
    nn_loader_start(l, 0, 0, NULL);
    CHECK(drain(l, x, seen) == COUNT / BATCH * BATCH);
    CHECK(nn_loader_start(l, 0, 99, &err) == -1 && err.code == NN_EARG);
    nn_loader_free(l);

    l = make(2, 0, &broken);
    nn_loader_start(l, 0, 0, NULL);
    while ((ret = nn_loader_next(l, &b, &err)) == 1)
        ;
    CHECK(ret == -1 && !strcmp(err.msg, "sample 50 is broken"));
    nn_loader_free(l);      /* with work under way */
    return test_done();
}
