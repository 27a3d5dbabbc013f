/* neonnoir train emotion */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/log.h"
#include "runtime/onnx/onnx.h"
#include "trainer/cmds.h"
#include "trainer/fit.h"
#include "trainer/nets/nets.h"
#include "trainer/peers.h"
#include "trainer/teacher.h"
#include "trainer/together.h"
#include "trainer/torch.h"
#include "trainer/votes.h"

enum { NAME = 256 };
enum { MOST_KEPT = 256 << 20 };         /* bytes of a file */
/* Where the recipe does not say. */
static const double VOTES_WEIGHT = 0.5, TEACHER_SHARE = 0.5;

static struct {
    struct nn_settings s;
    const char *snapshot, *init, *name, *votes, *teacher;
    struct nn_opt_list labels;
    int stay_plain;
} o;

/* The defaults of settings.c become those that help shows before main() parses. */
__attribute__((constructor)) static void set_defaults(void)
{
    o.s = nn_settings_default;
    o.snapshot = "latest";
}

static int read_recipe(const char *path, struct nn_err *err)
{
    return nn_settings_read(&o.s, path, err);
}

static int read_blocks(const char *text, struct nn_err *err)
{
    int64_t *b = o.s.blocks;
    int n, read = sscanf(text, "%2" SCNd64 "%n,%2" SCNd64 ",%2" SCNd64 "%n", b, &n, b + 1, b + 2,
                         &n);

    if ((read != 1 && read != 3) || text[n] || b[0] < 0 || b[0] > 16)
        return nn_fail(err, NN_EUSAGE, "--blocks \"%s\": one number from 0 to 16, or three", text);
    if (read == 1)
        b[1] = b[2] = b[0];
    return 0;
}

static struct nn_opt_call recipe = { read_recipe }, blocks = { read_blocks };

const struct nn_opt nn_train_emotion_opts[] = {
    { "snapshot", 's', NN_OPT_TEXT, "NAME", "what to train on", &o.snapshot, 0, 0 },
    { "init", 0, NN_OPT_TEXT, "MODEL.onnx", "begin with this model's graph and weights", &o.init, 0,
      0 },
    { "name", 0, NN_OPT_TEXT, "NAME", "name of the run (else emotion-N)", &o.name, 0, 0 },
    { "label", 0, NN_OPT_LIST, "NAME=VALUE", "what the run is about, to compare by; repeatable",
      &o.labels, 0, 0 },
    { "recipe", 'r', NN_OPT_CALL, "FILE.json", "settings; options behind it overrule it", &recipe,
      0, 0 },
    { "votes", 0, NN_OPT_TEXT, "FILE.csv", "annotators' votes by picture, as FER+ has them",
      &o.votes, 0, 0 },
    { "teacher", 0, NN_OPT_TEXT, "MODEL.onnx", "learn from its answers, too", &o.teacher, 0, 0 },
    { "epochs", 'e', NN_OPT_INT, "N", "passes over the data", &o.s.epochs, 1, 2000 },
    { "batch", 'b', NN_OPT_INT, "N", "faces in a step", &o.s.batch, 2, 4096 },
    { "rate", 0, NN_OPT_REAL, "X", "peak learning rate", &o.s.rate, 1e-7, 10 },
    { "warmup", 0, NN_OPT_REAL, "X", "share of the steps until the peak", &o.s.warmup, 0, 0.9 },
    { "momentum", 0, NN_OPT_REAL, "X", "Nesterov momentum", &o.s.momentum, 0, 0.999 },
    { "decay", 0, NN_OPT_REAL, "X", "weight decay", &o.s.weight_decay, 0, 1 },
    { "smoothing", 0, NN_OPT_REAL, "X", "label smoothing", &o.s.smoothing, 0, 0.9 },
    { "ema", 0, NN_OPT_REAL, "X", "decay of the averaged weights", &o.s.ema, 0, 0.99999 },
    { "patience", 0, NN_OPT_INT, "N", "end after N epochs that are no better", &o.s.patience, 0,
      2000 },
    { "dropout", 0, NN_OPT_REAL, "X", "before the classifier", &o.s.dropout, 0, 0.9 },
    { "width", 0, NN_OPT_INT, "N", "channels of the first stage", &o.s.width, 4, 512 },
    { "blocks", 0, NN_OPT_CALL, "N[,N,N]", "residual blocks a stage", &blocks, 0, 0 },
    { "size", 0, NN_OPT_INT, "PIXELS", "edge of the input picture", &o.s.size, 16, 224 },
    { "plain", 0, NN_OPT_FLAG, NULL, "no augmentation", &o.stay_plain, 0, 0 },
    { "seed", 0, NN_OPT_INT, "N", "of weights, order, augmentation, dropout", &o.s.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "of libtorch", &o.s.threads, 1, 256 },
    { 0 },
};

