/* neonnoir export RUN -o FILE.onnx */
#include <stdio.h>
#include <sys/stat.h>

#include "datasets/run.h"
#include "datasets/snapshot.h"
#include "export/cmds.h"
#include "export/fold.h"
#include "runtime/onnx/onnx.h"

static struct {
    const char *out;
} o;

const struct nn_opt nn_export_onnx_opts[] = {
    { "output", 'o', NN_OPT_TEXT, "FILE.onnx", "where to write (must be given)", &o.out, 0, 0 },
    { 0 },
};

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
        nn_graph_set_meta(g, "neonnoir.valid_accuracy", accuracy))
        return nn_fail_mem(err, "metadata");
    return 0;
}

static int write_model(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    struct nn_graph *trained = NULL, *folded = NULL;
    char path[NN_PATH];
    struct stat st;
    int norms, ret = -1;

    if (nn_run_path(cat, run->name, "best.onnx", path, err))
        return -1;
    if (!nn_exists(path))
        return nn_fail(err, NN_ENOTFOUND, "run %s has no finished epoch to export yet", run->name);
    if (!(trained = nn_onnx_read(path, err)) || !(folded = nn_fold(trained, &norms, err)) ||
        describe(folded, run, err) || nn_onnx_write(folded, o.out, err) ||
        nn_model_add(cat, run->id, o.out, run->task, err))
        goto out;
    printf("%s: %d nodes, %d norms folded, %lld bytes, valid accuracy %s\n", o.out, folded->nnode,
           norms, stat(o.out, &st) ? 0 : (long long)st.st_size,
           nn_graph_meta(folded, "neonnoir.valid_accuracy"));
    printf("next: neonnoir export verify %s\n", o.out);
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
