/* neonnoir export RUN -o FILE.onnx */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "datasets/run.h"
#include "datasets/snapshot.h"
#include "export/cmds.h"
#include "export/fold.h"
#include "export/int8.h"
#include "runtime/onnx/onnx.h"

static struct {
    const char *out;
    int int8;
} o;

const struct nn_opt nn_export_onnx_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE.onnx", "where to write (must be given)", &o.out, 0, 0 },
    { "int8", 0, NN_OPT_FLAG, NULL, "of eight bits, calibrated on the run's snapshot", &o.int8, 0,
      0 },
    { 0 },
};

static int write_graph(const struct nn_graph *g, const struct nn_run *run, struct nn_err *err)
{
    char snapshot[24];

    snprintf(snapshot, sizeof snapshot, "%lld", (long long)run->snapshot);
    return o.int8 ? nn_int8_write(g, run->name, snapshot, o.out, err)
                  : nn_onnx_write(g, o.out, err);
}

/* Where the numbers came from, for whoever opens the file in a year. */
static int describe(struct nn_graph *g, const struct nn_run *run, struct nn_err *err)
{
    const struct nn_tensor *in = &g->tensor[g->in[0]];
    char shape[64], accuracy[32];

    nn_shape_text(in->ndim, in->dim, shape, sizeof shape);
    snprintf(accuracy, sizeof accuracy, run->best_metric > 0 ? "%.4f" : "not judged",
             run->best_metric);
    if (nn_graph_set_meta(g, "neonnoir.input", shape) ||
        nn_graph_set_meta(g, "neonnoir.run", run->name) ||
        (strcmp(run->task, "gan") && nn_graph_set_meta(g, "neonnoir.valid_accuracy", accuracy)))
        return nn_fail_mem(err, "metadata");
    return 0;
}

static int write_model(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    struct nn_graph *trained = NULL, *folded = NULL;
    char path[NN_PATH];
    const char *accuracy;
    struct stat st;
    int norms, ret = -1;

    if (nn_run_path(cat, run->name, "best.onnx", path, err))
        return -1;
    if (!nn_exists(path))
        return nn_fail(err, NN_ENOTFOUND, "run %s has no finished epoch to export yet", run->name);
    if (!(trained = nn_onnx_read(path, err)) || !(folded = nn_fold(trained, &norms, err)) ||
        describe(folded, run, err) || write_graph(folded, run, err) ||
        nn_model_add(cat, run->id, o.out, run->task, err))
        goto out;
    accuracy = nn_graph_meta(folded, "neonnoir.valid_accuracy");
    if (!o.int8)
        printf("%s: %d nodes, %d norms folded, %lld bytes%s%s\n", o.out, folded->nnode, norms,
               stat(o.out, &st) ? 0 : (long long)st.st_size, accuracy ? ", valid accuracy " : "",
               accuracy ? accuracy : "");
    printf(o.int8 ? "next: neonnoir train eval %s\n" : "next: neonnoir export verify %s\n", o.out);
    ret = 0;
out:
    nn_graph_free(trained);
    nn_graph_free(folded);
    return ret;
}

int nn_export_onnx(int argc, char **argv, struct nn_err *err)
{
    struct nn_catalog *cat;
    struct nn_run run;
    int ret = -1;

    (void)argc;
    if (!o.out)
        return nn_fail(err, NN_EUSAGE, "say where to write: -o FILE.onnx");
    cat = nn_catalog_open(nn_cli_catalog(), NN_WRITE, err);
    if (cat && !nn_run_find(cat, argv[0], &run, err))
        ret = write_model(cat, &run, err);
    nn_catalog_close(cat);
    return ret;
}
