#include "trainer/gan_fit_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/onnx/onnx.h"
#include "trainer/gan_pictures.h"
#include "trainer/record.h"
#include "trainer/tfevents.h"
#include "trainer/torch.h"

static const double SAVE_SECONDS = 120;
enum { WATCH = 4 };             /* steps between looks at the overfitting */

static int path_of(const struct nn_gan_fit *f, const char *file, char out[NN_PATH],
                   struct nn_err *err)
{
    return nn_run_path(f->cat, f->run->name, file, out, err);
}

/* A picture as floats of -1..1, planes of red, green, blue; mirrored or not. */
static int fill(void *arg, int64_t index, struct nn_rng *rng, float *out, int64_t *label,
                struct nn_err *err)
{
    const struct nn_gan_fit *f = arg;
    int s = f->d.size, mirrored = nn_rng_float(rng) < (float)f->s.flip;
    const uint8_t *px = f->d.px + (size_t)index * (size_t)(3 * s * s);

    (void)err;
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < s; y++)
            for (int x = 0; x < s; x++)
                *out++ = (float)px[(y * s + (mirrored ? s - 1 - x : x)) * 3 + c] / 127.5f - 1;
    *label = index;
    return 0;
}

/* The batch's conditions, some of them hidden: all zeros. */
static void conditions(struct nn_gan_fit *f, const struct nn_batch *b)
{
    int k = f->d.conditions;
    struct nn_rng rng;

    nn_rng_seed(&rng, (uint64_t)f->s.seed + 77, (uint64_t)f->step);
    for (int64_t i = 0; i < b->n; i++) {
        int hidden = nn_rng_float(&rng) < (float)f->s.drop;
        for (int j = 0; j < k; j++)
            f->c[i * k + j] = hidden ? 0 : nn_gan_data_row(&f->d, b->label[i])[j];
    }
}

/* How sure the discriminator is tells whether it learns the pictures by heart; augmentation goes
 * up or down by what takes it from 0 to 1 in `ramp` pictures (T. Karras et al., arXiv 2006.06676,
 * with the sign of the difference of a pair in place of that of a real picture's logit). */
static void watch(struct nn_gan_fit *f, double sure)
{
    f->sure += sure / WATCH;
    if (f->step % WATCH)
        return;
    if (f->s.adaptive) {
        double by = (double)(WATCH * f->s.batch) / (double)f->s.ramp;
        f->augment += f->sure > f->s.target ? by : -by;
        f->augment = fmin(fmax(f->augment, 0), 1);
    }
    f->sure = 0;
}

static void show(const struct nn_gan_fit *f, double rate)
{
    int64_t done = f->step * f->s.batch;
    double left = (double)(f->s.images - done) / rate;
    char line[200];

    snprintf(line, sizeof line, "%.1f of %.0f thousand  G %.3f  D %.3f  sure %.2f  augment %.2f  "
             "%.1f images/s  %.0f:%02.0f:%02.0f left", (double)done / 1000,
             (double)f->s.images / 1000, f->loss_g / fmax(1, f->since),
             f->loss_d / fmax(1, f->since), f->signs / fmax(1, f->since), f->augment, rate,
             floor(left / 3600), floor(fmod(left, 3600) / 60), fmod(left, 60));
    nn_log_status(line);
}

static int metrics(struct nn_gan_fit *f, struct nn_err *err)
{
    double n = fmax(1, f->since);
    const struct {
        const char *name;
        double value;
    } all[] = { { "loss_g", f->loss_g / n }, { "loss_d", f->loss_d / n },
                { "penalty", f->penalty / fmax(1, f->penalties) }, { "sure", f->signs / n },
                { "augment", f->augment }, { "seconds", f->seconds } };
    int ret = nn_catalog_begin(f->cat, err);

    if (ret)
        return -1;
    for (size_t i = 0; i < sizeof all / sizeof *all && !ret; i++)
        ret = nn_run_metric(f->cat, f->run->id, f->run->epoch, "train", all[i].name, all[i].value,
                            err);
    if (ret || (ret = nn_run_update(f->cat, f->run, err))) {
        nn_catalog_rollback(f->cat);
        return -1;
    }
    return nn_catalog_commit(f->cat, err) || nn_record_csv(f->cat, f->run, err) ||
           nn_tfevents_write(f->cat, f->run, err) ? -1 : 0;
}

/* What people look at, and the newest generator. */
static int snap(struct nn_gan_fit *f, struct nn_err *err)
{
    char path[NN_PATH], file[64];
    int64_t shown = f->step * f->s.batch;
    uint64_t seed = (uint64_t)f->s.seed;
    int latent = (int)f->s.latent;

    snprintf(file, sizeof file, "samples-%08lld.png", (long long)shown);
    if (path_of(f, file, path, err) || nn_gan_grid(f->gan, &f->d, latent, seed, path, err) ||
        path_of(f, "samples.png", path, err) ||
        nn_gan_grid(f->gan, &f->d, latent, seed, path, err) ||
        path_of(f, "walk.png", path, err) || nn_gan_walk(f->gan, &f->d, latent, seed, path, err) ||
        nn_gan_store(f->gan, 1, f->graph, err) || path_of(f, "best.onnx", path, err) ||
        nn_onnx_write(f->graph, path, err))
        return -1;
    f->run->epoch = shown / 1000;
    f->run->state = shown >= f->s.images ? "done" : "running";
    if (f->run->state[0] == 'd')
        f->run->epoch = f->run->epochs;
    if (metrics(f, err))
        return -1;
    nn_info("%8.1f thousand  G %.3f  D %.3f  sure %.2f  augment %.2f  %.0f s", (double)shown / 1000,
            f->loss_g / fmax(1, f->since), f->loss_d / fmax(1, f->since),
            f->signs / fmax(1, f->since), f->augment, f->seconds);
    f->loss_g = f->loss_d = f->penalty = f->penalties = f->signs = f->since = 0;
    return nn_gan_fit_save(f, err);
}

