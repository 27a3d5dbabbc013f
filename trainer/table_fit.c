#include "trainer/table_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "datasets/batch.h"
#include "trainer/nets/nets.h"
#include "trainer/sched.h"
#include "trainer/torch.h"

struct fit {
    const struct nn_table *t;
    const struct nn_table_task *task;
    int64_t *row, n;        /* those to learn from */
};

static int fill(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err)
{
    const struct fit *f = arg;
    int64_t row = f->row[index];
    int l = f->t->label[row];

    (void)err;
    f->task->vary(f->t->x + row * f->t->floats, out, &l, rng);
    *label = l;
    return 0;
}

static int choose_rows(struct fit *f, int left_out, struct nn_err *err)
{
    if (!(f->row = malloc((size_t)(f->t->n + 1) * sizeof *f->row)))
        return nn_fail_mem(err, "rows");
    for (int64_t i = 0; i < f->t->n; i++)
        if (f->t->group[i] != left_out)
            f->row[f->n++] = i;
    if (f->n < 2)
        return nn_fail(err, NN_ENOTFOUND, "there are no rows to learn from");
    return 0;
}

/* Mean and 1 / deviation of each channel over rows and time. To one that never moves the network
 * must not listen: nothing was learnt about it. */
static void measure(const struct fit *f, float *mean, float *scale)
{
    int length = f->task->length;

    for (int c = 0; c < f->task->channels; c++) {
        double sum = 0, squares = 0, n = (double)f->n * length, dev;
        for (int64_t i = 0; i < f->n; i++) {
            const float *x = f->t->x + f->row[i] * f->t->floats + c * length;
            for (int k = 0; k < length; k++) {
                sum += x[k];
                squares += (double)x[k] * x[k];
            }
        }
        dev = sqrt(fmax(0, squares / n - sum / n * (sum / n)));
        mean[c] = (float)(sum / n);
        scale[c] = dev > 1e-6 ? (float)(1 / dev) : 0;
    }
}

/* Weights by which each class has the same share in the loss; absent ones none. */
static void weigh(const struct fit *f, float weight[NN_TABLE_CLASSES])
{
    int classes = nn_task_classes(f->task);
    double count[NN_TABLE_CLASSES] = { 0 };

    for (int64_t i = 0; i < f->n; i++)
        count[f->t->label[f->row[i]]]++;
    for (int c = 0; c < classes; c++)
        weight[c] = count[c] > 0 ? (float)((double)f->n / (classes * count[c])) : 0;
}

static int describe(struct nn_graph *g, const struct nn_table_task *task, struct nn_err *err)
{
    const char *meta[][2] = {
        { "neonnoir.task", task->name }, { "neonnoir.classes", task->classes },
        { "neonnoir.features", task->features }, { "neonnoir.units", task->units },
        { "neonnoir.data_licence", task->licence },
    };

    for (size_t i = 0; i < sizeof meta / sizeof *meta; i++)
        if (nn_graph_set_meta(g, meta[i][0], meta[i][1]))
            return nn_fail_mem(err, "metadata");
    return 0;
}

static struct nn_graph *first_graph(const struct fit *f, const struct nn_table_opts *o,
                                    struct nn_err *err)
{
    struct nn_net_rows net = {
        .name = f->task->name, .input = f->task->input, .channels = f->task->channels,
        .length = f->task->length, .width = (int)o->width, .classes = nn_task_classes(f->task),
        .dropout = o->dropout, .seed = (uint64_t)o->seed,
    };
    float *both = malloc(2 * (size_t)net.channels * sizeof *both);
    struct nn_graph *g;

    if (!both) {
        nn_fail_mem(err, "mean and deviation");
        return NULL;
    }
    measure(f, both, both + net.channels);
    net.mean = both;
    net.scale = both + net.channels;
    g = nn_net_rows(&net, err);
    free(both);
    if (g && describe(g, f->task, err)) {
        nn_graph_free(g);
        return NULL;
    }
    return g;
}

static int train_epoch(struct nn_torch *torch, struct nn_loader *loader,
                       const struct nn_table_opts *o, struct nn_table_epoch *e, struct nn_err *err)
{
    struct nn_sched sched = { .kind = NN_SCHED_COSINE, .peak = o->rate, .warmup = 0.15 };
    int64_t batches = nn_loader_batches(loader), step = (e->number - 1) * batches;
    const struct nn_batch *b;
    struct nn_step out;
    double seen = 0;
    int more;

    e->loss = e->accuracy = 0;
    if (nn_loader_start(loader, e->number - 1, 0, err))
        return -1;
    while ((more = nn_loader_next(loader, &b, err)) == 1) {
        double rate = nn_sched_rate(&sched, step++, batches * o->epochs);
        if (nn_check_stop("training", err) ||
            nn_torch_step(torch, b->x, b->label, b->n, rate, &out, err))
            return -1;
        e->loss += out.loss * (double)b->n;
        e->accuracy += (double)out.correct;
        seen += (double)b->n;
    }
    e->loss /= seen;
    e->accuracy /= seen;
    return more;
}

struct nn_graph *nn_table_train(const struct nn_table *t, const struct nn_table_task *task,
                                const struct nn_table_opts *o, int left_out,
                                void (*each)(void *arg, const struct nn_table_epoch *e), void *arg,
                                struct nn_err *err)
{
    struct nn_torch_opts topts = {
        .threads = (int)o->threads, .seed = (uint64_t)o->seed, .momentum = 0.9,
        .weight_decay = o->decay, .label_smoothing = o->smoothing, .ema = o->ema,
    };
    struct fit f = { .t = t, .task = task };
    struct nn_loader_opts lo = {
        .floats = t->floats, .batch = (int)o->batch, .shuffle = 1, .seed = (uint64_t)o->seed,
        .threads = 1, .prefetch = 4, .fill = fill, .arg = &f,
    };
    struct nn_table_epoch e = { 0 };
    float weight[NN_TABLE_CLASSES];
    struct nn_graph *g = NULL;
    struct nn_torch *torch = NULL;
    struct nn_loader *loader = NULL;
    int ret = -1;

    if (choose_rows(&f, left_out, err) || !(g = first_graph(&f, o, err)))
        goto out;
    weigh(&f, weight);
    topts.class_weight = task->balance ? weight : NULL;
    if (!(torch = nn_torch_new(g, &topts, err)))
        goto out;
    lo.count = f.n;
    lo.drop_last = f.n >= o->batch;     /* a small rest would disturb the batch norms */
    if (!(loader = nn_loader_new(&lo, err)))
        goto out;
    for (ret = 0; e.number < o->epochs && !ret;) {
        e.number++;
        ret = train_epoch(torch, loader, o, &e, err);
        if (!ret)
            each(arg, &e);
    }
    if (!ret)
        ret = nn_torch_store(torch, 1, g, err);
out:
    nn_loader_free(loader);
    nn_torch_free(torch);
    free(f.row);
    if (!ret)
        return g;
    nn_graph_free(g);
    return NULL;
}
