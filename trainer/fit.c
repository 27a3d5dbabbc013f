#include "trainer/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/batch.h"
#include "runtime/onnx/onnx.h"
#include "trainer/faces.h"
#include "trainer/place.h"
#include "trainer/record.h"
#include "trainer/sched.h"
#include "trainer/targets.h"
#include "trainer/torch.h"

enum { SAVE_SECONDS = 60, EVAL_BATCH = 256 };

struct fit {
    struct nn_catalog *cat;
    struct nn_run *run;
    const struct nn_settings *s;
    const struct nn_snapshot *snap;
    struct nn_peers *peers;
    struct nn_graph *graph;
    struct nn_faces train, valid;
    struct nn_torch *torch;
    struct nn_loader *loader;
    struct nn_targets targets;
    float *target;                  /* of a batch */
    struct nn_place at;
    double saved;                   /* nn_now() of the last checkpoint */
};

int nn_fit_normal(const struct nn_graph *g, struct nn_normal *norm, struct nn_err *err)
{
    const char *mean = nn_graph_meta(g, "neonnoir.mean"), *std = nn_graph_meta(g, "neonnoir.std");
    struct nn_normal read;
    char *end[2];

    if (!mean && !std)
        return 0;
    if (!mean || !std)
        return nn_fail(err, NN_EFORMAT, "its metadata give only one of mean and deviation");
    read = (struct nn_normal){ strtod(mean, &end[0]), strtod(std, &end[1]) };
    if (end[0] == mean || *end[0] || end[1] == std || *end[1] || !isfinite(read.mean) ||
        !(read.std > 0) || !isfinite(read.std))
        return nn_fail(err, NN_EFORMAT, "its metadata give mean \"%.20s\" and deviation \"%.20s\", "
                       "not one number each", mean, std);
    *norm = read;
    return 1;
}

int nn_fit_describe(struct nn_graph *g, const struct nn_settings *s, const struct nn_snapshot *snap,
                    struct nn_err *err)
{
    char mean[32], std[32];

    /* What a model that it begins with says of its own certainty is not this one's. */
    nn_graph_drop_meta(g, "neonnoir.temperature");
    nn_graph_drop_meta(g, "neonnoir.abstain");
    if (nn_graph_set_meta(g, "neonnoir.task", "emotion") ||
        nn_graph_set_meta(g, "neonnoir.classes", NN_EMOTION_CLASSES) ||
        nn_graph_set_meta(g, "neonnoir.margin", "1"))
        return nn_fail_mem(err, "metadata");
    snprintf(mean, sizeof mean, "%.9g", s->normal.mean);
    snprintf(std, sizeof std, "%.9g", s->normal.std);
    if (nn_graph_set_meta(g, "neonnoir.mean", mean) || nn_graph_set_meta(g, "neonnoir.std", std) ||
        nn_graph_set_meta(g, "neonnoir.snapshot", snap->hash) ||
        nn_graph_set_meta(g, "neonnoir.data_licence", snap->licence))
        return nn_fail_mem(err, "metadata");
    return 0;
}

static int is_writer(const struct fit *f)
{
    return nn_peers_rank(f->peers) == 0;
}

/* Faces of a step, of all processes. */
static int64_t whole_batch(const struct fit *f)
{
    return f->s->batch * nn_peers_count(f->peers);
}

static int save(struct fit *f, struct nn_err *err)
{
    char path[NN_PATH];

    f->saved = nn_now();
    if (!is_writer(f))
        return 0;
    return nn_run_path(f->cat, f->run->name, "last.safetensors", path, err) ||
           nn_place_save(&f->at, f->torch, path, err) ? -1 : 0;
}

/* Takes up the checkpoint, if there is one. */
static int restore(struct fit *f, struct nn_err *err)
{
    char path[NN_PATH];

    if (nn_run_path(f->cat, f->run->name, "last.safetensors", path, err))
        return -1;
    if (!nn_exists(path))
        return 0;
    if (nn_place_load(&f->at, f->torch, path, err))
        return -1;
    if (f->at.whole && f->at.whole != (double)whole_batch(f) && f->at.batch)
        return nn_fail(err, NN_EARG, "%s stopped within an epoch of steps of %.0f faces, not %lld: "
                       "go on with as many processes as before", f->run->name, f->at.whole,
                       (long long)whole_batch(f));
    nn_info("going on at epoch %.0f, batch %.0f", f->at.epoch + 1, f->at.batch + 1);
    return 0;
}

static int fill(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err)
{
    const struct fit *f = arg;
    const struct nn_faces *a = &f->train;

    (void)err;
    nn_input_augmented(nn_faces_px(a, index), a->w, a->h, a->c, &f->s->normal, &f->s->augment, rng,
                       out);
    *label = index;                 /* nn_targets_batch() has more to say of it */
    return 0;
}

