#include "trainer/eyes_train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "datasets/batch.h"
#include "trainer/nets/nets.h"
#include "trainer/sched.h"
#include "trainer/spoil.h"
#include "trainer/torch.h"

enum {
    SIZE = NN_EYES_SIZE, FLOATS = 3 * SIZE * SIZE,
    CROPS = 64              /* of a picture in an epoch */
};

/* A crop of half to all of the edge, mirrored or not, spoilt in five cases of six. The label is
 * picture * NN_SPOIL_LEARNT + what was done. */
static int fill(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err)
{
    const struct nn_pictures *p = arg;
    int64_t i = index % p->n;
    struct nn_image from = { p->size, p->size, 3, nn_pictures_px(p, i) };
    uint8_t px[FLOATS], work[FLOATS];
    struct nn_image to = { SIZE, SIZE, 3, px };
    float side = nn_rng_range(rng, 0.5f, 1) * (float)p->size, room = (float)p->size - side;
    struct nn_box box = { nn_rng_float(rng) * room, nn_rng_float(rng) * room, side, side };
    int how = (int)nn_rng_below(rng, NN_SPOIL_LEARNT), mirror = (int)nn_rng_below(rng, 2);

    (void)err;
    nn_image_crop(&from, box, &to);
    nn_spoil((enum nn_spoil)how, nn_rng_range(rng, 0.1f, 1), px, SIZE, work, rng);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++)
                out[(c * SIZE + y) * SIZE + x] =
                    (float)px[3 * (y * SIZE + (mirror ? SIZE - 1 - x : x)) + c] / 127.5f - 1;
    *label = i * NN_SPOIL_LEARNT + how;
    return 0;
}

/* Rows of targets: the picture, then what was done to it. */
static void aim(const struct nn_batch *b, int64_t pictures, float *target)
{
    int64_t wide = pictures + NN_SPOIL_LEARNT;

    memset(target, 0, (size_t)(b->n * wide) * sizeof *target);
    for (int64_t i = 0; i < b->n; i++) {
        target[i * wide + b->label[i] / NN_SPOIL_LEARNT] = 1;
        target[i * wide + pictures + b->label[i] % NN_SPOIL_LEARNT] = 1;
    }
}

static int steps(struct nn_torch *t, struct nn_loader *l, int64_t pictures,
                 const struct nn_eyes_opts *o, float *target,
                 void (*each)(void *arg, const struct nn_eyes_progress *e), void *arg,
                 struct nn_err *err)
{
    struct nn_sched sched = { .kind = NN_SCHED_COSINE, .peak = o->rate, .warmup = 0.05 };
    struct nn_eyes_progress e = { 0 };
    int64_t epoch = 0;
    const struct nn_batch *b;

    while (e.step < o->steps) {
        int more = 1;
        if (nn_loader_start(l, epoch++, 0, err))
            return -1;
        while (e.step < o->steps && (more = nn_loader_next(l, &b, err)) == 1) {
            struct nn_step out;
            aim(b, pictures, target);
            if (nn_check_stop("training", err) ||
                nn_torch_step_soft(t, b->x, target, b->n,
                                   nn_sched_rate(&sched, e.step, o->steps), &out, err))
                return -1;
            e.step++;
            e.loss += (out.loss - e.loss) / fmin(50, (double)e.step);
            e.accuracy += ((double)out.correct / (double)b->n - e.accuracy) /
                          fmin(50, (double)e.step);
            each(arg, &e);
        }
        if (more < 0)
            return -1;
    }
    return 0;
}

/* The network without what it was trained with: weights go over by name. */
static struct nn_graph *behead(const struct nn_graph *from, struct nn_err *err)
{
    struct nn_graph *g = nn_net_eyes(0, 0, 0, err);

    for (int i = 0; g && i < g->ntensor; i++) {
        struct nn_tensor *t = &g->tensor[i];
        int same = t->data ? nn_graph_find(from, t->name) : -1;
        if (same >= 0)
            memcpy(t->data, from->tensor[same].data, nn_tensor_bytes(t));
    }
    if (g && (nn_graph_set_meta(g, "neonnoir.task", "eyes") ||
              nn_graph_set_meta(g, "neonnoir.mean", "0.5") ||
              nn_graph_set_meta(g, "neonnoir.std", "0.5"))) {
        nn_graph_free(g);
        nn_fail_mem(err, "metadata");
        return NULL;
    }
    return g;
}

struct nn_graph *nn_eyes_train(const struct nn_pictures *p, const struct nn_eyes_opts *o,
                               void (*each)(void *arg, const struct nn_eyes_progress *e),
                               void *arg, struct nn_err *err)
{
    struct nn_torch_opts topts = {
        .threads = (int)o->threads, .seed = (uint64_t)o->seed, .momentum = 0.9,
        .weight_decay = 5e-4, .label_smoothing = 0.1, .second = 1, .ema = 0.998, .clip = 5,
    };
    struct nn_loader_opts lo = {
        .count = p->n * CROPS, .floats = FLOATS, .batch = (int)o->batch, .drop_last = 1,
        .shuffle = 1, .seed = (uint64_t)o->seed, .threads = (int)o->threads, .prefetch = 4,
        .fill = fill, .arg = (void *)p,
    };
    struct nn_graph *g = nn_net_eyes((int)p->n, NN_SPOIL_LEARNT, (uint64_t)o->seed, err);
    struct nn_graph *net = NULL;
    struct nn_torch *t = g ? nn_torch_new(g, &topts, err) : NULL;
    struct nn_loader *l = t ? nn_loader_new(&lo, err) : NULL;
    float *target = malloc((size_t)(o->batch * (p->n + NN_SPOIL_LEARNT)) * sizeof *target);

    if (l && !target)
        nn_fail_mem(err, "targets");
    if (l && target && !steps(t, l, p->n, o, target, each, arg, err) &&
        !nn_torch_store(t, 1, g, err))
        net = behead(g, err);
    free(target);
    nn_loader_free(l);
    nn_torch_free(t);
    nn_graph_free(g);
    return net;
}
