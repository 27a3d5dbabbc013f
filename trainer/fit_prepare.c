#include <math.h>
#include <stdlib.h>

#include "common/log.h"
#include "runtime/onnx/onnx.h"
#include "trainer/fit_state.h"
#include "trainer/record.h"

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

static int prepare_teacher(struct fit *f, struct nn_err *err)
{
    const struct nn_faces *a = &f->train;
    char path[NN_PATH];

    return nn_run_path(f->cat, f->run->name, NN_FIT_TEACHER, path, err) ||
           !(f->teacher = nn_teacher_new(path, a->w, a->h, a->c, &f->s->normal, f->peers, err))
           ? -1 : 0;
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
    if (f->s->teacher > 0 && prepare_teacher(f, err))
        return -1;
    f->target = malloc((size_t)(nn_fit_whole(f) * f->targets.width) * sizeof *f->target);
    return f->target ? 0 : nn_fail_mem(err, "batch");
}

int nn_fit_prepare(struct fit *f, struct nn_err *err)
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
        .batch = (int)nn_fit_whole(f), .fill = fill, .arg = f,
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
    lo.drop_last = f->train.n >= nn_fit_whole(f);   /* a small rest would disturb the batch norms */
    if (!(f->loader = nn_loader_new(&lo, err)))
        return -1;
    if (nn_fit_writes(f) && nn_record_surroundings(f->cat, f->run, f->snap->hash, f->s->seed,
                                                   nn_peers_count(f->peers), err))
        return -1;
    nn_info("%s: %lld faces to train on, %lld to judge by; %s", f->run->name, (long long)f->train.n,
            (long long)f->valid.n, nn_torch_describe(what, sizeof what));
    return 0;
}

void nn_fit_release(struct fit *f)
{
    nn_loader_free(f->loader);
    nn_torch_free(f->torch);
    nn_teacher_free(f->teacher);
    free(f->target);
    nn_targets_release(&f->targets);
    nn_graph_free(f->graph);
    nn_faces_release(&f->train);
    nn_faces_release(&f->valid);
}