/* What nn_fit() relies on, said before a run exists that could not go on. */
static int check_init(struct nn_graph *g, struct nn_err *err)
{
    const char *classes = nn_graph_meta(g, "neonnoir.classes");
    const struct nn_tensor *in, *out;

    if (nn_onnx_infer(g, err))
        return -1;
    if (g->nin != 1 || g->nout < (o.s.votes > 0 ? 2 : 1))
        return nn_fail(err, NN_EUNSUPPORTED, "%d inputs and %d outputs; training wants one input "
                       "and %s", g->nin, g->nout,
                       o.s.votes > 0 ? "votes behind the logits" : "an output");
    in = &g->tensor[g->in[0]];
    out = &g->tensor[g->out[0]];
    if (in->ndim != 4 || (in->dim[1] != 1 && in->dim[1] != 3) || in->dim[2] < 1 || in->dim[3] < 1)
        return nn_fail(err, NN_EUNSUPPORTED, "its input is no batch of grey or RGB pictures");
    if (out->ndim != 2 || out->dim[1] != NN_EMOTIONS)
        return nn_fail(err, NN_EUNSUPPORTED, "it does not end in %d logits", NN_EMOTIONS);
    if (classes && strcmp(classes, NN_EMOTION_CLASSES))
        return nn_fail(err, NN_EUNSUPPORTED, "it has the classes %.100s, not %s", classes,
                       NN_EMOTION_CLASSES);
    for (int i = 0; i < g->nnode; i++)
        if (!nn_torch_interprets(g->node[i].op))
            return nn_fail(err, NN_EUNSUPPORTED, "node %s: the trainer does not interpret %s",
                           g->node[i].name, g->node[i].op);
    return 0;
}

/* The network this run begins with; normalisation follows a given model. */
static struct nn_graph *first_graph(struct nn_err *err)
{
    struct nn_net_emotion net = {
        .size = (int)o.s.size, .width = (int)o.s.width, .votes = o.s.votes > 0,
        .blocks = { (int)o.s.blocks[0], (int)o.s.blocks[1], (int)o.s.blocks[2] },
        .dropout = o.s.dropout, .seed = (uint64_t)o.s.seed,
    };
    struct nn_graph *g;
    int known;

    if (!o.init)
        return nn_net_emotion(&net, err);
    if (!(g = nn_onnx_read(o.init, err)))
        return NULL;
    known = check_init(g, err) ? -1 : nn_fit_normal(g, &o.s.normal, err);
    if (known < 0) {
        nn_fail_in(err, "%s", o.init);
        nn_graph_free(g);
        return NULL;
    }
    if (!known)
        nn_warn("%s does not say how it wants its input; mean %g and deviation %g are used", o.init,
                o.s.normal.mean, o.s.normal.std);
    return g;
}

/* A copy, so that the run can go on when the file is gone. */
static int keep(struct nn_catalog *cat, const struct nn_run *run, const char *file,
                const char *as, struct nn_err *err)
{
    char path[NN_PATH], *data;
    size_t size;
    int ret;

    if (nn_run_path(cat, run->name, as, path, err) ||
        !(data = nn_file_read(file, MOST_KEPT, &size, err)))
        return -1;
    ret = nn_file_write(path, data, size, err);
    free(data);
    return ret;
}

