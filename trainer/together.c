#include "trainer/together.h"

#include <stdio.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "datasets/run.h"
#include "trainer/fit.h"

enum { JOIN_SECONDS = 120 };

static int tell_end(const struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    char path[NN_PATH];

    if (nn_run_path(cat, run->name, "best.onnx", path, err))
        return -1;
    if (run->best_metric > 0)
        printf("%s: best valid accuracy %.2f %%\n", run->name, 100 * run->best_metric);
    printf("%s\n", path);
    printf("next: neonnoir export %s -o model.onnx\n", run->name);
    return 0;
}

int nn_together_join(struct nn_peers **peers, struct nn_err *err)
{
    struct nn_peers_place place;

    *peers = NULL;
    if (nn_peers_find(&place, err) || nn_peers_join(&place, JOIN_SECONDS, peers, err))
        return -1;
    if (place.rank > 0)
        nn_log_level(0);
    else if (place.count > 1)
        nn_info("%d processes", place.count);
    return 0;
}

int nn_together_train(struct nn_catalog *cat, const char *name, struct nn_peers *peers,
                      struct nn_err *err)
{
    struct nn_snapshot snap = { 0 };
    struct nn_settings s = nn_settings_default;
    struct nn_run run;
    char id[32];
    int ret = -1;

    if (nn_run_find(cat, name, &run, err))
        return -1;
    snprintf(id, sizeof id, "%lld", (long long)run.snapshot);
    if (nn_settings_from_json(&s, run.settings, "the run's settings", err) ||
        nn_snapshot_load(cat, id, &snap, err))
        goto out;
    if (run.epoch == run.epochs || !strcmp(run.state, "done"))
        nn_info("%s is done", run.name);
    else if (nn_fit(cat, &run, &s, &snap, peers, err))
        goto out;
    ret = nn_peers_rank(peers) ? 0 : tell_end(cat, &run, err);
out:
    nn_snapshot_release(&snap);
    return ret;
}

struct nn_catalog *nn_together_open(struct nn_peers *peers, struct nn_err *err)
{
    return nn_catalog_open(nn_cli_catalog(), nn_peers_rank(peers) ? NN_READ : NN_WRITE, err);
}
