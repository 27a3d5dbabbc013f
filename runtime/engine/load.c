/* Where an engine comes from: a file, memory or a graph; ours, or ONNX Runtime's on request. */
#include "runtime/engine/load.h"

#include <stdlib.h>
#include <string.h>

#include "common/pool.h"
#include "runtime/onnx/onnx.h"

static int is_ort(const struct nn_engine_opts *opts)
{
    return opts && opts->kind == NN_ENGINE_ORT;
}

static int threads(const struct nn_engine_opts *opts)
{
    return opts->pool ? nn_pool_threads(opts->pool) : opts->threads > 0 ? opts->threads : 1;
}

/* The graph, for those who want to see nodes; a model that we cannot read has none. */
static struct nn_graph *peek(struct nn_graph *g)
{
    struct nn_err unused;

    if (!g || !nn_onnx_infer(g, &unused))
        return g;
    nn_graph_free(g);
    return NULL;
}

static struct nn_engine *take(struct nn_graph *g, const char *name,
                              const struct nn_engine_opts *opts, struct nn_err *err)
{
    struct nn_engine *e = g ? nn_engine_ours(g, opts, err) : NULL;

    if (g && !e)
        nn_fail_in(err, "%s", name);
    nn_graph_free(g);
    return e;
}

struct nn_engine *nn_engine_load(const char *path, const struct nn_engine_opts *opts,
                                 struct nn_err *err)
{
    struct nn_err unused;
    struct nn_ort *o;

    if (!is_ort(opts))
        return take(nn_onnx_read(path, err), path, opts, err);
    o = nn_ort_load(path, threads(opts), err);
    return nn_engine_over(o, o ? peek(nn_onnx_read(path, &unused)) : NULL, err);
}

struct nn_engine *nn_engine_load_memory(const void *onnx, size_t size,
                                        const struct nn_engine_opts *opts, struct nn_err *err)
{
    static const char name[] = "model in memory";
    struct nn_err unused;
    struct nn_ort *o;

    if (!is_ort(opts))
        return take(nn_onnx_parse(onnx, size, name, err), name, opts, err);
    o = nn_ort_parse(onnx, size, name, threads(opts), err);
    return nn_engine_over(o, o ? peek(nn_onnx_parse(onnx, size, name, &unused)) : NULL, err);
}

struct nn_engine *nn_engine_new(const struct nn_graph *g, const struct nn_engine_opts *opts,
                                struct nn_err *err)
{
    struct nn_engine *e;
    size_t size;
    void *onnx;

    if (!is_ort(opts))
        return nn_engine_ours(g, opts, err);
    onnx = nn_onnx_format(g, &size, err);
    e = onnx ? nn_engine_load_memory(onnx, size, opts, err) : NULL;
    free(onnx);
    return e;
}

int nn_engine_input(const struct nn_engine *e, int i, struct nn_value *v)
{
    const struct nn_graph *g = nn_engine_graph(e);
    const struct nn_tensor *t;

    if (i < 0 || i >= g->nin)
        return -1;
    t = &g->tensor[g->in[i]];
    *v = (struct nn_value){ .name = t->name, .type = t->type, .ndim = t->ndim };
    memcpy(v->dim, t->dim, sizeof v->dim);
    return 0;
}

const struct nn_value *nn_engine_output_named(const struct nn_engine *e, const char *name)
{
    const struct nn_graph *g = nn_engine_graph(e);

    for (int i = 0; i < g->nout; i++)
        if (!strcmp(g->tensor[g->out[i]].name, name))
            return nn_engine_output(e, i);
    return NULL;
}

const char *nn_engine_node(const struct nn_engine *e, int i, const char **name)
{
    const struct nn_graph *g = nn_engine_graph(e);

    if (i < 0 || i >= g->nnode)
        return NULL;
    if (name)
        *name = g->node[i].name;
    return g->node[i].op;
}