static int step(struct nn_gan_fit *f, const struct nn_batch *b, struct nn_err *err)
{
    double begin = nn_now();
    struct nn_gan_step out = { .rate_g = f->s.rate, .rate_d = f->s.rate, .augment = f->augment };
    int64_t before = f->step * f->s.batch / f->s.snap, shown;

    conditions(f, b);
    if (nn_gan_train(f->gan, b->x, f->c, b->n, &out, err))
        return -1;
    f->step++;
    f->since++;
    f->loss_g += out.loss_g;
    f->loss_d += out.loss_d;
    f->signs += out.sure;
    if (out.penalty >= 0) {
        f->penalty += out.penalty;
        f->penalties++;
    }
    watch(f, out.sure);
    f->seconds += nn_now() - begin;
    shown = f->step * f->s.batch;
    return shown / f->s.snap > before || shown >= f->s.images ? snap(f, err) : 0;
}

static int stop(struct nn_gan_fit *f, struct nn_err *err)
{
    if (nn_gan_fit_save(f, err))
        return -1;
    return nn_fail(err, NN_EINTR, "%s is saved behind %lld pictures; go on with: neonnoir train "
                   "resume %s", f->run->name, (long long)(f->step * f->s.batch), f->run->name);
}

static int train(struct nn_gan_fit *f, struct nn_err *err)
{
    int64_t batches = nn_loader_batches(f->loader), began = f->step;
    double start = nn_now(), shown = 0;
    const struct nn_batch *b;
    int more = 0;

    while (f->step * f->s.batch < f->s.images) {
        if (nn_loader_start(f->loader, f->step / batches, f->step % batches, err))
            return -1;
        while (f->step * f->s.batch < f->s.images &&
               (more = nn_loader_next(f->loader, &b, err)) == 1) {
            if (step(f, b, err))
                return -1;
            if (nn_now() - shown > 0.2) {
                shown = nn_now();
                show(f, (double)((f->step - began) * f->s.batch) / fmax(1e-3, shown - start));
            }
            if (nn_stopping())
                return stop(f, err);
            if (nn_now() - f->saved > SAVE_SECONDS && nn_gan_fit_save(f, err))
                return -1;
        }
        if (more < 0)
            return -1;
    }
    return 0;
}

static int prepare(struct nn_gan_fit *f, struct nn_err *err)
{
    struct nn_gan_opts o = { 0 };
    struct nn_loader_opts lo = { .drop_last = 1, .shuffle = 1, .threads = 1, .prefetch = 2,
                                 .fill = fill, .arg = f };
    struct nn_graph *d = NULL;
    char path[NN_PATH], what[200];

    f->s = nn_gan_settings_default;
    if (nn_gan_settings_from_json(&f->s, f->run->settings, "the run's settings", err) ||
        path_of(f, "pictures.safetensors", path, err) || nn_gan_data_read(&f->d, path, err) ||
        path_of(f, "generator.onnx", path, err) || !(f->graph = nn_onnx_read(path, err)) ||
        path_of(f, "discriminator.onnx", path, err) || !(d = nn_onnx_read(path, err)))
        return -1;
    o = (struct nn_gan_opts){ .seed = (uint64_t)f->s.seed, .beta1 = f->s.beta1,
                              .beta2 = f->s.beta2, .hinge = (int)f->s.hinge, .gamma = f->s.gamma,
                              .every = (int)f->s.every, .modes = f->s.modes };
    o.ema = f->s.ema > 0 ? pow(0.5, (double)f->s.batch / (double)f->s.ema) : 0;
    if (!nn_torch_setup((int)f->s.threads, err))
        f->gan = nn_gan_new(f->graph, d, &o, err);
    nn_graph_free(d);
    lo.count = f->d.n;
    lo.floats = (int64_t)3 * f->d.size * f->d.size;
    lo.batch = (int)f->s.batch;
    lo.seed = (uint64_t)f->s.seed;
    f->augment = f->s.augment;
    if (!f->gan || !(f->loader = nn_loader_new(&lo, err)))
        return -1;
    if (!(f->c = calloc((size_t)(f->s.batch * (f->d.conditions + 1)), sizeof *f->c)))
        return nn_fail_mem(err, "conditions");
    nn_info("%s: %lld pictures, %d conditions; %s", f->run->name, (long long)f->d.n,
            f->d.conditions, nn_torch_describe(what, sizeof what));
    return nn_gan_fit_restore(f, err) ||
           nn_record_surroundings(f->cat, f->run, NULL, f->s.seed, 1, err) ? -1 : 0;
}

int nn_gan_rest(struct nn_catalog *cat, struct nn_run *run, struct nn_err *err)
{
    struct nn_gan_fit f = { .cat = cat, .run = run, .saved = nn_now() };
    char dir[NN_PATH], path[NN_PATH];
    int ret = prepare(&f, err) || train(&f, err) ? -1 : 0;

    nn_log_status(NULL);
    if (!ret)
        ret = path_of(&f, ".", dir, err) || path_of(&f, "progress.mp4", path, err) ||
              nn_gan_film(dir, path, err) ? -1 : 0;
    if (ret) {
        struct nn_err ignored;
        run->state = err->code == NN_EINTR ? "stopped" : "failed";
        nn_run_update(cat, run, &ignored);      /* the first error is the one to tell */
    }
    nn_loader_free(f.loader);
    nn_gan_free(f.gan);
    nn_graph_free(f.graph);
    nn_gan_data_release(&f.d);
    free(f.c);
    return ret;
}
