#include "trainer/fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "common/thermal.h"
#include "runtime/onnx/onnx.h"
#include "trainer/fit_state.h"
#include "trainer/record.h"
#include "trainer/sched.h"

enum { SAVE_SECONDS = 60, EVAL_BATCH = 256 };

static int save(struct fit *f, struct nn_err *err)
{
    char path[NN_PATH];

    f->saved = nn_now();
    if (!nn_fit_writes(f))
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
    if (f->at.whole && f->at.whole != (double)nn_fit_whole(f) && f->at.batch)
        return nn_fail(err, NN_EARG, "%s stopped within an epoch of steps of %.0f faces, not %lld: "
                       "go on with as many processes as before", f->run->name, f->at.whole,
                       (long long)nn_fit_whole(f));
    nn_info("going on at epoch %.0f, batch %.0f", f->at.epoch + 1, f->at.batch + 1);
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
    char line[200], heat[20] = "";
    static double last;
    double celsius;

    if (nn_now() - last < 0.2)
        return;
    last = nn_now();
    rate = (f->at.seen > 0 ? f->at.seen : 1) / fmax(1e-3, f->at.seconds + last - started);
    left = ((double)f->s->epochs - f->at.epoch) * (double)batches - done;
    left *= (double)nn_fit_whole(f) / rate;
    if (isfinite(celsius = nn_thermal("/sys")))
        snprintf(heat, sizeof heat, "  %.0f C", celsius);
    snprintf(line, sizeof line, "epoch %.0f/%lld  batch %.0f/%lld  loss %.3f  accuracy %.1f %%  "
             "%.0f images/s%s  %.0f:%02.0f left", f->at.epoch + 1, (long long)f->s->epochs, done,
             (long long)batches, f->at.loss / fmax(1, f->at.seen),
             100 * f->at.correct / fmax(1, f->at.seen), rate, heat, floor(left / 60),
             fmod(left, 60));
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
    if (err->code == NN_EIO && nn_fit_writes(f) && !save(f, &ignored))
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
        if (f->teacher && nn_teacher_blend(f->teacher, b->x, b->n, f->s->teacher, f->s->heat,
                                           f->target, f->targets.width, err))
            return -1;
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

    if (f->valid.n && accuracy <= f->at.best && f->at.epoch > 0)
        return 0;
    f->at.best = f->valid.n ? accuracy : 0;
    if (!nn_fit_writes(f))
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
                            .whole = (double)nn_fit_whole(f) };
    if (f->s->schedule == NN_SCHED_PLATEAU && f->at.stale > 0 &&
        (int64_t)f->at.stale % f->s->stale == 0)
        f->at.scale *= f->s->drop;
    f->run->epoch = (int64_t)f->at.epoch;
    f->run->best_metric = f->at.best;
    f->run->state = is_over(f) ? "done" : "running";
    /* Recorded before saved: a run killed in between does this epoch again, alike. */
    if (!nn_fit_writes(f))
        return 0;
    if (nn_record_epoch(f->cat, f->run, &e, err) || save(f, err))
        return -1;
    tell_epoch(f, &e);
    return 0;
}

int nn_fit(struct nn_catalog *cat, struct nn_run *run, const struct nn_settings *s,
           const struct nn_snapshot *snap, struct nn_peers *peers, struct nn_err *err)
{
    struct fit f = { .cat = cat, .run = run, .s = s, .snap = snap, .peers = peers,
                     .saved = nn_now(), .at.scale = 1 };
    int ret = nn_fit_prepare(&f, err);

    f.at.whole = (double)nn_fit_whole(&f);
    if (!ret)
        ret = restore(&f, err);
    while (!ret && !is_over(&f))
        if (!(ret = train_epoch(&f, err)))
            ret = end_epoch(&f, err);
    nn_log_status(NULL);
    if (ret && nn_fit_writes(&f)) {
        struct nn_err ignored;
        run->state = err->code == NN_EINTR ? "stopped" : "failed";
        nn_run_update(cat, run, &ignored);      /* the first error is the one to tell */
    }
    if (f.loader)
        nn_debug("waited %.1f s for batches", nn_loader_waited(f.loader));
    nn_fit_release(&f);
    return ret;
}
