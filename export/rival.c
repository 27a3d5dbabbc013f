#include "export/rival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/dnn.h"
#include "runtime/engine/ort.h"
#include "runtime/onnx/onnx.h"

static const char *const engines[] = { "ours", "ort", "opencv" };
enum { OURS, ORT, OPENCV };

struct nn_rival {
    int kind;
    struct nn_engine *engine;   /* ours and ONNX Runtime */
    struct nn_dnn *dnn;
};

static int find(const char *engine, struct nn_err *err)
{
    for (int i = 0; i < NN_RIVALS; i++)
        if (!strcmp(engines[i], engine))
            return i;
    return nn_fail(err, NN_EUSAGE, "no engine '%s': ours, ort or opencv", engine);
}

const char *nn_rival_engine(int i)
{
    return i >= 0 && i < NN_RIVALS ? engines[i] : NULL;
}

const char *nn_rival_describe(const char *engine, char *buf, size_t size, struct nn_err *err)
{
    const char *version;

    switch (find(engine, err)) {
    case OURS:
        snprintf(buf, size, "Neon Noir");
        return buf;
    case ORT:
        if (!(version = nn_ort_version(err)))
            return NULL;
        snprintf(buf, size, "ONNX Runtime %s", version);
        return buf;
    case OPENCV:
        snprintf(buf, size, "OpenCV %s", nn_dnn_version());
        return buf;
    }
    return NULL;
}

static int load(struct nn_rival *r, const char *path, const struct nn_engine_opts *given,
                struct nn_err *err)
{
    struct nn_engine_opts opts = given ? *given : (struct nn_engine_opts){ 0 };
    struct nn_graph *g;

    opts.kind = r->kind == ORT ? NN_ENGINE_ORT : NN_ENGINE_OURS;
    if (r->kind != OPENCV)
        return (r->engine = nn_engine_load(path, &opts, err)) ? 0 : -1;
    if (!(g = nn_onnx_read(path, err)))
        return -1;
    r->dnn = nn_dnn_load(path, g, opts.threads > 0 ? opts.threads : 1, err);
    nn_graph_free(g);
    return r->dnn ? 0 : -1;
}

struct nn_rival *nn_rival_load(const char *engine, const char *path,
                               const struct nn_engine_opts *opts, struct nn_err *err)
{
    int kind = find(engine, err);
    struct nn_rival *r = kind < 0 ? NULL : calloc(1, sizeof *r);

    if (kind < 0)
        return NULL;
    if (!r) {
        nn_fail_mem(err, path);
        return NULL;
    }
    r->kind = kind;
    if (!load(r, path, opts, err))
        return r;
    nn_rival_free(r);
    return NULL;
}

void nn_rival_free(struct nn_rival *r)
{
    if (!r)
        return;
    nn_engine_free(r->engine);
    nn_dnn_free(r->dnn);
    free(r);
}

int nn_rival_run(struct nn_rival *r, const struct nn_value *in, int nin, struct nn_err *err)
{
    return r->engine ? nn_engine_run(r->engine, in, nin, err) : nn_dnn_run(r->dnn, in, nin, err);
}

const struct nn_value *nn_rival_output(const struct nn_rival *r, int i)
{
    return r->engine ? nn_engine_output(r->engine, i) : nn_dnn_output(r->dnn, i);
}

const char *nn_rival_name(const struct nn_rival *r)
{
    return engines[r->kind];
}

const struct nn_engine *nn_rival_ours(const struct nn_rival *r)
{
    return r->kind == OURS ? r->engine : NULL;
}
