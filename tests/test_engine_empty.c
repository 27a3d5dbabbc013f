/*
 * Every operator with nothing, or with one of everything, to work on: the models of ONNX's
 * node cases with each dimension of each input set to 0 and to 1 in turn. What is behind
 * NonZero gets such shapes from any model. They run or are refused; sanitizers watch.
 */
#include <dirent.h>

#include "runtime/engine/engine.h"
#include "runtime/onnx/onnx.h"
#include "tests/test.h"

#define CASES "/usr/share/libonnx-testdata/data/node"
enum { INPUTS = 8, VALUES = 1 << 14 };

static int ran, refused;

static void run(const struct nn_graph *g)
{
    static _Alignas(64) uint64_t memory[INPUTS][VALUES];
    struct nn_engine_opts opts = { .max_memory = 64 << 20 };
    struct nn_err err = { 0 };
    struct nn_engine *e = nn_engine_new(g, &opts, &err);
    struct nn_value in[INPUTS];
    int nin = 0;

    if (!e) {
        refused++;
        CHECK(*err.msg);
        return;
    }
    for (; nin < INPUTS && !nn_engine_input(e, nin, &in[nin]); nin++) {
        struct nn_tensor t = { .ndim = in[nin].ndim, .type = in[nin].type };
        for (int k = 0; k < t.ndim; k++)
            t.dim[k] = in[nin].dim[k] = in[nin].dim[k] < 0 ? 1 : in[nin].dim[k];
        in[nin].data = memory[nin];
        if (nn_tensor_bytes(&t) > sizeof memory[0])
            break;              /* two cases; the rest counts as missing */
    }
    if (nn_engine_run(e, in, nin, &err)) {
        refused++;
        CHECK(*err.msg);
    } else {
        const struct nn_value *v;
        for (int i = 0; (v = nn_engine_output(e, i)); i++)
            for (int k = 0; k < v->ndim; k++)
                CHECK(v->dim[k] >= 0);
        ran++;
    }
    nn_engine_free(e);
}

static void vary(struct nn_graph *g)
{
    for (int i = 0; i < g->nin; i++) {
        struct nn_tensor *t = &g->tensor[g->in[i]];
        for (int k = 0; k < t->ndim; k++)
            for (int64_t size = 0; size < 2; size++) {
                struct nn_tensor kept = *t;
                t->dim[k] = size;
                run(g);
                *t = kept;
            }
    }
    /* All of one size: what has to fit together does. */
    for (int64_t size = 0; size < 3; size++) {
        for (int i = 0; i < g->nin; i++)
            for (int k = 0; k < g->tensor[g->in[i]].ndim; k++)
                g->tensor[g->in[i]].dim[k] = size;
        run(g);
    }
}

int main(void)
{
    struct dirent *entry;
    DIR *d = opendir(CASES);
    char path[400];

    if (!d)
        SKIP("libonnx-testdata is not installed");
    while ((entry = readdir(d))) {
        struct nn_err err = { 0 };
        struct nn_graph *g;
        snprintf(path, sizeof path, CASES "/%.200s/model.onnx", entry->d_name);
        if (entry->d_name[0] == '.' || !(g = nn_onnx_read(path, &err)))
            continue;
        vary(g);
        nn_graph_free(g);
    }
    closedir(d);
    printf("%d ran, %d refused\n", ran, refused);
    CHECK(ran > 5000);
    return test_done();
}
