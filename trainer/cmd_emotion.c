/* neonnoir train emotion */
#include <inttypes.h>
#include <stdio.h>

#include "trainer/begin.h"
#include "trainer/cmds.h"
#include "trainer/together.h"

enum { NAME = 256 };

static struct {
    struct nn_begin b;
    const char *snapshot;
    struct nn_opt_list labels;
    int stay_plain;
} o;

/* The defaults of settings.c become those that help shows before main() parses. */
__attribute__((constructor)) static void set_defaults(void)
{
    o.b.s = nn_settings_default;
    o.snapshot = "latest";
}

static int read_recipe(const char *path, struct nn_err *err)
{
    return nn_settings_read(&o.b.s, path, err);
}

static int read_blocks(const char *text, struct nn_err *err)
{
    int64_t *b = o.b.s.blocks;
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
    { "init", 0, NN_OPT_TEXT, "MODEL.onnx", "begin with this model's graph and weights", &o.b.init,
      0, 0 },
    { "name", 0, NN_OPT_TEXT, "NAME", "name of the run (else emotion-N)", &o.b.name, 0, 0 },
    { "label", 0, NN_OPT_LIST, "NAME=VALUE", "what the run is about, to compare by; repeatable",
      &o.labels, 0, 0 },
    { "recipe", 'r', NN_OPT_CALL, "FILE.json", "settings; options behind it overrule it", &recipe,
      0, 0 },
    { "votes", 0, NN_OPT_TEXT, "FILE.csv", "annotators' votes by picture, as FER+ has them",
      &o.b.votes, 0, 0 },
    { "teacher", 0, NN_OPT_TEXT, "MODEL.onnx", "learn from its answers, too", &o.b.teacher, 0, 0 },
    { "epochs", 'e', NN_OPT_INT, "N", "passes over the data", &o.b.s.epochs, 1, 2000 },
    { "batch", 'b', NN_OPT_INT, "N", "faces in a step", &o.b.s.batch, 2, 4096 },
    { "rate", 0, NN_OPT_REAL, "X", "peak learning rate", &o.b.s.rate, 1e-7, 10 },
    { "warmup", 0, NN_OPT_REAL, "X", "share of the steps until the peak", &o.b.s.warmup, 0, 0.9 },
    { "momentum", 0, NN_OPT_REAL, "X", "Nesterov momentum", &o.b.s.momentum, 0, 0.999 },
    { "decay", 0, NN_OPT_REAL, "X", "weight decay", &o.b.s.weight_decay, 0, 1 },
    { "smoothing", 0, NN_OPT_REAL, "X", "label smoothing", &o.b.s.smoothing, 0, 0.9 },
    { "ema", 0, NN_OPT_REAL, "X", "decay of the averaged weights", &o.b.s.ema, 0, 0.99999 },
    { "patience", 0, NN_OPT_INT, "N", "end after N epochs that are no better", &o.b.s.patience, 0,
      2000 },
    { "dropout", 0, NN_OPT_REAL, "X", "before the classifier", &o.b.s.dropout, 0, 0.9 },
    { "width", 0, NN_OPT_INT, "N", "channels of the first stage", &o.b.s.width, 4, 512 },
    { "blocks", 0, NN_OPT_CALL, "N[,N,N]", "residual blocks a stage", &blocks, 0, 0 },
    { "size", 0, NN_OPT_INT, "PIXELS", "edge of the input picture", &o.b.s.size, 16, 224 },
    { "plain", 0, NN_OPT_FLAG, NULL, "no augmentation", &o.stay_plain, 0, 0 },
    { "seed", 0, NN_OPT_INT, "N", "of weights, order, augmentation, dropout", &o.b.s.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "of libtorch", &o.b.s.threads, 1, 256 },
    { 0 },
};

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
        o.b.label = o.labels.value;
        o.b.labels = o.labels.count;
        ret = nn_begin_check(&o.b, err) || nn_snapshot_load(cat, o.snapshot, &snap, err) ||
              nn_begin_run(&o.b, cat, &snap, &run, err) ? -1 : 0;
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
        o.b.s.augment = (struct nn_augment){ 0 };
    if (!nn_together_join(&peers, err) &&
        (cat = nn_together_open(peers, err)) &&
        !begin_together(cat, peers, name, err))
        ret = nn_together_train(cat, name, peers, err);
    nn_catalog_close(cat);
    nn_peers_free(peers);
    return ret;
}
