#include "trainer/together.h"

#include <stdio.h>

#include "common/cli.h"
#include "common/log.h"
#include "trainer/begin.h"

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
    struct nn_run run;

    if (nn_begin_rest(cat, name, peers, &run, err))
        return -1;
    return nn_peers_rank(peers) ? 0 : tell_end(cat, &run, err);
}

struct nn_catalog *nn_together_open(struct nn_peers *peers, struct nn_err *err)
{
    return nn_catalog_open(nn_cli_catalog(), nn_peers_rank(peers) ? NN_READ : NN_WRITE, err);
}