/* A teacher and its share of the targets ask for each other. */
static int check_teacher(struct nn_err *err)
{
    struct nn_teacher *t;

    if (!o.teacher && o.s.teacher > 0)
        return nn_fail(err, NN_EUSAGE, "the recipe gives a teacher %g of the targets: say which, "
                       "with --teacher MODEL.onnx", o.s.teacher);
    if (!o.teacher)
        return 0;
    o.s.teacher = o.s.teacher > 0 ? o.s.teacher : TEACHER_SHARE;
    t = nn_teacher_new(o.teacher, (int)o.s.size, (int)o.s.size, 1, &o.s.normal, NULL, err);
    nn_teacher_free(t);
    return t ? 0 : -1;
}

/* Votes and their weight ask for each other; what is wrong with them is said before a run is. */
static int check_votes(struct nn_err *err)
{
    struct nn_votes v;
    int ret;

    if (!o.votes && o.s.votes > 0)
        return nn_fail(err, NN_EUSAGE, "the recipe gives votes a weight of %g: say which, with "
                       "--votes FILE.csv", o.s.votes);
    if (!o.votes)
        return 0;
    o.s.votes = o.s.votes > 0 ? o.s.votes : VOTES_WEIGHT;
    ret = nn_votes_read(&v, o.votes, err);
    nn_votes_release(&v);
    return ret;
}

/* The run's row, directory and first graph. */
static int begin(struct nn_catalog *cat, const struct nn_snapshot *snap, struct nn_run *run,
                 struct nn_err *err)
{
    struct nn_graph *g = first_graph(err);
    cJSON *json = NULL;
    char *text = NULL, path[NN_PATH];
    int ret = -1;

    if (!g)
        return -1;
    if (!(json = nn_settings_to_json(&o.s)) || !(text = cJSON_Print(json))) {
        nn_fail_mem(err, "settings");
        goto out;
    }
    *run = (struct nn_run){ .snapshot = snap->id, .task = "emotion", .settings = text,
                            .state = "running", .epochs = o.s.epochs };
    if (nn_run_add(cat, o.name, run, err) || nn_run_path(cat, run->name, "graph.onnx", path, err))
        goto out;
    ret = nn_onnx_write(g, path, err);
    if (!ret && !(ret = nn_run_path(cat, run->name, "recipe.json", path, err)))
        ret = nn_file_write(path, text, strlen(text), err);
    if (!ret)
        ret = nn_run_label_put(cat, run->id, o.labels.value, o.labels.count, err);
    if (!ret && o.s.votes > 0)
        ret = keep(cat, run, o.votes, NN_FIT_VOTES, err);
    if (!ret && o.s.teacher > 0)
        ret = keep(cat, run, o.teacher, NN_FIT_TEACHER, err);
    if (ret) {
        struct nn_err ignored;
        run->state = "failed";
        nn_run_update(cat, run, &ignored);      /* the first error is the one to tell */
    }
out:
    nn_graph_free(g);
    cJSON_Delete(json);
    cJSON_free(text);
    return ret;
}

/* Process 0 makes the run; the others hear its name, or "" when it could not. */
static int begin_together(struct nn_catalog *cat, struct nn_peers *peers, char name[NAME],
                          struct nn_err *err)
{
    struct nn_snapshot snap = { 0 };
    struct nn_run run = { 0 };
    struct nn_err ignored;
    int ret = 0;

    *name = 0;
    if (nn_peers_rank(peers) == 0) {
        ret = nn_run_label_check(o.labels.value, o.labels.count, err) || check_votes(err) ||
              check_teacher(err) ||
              nn_snapshot_load(cat, o.snapshot, &snap, err) ||
              begin(cat, &snap, &run, err) ? -1 : 0;
        if (!ret)
            snprintf(name, NAME, "%s", run.name);
        nn_snapshot_release(&snap);
    }
    if (nn_peers_tell(peers, "run", name, NAME, ret ? &ignored : err))
        return -1;
    return ret || *name ? ret : nn_fail(err, NN_EIO, "process 0 could not begin");
}

int nn_train_emotion(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = NULL;
    struct nn_peers *peers;
    char name[NAME];
    int ret = -1;

    (void)argc;
    (void)argv;
    if (o.stay_plain)
        o.s.augment = (struct nn_augment){ 0 };
    if (!nn_together_join(&peers, err) &&
        (cat = nn_together_open(peers, err)) &&
        !begin_together(cat, peers, name, err))
        ret = nn_together_train(cat, name, peers, err);
    nn_catalog_close(cat);
    nn_peers_free(peers);
    return ret;
}
