/* neonnoir train gan */
#include <stdio.h>
#include <string.h>

#include "trainer/cmds.h"
#include "trainer/gan_fit.h"
#include "trainer/together.h"

static struct {
    struct nn_gan_settings s;
    struct nn_opt_list on, labels;
    const char *snapshot, *where, *name;
    double every;
    int classes, begin;
} o;

/* The defaults become those that help shows before main() parses. */
__attribute__((constructor)) static void set_defaults(void)
{
    o.s = nn_gan_settings_default;
    o.every = 0.5;
}

static int read_recipe(const char *path, struct nn_err *err)
{
    return nn_gan_settings_read(&o.s, path, err);
}

static struct nn_opt_call recipe = { read_recipe };

const struct nn_opt nn_train_gan_opts[] = {
    { "on", 0, NN_OPT_LIST, "FILM|DIR|ARCHIVE", "pictures to learn from; repeatable", &o.on, 0, 0 },
    { "every", 0, NN_OPT_REAL, "SECONDS", "between two frames of a film; 0: all", &o.every, 0,
      3600 },
    { "classes", 0, NN_OPT_FLAG, NULL, "folders and films are classes, which can be asked for",
      &o.classes, 0, 0 },
    { "where", 0, NN_OPT_TEXT, "QUERY", "learn clips of the catalog, by their tags and moods",
      &o.where, 0, 0 },
    { "snapshot", 's', NN_OPT_TEXT, "NAME", "learn a snapshot's faces, by emotion", &o.snapshot, 0,
      0 },
    { "recipe", 'r', NN_OPT_CALL, "FILE.json", "settings; options behind it overrule it", &recipe,
      0, 0 },
    { "size", 0, NN_OPT_INT, "PIXELS", "edge of a picture: 16, 32, 64, 128, 256 or 512", &o.s.size,
      16, 512 },
    { "images", 'n', NN_OPT_INT, "N", "pictures to show in all", &o.s.images, 1, 1e10 },
    { "snap", 0, NN_OPT_INT, "N", "pictures between two samples", &o.s.snap, 1, 1e9 },
    { "batch", 'b', NN_OPT_INT, "N", "pictures in a step", &o.s.batch, 2, 1024 },
    { "latent", 0, NN_OPT_INT, "N", "numbers of a latent", &o.s.latent, 1, 4096 },
    { "width", 0, NN_OPT_INT, "N", "channels at 64 x 64", &o.s.width, 4, 512 },
    { "widest", 0, NN_OPT_INT, "N", "channels at most", &o.s.widest, 8, 2048 },
    { "rate", 0, NN_OPT_REAL, "X", "learning rate of both networks", &o.s.rate, 1e-7, 1 },
    { "gamma", 0, NN_OPT_REAL, "X", "weight of the gradient penalties", &o.s.gamma, 0, 1e6 },
    { "augment", 0, NN_OPT_REAL, "P", "probability of each augmentation, where it begins",
      &o.s.augment, 0, 1 },
    { "name", 0, NN_OPT_TEXT, "NAME", "name of the run (else gan-N)", &o.name, 0, 0 },
    { "label", 0, NN_OPT_LIST, "NAME=VALUE", "what the run is about, to compare by; repeatable",
      &o.labels, 0, 0 },
    { "begin", 0, NN_OPT_FLAG, NULL, "make the run and end; resume trains it", &o.begin, 0, 0 },
    { "seed", 0, NN_OPT_INT, "N", "of weights, order, latents, augmentation", &o.s.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "of libtorch", &o.s.threads, 1, 256 },
    { 0 },
};

/* What there is to learn from, once for the run. */
static int collect(struct nn_catalog *cat, struct nn_gan_data *d, int64_t *snapshot,
                   struct nn_err *err)
{
    struct nn_snapshot snap = { 0 };
    int ret = 0;

    *snapshot = 0;
    if (!!o.on.count + !!o.where + !!o.snapshot != 1)
        return nn_fail(err, NN_EUSAGE, "say what to learn from, in one way: --on FILM|DIR|ARCHIVE, "
                       "--where QUERY or --snapshot NAME");
    for (int i = 0; i < o.on.count && !ret; i++)
        ret = nn_gan_data_add(d, o.on.value[i], o.every, o.classes, err);
    if (o.where)
        ret = nn_gan_data_clips(d, cat, o.where, o.every, err);
    if (o.snapshot) {
        ret = nn_snapshot_load(cat, o.snapshot, &snap, err) ||
              nn_gan_data_faces(d, cat, &snap, err) ? -1 : 0;
        *snapshot = snap.id;
        nn_snapshot_release(&snap);
    }
    return ret;
}

int nn_train_gan(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat = NULL;
    struct nn_gan_data d;
    struct nn_peers *peers;
    struct nn_run run;
    char name[256];
    int64_t snapshot;
    int ret = -1;

    (void)argc;
    (void)argv;
    nn_gan_data_init(&d, (int)o.s.size);
    if (nn_together_join(&peers, err))
        return -1;
    if (nn_peers_count(peers) > 1)
        nn_fail(err, NN_EUNSUPPORTED, "a GAN is trained by one process");
    else if (!nn_run_label_check(o.labels.value, o.labels.count, err) &&
             (cat = nn_together_open(peers, err)) && !collect(cat, &d, &snapshot, err) &&
             !nn_gan_begin(cat, o.name, o.labels.value, o.labels.count, &o.s, &d, snapshot, &run,
                           err)) {
        snprintf(name, sizeof name, "%s", run.name);
        nn_gan_data_release(&d);
        if (o.begin)
            ret = printf("%s\n", name) < 0 ? nn_fail_errno(err, "stdout") : 0;
        else
            ret = nn_together_train(cat, name, peers, err);
    }
    nn_gan_data_release(&d);
    nn_catalog_close(cat);
    nn_peers_free(peers);
    return ret;
}