/* Mean cross-entropy of one row of logits. */
static double row_loss(const float *logit, int label)
{
    double top = logit[0], sum = 0;

    for (int i = 1; i < NN_EMOTIONS; i++)
        top = fmax(top, logit[i]);
    for (int i = 0; i < NN_EMOTIONS; i++)
        sum += exp(logit[i] - top);
    return log(sum) + top - logit[label];
}

static int validate(struct fit *f, struct nn_confusion *m, double *loss, struct nn_err *err)
{
    const struct nn_faces *v = &f->valid;
    size_t floats = (size_t)nn_torch_in_floats(f->torch);
    float *x = malloc(EVAL_BATCH * floats * sizeof *x), logits[EVAL_BATCH][NN_EMOTIONS];
    int ret = x ? 0 : nn_fail_mem(err, "validation");

    *loss = 0;
    for (int64_t i = 0; i < v->n && !ret; i += EVAL_BATCH) {
        int64_t n = v->n - i < EVAL_BATCH ? v->n - i : EVAL_BATCH;
        for (int64_t k = 0; k < n; k++)
            nn_input_plain(nn_faces_px(v, i + k), v->w, v->h, v->c, &f->s->normal,
                           x + (size_t)k * floats);
        ret = nn_torch_eval(f->torch, x, n, 1, logits[0], err);
        for (int64_t k = 0; k < n && !ret; k++) {
            nn_confusion_add(m, v->label[i + k], logits[k]);
            *loss += row_loss(logits[k], v->label[i + k]);
        }
    }
    *loss /= v->n ? (double)v->n : 1;
    free(x);
    return ret;
}

static void show(const struct fit *f, double started, int64_t batches)
{
    double done = f->at.batch, rate, left;
    char line[200];
    static double last;

    if (nn_now() - last < 0.2)
        return;
    last = nn_now();
    rate = (f->at.seen > 0 ? f->at.seen : 1) / fmax(1e-3, f->at.seconds + last - started);
    left = ((double)f->s->epochs - f->at.epoch) * (double)batches - done;
    left *= (double)whole_batch(f) / rate;
    snprintf(line, sizeof line, "epoch %.0f/%lld  batch %.0f/%lld  loss %.3f  accuracy %.1f %%  "
             "%.0f images/s  %.0f:%02.0f left", f->at.epoch + 1, (long long)f->s->epochs, done,
             (long long)batches, f->at.loss / fmax(1, f->at.seen),
             100 * f->at.correct / fmax(1, f->at.seen), rate, floor(left / 60), fmod(left, 60));
    nn_log_status(line);
}

static double rate_of(const struct fit *f, int64_t step, int64_t steps)
{
    struct nn_sched s = { (enum nn_schedule)f->s->schedule, f->s->rate, f->s->warmup, f->s->drop };

    return f->at.scale * nn_sched_rate(&s, step, steps);
}

/* A step failed. When that is because another process is gone, nothing is wrong here. */
static int give_up(struct fit *f, struct nn_err *err)
{
    struct nn_err ignored;

    nn_fail_in(err, "epoch %.0f, batch %.0f", f->at.epoch + 1, f->at.batch + 1);
    if (err->code == NN_EIO && is_writer(f) && !save(f, &ignored))
        nn_info("saved before that; go on with: neonnoir train resume %s", f->run->name);
    return -1;
}

/* The rest of the current epoch. */
static int train_epoch(struct fit *f, struct nn_err *err)
{
    int64_t batches = nn_loader_batches(f->loader), steps = batches * f->s->epochs;
    const struct nn_batch *b;
    struct nn_step out = { 0 };
    double started = nn_now();
    int more;

    if (nn_loader_start(f->loader, (int64_t)f->at.epoch, (int64_t)f->at.batch, err))
        return -1;
    while ((more = nn_loader_next(f->loader, &b, err)) == 1) {
        int64_t step = (int64_t)f->at.epoch * batches + (int64_t)f->at.batch;
        nn_targets_batch(&f->targets, b->label, b->n, f->target);
        nn_mix_batch(&f->s->mix, (uint64_t)f->s->seed, step, b->x, b->n, f->train.c, f->train.h,
                     f->train.w, f->target, f->targets.width);
        out.stop = nn_stopping();
        if (nn_torch_step_soft(f->torch, b->x, f->target, b->n, rate_of(f, step, steps), &out, err))
            return give_up(f, err);
        f->at.batch++;
        f->at.loss += out.loss * (double)b->n;
        f->at.correct += (double)out.correct;
        f->at.seen += (double)b->n;
        show(f, started, batches);
        if (out.stop || nn_now() - f->saved > SAVE_SECONDS) {
            f->at.seconds += nn_now() - started;
            started = nn_now();
            if (save(f, err))
                return -1;
        }
        if (out.stop)
            return nn_fail(err, NN_EINTR, "%s is saved at epoch %.0f, batch %.0f; go on with: "
                           "neonnoir train resume %s", f->run->name, f->at.epoch + 1, f->at.batch,
                           f->run->name);
    }
    f->at.seconds += nn_now() - started;
    return more;
}

