/* neonnoir train compare */
#include <stdlib.h>

#include "common/json.h"
#include "trainer/cmds.h"
#include "trainer/compare.h"
#include "trainer/gan_compare.h"

static struct {
    const char *on, *split, *factor, *picture;
    int64_t resamples, seed, threads;
    int leaked, json;
} o = { .resamples = 2000, .seed = 1 };

const struct nn_opt nn_train_compare_opts[] = {
    { "on", 0, NN_OPT_TEXT, "SNAPSHOT|DIR|ARCHIVE", "the faces (else the runs' own snapshot's)",
      &o.on, 0, 0 },
    { "split", 0, NN_OPT_TEXT, "NAME", "train, valid, test or all", &o.split, 0, 0 },
    { "leaked", 0, NN_OPT_FLAG, NULL, "also on faces that stand in the training data", &o.leaked,
      0, 0 },
    { "factor", 'f', NN_OPT_TEXT, "LABEL", "groups of runs by that label's values; no RUN: all "
      "that bear it", &o.factor, 0, 0 },
    { "picture", 'o', NN_OPT_TEXT, "FILE.png", "draw curves and accuracies", &o.picture, 0, 0 },
    { "resamples", 0, NN_OPT_INT, "N", "of the bootstrap", &o.resamples, 100, 1e6 },
    { "seed", 0, NN_OPT_INT, "N", "of the bootstrap", &o.seed, 0, 1e9 },
    { "threads", 't', NN_OPT_INT, "N", "0: one for each core", &o.threads, 0, 256 },
    { "json", 0, NN_OPT_FLAG, NULL, "print JSON", &o.json, 0, 0 },
    { 0 },
};

/* A catalog is needed for runs, not for files on files. */
static int wants_catalog(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!nn_contenders_is_file(argv[i]))
            return 1;
    return !argc || o.factor || !o.on;
}

static int ask(struct nn_comparison *c, struct nn_catalog *cat, int argc, char **argv,
               struct nn_err *err)
{
    struct nn_contenders_ask how = { .on = o.on, .split = o.split, .catalog = nn_cli_catalog(),
                                     .with_leaked = o.leaked };
    int ret;

    if (nn_contenders_find(&c->who, cat, argv, argc, o.factor, err) ||
        (!o.on && nn_contenders_snapshot(&c->who, cat, &how.snapshot, err)) ||
        !(how.pool = nn_pool_new((int)o.threads, err)))
        return -1;
    ret = nn_contenders_ask(&c->who, &how, err);
    nn_pool_free(how.pool);
    return ret;
}

static int report(const struct nn_comparison *c, struct nn_err *err)
{
    cJSON *says = nn_compare_says(c), *settings = nn_compare_settings(&c->who);

    if (o.json)
        return nn_json_print(nn_compare_json(c, says, settings), err);
    nn_compare_print(c, says, settings);
    cJSON_Delete(says);
    cJSON_Delete(settings);
    return 0;
}

int nn_train_compare(int argc, char **argv, struct nn_err *err)
{
    struct nn_comparison *c = calloc(1, sizeof *c);
    struct nn_catalog *cat = NULL;
    int ret = -1, gans = 0;

    if (!c)
        return nn_fail_mem(err, "comparison");
    if (wants_catalog(argc, argv) && !(cat = nn_catalog_open(nn_cli_catalog(), NN_READ, err)))
        goto out;
    if (cat && argc && !o.factor && (gans = nn_gan_compare_wanted(cat, argv, argc, err)))
        ret = gans < 0 ? -1 : nn_gan_compare(cat, argv, argc, o.json, err);
    if (gans)
        goto out;
    c->factor = o.factor;
    c->resamples = (int)o.resamples;
    c->seed = (uint64_t)o.seed;
    if (!ask(c, cat, argc, argv, err) && !nn_compare(c, err) &&
        (!o.picture || !nn_compare_draw(c, cat, o.picture, err)))
        ret = report(c, err);
out:
    nn_contenders_release(&c->who);
    nn_catalog_close(cat);
    free(c);
    return ret;
}