/* Writes best.onnx when this epoch is the best so far; without validation data
 * the last epoch is, and no accuracy is claimed. Returns whether, or -1. */
static int keep_best(struct fit *f, double accuracy, struct nn_err *err)
{
    char path[NN_PATH];

    if (f->valid.n && accuracy <= f->at.best)
        return 0;
    f->at.best = f->valid.n ? accuracy : 0;
    if (!is_writer(f))
        return 1;
    if (nn_torch_store(f->torch, 1, f->graph, err) ||
        nn_run_path(f->cat, f->run->name, "best.onnx", path, err))
        return -1;
    return nn_onnx_write(f->graph, path, err) ? -1 : 1;
}

static void tell_epoch(const struct fit *f, const struct nn_epoch *e)
{
    char valid[100] = "";

    if (f->valid.n)
        snprintf(valid, sizeof valid, "  valid loss %.3f accuracy %.2f %%%s", e->valid_loss,
                 100 * nn_confusion_accuracy(e->valid), e->is_best ? " *" : "");
    nn_info("epoch %lld/%lld  train loss %.3f accuracy %.2f %%%s  %.0f s", (long long)e->number,
            (long long)f->s->epochs, e->train_loss, 100 * e->train_accuracy, valid, e->seconds);
}

/* All epochs are done, or none has got better for long. */
static int is_over(const struct fit *f)
{
    return (int64_t)f->at.epoch >= f->s->epochs ||
           (f->s->patience && f->valid.n && (int64_t)f->at.stale >= f->s->patience);
}

static int end_epoch(struct fit *f, struct nn_err *err)
{
    struct nn_confusion m = { 0 };
    struct nn_epoch e = { .number = (int64_t)f->at.epoch + 1, .seconds = f->at.seconds,
                          .train_loss = f->at.loss / fmax(1, f->at.seen),
                          .train_accuracy = f->at.correct / fmax(1, f->at.seen), .valid = &m };

    if (validate(f, &m, &e.valid_loss, err) ||
        (e.is_best = keep_best(f, nn_confusion_accuracy(&m), err)) < 0)
        return -1;
    f->at = (struct nn_place){ .epoch = f->at.epoch + 1, .best = f->at.best, .scale = f->at.scale,
                            .stale = e.is_best ? 0 : f->at.stale + 1,
                            .whole = (double)whole_batch(f) };
    if (f->s->schedule == NN_SCHED_PLATEAU && f->at.stale > 0 &&
        (int64_t)f->at.stale % f->s->stale == 0)
        f->at.scale *= f->s->drop;
    f->run->epoch = (int64_t)f->at.epoch;
    f->run->best_metric = f->at.best;
    f->run->state = is_over(f) ? "done" : "running";
    /* Recorded before saved: a run killed in between does this epoch again, alike. */
    if (!is_writer(f))
        return 0;
    if (nn_record_epoch(f->cat, f->run, &e, err) || save(f, err))
        return -1;
    tell_epoch(f, &e);
    return 0;
}

static int load(struct fit *f, struct nn_err *err)
{
    const struct nn_tensor *in;
    char path[NN_PATH];

    if (nn_run_path(f->cat, f->run->name, "graph.onnx", path, err) ||
        !(f->graph = nn_onnx_read(path, err)))
        return -1;
    in = &f->graph->tensor[f->graph->in[0]];
    if (in->ndim != 4 || (in->dim[1] != 1 && in->dim[1] != 3) || in->dim[2] < 1 || in->dim[3] < 1)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: the input is no batch of pictures", path);
    nn_faces_init(&f->train, (int)in->dim[3], (int)in->dim[2], (int)in->dim[1]);
    nn_faces_init(&f->valid, (int)in->dim[3], (int)in->dim[2], (int)in->dim[1]);
    if (nn_faces_load(&f->train, f->cat, f->snap, NN_TRAIN, err) ||
        nn_faces_load(&f->valid, f->cat, f->snap, NN_VALID, err))
        return -1;
    if (!f->train.n)
        return nn_fail(err, NN_ENOTFOUND, "snapshot %s has no faces to train on", f->snap->name);
    if (!f->valid.n)
        nn_info("snapshot %s has no valid split: nothing can be judged, the last epoch is kept",
                f->snap->name);
    return 0;
}

/* Classes by how often they come, to the power of -balance; a face weighs 1 on average. */
static void weigh(const struct fit *f, float weight[NN_EMOTIONS])
{
    double count[NN_EMOTIONS] = { 0 }, sum = 0;

    for (int64_t i = 0; i < f->train.n; i++)
        count[f->train.label[i]]++;
    for (int k = 0; k < NN_EMOTIONS; k++)
        sum += count[k] * pow(fmax(count[k], 1), -f->s->balance);
    for (int k = 0; k < NN_EMOTIONS; k++)
        weight[k] = (float)(pow(fmax(count[k], 1), -f->s->balance) * (double)f->train.n / sum);
}

static int prepare_targets(struct fit *f, struct nn_err *err)
{
    char path[NN_PATH];

    if (nn_run_path(f->cat, f->run->name, NN_FIT_VOTES, path, err) ||
        nn_targets_init(&f->targets, &f->train, f->cat, f->snap, NN_TRAIN,
                        f->s->votes > 0 ? path : NULL, err))
        return -1;
    if (f->s->votes > 0)
        nn_info("votes for %lld of the faces", (long long)f->targets.voted);
    if (f->targets.width != nn_torch_target_floats(f->torch))
        return nn_fail(err, NN_EUNSUPPORTED, "%s: its second output is not the %d classes of votes",
                       f->run->name, NN_VOTES);
    f->target = malloc((size_t)(whole_batch(f) * f->targets.width) * sizeof *f->target);
    return f->target ? 0 : nn_fail_mem(err, "batch");
}

static int prepare(struct fit *f, struct nn_err *err)
{
    float weight[NN_EMOTIONS];
    struct nn_torch_opts opts = {
        .threads = (int)f->s->threads, .seed = (uint64_t)f->s->seed, .adamw = (int)f->s->adamw,
        .momentum = f->s->momentum, .beta2 = f->s->beta2, .weight_decay = f->s->weight_decay,
        .label_smoothing = f->s->smoothing, .ema = f->s->ema, .clip = f->s->clip,
        .focal = f->s->focal, .class_weight = f->s->balance > 0 ? weight : NULL,
        .second = f->s->votes, .peers = f->peers,
    };
    struct nn_loader_opts lo = {
        .shuffle = 1, .seed = (uint64_t)f->s->seed, .threads = 1, .prefetch = 4,
        .batch = (int)whole_batch(f), .fill = fill, .arg = f,
    };
    char what[100];

    if (load(f, err))
        return -1;
    weigh(f, weight);
    if (nn_torch_setup(opts.threads, err) ||
        !(f->torch = nn_torch_new(f->graph, &opts, err)))
        return -1;
    if (nn_torch_out_floats(f->torch) != NN_EMOTIONS)
        return nn_fail(err, NN_EUNSUPPORTED, "%s has %lld outputs, not the %d emotions",
                       f->run->name, (long long)nn_torch_out_floats(f->torch), NN_EMOTIONS);
    if (nn_fit_describe(f->graph, f->s, f->snap, err))
        return -1;
    if (prepare_targets(f, err))
        return -1;
    lo.count = f->train.n;
    lo.floats = nn_torch_in_floats(f->torch);
    lo.drop_last = f->train.n >= whole_batch(f);   /* a small rest would disturb the batch norms */
    if (!(f->loader = nn_loader_new(&lo, err)))
        return -1;
    nn_info("%s: %lld faces to train on, %lld to judge by; %s", f->run->name, (long long)f->train.n,
            (long long)f->valid.n, nn_torch_describe(what, sizeof what));
    return 0;
}

int nn_fit(struct nn_catalog *cat, struct nn_run *run, const struct nn_settings *s,
           const struct nn_snapshot *snap, struct nn_peers *peers, struct nn_err *err)
{
    struct fit f = { .cat = cat, .run = run, .s = s, .snap = snap, .peers = peers,
                     .saved = nn_now(), .at.scale = 1 };
    int ret = prepare(&f, err);

    f.at.whole = (double)whole_batch(&f);
    if (!ret)
        ret = restore(&f, err);
    while (!ret && !is_over(&f))
        if (!(ret = train_epoch(&f, err)))
            ret = end_epoch(&f, err);
    nn_log_status(NULL);
    if (ret && is_writer(&f)) {
        struct nn_err ignored;
        run->state = err->code == NN_EINTR ? "stopped" : "failed";
        nn_run_update(cat, run, &ignored);      /* the first error is the one to tell */
    }
    if (f.loader)
        nn_debug("waited %.1f s for batches", nn_loader_waited(f.loader));
    nn_loader_free(f.loader);
    nn_torch_free(f.torch);
    free(f.target);
    nn_targets_release(&f.targets);
    nn_graph_free(f.graph);
    nn_faces_release(&f.train);
    nn_faces_release(&f.valid);
    return ret;
}
